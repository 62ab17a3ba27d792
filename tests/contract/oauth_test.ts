import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { Authenticator } from "../support/authenticator.ts";
import { call } from "../support/api.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";
import { sentenceIn, Wanderer } from "../support/wanderer.ts";

const NOTHING = { is: "nothing" };

Deno.test("who comes for the first time chooses a name and is in; from then on they come as that", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  const { page, way } = await ann.goes("/oauth/corp");
  equal(page, "/#sign-in=pending");
  const asked = new URL(way[1]!);
  equal(`${asked.origin}${asked.pathname}`, `${issuer.url}/authorize`);
  deepEqual([asked.searchParams.get("scope"), asked.searchParams.get("code_challenge_method")], [
    "openid email profile",
    "S256",
  ]);
  equal(await ann.who(), undefined);
  deepEqual((await ann.calls("/session/pending")).json, {
    is: "name",
    title: "Corp",
    suggested: "ann",
    asks_invitation: false,
  });
  const { status, json } = await ann.calls("/session/identity", { json: { name: "Annie" } });
  equal(status, 200);
  deepEqual([json.account.name, json.account.username, json.account.has_password], ["Annie", "Annie", false]);
  deepEqual((await ann.calls("/session/pending")).json, NOTHING);
  equal(await ann.who(), "Annie");

  const later = new Wanderer(server);
  equal((await later.goes("/oauth/corp?to=/link")).page, "/link");
  equal(await later.who(), "Annie");
});

for (
  const [person, suggested] of [
    [{ preferred_username: "ann" }, "ann"],
    [{ preferred_username: "bob" }, ""],
    [{ preferred_username: "bob", nickname: "bobby" }, "bobby"],
    [{ name: "Ann Smith (Corp)" }, "Ann-Smith-Corp"],
    [{ email: "ann.smith+chat@corp.example" }, "ann.smith-chat"],
    [{ preferred_username: "admin", given_name: "Ann" }, "Ann"],
    [{ preferred_username: "pаypal", given_name: "Ann" }, "Ann"], // the second letter is Cyrillic
    [{ preferred_username: "x".repeat(300) }, "x".repeat(32)],
    [{ name: 7 }, ""],
    [{}, ""],
  ] as const
) {
  Deno.test(`for somebody with ${JSON.stringify(person).slice(0, 60)} "${suggested}" is suggested`, async () => {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row());
    await server.hasAccount("bob");
    issuer.person = { sub: "1", ...person };
    const ann = new Wanderer(server);
    await ann.goes("/oauth/corp");
    equal((await ann.calls("/session/pending")).json.suggested, suggested);
  });
}

Deno.test("a name that cannot be had may be chosen again", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await server.hasAccount("bob");
  const [guest] = await server.guests("carl");
  const ann = new Wanderer(server);
  await ann.goes("/oauth/corp");
  for (
    const [name, message] of [
      ["b\u0000", "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or ."],
      ["Bob", "That name is taken."],
      ["admin", "That name is taken."],
      [guest.name, "That name is taken."],
      ["ann@corp.example", "Names are 2 to 32 letters, digits, _ - or ."],
    ] as const
  ) {
    const { status, json } = await ann.calls("/session/identity", { json: { name } });
    deepEqual([status, json.message], [400, message], name);
  }
  equal((await ann.calls("/session/identity", { json: { name: "ann" } })).status, 200);
  equal((await ann.calls("/session/identity", { json: { name: "ann2" } })).status, 401);
});

Deno.test("codes are asked after an identity as after a password", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  await ann.comesAs("ann");
  const app = await switchesOnCodes(ann);

  const later = new Wanderer(server);
  equal((await later.goes("/oauth/corp?to=/admin")).page, "/admin#sign-in=pending");
  equal(await later.who(), undefined);
  const { json: pending } = await later.calls("/session/pending");
  deepEqual([pending.is, pending.factors], ["code", ["code"]]);
  const { login } = pending;
  equal((await later.calls("/session/code", { json: { login, code: "000000" } })).status, 401);
  equal(await later.who(), undefined);
  equal((await later.calls("/session/code", { json: { login, code: app.fresh() } })).status, 200);
  equal(await later.who(), "ann");
  deepEqual((await later.calls("/session/pending")).json, NOTHING);
});

