import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { Authenticator } from "../support/authenticator.ts";
import { TIME } from "../support/bot.ts";
import { Chromium } from "../support/browser.ts";
import { PasskeyWindow } from "../support/passkey_window.ts";
import { startServer } from "../support/start_server.ts";

const WRONG = "That passkey was not accepted. Try again, or come in another way.";
const OVER = "That took too long, or was done already; begin again.";

const chromium = new Chromium();

Deno.test("a passkey is made, listed with what it is called and good at, and lets its owner in alone", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "ann");
  const { status, json: added } = await browser.adds("Laptop");
  equal(status, 200);
  match(added.created_at, TIME);
  const { id, created_at: _, ...rest } = added;
  deepEqual(rest, { name: "Laptop", host: "localhost", last_used_at: null });
  deepEqual(await browser.device.hosts(), ["localhost"]);

  await browser.calls("/session", { method: "DELETE" });
  equal(await browser.isSignedInAs(), undefined);
  equal((await browser.comesIn()).json.account.name, "ann");
  equal(await browser.isSignedInAs(), "ann");
  const { json: { passkeys: [passkey] } } = await browser.calls("/me/mfa");
  equal(passkey.id, id);
  match(passkey.last_used_at, TIME);
});

Deno.test("a passkey alone is both factors: no code is asked for, even where codes are on", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "ann");
  await browser.adds("Laptop");
  await Authenticator.of(server, await server.tokenOf("ann"));
  await browser.calls("/session", { method: "DELETE" });
  equal((await browser.comesIn()).status, 200);
});

Deno.test("after a password a passkey does in place of a code, and no other than the account's is looked for", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "bob");
  await browser.adds("Bob's");
  await browser.signsUp(server, "ann");
  const { json: { id } } = await browser.adds("Ann's");
  await Authenticator.of(server, await server.tokenOf("ann"));
  await browser.calls("/session", { method: "DELETE" });
  const given = { username: "ann", password: "correct horse" };
  const { status, json: { login, factors } } = await browser.calls("/session", { json: given });
  deepEqual([status, factors], [202, ["code", "passkey"]]);
  equal(await browser.isSignedInAs(), undefined);
  const { options } = await browser.asked(login);
  deepEqual(options.allowCredentials.map((allowed: { id: string }) => allowed.id), [id]);
  equal((await browser.comesIn(login)).status, 200);
  equal(await browser.isSignedInAs(), "ann");
});

Deno.test("twelve hours after a log-in a passkey does in place of the password", async () => {
  const { now } = Date;
  let laterMs = 0;
  Date.now = () => now() + laterMs;
  try {
    await using server = await startServer();
    await using browser = await PasskeyWindow.at(server, chromium);
    await browser.signsUp(server, "root");
    await server.hasRole("root", "admin");
    await browser.adds("Laptop");
    laterMs = 12 * 3_600_000;
    equal((await browser.calls("/admin/api/rooms")).status, 428);
    const { login, options } = await browser.asked();
    const confirmed = await browser.calls("/session/confirm", {
      json: { login, response: await browser.uses(options) },
    });
    equal(confirmed.status, 200);
    equal((await browser.calls("/admin/api/rooms")).status, 200);
  } finally {
    Date.now = now;
  }
});

Deno.test("of two accounts on one device the passkey that is chosen says who comes in", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  const ids: Record<string, string> = {};
  for (const name of ["ann", "bob"]) {
    await browser.signsUp(server, name);
    ids[name] = (await browser.adds("Laptop")).json.id;
  }
  deepEqual(await browser.device.hosts(), ["localhost", "localhost"]);
  for (const name of ["ann", "bob", "ann"]) {
    await browser.calls("/session", { method: "DELETE" });
    const { login, options } = await browser.asked();
    const chosen = { ...options, allowCredentials: [{ id: ids[name], type: "public-key" }] };
    await browser.calls("/session/passkey", { json: { login, response: await browser.uses(chosen) } });
    equal(await browser.isSignedInAs(), name);
  }
});

Deno.test("a device has one passkey of an account at most", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "ann");
  await browser.adds("Laptop");
  const { json: { options } } = await browser.calls("/me/passkeys/options", { method: "POST" });
  equal(await browser.makes(options), "InvalidStateError");
});

