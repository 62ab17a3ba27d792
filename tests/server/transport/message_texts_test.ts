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

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
