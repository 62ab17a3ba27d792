import { doesNotMatch, ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { printable, quotable } from "../../../server/wire/printable.ts";
import { quoted } from "../../support/quoted.ts";

/** What drives a terminal or turns text around; written otherwise than in the source, lest both have the same hole. */
const DANGEROUS = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Text in which what is dangerous is as frequent as what is not. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom("\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"),
    fc.constantFrom("\ud83d", "\ude00", "😀", "é", "密", "\u{e0041}", "\ufeff", "\u200d"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

Deno.test("nothing printable drives a terminal or turns text around, whatever goes in", () => {
  fc.assert(fc.property(anyText, (text) => doesNotMatch(printable(text).replaceAll("\t", ""), DANGEROUS)));
});

Deno.test("every single character is either kept as it is or gone", () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const surrogate = code >= 0xd800 && code <= 0xdfff;
    const expected = surrogate ? "\ufffd" : character !== "\t" && DANGEROUS.test(character) ? "" : character;
    if (printable(character) !== expected) equal(printable(character), expected, `U+${code.toString(16)}`);
  }
});

Deno.test("what is printable stays as it is", () => {
  fc.assert(fc.property(anyText, (text) => equal(printable(printable(text)), printable(text))));
});

for (
  const [typed, printed] of [
    ["\ttab\tkept\t", "\ttab\tkept\t"],
    ["\x1b[2J\x1b[31mred\x1b[0m", "[2J[31mred[0m"],
    ["\x1b]0;title\x07", "]0;title"],
    ["\x9b31m\x9d0;title\x9c", "31m0;title"],
    ["back\b\b\b\bfront", "backfront"],
    ["one\rtwo\x0bthree\x0cfour\x85five", "onetwothreefourfive"],
    ["\u202egnp.exe", "gnp.exe"],
    ["a\u2066b\u2069c\u200e\u200f\u061cd", "abcd"],
    ["\x00\x7f", ""],
    ["👩‍👩‍👧 שלום naïve", "👩‍👩‍👧 שלום naïve"],
    ["lone \ud83d and \ude00", "lone \ufffd and \ufffd"],
    // removing what stands between must not join two halves
    ["\ud83d\x00\ude00", "\ufffd\ufffd"],
  ] as const
) {
  Deno.test(`${quoted(typed)} is printed as ${quoted(printed)}`, () => {
    equal(printable(typed), printed);
  });
}

Deno.test("what is repeated to somebody is printable and no longer than it may be", () => {
  fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, most) => {
    const quoted = quotable(text, most);
    doesNotMatch(quoted.replaceAll("\t", ""), DANGEROUS);
    ok([...quoted].length <= most);
  }));
});

Deno.test("what is short enough is repeated whole, the rest shows that it was cut", () => {
  equal(quotable("x".repeat(64)), "x".repeat(64));
  equal(quotable("x".repeat(65)), "x".repeat(63) + "…");
  equal(quotable("😀😀😀", 3), "😀😀😀");
  equal(quotable("😀😀😀😀", 3), "😀😀…");
  equal(quotable("ab\x1b\x1b\x1b", 2), "ab", "what is not shown takes no room");
});
