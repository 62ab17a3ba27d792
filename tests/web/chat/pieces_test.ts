import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { mentions, namePattern, type Piece, piecesOf } from "../../../web/chat/pieces.ts";

const MONA = namePattern("mona");

/** A text, and what of it is a link. */
const LINKS: readonly (readonly [text: string, links: readonly string[]])[] = [
  ["", []],
  ["nothing here", []],
  ["see https://example.org", ["https://example.org"]],
  ["see HTTPS://Example.org/A", ["HTTPS://Example.org/A"]],
  ["http://example.org/a?b=c&d=%20#e", ["http://example.org/a?b=c&d=%20#e"]],
  ["see https://example.org.", ["https://example.org"]],
  ["see https://example.org/a, or not?", ["https://example.org/a"]],
  ["(https://example.org/a)", ["https://example.org/a"]],
  ["https://en.example.org/wiki/Parley_(game)", ["https://en.example.org/wiki/Parley_(game)"]],
  ["(see https://en.example.org/wiki/Parley_(game))", ["https://en.example.org/wiki/Parley_(game)"]],
  ["[https://example.org]!", ["https://example.org"]],
  ["“https://example.org/a”", ["https://example.org/a"]],
  ["<https://example.org/a>", ["https://example.org/a"]],
  ["https://example.org/a https://example.org/b", ["https://example.org/a", "https://example.org/b"]],
  ["https://münchen.example/straße", ["https://münchen.example/straße"]],
  ["javascript:alert(1)", []],
  ["javascript:alert('https://example.org')", ["https://example.org"]],
  ["data:text/html,<script>alert(1)</script>", []],
  ["xhttps://example.org", []],
  ["https://", []],
  ["https://)", []],
  ["http://[", []],
  ["ftp://example.org", []],
];

for (const [text, links] of LINKS) {
  Deno.test(`in ${JSON.stringify(text)} the links are ${JSON.stringify(links)}`, () => {
    const found = piecesOf(text, MONA).filter((piece) => piece.type === "link");
    deepEqual(found.map((piece) => piece.text), links);
    for (const { href } of found) ok(/^https?:\/\//.test(href), href);
  });
}

/** A text, and whether it speaks to mona. */
const CALLS: readonly (readonly [text: string, calls: boolean])[] = [
  ["mona", true],
  ["Mona: hi", true],
  ["hi @MONA!", true],
  ["ask mona.", true],
  ["mona's", true],
  ["monastery", false],
  ["ramona", false],
  ["mona4821", false],
  ["mona_x", false],
  ["émona", false],
  ["monaß", false],
  ["", false],
];

for (const [text, calls] of CALLS) {
  Deno.test(`${JSON.stringify(text)} speaks ${calls ? "" : "not "}to mona`, () => {
    equal(mentions(text, MONA), calls);
    equal(piecesOf(text, MONA).some(({ type }) => type === "own name"), calls);
  });
}

Deno.test("a name that is no pattern is not taken for one", () => {
  equal(mentions("anna", namePattern("a..a")), false);
  equal(mentions("see a..a", namePattern("a..a")), true);
  equal(mentions("x-9", namePattern("x-9")), true);
});

Deno.test("the parts of a text are the whole of it, in its order", () => {
  const word = fc.constantFrom(
    "mona",
    "https://example.org/(a)",
    "http://",
    ")",
    "(",
    ".",
    " ",
    "İ",
    "ß",
    "😀",
    "https://a.example/,",
  );
  const text = fc.oneof(fc.array(word).map((words) => words.join("")), fc.string({ unit: "binary" }));
  const whole = (pieces: readonly Piece[]) => pieces.map((piece) => piece.text).join("");
  fc.assert(fc.property(text, (text) => equal(whole(piecesOf(text, MONA)), text)));
});

Deno.test("a line of nothing but brackets is read as fast as any", () => {
  const line = `https://a.example/${")".repeat(4_000)}`;
  const beganAt = performance.now();
  for (let index = 0; index < 20; index++) piecesOf(line, MONA);
  ok(performance.now() - beganAt < 500);
});
