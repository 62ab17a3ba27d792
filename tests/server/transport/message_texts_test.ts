import {
  deepStrictEqual as deepEqual,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import { MessageTexts } from "../../../server/transport/_message_texts.ts";

Deno.test("each line is a message without its ending", () => {
  const cases: [rendered: string, texts: string[], bytes: number][] = [
    ["one\n", ["one"], 3],
    ["one\ntwo\n", ["one", "two"], 6],
    ["é\n\n€\n", ["é", "", "€"], 5],
    ["\ufeffone\n", ["\ufeffone"], 6],
    ["no ending", ["no ending"], 9],
    ["one\nno ending", ["one", "no ending"], 12],
    ["\n", [""], 0],
    ["", [], 0],
  ];
  for (const [rendered, texts, bytes] of cases) {
    deepEqual(new MessageTexts().of(encode(rendered)), { texts, bytes }, JSON.stringify(rendered));
  }
});

Deno.test("what is told to many is decoded once", () => {
  const texts = new MessageTexts();
  const [one, two] = [encode("one\n"), encode("two\n")];
  const first = texts.of(one);
  equal(texts.of(one), first);
  notEqual(texts.of(encode("one\n")), first, "equal bytes that are not the same ones");
  deepEqual(texts.of(two).texts, ["two"]);
  deepEqual(texts.of(one).texts, ["one"]);
});

Deno.test("lines that go together are one message, without the ending of the last", () => {
  const cases: [rendered: string, texts: string[], bytes: number][] = [
    ["one\n", ["one"], 3],
    ["one\ntwo\n", ["one\ntwo"], 7],
    ["é\n\n€\n", ["é\n\n€"], 7],
    ["\ufeffone\n", ["\ufeffone"], 6],
    ["one\nno ending", ["one\nno ending"], 13],
    ["\n", [""], 0],
    ["", [], 0],
  ];
  for (const [rendered, texts, bytes] of cases) {
    deepEqual(new MessageTexts().together(encode(rendered)), { texts, bytes }, JSON.stringify(rendered));
  }
});

Deno.test("a message with several lines has 64 KiB at most, and no line is cut", () => {
  const cases: [lines: number[], messages: number[]][] = [
    [[32_768, 32_767], [65_536]], // and the LF between
    [[32_768, 32_768], [32_768, 32_768]],
    [[65_536, 1], [65_536, 1]],
    [[65_537, 1], [65_537, 1]],
    [[1, 200_000, 1, 1], [1, 200_000, 3]],
    [Array(2_000).fill(99), [65_499, 65_499, 65_499, 3_499]],
  ];
  for (const [lines, messages] of cases) {
    const rendered = lines.map((bytes) => "x".repeat(bytes) + "\n").join("");
    const { texts, bytes } = new MessageTexts().together(encode(rendered));
    deepEqual(texts.map(({ length }) => length), messages);
    equal(texts.join("\n") + "\n", rendered);
    equal(bytes, messages.reduce((sum, length) => sum + length, 0));
  }
});

Deno.test("what goes to many together is decoded once, whatever else is decoded meanwhile", () => {
  const texts = new MessageTexts();
  const [one, two] = [encode("one\n"), encode("two\n")];
  const first = texts.together(one);
  texts.of(two);
  equal(texts.together(one), first);
  notEqual(texts.together(two), first);
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
