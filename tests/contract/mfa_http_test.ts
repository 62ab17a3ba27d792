import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { type Answer, call } from "../support/api.ts";
import { Authenticator } from "../support/authenticator.ts";
import { PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const PASSWORD = "correct horse";

const WRONG_CODE = "Wrong code. Each is good once, for about a minute; see the clock of your device.";

Deno.test("codes are on with the first one; then a log-in asks for one, and takes each once", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  deepEqual(await mfaOf(server, token), { codes: false, recovery_codes_left: 0 });
  const begun = await call(server, "/me/mfa", { method: "POST", token });
  match(begun.json.secret, /^[A-Z2-7]{32}$/);
  match(begun.json.uri, /^otpauth:\/\/totp\/Parley:ann\?issuer=Parley&secret=[A-Z2-7]{32}&/);
  equal((await logsIn(server)).status, 200, "they are not on yet");
  const app = new Authenticator(begun.json.secret);
  const confirmed = await call(server, "/me/mfa/confirm", {
    token,
    json: { code: app.shows({ steps: -1 }) },
  });
  equal(new Set(confirmed.json.recovery_codes).size, 10);
  deepEqual(await mfaOf(server, token), { codes: true, recovery_codes_left: 10 });

  assertAnswer(await logsIn(server), 401, "Code required");
  assertAnswer(await logsIn(server, { code: "" }), 401, "Code required");
  const code = app.fresh();
  equal((await logsIn(server, { code })).status, 200);
  assertAnswer(await logsIn(server, { code }), 401, WRONG_CODE);
  assertAnswer(await logsIn(server, { code: "wrong" }), 401, WRONG_CODE);
  assertAnswer(
    await logsIn(server, { code, password: "wrong horse" }),
    401,
    "User account does not exist!!!",
  );
  equal((await logsIn(server, { code: app.fresh() })).status, 200);
});

Deno.test("a recovery code stands for a code, each once, in any case and with spaces for dashes", async () => {
  await using server = await startServer(...UNLIMITED);
  const { token, app } = await withCodes(server);
  const [first = "", second = ""] = app.recoveryCodes;
  equal((await logsIn(server, { code: first.toLowerCase().replaceAll("-", " ") })).status, 200);
  assertAnswer(await logsIn(server, { code: first }), 401, WRONG_CODE);
  equal((await mfaOf(server, token)).recovery_codes_left, 9);
  const renewed = await call(server, "/me/mfa/recovery-codes", { token, json: { code: app.fresh() } });
  assertAnswer(await logsIn(server, { code: second }), 401, WRONG_CODE);
  equal((await logsIn(server, { code: renewed.json.recovery_codes[0] })).status, 200);
  await using records = await recordsIn(server.dataDir);
  const kept = JSON.stringify((await records.accounts.findByHandle("ann"))!.recoveryCodes);
  for (const code of renewed.json.recovery_codes) {
    ok(!kept.includes(code), "a recovery code is kept as it is");
  }
});

Deno.test("switching codes off, and another password, ask for a code", async () => {
  await using server = await startServer(...UNLIMITED);
  const { token, app } = await withCodes(server);
  assertAnswer(
    await call(server, "/me/mfa", { method: "DELETE", token, json: { code: "123456" } }),
    403,
    WRONG_CODE,
  );
  const change = (more: object) =>
    call(server, "/me/password", {
      token,
      json: { current_password: PASSWORD, password: "battery staple", ...more },
    });
  assertAnswer(await change({}), 403, "Code required");
  assertAnswer(await change({ code: "000000" }), 403, WRONG_CODE);
  assertAnswer(await change({ code: app.fresh() }), 200, "Password changed.");
  const off = await call(server, "/me/mfa", {
    method: "DELETE",
    token,
    json: { code: app.recoveryCodes[0] },
  });
  assertAnswer(off, 200, "Codes are switched off.");
  equal((await logsIn(server, { password: "battery staple" })).status, 200);
});

Deno.test("a browser signs in in two steps; its cookie comes with the second", async () => {
  await using server = await startServer(...UNLIMITED);
  const { app } = await withCodes(server);
  const page = new PageOf(server);
  const first = await page.signsIn("ann");
  deepEqual([first.status, first.json.factors, first.headers.get("set-cookie")], [202, ["code"], null]);
  equal((await page.calls("/me")).status, 401, "halfway is not in");
  const { login } = first.json;
  const step = (json: object) => page.calls("/session/code", { method: "POST", json });
  assertAnswer(await step({ login, code: "000000" }), 401, WRONG_CODE);
  const second = await step({ login, code: app.fresh() });
  equal(second.json.account.name, "ann");
  equal((await page.calls("/me")).json.username, "ann");
  equal((await step({ login, code: app.fresh() })).status, 401, "the step is done");
  equal((await step({ login: "nobody's", code: "000000" })).status, 401);
});

