import { strictEqual as equal } from "node:assert/strict";
import { csvLine } from "../../../server/http/csv.ts";

Deno.test("a line has each cell in quotes, and ends as RFC 4180 has it", () => {
  equal(csvLine(["a", "", 'say "hi", all', "two\nlines"]), '"a","","say ""hi"", all","two\nlines"\r\n');
});

Deno.test("no cell is a formula to a spreadsheet", () => {
  const formulas = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    " =1",
    "\r\n=1",
    "\u200b=1",
    "\ufeff=1",
    "\x00=1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
  ];
  for (const text of formulas) equal(csvLine([text]), `"'${text}"\r\n`, JSON.stringify(text));
  for (const text of ["a=1", "1-1", "ann@example.org", "'=1", "#=1", "0"]) {
    equal(csvLine([text]), `"${text}"\r\n`);
  }
});
