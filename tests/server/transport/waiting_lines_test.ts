import {
  deepStrictEqual as deepEqual,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import fc from "fast-check";
import { WaitingLines } from "../../../server/transport/_waiting_lines.ts";

const pool = ["a", "bb", "ccc", "dddd"].map(encode);
const someLines = fc.array(fc.constantFrom(...pool), { maxLength: 8 });

Deno.test("lines are joined as they are, whatever other readers wait for", () => {
  fc.assert(
    fc.property(fc.array(someLines, { maxLength: 10 }), (readers) => {
      const none = WaitingLines.none();
      const lists = readers.map((lines) => listOf(lines, none));
      readers.forEach((lines, index) => {
        const { bytes, joined } = shown(lists[index]!);
        deepEqual([joined, bytes], [textOf(lines), textOf(lines).length]);
      });
      equal(none.bytes, 0);
    }),
  );
});

Deno.test("who waits for the same lines has the same list, and it is joined once", () => {
  const none = WaitingLines.none();
  const [one, two] = [encode("one"), encode("two")];
  const list = listOf([one, two], none);
  equal(listOf([one, two], none), list);
  equal(list.joined(), list.joined());
  notEqual(listOf([one, encode("two")], none), list, "equal lines that are not the same ones");
  equal(shown(listOf([two], none)).joined, "two");
  equal(shown(list).joined, "onetwo");
});

Deno.test("a line alone is not copied", () => {
  const [line] = pool;
  equal(listOf([line!], WaitingLines.none()).joined(), line);
});

Deno.test("a list is split after the last line that fits, and nothing of it is lost", () => {
  fc.assert(
    fc.property(someLines, fc.integer({ min: 0, max: 30 }), (lines, most) => {
      const { first, rest } = listOf(lines, WaitingLines.none()).split(most);
      equal(shown(first).joined + textOf(rest), textOf(lines));
      equal(first.bytes <= most, true);
      const [next] = rest;
      if (next !== undefined) equal(first.bytes + next.length > most, true);
    }),
  );
});

function listOf(lines: readonly Uint8Array[], none: WaitingLines): WaitingLines {
  return lines.reduce((list, line) => list.with(line), none);
}

function shown(list: WaitingLines): { bytes: number; joined: string } {
  return { bytes: list.bytes, joined: new TextDecoder().decode(list.joined()) };
}

function textOf(lines: readonly Uint8Array[]): string {
  return lines.map((line) => new TextDecoder().decode(line)).join("");
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
