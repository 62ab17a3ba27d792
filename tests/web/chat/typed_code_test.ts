import { strictEqual as equal } from "node:assert/strict";
import { isWholeCode, typedCode } from "../../../web/chat/typed_code.ts";

const TYPED: [typed: string, shown: string][] = [
  ["", ""],
  ["b", "B"],
  ["bcdf", "BCDF"],
  ["BCDF-", "BCDF"], // so that Backspace takes the dash with the letter behind it
  ["BCDFg", "BCDF-G"],
  ["bcdf-ghjk", "BCDF-GHJK"],
  [" b c d f g h j k ", "BCDF-GHJK"],
  ["BCDF-GHJKM", "BCDF-GHJK"],
  ["BC4F–GHJK", "BCFG-HJK"],
  ["<b>", "B"],
];

for (const [typed, shown] of TYPED) {
  Deno.test(`a code that is typed as ${JSON.stringify(typed)} is shown as ${JSON.stringify(shown)}`, () => {
    equal(typedCode(typed), shown);
    equal(isWholeCode(shown), shown.length === 9);
  });
}
