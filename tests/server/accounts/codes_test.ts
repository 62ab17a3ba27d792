import { match, ok, strictEqual as equal } from "node:assert/strict";
import { newCode, readCode } from "../../../server/accounts/_codes.ts";

Deno.test("a code is groups of four letters, none of which looks or sounds like another", () => {
  for (let round = 0; round < 200; round++) {
    match(newCode(2), /^[BCDFGHJKMNPQRSTVWXZ]{4}-[BCDFGHJKMNPQRSTVWXZ]{4}$/);
    match(newCode(3), /^[A-Z]{4}-[A-Z]{4}-[A-Z]{4}$/);
  }
});

Deno.test("every letter is as likely as any other", () => {
  const letters = Array.from({ length: 2_000 }, () => newCode(3).replaceAll("-", "")).join("");
  const counts = [...Map.groupBy(letters, (letter) => letter).values()].map(({ length }) => length);
  equal(counts.length, 19);
  const expected = letters.length / 19; // 1263; its standard deviation is 35
  ok(counts.every((count) => Math.abs(count - expected) < 250), counts.join(" "));
});

Deno.test("a code is understood however it is typed, and nothing else is one", () => {
  const cases: [typed: string, groups: number, code: string | undefined][] = [
    ["BCDF-GHJK", 2, "BCDF-GHJK"],
    ["bcdf-ghjk", 2, "BCDF-GHJK"],
    ["bcdfghjk", 2, "BCDF-GHJK"],
    ["  Bcdf Ghjk\t", 2, "BCDF-GHJK"],
    ["b-c-d-f-g-h-j-k", 2, "BCDF-GHJK"],
    ["bcdfghjkmnpq", 3, "BCDF-GHJK-MNPQ"],
    ["bcdfghjkmnpq", 2, undefined],
    ["BCDF-GHJ", 2, undefined],
    ["BCDF-GHJKM", 2, undefined],
    ["BCDF-GHJ1", 2, undefined],
    ["BCDF_GHJK", 2, undefined],
    ["ＢＣＤＦＧＨＪＫ", 2, undefined],
    ["ßßßß", 2, "SSSS-SSSS"], // as it looks in capitals; no code is so
    ["", 2, undefined],
    ["-".repeat(4_096), 2, undefined],
  ];
  for (const [typed, groups, code] of cases) equal(readCode(typed, groups), code, typed);
});