Deno.test("a passkey that was removed lets nobody in any more", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "ann");
  const { json: { id } } = await browser.adds("Laptop");
  const removed = await browser.calls(`/me/passkeys/${id}`, { method: "DELETE" });
  deepEqual([removed.status, removed.json.message], [200, "Passkey removed."]);
  deepEqual((await browser.calls("/me/mfa")).json.passkeys, []);
  await browser.calls("/session", { method: "DELETE" });
  isRefused(await browser.comesIn(), 401, WRONG); // the device has it still
  equal(await browser.isSignedInAs(), undefined);
  await browser.signsUp(server, "bob");
  equal((await browser.calls("/me/passkeys/options", { method: "POST" })).status, 200);
});

Deno.test("whom the device does not know makes no passkey and comes in by none", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "ann");
  await browser.device.isUnlocked(false);
  const { json: { options } } = await browser.calls("/me/passkeys/options", { method: "POST" });
  equal(await browser.makes(options), "NotAllowedError");
  await browser.device.isUnlocked(true);
  await browser.adds("Laptop");
  await browser.device.isUnlocked(false);
  const { login, options: asked } = await browser.asked();
  equal(await browser.uses(asked), "NotAllowedError");
  const response = await browser.uses({ ...asked, userVerification: "discouraged" }); // what another page would do
  isRefused(await browser.calls("/session/passkey", { json: { login, response } }), 401, WRONG);
});

Deno.test("after a password a passkey will do that its device does not unlock", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "ann");
  await browser.adds("Security key");
  await Authenticator.of(server, await server.tokenOf("ann"));
  await browser.device.isUnlocked(false);
  const given = { username: "ann", password: "correct horse" };
  const { json: { login } } = await browser.calls("/session", { json: given });
  const { options } = await browser.asked(login);
  equal(options.userVerification, "preferred");
  const response = await browser.uses({ ...options, userVerification: "discouraged" });
  equal((await browser.calls("/session/passkey", { json: { login, response } })).status, 200);
});

Deno.test("an answer is good once, and to its own question", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "ann");
  await browser.adds("Laptop");
  const [first, second] = [await browser.asked(), await browser.asked()];
  const response = await browser.uses(first.options);
  isRefused(await browser.calls("/session/passkey", { json: { login: second.login, response } }), 401, WRONG);
  const answer = { json: { login: first.login, response } };
  equal((await browser.calls("/session/passkey", answer)).status, 200);
  isRefused(await browser.calls("/session/passkey", answer), 401, OVER);
});

Deno.test("what a page of another server of this host has had signed is of no use here", async () => {
  await using server = await startServer();
  await using evil = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.signsUp(server, "ann");
  await browser.adds("Laptop");
  const asked = await browser.asked();
  const { json: { options } } = await browser.calls("/me/passkeys/options", { method: "POST" });
  await browser.opens(evil); // browsers keep passkeys for a host, whatever the port
  const used = await browser.uses(asked.options);
  const made = await browser.makes({ ...options, excludeCredentials: [] });
  await browser.opens(server);
  isRefused(
    await browser.calls("/session/passkey", { json: { login: asked.login, response: used } }),
    401,
    WRONG,
  );
  isRefused(await browser.calls("/me/passkeys", { json: { name: "Evil", response: made } }), 403, WRONG);
  equal((await browser.calls("/me/mfa")).json.passkeys.length, 1);
});

Deno.test("a page that is opened by an IP address is told to be opened by a name", async () => {
  await using server = await startServer();
  await using browser = await PasskeyWindow.at(server, chromium);
  await browser.opens(server, "127.0.0.1");
  await browser.signsUp(server, "ann");
  const NAME =
    "Passkeys belong to a name, not to an address such as 127.0.0.1: open this page by the server's name.";
  isRefused(await browser.calls("/session/passkey/options", { json: {} }), 400, NAME);
  isRefused(await browser.calls("/me/passkeys/options", { method: "POST" }), 400, NAME);
});

// deno-lint-ignore no-explicit-any
function isRefused({ status, json }: any, expected: number, message: string): void {
  deepEqual([status, json.message], [expected, message]);
}