Deno.test("after five wrong codes the password is asked for again", async () => {
  await using server = await startServer(...UNLIMITED);
  const { app } = await withCodes(server);
  const page = new PageOf(server);
  const { login } = (await page.signsIn("ann")).json;
  const step = (code: string) => page.calls("/session/code", { method: "POST", json: { login, code } });
  for (let wrong = 0; wrong < 5; wrong++) assertAnswer(await step("000000"), 401, WRONG_CODE);
  assertAnswer(await step(app.fresh()), 401, "That took too long, or was done already; begin again.");
});

Deno.test("a password that was changed between the steps is no way in any more", async () => {
  await using server = await startServer(...UNLIMITED);
  const { app } = await withCodes(server);
  const page = new PageOf(server);
  const { login } = (await page.signsIn("ann")).json;
  await using records = await recordsIn(server.dataDir);
  const ann = await records.accounts.findByHandle("ann");
  await records.accounts.setPassword(ann!.id, "battery staple");
  const late = await page.calls("/session/code", { method: "POST", json: { login, code: app.fresh() } });
  assertAnswer(late, 401, "Wrong username or password.");
});

Deno.test("wrong codes count against the limit of log-ins", async () => {
  await using server = await startServer("--logins-per-minute=4");
  const { app } = await withCodes(server); // which is one attempt for its token, and one for its first code
  for (let wrong = 0; wrong < 2; wrong++) {
    assertAnswer(await logsIn(server, { code: "000000" }), 401, WRONG_CODE);
  }
  const { status, json } = await logsIn(server, { code: app.fresh() });
  equal(status, 429);
  match(json.message, /^Too many attempts\. Try again in \d+ s\.$/);
});

Deno.test("an account bears twenty wrong codes an hour, wherever they come from; a recovery code is good all the same", async () => {
  await using server = await startServer(...UNLIMITED);
  const { app } = await withCodes(server);
  const wrong = await Promise.all(Array.from({ length: 20 }, () => logsIn(server, { code: "000000" })));
  deepEqual(new Set(wrong.map(({ status }) => status)), new Set([401]));
  const { status, json } = await logsIn(server, { code: app.fresh() });
  equal(status, 429);
  match(
    json.message,
    /^Too many wrong codes for this account\. Try again in \d+ s, or use a recovery code\.$/,
  );
  equal((await logsIn(server, { code: app.recoveryCodes[0] })).status, 200);
});

Deno.test("who must have a second factor and has none can get one, or leave, and nothing else", async () => {
  await using server = await startServer(...UNLIMITED, "--require-mfa=everyone");
  await server.hasAccount("ann");
  const page = new PageOf(server);
  const signedIn = await page.signsIn("ann");
  deepEqual([signedIn.status, signedIn.json.must_enrol], [200, true]);
  for (const path of ["/me/tokens", "/rooms", "/rooms/lobby/messages", "/me/connections", "/me/export"]) {
    equal((await page.calls(path)).status, 403, path);
  }
  const refused = await page.calls("/rooms/lobby/messages", { method: "POST", json: { text: "hi" } });
  match(refused.json.message, /^This server asks for a second factor/);
  const { json: { secret } } = await page.calls("/me/mfa", { method: "POST" });
  const json = { code: new Authenticator(secret).shows() };
  equal((await page.calls("/me/mfa/confirm", { method: "POST", json })).status, 200);
  equal((await page.calls("/session")).json.must_enrol, false);
  equal((await page.calls("/rooms")).status, 200);
});

Deno.test("of admins alone a second factor is wanted where the operator wants it so", async () => {
  await using server = await startServer(...UNLIMITED, "--require-mfa=admins");
  for (const name of ["ann", "root"]) await server.hasAccount(name);
  await server.hasRole("root", "admin");
  equal((await new PageOf(server).signsIn("ann")).json.must_enrol, false);
  equal((await new PageOf(server).signsIn("root")).json.must_enrol, true);
});

Deno.test("with log-in by password switched off nobody comes in or signs up by one", async () => {
  await using server = await startServer(...UNLIMITED, "--password-login=off");
  await using records = await recordsIn(server.dataDir);
  await records.accounts.signUp({ username: "ann", name: "ann", password: PASSWORD });
  const words = "Nobody logs in by password here. Use the web page, or /login, which a browser confirms.";
  assertAnswer(await logsIn(server), 403, words);
  assertAnswer(await new PageOf(server).signsIn("ann"), 403, words);
  const json = { username: "bob", password: PASSWORD, name_account: "bob" };
  assertAnswer(await call(server, "/signup", { json }), 403, words);
});

/** Somebody who has switched codes on. */
async function withCodes(server: TestServer) {
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  return { token, app: await Authenticator.of(server, token) };
}

function logsIn(
  server: TestServer,
  { password = PASSWORD, ...more }: { password?: string; code?: string } = {},
) {
  return call(server, "/login", { json: { username: "ann", password, ...more } });
}

async function mfaOf(server: TestServer, token: string) {
  const { json: { codes, recovery_codes_left } } = await call(server, "/me/mfa", { token });
  return { codes: codes !== null, recovery_codes_left };
}

function assertAnswer({ status, json }: Answer, expected: number, message: string): void {
  deepEqual([status, json.message], [expected, message]);
}
