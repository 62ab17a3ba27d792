import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { NOTHING_UNREAD, Unread } from "../../../web/chat/unread.ts";
import { idOf } from "./_said.ts";

Deno.test("what is told counts once, however often it is told", () => {
  const unread = new Unread();
  deepEqual(unread.count, NOTHING_UNREAD);
  for (const number of [2, 3, 3, 2, 4]) {
    unread.add(idOf(number), { mention: number === 3, after: idOf(number - 1) });
  }
  deepEqual(unread.count, { count: 3, atLeast: false, mentions: 1 });
  equal(unread.after, idOf(1));
});

Deno.test("what was missed and what is told since are counted together, from the first of them on", () => {
  const unread = new Unread();
  unread.missed({ count: 37, atLeast: false, after: idOf(1) });
  unread.add(idOf(50), { mention: true, after: idOf(49) });
  deepEqual(unread.count, { count: 38, atLeast: false, mentions: 1 });
  equal(unread.after, idOf(1));
  unread.missed({ count: 1_000, atLeast: true, after: idOf(60) });
  deepEqual(unread.count, { count: 1_038, atLeast: true, mentions: 1 });
});

Deno.test("what is deleted is not to be read any more", () => {
  const unread = new Unread();
  unread.add(idOf(1), { mention: true, after: "" });
  unread.remove(idOf(1));
  unread.remove(idOf(9));
  deepEqual(unread.count, NOTHING_UNREAD);
});

Deno.test("what was unread at the last visit is unread at the next", () => {
  const first = new Unread();
  first.missed({ count: 5, atLeast: true, after: idOf(1) });
  first.add(idOf(9), { mention: true, after: idOf(8) });
  const next = Unread.from(JSON.parse(JSON.stringify(first.stored)));
  next.add(idOf(10), { mention: false, after: idOf(9) });
  deepEqual(next.count, { count: 7, atLeast: true, mentions: 1 });
  equal(next.after, idOf(1));
});

Deno.test("thousands are said to be many, and are not kept one by one", () => {
  const unread = new Unread();
  for (let number = 1; number <= 1_500; number++) {
    unread.add(idOf(number), { mention: false, after: "" });
  }
  deepEqual(unread.count, { count: 1_000, atLeast: true, mentions: 0 });
});
