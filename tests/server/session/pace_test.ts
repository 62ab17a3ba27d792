import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { MOST_REFUSED, Pace, Patience } from "../../../server/session/pace.ts";

const RATE = { burst: 3, perSecond: 2 };

Deno.test("a burst passes at once, and not one more", () => {
  const pace = new Pace(RATE, 0);
  deepEqual([1, 2, 3, 4].map(() => pace.admits(RATE, 0)), [true, true, true, false]);
});

Deno.test("after a burst as many pass as the rate says, to the millisecond", () => {
  const pace = new Pace(RATE, 0);
  for (let line = 0; line < RATE.burst; line++) pace.admits(RATE, 0);
  const cases = [[499, false], [500, true], [501, false], [999, false], [1_000, true], [
    1_000,
    false,
  ]] as const;
  for (const [nowMs, admitted] of cases) equal(pace.admits(RATE, nowMs), admitted, `at ${nowMs} ms`);
});

Deno.test("a long silence saves up no more than a burst", () => {
  const pace = new Pace(RATE, 0);
  equal(pace.left(RATE, 3_600_000), 3);
  deepEqual([1, 2, 3, 4].map(() => pace.admits(RATE, 3_600_000)), [true, true, true, false]);
});

Deno.test("a refused line uses nothing up", () => {
  const pace = new Pace(RATE, 0);
  for (let line = 0; line < 100; line++) pace.admits(RATE, 0);
  equal(pace.admits(RATE, 500), true);
});

Deno.test("what is left is told without using it up", () => {
  const pace = new Pace(RATE, 0);
  equal(pace.left(RATE, 0), 3);
  pace.admits(RATE, 0);
  deepEqual([pace.left(RATE, 0), pace.left(RATE, 250), pace.left(RATE, 500)], [2, 2.5, 3]);
});

Deno.test("the rate may change at any time, and off lets everything pass", () => {
  const pace = new Pace(RATE, 0);
  for (let line = 0; line < RATE.burst; line++) pace.admits(RATE, 0);
  for (let line = 0; line < 100; line++) equal(pace.admits("off", 0), true);
  equal(pace.left("off", 0), Infinity);
  equal(pace.admits(RATE, 0), false, "what was used up before is still used up");
  const faster = { burst: 10, perSecond: 10 };
  deepEqual([pace.admits(faster, 99), pace.admits(faster, 100)], [false, true]);
});

Deno.test("who comes while there is no pace has a whole burst when one is set", () => {
  const pace = new Pace("off", 0);
  for (let line = 0; line < RATE.burst; line++) equal(pace.admits(RATE, 0), true);
  equal(pace.admits(RATE, 0), false);
});

Deno.test("no span of time sees more than a burst and what the rate adds", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), run));

  function run(pausesMs: number[], burst: number, perSecond: number): void {
    const rate = { burst, perSecond };
    const pace = new Pace(rate, 0);
    let nowMs = 0;
    const admittedAtMs: number[] = [];
    for (const pauseMs of pausesMs) {
      nowMs += pauseMs;
      if (pace.admits(rate, nowMs)) admittedAtMs.push(nowMs);
    }
    for (const [index, fromMs] of admittedAtMs.entries()) {
      for (const [more, toMs] of admittedAtMs.slice(index).entries()) {
        const most = burst + (toMs - fromMs) / 1_000 * perSecond + 1e-6;
        ok(more + 1 <= most, `${more + 1} within ${toMs - fromMs} ms`);
      }
    }
  }
});

Deno.test("patience ends with the last refused line that a minute may have", () => {
  const patience = new Patience();
  for (let line = 1; line < MOST_REFUSED; line++) ok(patience.bears(line), `refusal ${line}`);
  equal(patience.refused(MOST_REFUSED), MOST_REFUSED - 1);
  equal(patience.bears(MOST_REFUSED), false);
});

Deno.test("what was refused more than a minute ago is forgotten", () => {
  const patience = new Patience();
  for (let line = 1; line < MOST_REFUSED; line++) patience.bears(0);
  deepEqual([patience.refused(59_999), patience.refused(60_000)], [MOST_REFUSED - 1, 0]);
  equal(patience.bears(60_000), true);
});
