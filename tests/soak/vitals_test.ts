import { strict as assert } from "node:assert";
import { isFlat, isGivenBack, trendOf, type Vitals } from "./vitals.ts";

Deno.test("memory that rises in warming up and then stays is flat", () => {
  isFlat(trendOf(life((second) => 120 + 60 * Math.min(1, second / 200)))!);
});

Deno.test("memory that goes up and down is flat", () => {
  isFlat(trendOf(life((second) => 180 + 30 * Math.sin(second / 7)))!);
});

Deno.test("memory that grows and grows is not", () => {
  const trend = trendOf(life((second) => 180 + second / 6))!;
  assert.ok(Math.abs(trend.mibPerHour - 600) < 1, String(trend.mibPerHour));
  assert.throws(() => isFlat(trend), /memory grew from 22\d to 27\d MiB/);
});

Deno.test("a short life tells nothing", () => {
  assert.equal(trendOf(life((second) => second, 100)), undefined);
});

Deno.test("what is left open or held when everybody has gone is told", () => {
  const before = { heapMiB: 20, openFiles: 50 };
  isGivenBack(before, { heapMiB: 30, openFiles: 52 });
  assert.throws(() => isGivenBack(before, { heapMiB: 20, openFiles: 60 }), /60 files are open/);
  assert.throws(() => isGivenBack(before, { heapMiB: 80, openFiles: 50 }), /heap holds 80.0 MiB/);
});

function life(rssMiB: (second: number) => number, seconds = 600): Vitals[] {
  return Array.from({ length: seconds }, (_, second) => ({
    atMs: second * 1_000,
    life: 1,
    rssMiB: rssMiB(second),
    openFiles: 50,
  }));
}
