import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { noteAfter } from "../../../web/chat/entry.ts";
import { type Asked, Timeline } from "../../../web/chat/timeline.ts";
import { idOf, numbered, said } from "./_said.ts";

/** What the page has, a page that comes, and what the page has then; messages by their numbers. */
const MERGES:
  readonly (readonly [what: string, before: number[], page: number[], asked: Asked, after: number[]])[] = [
    ["the newest", [], [1, 2, 3], { more: false }, [1, 2, 3]],
    ["older ones", [4, 5], [1, 2, 3], { before: idOf(4), more: true }, [1, 2, 3, 4, 5]],
    ["newer ones", [1, 2], [3, 4], { after: idOf(2), more: false }, [1, 2, 3, 4]],
    ["what is there already", [1, 2, 3], [2, 3], { after: idOf(1), more: false }, [1, 2, 3]],
    ["what is there in part", [1, 2, 4], [3, 4, 5], { after: idOf(2), more: true }, [1, 2, 3, 4, 5]],
    ["a page in which one is gone", [1, 2, 3, 4], [2, 4], { after: idOf(1), more: false }, [1, 2, 4]],
    [
      "a page in which the last is gone",
      [1, 2, 3, 4],
      [2, 3],
      { after: idOf(1), upTo: idOf(4), more: false },
      [1, 2, 3],
    ],
    [
      "a page that was asked for before the last was told",
      [1, 2, 3, 4, 5],
      [2, 3, 4],
      { after: idOf(1), upTo: idOf(4), more: false },
      [1, 2, 3, 4, 5],
    ],
    ["a page after which there is more", [1, 2, 9], [2, 3, 4], { after: idOf(1), more: true }, [
      1,
      2,
      3,
      4,
      9,
    ]],
    ["a page before which there is more", [1, 5], [4, 5, 6], { more: true }, [1, 4, 5, 6]],
    ["a page without anything", [1, 2], [], { after: idOf(2), more: false }, [1, 2]],
    ["a page with nothing left of what was there", [1, 2], [], { after: "", upTo: idOf(2), more: false }, []],
  ];

for (const [what, before, page, asked, after] of MERGES) {
  Deno.test(`${what}: of ${before} and ${page} comes ${after}`, () => {
    const timeline = new Timeline();
    for (const number of before) timeline.add(said(number));
    timeline.merge(page.map((number) => said(number)), asked);
    deepEqual(timeline.entries.map(({ id }) => id), after.map(idOf));
  });
}

Deno.test("it knows where more may be, from what was answered", () => {
  const timeline = new Timeline();
  const more = () => [timeline.moreBefore, timeline.moreAfter];
  deepEqual(more(), [true, true]);
  timeline.merge(numbered(5, 6), { more: true });
  deepEqual(more(), [true, false]);
  timeline.merge(numbered(1, 4), { before: idOf(5), more: false });
  deepEqual(more(), [false, false]);
  timeline.cutOff();
  deepEqual(more(), [false, true]);
  timeline.merge(numbered(7, 8), { after: idOf(6), more: true });
  deepEqual(more(), [false, true]);
  timeline.merge(numbered(9, 9), { after: idOf(8), more: false });
  deepEqual(more(), [false, false]);
  timeline.keepNewest(20);
  deepEqual(more(), [false, false]);
  timeline.keepNewest(2);
  deepEqual([...more(), timeline.entries.length, timeline.oldestId], [true, false, 2, idOf(8)]);
  timeline.clear();
  deepEqual([...more(), timeline.entries.length], [true, true, 0]);
});

Deno.test("a message that is told in between stands in its place, and once", () => {
  const timeline = new Timeline();
  for (const number of [1, 4, 2]) equal(timeline.add(said(number)), true);
  equal(timeline.add(said(4)), false);
  equal(timeline.add(said(1)), false);
  deepEqual(timeline.entries.map(({ id }) => id), [1, 2, 4].map(idOf));
  equal(timeline.remove(idOf(2)), true);
  equal(timeline.remove(idOf(3)), false);
  deepEqual(timeline.entries.map(({ id }) => id), [1, 4].map(idOf));
});

Deno.test("notes stay whatever the server says, and are no messages", () => {
  const timeline = new Timeline();
  timeline.merge(numbered(1, 3), { more: false });
  timeline.add(noteAfter(idOf(3), 1, { text: "hm", loud: false, atMs: 0 }));
  equal(timeline.newestId, idOf(3));
  timeline.merge([said(3)], { after: idOf(1), upTo: idOf(3), more: false });
  deepEqual(timeline.entries.map(({ type }) => type), ["said", "said", "note"]);
  equal(timeline.idBeforeLast(1), idOf(3));
  equal(timeline.idBeforeLast(50), idOf(1));
});

Deno.test("what grows at the end is the same list; what changes elsewhere is another", () => {
  const timeline = new Timeline();
  timeline.merge(numbered(2, 3), { more: true });
  const { entries } = timeline;
  timeline.add(said(4));
  equal(timeline.entries, entries);
  timeline.merge([said(1)], { before: idOf(2), more: false });
  equal(timeline.entries === entries, false);
});

Deno.test("whatever parts come, in whatever order, and live ones between, each is there once and in order", () => {
  const step = fc.oneof(
    fc.record({ live: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ from: fc.integer({ min: 1, max: 40 }), length: fc.integer({ min: 1, max: 12 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const timeline = new Timeline();
    const expected = new Set<string>();
    for (const one of steps) {
      if ("live" in one) {
        timeline.add(said(one.live));
        expected.add(idOf(one.live));
        continue;
      }
      const page = numbered(one.from, one.from + one.length - 1);
      timeline.merge(page, { after: idOf(one.from - 1), more: true });
      for (const { id } of page) expected.add(id);
    }
    deepEqual(timeline.entries.map(({ id }) => id), [...expected].sort());
  }));
});
