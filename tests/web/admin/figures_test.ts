import { strictEqual as equal } from "node:assert/strict";
import { round, roundBytes } from "../../../web/admin/figures.ts";

for (
  const [value, top] of [
    [1, 1],
    [10, 10],
    [11, 15],
    [730, 800],
    [9_001, 10_000],
    [0.21, 0.3],
  ] as const
) {
  Deno.test(`a line as high as ${value} has a scale up to ${top}`, () =>
    equal(round(value).toFixed(3), top.toFixed(3)));
}

for (
  const [value, top] of [
    [2 ** 20, 2 ** 20],
    [268 * 2 ** 20, 300 * 2 ** 20],
    [1_023 * 2 ** 10, 1_500 * 2 ** 10],
    [2.2 * 2 ** 30, 3 * 2 ** 30],
  ] as const
) {
  Deno.test(`${value} bytes have a scale up to ${top}`, () => equal(roundBytes(value), top));
}
