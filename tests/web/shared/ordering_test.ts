import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { hasWords, nextOrder, ordered, wordsOf } from "../../../web/shared/ordering.ts";

Deno.test("texts are sorted without regard to case, numbers by size", () => {
  deepEqual(ordered(["bob", "Ann", "carl"], (name) => name, "ascending"), ["Ann", "bob", "carl"]);
  deepEqual(ordered([10, 9, 100], (size) => size, "descending"), [100, 10, 9]);
});

Deno.test("rows with the same key stay as they were, both ways", () => {
  const rows = ["b1", "a1", "b2", "a2"];
  deepEqual(ordered(rows, ([letter = ""]) => letter, "ascending"), ["a1", "a2", "b1", "b2"]);
  deepEqual(ordered(rows, ([letter = ""]) => letter, "descending"), ["b1", "b2", "a1", "a2"]);
});

Deno.test("sorting leaves the given rows alone", () => {
  const rows = [3, 1, 2];
  ordered(rows, (row) => row, "ascending");
  deepEqual(rows, [3, 1, 2]);
});

Deno.test("a title sorts upwards first, then down, then up again; another begins anew", () => {
  const up = nextOrder(undefined, "name");
  deepEqual(up, { column: "name", way: "ascending" });
  const down = nextOrder(up, "name");
  deepEqual(down, { column: "name", way: "descending" });
  deepEqual(nextOrder(down, "name"), up);
  deepEqual(nextOrder(down, "room"), { column: "room", way: "ascending" });
});

Deno.test("all words that are looked for must be there, in any order and case", () => {
  const text = "ann #lobby 10.0.0.1";
  equal(hasWords(text, wordsOf(" LOBBY  ann")), true);
  equal(hasWords(text, wordsOf("ann #dev")), false);
  equal(hasWords(text, wordsOf("  ")), true);
});
