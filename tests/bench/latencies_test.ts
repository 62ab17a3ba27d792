import { strict as assert } from "node:assert";
import { Latencies } from "../../bench/_latencies.ts";

Deno.test("a quantile is right to the hundredth, from microseconds to minutes", () => {
  for (const ms of [0.002, 0.05, 1, 12.5, 999, 60_000]) {
    const latencies = new Latencies();
    latencies.add(ms);
    assert.ok(Math.abs(latencies.quantileMs(0.5) / ms - 1) <= 0.01, `${latencies.quantileMs(0.5)} for ${ms}`);
  }
});

Deno.test("a quantile is the time below which that part lies", () => {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 1_000; ms++) latencies.add(ms);
  for (const [part, ms] of [[0.5, 500], [0.99, 990], [0.999, 999]] as const) {
    assert.ok(
      Math.abs(latencies.quantileMs(part) / ms - 1) <= 0.02,
      `${latencies.quantileMs(part)} for ${ms}`,
    );
  }
});

Deno.test("what is out of all bounds counts as the bound, and nothing has no quantile", () => {
  const latencies = new Latencies();
  assert.ok(Number.isNaN(latencies.quantileMs(0.5)));
  latencies.add(0);
  latencies.add(1e12);
  assert.equal(latencies.count, 2);
  assert.ok(latencies.quantileMs(0) < 0.002);
  assert.ok(latencies.quantileMs(1) > 1_000_000);
});
