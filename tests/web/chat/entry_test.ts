import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { beginsDay, continues, type Entry, noteAfter, ownSaid, saidBy } from "../../../web/chat/entry.ts";
import { idOf, said } from "./_said.ts";

const NOTE = noteAfter(idOf(1), 1, { text: "hm", loud: false, atMs: said(1).atMs });

/** An entry after another, and whether it stands below the same name. */
const PAIRS:
  readonly (readonly [what: string, previous: Entry | undefined, entry: Entry, continued: boolean])[] = [
    ["the first", undefined, said(1), false],
    ["the same person a minute later", said(1), said(2), true],
    ["the same person almost five minutes later", said(1), said(5), true],
    ["the same person five minutes later", said(1), said(6), false],
    ["somebody else", said(1), said(2, { from: "bob" }), false],
    ["somebody whose name differs in its case", said(1), said(2, { from: "Ann" }), false],
    ["what somebody does", said(1), said(2, { action: true }), false],
    ["what is said after something done", said(1, { action: true }), said(2), false],
    ["what is said after a note", NOTE, said(2), false],
    ["a note", said(1), NOTE, false],
  ];

for (const [what, previous, entry, continued] of PAIRS) {
  Deno.test(`${what} ${continued ? "stands below the name that is there" : "has a head of its own"}`, () => {
    equal(continues(entry, previous), continued);
  });
}

Deno.test("a day begins at the reader's midnight, and with it a head", () => {
  const midnight = new Date(2026, 1, 4).getTime();
  const [before, after] = [said(1, { atMs: midnight - 1 }), said(2, { atMs: midnight })];
  ok(beginsDay(before, undefined));
  ok(beginsDay(after, before));
  equal(continues(after, before), false);
  equal(beginsDay(said(3, { atMs: midnight + 86_399_999 }), after), false);
  ok(beginsDay(said(3, { atMs: midnight + 90_000_000 }), after));
});

Deno.test("a note stands after its message and before the next, in the order in which notes come", () => {
  const notes = [1, 2, 10].map((number) => noteAfter(idOf(1), number, { text: "", loud: false, atMs: 0 }));
  const ids = [idOf(1), ...notes.map(({ id }) => id), idOf(2)];
  deepEqual(ids.toSorted(), ids);
});

Deno.test("a message carries the moment that its id holds, be it told or one's own", () => {
  const id = "01KGGTSV35HSKZPTQ8BV6CQ1F0";
  const at = "2026-02-03T04:05:06.789Z";
  const atMs = Date.parse(at);
  const message = {
    type: "message",
    id,
    room: "lobby",
    from: "ann",
    text: "waves",
    action: true,
    at,
  } as const;
  const direct = { type: "direct", id, from: "ann", to: "bob", text: "psst", at } as const;
  deepEqual(saidBy(message), { type: "said", id, from: "ann", text: "waves", action: true, atMs });
  deepEqual(saidBy(direct), { type: "said", id, from: "ann", text: "psst", action: false, atMs });
  deepEqual(ownSaid(id, { from: "ann", text: "waves", action: true }), saidBy(message));
});
