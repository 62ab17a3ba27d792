import { strictEqual as equal } from "node:assert/strict";
import { codeInAddress, isWholeCode, typedCode } from "../../../web/chat/typed_code.ts";

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

Deno.test("an address may bring a code along, and anything else", () => {
  equal(codeInAddress({ search: "?code=bcdfghjk", hash: "" }), "BCDF-GHJK");
  equal(codeInAddress({ search: "", hash: "#code=BCDF-GHJK" }), "BCDF-GHJK");
  equal(codeInAddress({ search: "?code=BCDF-GHJK&x=1", hash: "#lobby" }), "BCDF-GHJK");
  equal(codeInAddress({ search: "", hash: "" }), "");
  equal(codeInAddress({ search: "?code=%3Cscript%3E", hash: "" }), "SCRI-PT");
  equal(codeInAddress({ search: "?code=%E0%A4%A", hash: "" }), "A");
});
