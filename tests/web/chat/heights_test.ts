import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { Heights } from "../../../web/chat/heights.ts";

const height = fc.integer({ min: 1, max: 500 });

/** What is done to the rows. */
const deed = fc.oneof(
  fc.record({ push: height }),
  fc.record({ set: fc.nat(), height }),
  fc.record({ truncate: fc.nat() }),
  fc.record({ reset: fc.array(height, { maxLength: 40 }) }),
);

Deno.test("every top is the sum of what stands above, whatever was done before", () => {
  fc.assert(fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
    const heights = new Heights();
    let plain: number[] = [];
    for (const one of deeds) {
      if ("push" in one) {
        heights.push(one.push);
        plain.push(one.push);
      } else if ("reset" in one) {
        heights.reset(one.reset);
        plain = [...one.reset];
      } else if ("truncate" in one) {
        const count = one.truncate % (plain.length + 1);
        heights.truncate(count);
        plain = plain.slice(0, count);
      } else if (plain.length > 0) {
        const index = one.set % plain.length;
        heights.set(index, one.height);
        plain[index] = one.height;
      }
    }
    equal(heights.count, plain.length);
    const tops = plain.map((_, index) => plain.slice(0, index).reduce((sum, one) => sum + one, 0));
    deepEqual(plain.map((_, index) => heights.top(index)), tops);
    equal(heights.total, plain.reduce((sum, one) => sum + one, 0));
    for (const [index, top] of tops.entries()) {
      equal(heights.indexAt(top), index);
      equal(heights.indexAt(top + plain[index]! - 0.5), index);
    }
  }));
});

Deno.test("above all is the first row, below all the last", () => {
  const heights = new Heights();
  equal(heights.indexAt(100), 0);
  heights.reset([10, 20, 30]);
  equal(heights.indexAt(-5), 0);
  equal(heights.indexAt(1_000), 2);
});

Deno.test("among a hundred thousand rows a thousand are found within a frame", () => {
  const heights = new Heights();
  heights.reset(new Float64Array(100_000).fill(24));
  const beganAt = performance.now();
  for (let index = 0; index < 1_000; index++) {
    heights.set(index * 97, 30);
    heights.indexAt(heights.top(index * 97));
  }
  ok(performance.now() - beganAt < 100, "within a hundred milliseconds on any machine");
});
