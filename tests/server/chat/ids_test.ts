import { ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { Ids, timeOf } from "../../../server/chat/ids.ts";

Deno.test("an id holds the moment in which it was given", () => {
  equal(timeOf(new Ids(() => 1_767_323_045_678).next()).getTime(), 1_767_323_045_678);
});

Deno.test("ids rise within a millisecond, and when the clock goes back", () => {
  let nowMs = 2_000_000_000_000;
  const ids = new Ids(() => nowMs);
  const given = [ids.next(), ids.next(), ids.next()];
  nowMs -= 86_400_000;
  given.push(ids.next(), ids.next());
  nowMs += 86_400_001;
  given.push(ids.next());
  assertRise(given);
  equal(timeOf(given.at(-1)!).getTime(), nowMs, "once the clock has caught up it is right again");
});

Deno.test("ids rise over a restart with the clock set back", () => {
  const before = new Ids(() => 2_000_000_000_000);
  const last = [before.next(), before.next()].at(-1)!;
  const after = new Ids(() => 1_000_000_000_000);
  after.passBy(last);
  assertRise([last, after.next(), after.next()]);
});

Deno.test("ids rise whatever the clock does and however often the server starts anew", () => {
  const runs = fc.array(fc.array(fc.integer({ min: 0, max: 2 ** 41 }), { minLength: 1 }), { minLength: 1 });
  fc.assert(fc.property(runs, (clocks) => {
    const given: string[] = [];
    for (const clock of clocks) {
      let tick = 0;
      const ids = new Ids(() => clock[tick++]!);
      if (given.length > 0) ids.passBy(given.at(-1)!);
      for (const _ of clock) given.push(ids.next());
    }
    assertRise(given);
  }));
});

function assertRise(given: readonly string[]): void {
  for (const [index, id] of given.entries()) ok(index === 0 || given[index - 1]! < id, `${given}`);
}
