import { ok, strictEqual as equal } from "node:assert/strict";
import { pause } from "../../../server/pause.ts";
import { LoopLag } from "../../../server/telemetry/loop_lag.ts";

Deno.test("what holds the event loop up is noticed, and told once", async () => {
  using lag = new LoopLag();
  const untilMs = performance.now() + 500;
  while (performance.now() < untilMs);
  await pause(0);
  const worstMs = lag.takeWorst();
  ok(worstMs >= 250, `${worstMs} ms`); // it was due after 200
  equal(lag.takeWorst(), 0);
  ok(lag.lateMs.sum >= 250);
});
