import { deepStrictEqual as deepEqual, match, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { looksLikeToken, Tokens } from "../../../server/accounts/tokens.ts";
import { tokenExpired, tokenNotFound, tokenNotValid, tokenRevoked } from "../../../server/refusals.ts";
import { Changes } from "../../../server/store/changes.ts";
import { KvTokenStore } from "../../../server/store/tokens.ts";
import { openDatabase } from "../../support/open_database.ts";

const DAY_MS = 86_400_000;

Deno.test("a token is a JWT with subject, id, times and scope, and nothing else", async () => {
  await using opened = await open();
  const { jwt, record } = await opened.tokens.issue("ann's id", { days: 30, label: "laptop" });
  match(jwt, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const { exp, iat, ...claims } = claimsOf(jwt);
  deepEqual(claims, { sub: "ann's id", jti: record.id, scope: "chat" });
  equal(exp - iat, 30 * 86_400);
  equal(Math.floor(opened.clock.ms / 1_000), iat);
});

Deno.test("a token speaks for its account until it expires, to the millisecond", async () => {
  await using opened = await open();
  const { jwt, record } = await opened.tokens.issue("ann's id", { days: 1, label: "laptop" });
  deepEqual(await opened.tokens.verify(jwt), record);
  opened.clock.ms += DAY_MS - 1;
  deepEqual(await opened.tokens.verify(jwt), record);
  opened.clock.ms += 1;
  await rejects(opened.tokens.verify(jwt), tokenExpired());
});

Deno.test("a revoked token is called revoked, also when it would have expired", async () => {
  await using opened = await open();
  const { jwt, record } = await opened.tokens.issue("ann's id", { days: 1, label: "laptop" });
  await opened.tokens.verify(jwt);
  await opened.tokens.revoke(record.id);
  await rejects(opened.tokens.verify(jwt), tokenRevoked());
  opened.clock.ms += 2 * DAY_MS;
  await rejects(opened.tokens.verify(jwt), tokenRevoked());
});

Deno.test("a token that another process revoked is good until that is told, and no longer", async () => {
  await using opened = await open();
  const { jwt, record } = await opened.tokens.issue("ann's id", { days: 1, label: "laptop" });
  await opened.tokens.verify(jwt);
  await opened.store.revoke(record.id);
  await opened.tokens.verify(jwt);
  opened.tokens.forget(record.id);
  await rejects(opened.tokens.verify(jwt), tokenRevoked());
});

Deno.test("of an account's tokens the newest hundred are on record, and older ones end", async () => {
  await using opened = await open();
  const first = await opened.tokens.issue("ann's id", { days: 1, label: "first" });
  const second = await opened.tokens.issue("ann's id", { days: 1, label: "second" });
  for (let more = 0; more < 99; more++) await opened.tokens.issue("ann's id", { days: 1, label: "more" });
  equal((await opened.tokens.list("ann's id")).length, 100);
  await rejects(opened.tokens.verify(first.jwt), tokenNotValid());
  await opened.tokens.verify(second.jwt);
});

Deno.test("browsers that were signed out a hundred times end no token that is still good", async () => {
  await using opened = await open();
  const bot = await opened.tokens.issue("ann's id", { days: 365, label: "bot" });
  await opened.tokens.issue("ann's id", { days: 1, label: "short" });
  opened.clock.ms += DAY_MS;
  for (let count = 0; count < 110; count++) {
    const { record } = await opened.tokens.issue("ann's id", { days: 30, label: "web page" });
    await opened.tokens.revoke(record.id);
  }
  const { jwt } = await opened.tokens.issue("ann's id", { days: 30, label: "web page" });
  for (const good of [bot.jwt, jwt]) await opened.tokens.verify(good);
  const kept = await opened.tokens.list("ann's id");
  deepEqual([kept.length, kept.some(({ label }) => label === "short")], [100, false]);
});

Deno.test("what this server did not sign is no token", async () => {
  await using opened = await open();
  const { jwt, record } = await opened.tokens.issue("ann's id", { days: 1, label: "laptop" });
  await using elsewhere = await open();
  const foreign = await elsewhere.tokens.issue("ann's id", { days: 1, label: "laptop" });
  const [header, payload, signature] = jwt.split(".") as [string, string, string];
  const forged = {
    "of another server": foreign.jwt,
    "with another subject": [header, base64url({ ...claimsOf(jwt), sub: "eve's id" }), signature].join("."),
    "with a later end": [header, base64url({ ...claimsOf(jwt), exp: 9e9 }), signature].join("."),
    "without a signature": [header, payload, ""].join("."),
    "with half a signature": [header, payload, signature.slice(0, 20)].join("."),
    "without an algorithm": [base64url({ alg: "none", typ: "JWT" }), payload, ""].join("."),
    "with another algorithm": [base64url({ alg: "HS512", typ: "JWT" }), payload, signature].join("."),
    "cut": jwt.slice(0, -1),
    "nothing": "",
    "dots": "..",
    "its id": record.id,
  };
  for (const [what, given] of Object.entries(forged)) {
    await rejects(opened.tokens.verify(given), tokenNotValid(), what);
  }
  await opened.tokens.verify(jwt);
});

Deno.test("a token in which anything was altered is none, though it would decode to the same bytes", async () => {
  await using opened = await open();
  const { jwt } = await opened.tokens.issue("ann's id", { days: 1, label: "laptop" });
  await opened.tokens.verify(jwt);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const others = [...alphabet].filter((character) => character !== jwt.at(-1));
  for (const altered of [...others.map((last) => jwt.slice(0, -1) + last), `${jwt}=`, `${jwt} `, `${jwt}A`]) {
    await rejects(opened.tokens.verify(altered), tokenNotValid(), altered.slice(-3));
  }
});

Deno.test("only the owner ends a token, and only once", async () => {
  await using opened = await open();
  const { jwt, record } = await opened.tokens.issue("ann's id", { days: 1, label: "laptop" });
  await rejects(opened.tokens.revoke(record.id, "eve's id"), tokenNotFound(record.id));
  await opened.tokens.verify(jwt);
  await opened.tokens.revoke(record.id, "ann's id");
  await rejects(opened.tokens.revoke(record.id, "ann's id"), tokenNotFound(record.id));
  await rejects(opened.tokens.revoke("nonsense"), tokenNotFound("nonsense"));
});

Deno.test("all tokens of an account end but for one, and nobody else's", async () => {
  await using opened = await open();
  const issue = async (account: string) => await opened.tokens.issue(account, { days: 1, label: "laptop" });
  const [kept, one, two, bobs] = [
    await issue("ann's id"),
    await issue("ann's id"),
    await issue("ann's id"),
    await issue("bob's id"),
  ];
  await opened.tokens.revokeAll("ann's id", kept.record.id);
  for (const { jwt } of [kept, bobs]) await opened.tokens.verify(jwt);
  for (const { jwt } of [one, two]) await rejects(opened.tokens.verify(jwt), tokenRevoked());
  const listed = await opened.tokens.list("ann's id");
  deepEqual(listed.map(({ id, revoked }) => [id, revoked]), [
    [kept.record.id, false],
    [one.record.id, true],
    [two.record.id, true],
  ]);
});

Deno.test("what is kept of a token cannot be used as one", async () => {
  await using opened = await open();
  const { jwt } = await opened.tokens.issue("ann's id", { days: 1, label: "laptop" });
  const kept = JSON.stringify(await opened.tokens.list());
  const signature = jwt.split(".")[2]!;
  ok(!kept.includes(signature));
});

for (
  const [text, looks] of [
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMUoifQ.c2lnbmF0dXJl", true],
    ["eyJhbGciOiJub25lIn0.e30.", true],
    ["eyJ.x.y", true],
    ["j.r.smith", true],
    ["a.b", false],
    ["a.b.", false],
    [`${"x".repeat(20)}.${"y".repeat(20)}`, false],
    [`${"x".repeat(20)}.${"y".repeat(20)}.${"z".repeat(20)}`, true],
    [`${"x".repeat(20)}.${"y".repeat(20)}.${"z".repeat(20)}.w`, false],
    ["eyJ.x.y z", false],
    ["", false],
  ] as const
) {
  Deno.test(`"${text}" ${looks ? "looks" : "does not look"} like a token`, () => {
    equal(looksLikeToken(text), looks);
  });
}

/** Tokens that go by a clock of their own. */
async function open() {
  const opened = await openDatabase();
  const store = new KvTokenStore(opened.database, new Changes(opened.database));
  const clock = { ms: Date.now() };
  const tokens = await Tokens.open(store, () => clock.ms);
  return { tokens, store, clock, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

function claimsOf(jwt: string) {
  const payload = jwt.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(payload));
}

function base64url(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
