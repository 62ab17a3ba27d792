import { ok, rejects, strictEqual as equal } from "node:assert/strict";
import { COMMON_PASSWORDS } from "../../../server/accounts/_common_passwords.ts";
import { checkPassword } from "../../../server/accounts/password_rules.ts";
import { badPasswordLength, commonPassword, passwordIsName, type Refusal } from "../../../server/refusals.ts";

const ANN = { username: "Ann.Lee@example.org", name: "annlee" };

const CASES: readonly [why: string, password: string, refusal: Refusal | undefined][] = [
  ["a sentence", "correct horse battery staple", undefined],
  ["as short as may be", "k7#mQ2xz", undefined],
  ["too short", "k7#mQ2x", badPasswordLength()],
  ["as long as may be", "kq".repeat(512), undefined],
  ["too long", `${"kq".repeat(512)}x`, badPasswordLength()],
  ["too long by its bytes", "密".repeat(342), badPasswordLength()],
  ["nothing", "", badPasswordLength()],
  ["common", "password", commonPassword()],
  ["common, in capitals", "PassWord", commonPassword()],
  ["common, of digits", "123456789", commonPassword()],
  ["common, with something behind it", "password of mine", undefined],
  ["the username", "ann.lee@example.org", passwordIsName()],
  ["the username in capitals", "ANN.LEE@EXAMPLE.ORG", passwordIsName()],
  ["the first part of the username", "ann.lee1", passwordIsName()],
  ["the last part of the username", "example.org", passwordIsName()],
  ["the name, twice", "annleeannlee", passwordIsName()],
  ["the name between digits and marks", "!!AnnLee-1987", passwordIsName()],
  ["the name in full-width letters", "ＡｎｎＬｅｅ１２", passwordIsName()],
  ["the name among other words", "annlee likes trains", undefined],
  ["another's name", "bobsmith", undefined],
];

for (const [why, password, refusal] of CASES) {
  Deno.test(`as a password, ${why} is ${refusal === undefined ? "taken" : "refused"}`, async () => {
    if (refusal === undefined) await checkPassword(password, ANN);
    else await rejects(checkPassword(password, ANN), refusal);
  });
}

Deno.test("a name of one kind of letters only is no reason to refuse what is more than that", async () => {
  await checkPassword("an orange banana", { username: "an", name: "an" });
  await rejects(checkPassword("an-an-an", { username: "an", name: "an" }), passwordIsName());
});

Deno.test("ten thousand passwords are known to be common, and none of them is taken", async () => {
  const all = COMMON_PASSWORDS.trim().split(/\s+/);
  equal(all.length, 10_000);
  equal(new Set(all).size, 10_000);
  const long = all.filter((password) => password.length >= 8);
  ok(long.length > 1_000, `${long.length} of them`);
  for (const password of long) {
    await rejects(checkPassword(password, { username: "k", name: "k" }), commonPassword(), password);
  }
});