Deno.test("where everybody must have a second factor, who comes by an identity is led to one", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row(), "--require-mfa=everyone");
  const ann = new Wanderer(server);
  await ann.comesAs("ann");
  equal((await ann.calls("/session")).json.must_enrol, true);
  equal((await ann.calls("/rooms")).status, 403);
  await switchesOnCodes(ann);
  equal((await ann.calls("/rooms")).status, 200);
});

Deno.test("an identity is linked from within an account, is listed, lets in, and can be removed", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await server.hasAccount("ann");
  issuer.person = { sub: "ann-at-issuer", email: "ann@corp.example", email_verified: true };
  const ann = new Wanderer(server);
  await ann.signsIn("ann");
  deepEqual((await ann.calls("/me/identities")).json, []);
  equal(await ann.links(), "/#linked=Corp");
  equal(await ann.who(), "ann");
  const { json: [identity, ...others] } = await ann.calls("/me/identities");
  deepEqual([identity.provider, identity.title, identity.label], ["corp", "Corp", "ann@corp.example"]);
  equal(others.length, 0);

  const later = new Wanderer(server);
  equal((await later.goes("/oauth/corp")).page, "/");
  equal(await later.who(), "ann");

  equal((await ann.calls(`/me/identities/${identity.id}`, { method: "DELETE" })).status, 200);
  equal((await ann.calls(`/me/identities/${identity.id}`, { method: "DELETE" })).status, 404);
  deepEqual((await ann.calls("/me/identities")).json, []);
  equal((await new Wanderer(server).goes("/oauth/corp")).page, "/#sign-in=pending", "nobody's any more");
});

Deno.test("linking once more changes nothing but what the identity is called", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  await ann.comesAs("ann");
  issuer.person = { ...issuer.person, preferred_username: "Ann\u202eB\u0007" };
  equal(await ann.links(), "/#linked=Corp");
  const { json } = await ann.calls("/me/identities");
  deepEqual(json.map(({ label }: { label: string }) => label), ["AnnB"]);
});

Deno.test("an identity belongs to one account", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await new Wanderer(server).comesAs("ann");
  await server.hasAccount("bob");
  const bob = new Wanderer(server);
  await bob.signsIn("bob");
  equal(sentenceIn(await bob.links()), "This identity belongs to another account here.");
  deepEqual((await bob.calls("/me/identities")).json, []);
  equal(await bob.who(), "bob");
});

const REMOVED = [200, "Identity removed."];
const LAST = [409, "That is the only way in that you have. Add another one first."];

Deno.test("the last way in is not removed; another identity is one, and so is a password", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using other = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row() + other.row("club"));
  const ann = new Wanderer(server);
  await ann.comesAs("ann");
  deepEqual(await removesFirst(ann), LAST);
  equal(await ann.links({ by: "club" }), "/#linked=Club");
  deepEqual(await removesFirst(ann), REMOVED);
  deepEqual(await removesFirst(ann), LAST);
  equal((await ann.calls("/me/password", { json: { password: "battery staple" } })).status, 200);
  deepEqual(await removesFirst(ann), REMOVED);
});

Deno.test("a password is no way in where passwords let nobody in", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row(), "--password-login=off");
  const ann = new Wanderer(server);
  await ann.comesAs("ann");
  equal((await ann.calls("/me/password", { json: { password: "battery staple" } })).status, 200);
  deepEqual(await removesFirst(ann), LAST);
});

