import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { cutBetweenCharacters } from "../../../server/transport/_pieces.ts";

Deno.test("a text is cut between characters, and where its rest is no echo", () => {
  const cases: [text: string, maxBytes: number, avoided: string[], first: string][] = [
    ["abcdef", 4, [], "abcd"],
    ["abcdef", 6, [], "abcdef"],
    ["abcdef", 100, [], "abcdef"],
    ["aéé", 4, [], "aé"],
    ["aéé", 3, [], "aé"],
    ["漢字", 5, [], "漢"],
    ["a😀", 4, [], "a"],
    ["hi bob: x", 3, ["bob:"], "hi"],
    ["hi bob: x", 3, ["carl:"], "hi "],
    ["hi bobby x", 3, ["bob:"], "hi "],
    ["hi bob: x", 3, ["carl:", " bob:", "bob:"], "h"],
    ["héb: x", 3, ["b:"], "h"],
    ["hi bob", 3, ["bob: and more than there is"], "hi "],
  ];
  for (const [text, maxBytes, avoided, first] of cases) {
    equal(pieces(text, { maxBytes, avoided })[0], first, `${text} by ${maxBytes}`);
  }
});

Deno.test("pieces are never empty or too long, tear no character, begin with no echo and lose nothing", () => {
  const character = fc.constantFrom("a", "b", ":", " ", "é", "漢", "😀");
  const text = fc.string({ unit: character, minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(text, fc.integer({ min: 12, max: 20 }), (text, maxBytes) => {
      const cut = pieces(text, { maxBytes, avoided: ["ab:", "é:"] });
      equal(cut.join(""), text);
      for (const piece of cut) ok(piece.length > 0 && encode(piece).length <= maxBytes);
      for (const piece of cut.slice(1)) ok(!piece.startsWith("ab:") && !piece.startsWith("é:"), piece);
    }),
    { numRuns: 500 },
  );
});

Deno.test("where every place is a bad one, the text goes on by a byte", () => {
  deepEqual(pieces("aaaa", { maxBytes: 3, avoided: ["a"] }), ["a", "aaa"]);
});

/** Cut until nothing is left; a torn character fails. */
function pieces(text: string, { maxBytes, avoided }: { maxBytes: number; avoided: string[] }): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const cut: string[] = [];
  for (let rest = encode(text); rest.length > 0;) {
    const end = cutBetweenCharacters(rest, { maxBytes, avoided: avoided.map(encode) });
    cut.push(decoder.decode(rest.subarray(0, end)));
    rest = rest.subarray(end);
  }
  return cut;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
