import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { Buckets } from "../../../server/telemetry/buckets.ts";

Deno.test("what is observed is counted in the first bucket that it does not exceed", () => {
  const buckets = new Buckets([1, 10, 100]);
  for (const value of [0, 1, 1.1, 10, 99, 100, 101, 5_000]) buckets.observe(value);
  deepEqual([...buckets.counts], [2, 2, 2, 2]);
  equal(buckets.sum, 5_312.1);
});

const cases: [observed: number[], share: number, percentile: number][] = [
  [[], 0.99, 0],
  [Array(100).fill(5), 0.5, 5.5], // halfway through the bucket from 1 to 10
  [[...Array(50).fill(1), ...Array(50).fill(10)], 0.5, 1],
  [[...Array(99).fill(1), 50], 0.99, 1],
  [[...Array(98).fill(1), 50, 50], 0.99, 55],
  [[500], 0.99, 100], // nothing more is known of it
];
for (const [observed, share, percentile] of cases) {
  Deno.test(`${share} of ${observed.length} values, ${new Set(observed).size} different ones, are at most ${percentile}`, () => {
    const buckets = new Buckets([1, 10, 100]);
    const before = buckets.counts.slice();
    for (const value of observed) buckets.observe(value);
    equal(buckets.percentile(share, before), percentile);
  });
}

Deno.test("a percentile is of what was observed since", () => {
  const buckets = new Buckets([1, 10, 100]);
  for (let count = 0; count < 1_000; count++) buckets.observe(100);
  const before = buckets.counts.slice();
  equal(buckets.percentile(0.99, before), 0);
  for (let count = 0; count < 10; count++) buckets.observe(1);
  equal(buckets.percentile(1, before), 1);
});
