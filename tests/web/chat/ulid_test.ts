import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { decodeTime, ulid } from "ulid";
import { justBefore, lowestIdAt, timeOfId } from "../../../web/chat/ulid.ts";

Deno.test("an id tells its moment", () => {
  for (const at of [0, 1, Date.now(), 2 ** 48 - 1]) {
    const id = ulid(at);
    equal(timeOfId(id), decodeTime(id));
  }
});

Deno.test("the lowest id of a moment comes after all that was said before, and before all that was said then", () => {
  const ms = Date.now();
  const all = [ulid(ms - 1), lowestIdAt(ms), ulid(ms)];
  deepEqual(all.toSorted(), all);
});

Deno.test("what comes right before an id comes after all lower ones", () => {
  for (const [lower, id] of [["0", "1"], ["9", "A"], ["H", "J"], ["Y", "Z"]]) {
    const all = [`01KGGTSV35${lower}`, justBefore(`01KGGTSV35${id}`), `01KGGTSV35${id}`];
    deepEqual(all.toSorted(), all);
  }
});