Deno.test("an identity of a provider that the operator has taken away is shown, and no way in", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  await ann.comesAs("ann");
  await using records = await recordsIn(server.dataDir);
  const account = await records.accounts.findByHandle("ann");
  await records.accounts.changeIdentities(account!.id, (identities) => [
    ...identities,
    { ...identities[0]!, issuer: "https://login.example:8443/realm" },
  ]);
  const { json } = await ann.calls("/me/identities");
  deepEqual(json.map(({ provider, title }: Record<string, string>) => [provider, title]), [
    ["corp", "Corp"],
    ["", "login.example:8443"],
  ]);
  deepEqual(await removesFirst(ann), LAST);
});

Deno.test("only a browser that is signed in, and was lately, adds an identity", async () => {
  const { now } = Date;
  let laterMs = 0;
  Date.now = () => now() + laterMs;
  try {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row());
    await server.hasAccount("ann");
    const token = await server.tokenOf("ann");
    equal((await call(server, "/me/identities/corp", { method: "POST", token })).status, 403);
    equal((await call(server, "/me/identities/corp", { method: "POST" })).status, 401);
    const ann = new Wanderer(server);
    await ann.signsIn("ann");
    equal((await ann.calls("/me/identities/nobody", { method: "POST" })).status, 404);
    laterMs = 12 * 3_600_000;
    equal((await ann.calls("/me/identities/corp", { method: "POST" })).status, 428);
  } finally {
    Date.now = now;
  }
});

Deno.test("a session that ends while its browser is at the provider links nothing", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await server.hasAccount("ann");
  const ann = new Wanderer(server);
  await ann.signsIn("ann");
  const { json: { url } } = await ann.calls("/me/identities/corp", { method: "POST" });
  const token = await server.tokenOf("ann");
  equal((await call(server, "/me/tokens", { method: "DELETE", token })).status, 200);
  equal(sentenceIn((await ann.goes(url)).page), "This token has been revoked.");
  deepEqual((await call(server, "/me/identities", { token: await server.tokenOf("ann") })).json, []);
});

Deno.test("a new log-in by an identity is told to the account's other connections", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const [terminal] = await server.members("ann");
  const ann = new Wanderer(server);
  await ann.signsIn("ann");
  await terminal.reads(/^New login from 127\.0\.0\.1 by .+\.$/);
  await ann.links();
  await new Wanderer(server).goes("/oauth/corp");
  await terminal.reads(/^New login from 127\.0\.0\.1 by .+\.$/);
});

Deno.test("the server tells anybody by whom one may come in, and how it takes passwords", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row(), "--require-mfa=admins");
  await new Wanderer(server).goes("/oauth/corp");
  const { json } = await call(server, "/server");
  deepEqual(json.providers, [{ name: "corp", title: "Corp", available: true }]);
  deepEqual([json.password_login, json.require_mfa], [true, "admins"]);
});

Deno.test("neither secrets nor codes nor tokens get into the log", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  const { way } = await ann.goes("/oauth/corp");
  issuer.lies = { nonce: "another" };
  await ann.goes("/oauth/corp");
  const log = server.logged.join("\n");
  match(log, /"somebody could not be signed in","provider":"corp","because":"/);
  const secrets = [
    /not for others/,
    /eyJ/,
    ...Array.from(new URL(way[2]!).searchParams.values(), (value) => new RegExp(RegExp.escape(value))),
  ].filter((secret) => !secret.test(issuer.url));
  for (const secret of secrets) equal(secret.test(log), false, String(secret));
});

async function switchesOnCodes(page: Wanderer): Promise<Authenticator> {
  const { json: { secret } } = await page.calls("/me/mfa", { method: "POST" });
  const app = new Authenticator(secret);
  const { status } = await page.calls("/me/mfa/confirm", { json: { code: app.shows({ steps: -1 }) } });
  equal(status, 200);
  return app;
}

/** Removes the identity that is listed first; answers the status, and what is said. */
async function removesFirst(page: Wanderer): Promise<[number, string]> {
  const { json: [first] } = await page.calls("/me/identities");
  const { status, json } = await page.calls(`/me/identities/${first.id}`, { method: "DELETE" });
  return [status, json.message];
}
