import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { deedsSeenBy, signedIn } from "../support/admin_calls.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";
import { sentenceIn, Wanderer } from "../support/wanderer.ts";

const NOT_ALLOWED =
  "Not everybody may come in by Corp here, and it vouches for no address of yours that may.";

for (
  const [person, allowed] of [
    [{ email: "bob@example.org", email_verified: true }, true],
    [{ email: "BOB@Example.Org", email_verified: true }, true],
    [{ email: "ann@corp.example", email_verified: true }, true],
    [{ email: "bob@corp.example", email_verified: true }, false],
    [{ email: "bob@example.org", email_verified: false }, false],
    [{ email: "bob@example.org", email_verified: "true" }, false],
    [{ email: "bob@example.org" }, false],
    [{ email: "bob@sub.example.org", email_verified: true }, false],
    [{ email: "bob@notexample.org", email_verified: true }, false],
    [{ email: "bob@example.org.evil.example", email_verified: true }, false],
    [{ email: "bob@evil.example@example.org", email_verified: true }, false],
    [{ email: '"bob@example.org"@evil.example', email_verified: true }, false],
    [{ email: "bob@example.org\n", email_verified: true }, false],
    [{ email: "bob@examp\u217ce.org", email_verified: true }, false],
    [{ email: "ann@corp.e\u212Aample", email_verified: true }, false],
    [{ email: "@example.org", email_verified: true }, false],
    [{ email: ["bob@example.org"], email_verified: true }, false],
    [{ preferred_username: "bob@example.org" }, false],
    [{}, false],
  ] as [Record<string, unknown>, boolean][]
) {
  Deno.test(`the list lets ${JSON.stringify(person)} ${allowed ? "in" : "not in"}`, async () => {
    await using issuer = await ScriptedIssuer.open();
    const list = 'allow = ["@Example.org", "ann@corp.example"]\n';
    await using server = await serverWithProviders(issuer.row() + list);
    issuer.person = { sub: "1", ...person };
    const { page } = await new Wanderer(server).goes("/oauth/corp");
    if (allowed) equal(page, "/#sign-in=pending");
    else equal(sentenceIn(page), NOT_ALLOWED);
  });
}

Deno.test("the list counts at every log-in, and where an identity is linked", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(`${issuer.row()}allow = ["@example.org"]\n`);
  const inside = { sub: "1", email: "ann@example.org", email_verified: true };
  issuer.person = inside;
  await new Wanderer(server).comesAs("ann");
  issuer.person = { ...inside, email: "ann@else.example" };
  equal(sentenceIn((await new Wanderer(server).goes("/oauth/corp")).page), NOT_ALLOWED);
  await server.hasAccount("bob");
  const bob = new Wanderer(server);
  await bob.signsIn("bob");
  issuer.person = { sub: "2", email: "bob@else.example", email_verified: true };
  equal(sentenceIn(await bob.links()), NOT_ALLOWED);
  deepEqual((await bob.calls("/me/identities")).json, []);
});

for (
  const [claim, role] of [
    ["admin", "admin"],
    [["member", "moderator"], "moderator"],
    [["admin", "moderator", "member", "others"], "admin"],
    [["others"], "member"],
    [[], "member"],
    ["ADMIN", "member"],
    [undefined, "member"],
    [{ admin: true }, "member"],
    [[["admin"]], "member"],
    ["admin moderator", "member"],
  ] as const
) {
  Deno.test(`with the roles ${JSON.stringify(claim)} one is ${role}, from the first log-in on`, async () => {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(`${issuer.row()}role_claim = "groups"\n`);
    issuer.person = { ...issuer.person, groups: claim };
    const ann = new Wanderer(server);
    await ann.comesAs("ann");
    equal((await ann.calls("/session")).json.account.role, role);
  });
}

Deno.test("roles follow the provider at each log-in, which the audit trail tells; the last admin stays one", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(`${issuer.row()}role_claim = "groups"\n`);
  const roleWith = async (groups: string[]) => {
    issuer.person = { ...issuer.person, groups };
    const ann = new Wanderer(server);
    equal((await ann.goes("/oauth/corp")).page, "/");
    return (await ann.calls("/session")).json.account.role;
  };
  await new Wanderer(server).comesAs("ann");
  equal(await roleWith(["moderator"]), "moderator");
  equal(await roleWith(["admin"]), "admin");
  equal(await roleWith([]), "admin", "there is no other admin");
  const root = await signedIn(server);
  equal(await roleWith(["admin"]), "admin");
  equal(await roleWith([]), "member");
  const deeds = (await deedsSeenBy(root)).filter((deed) => deed.startsWith("oidc corp"));
  deepEqual(deeds, [
    "oidc corp | role | ann | member",
    "oidc corp | role | ann | admin",
    "oidc corp | role | ann | moderator",
  ]);
});

Deno.test("where the operator does not let roles go by the provider, they do not", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  issuer.person = { ...issuer.person, role: "admin", roles: ["admin"], groups: ["admin"] };
  const ann = new Wanderer(server);
  await ann.comesAs("ann");
  equal((await ann.calls("/session")).json.account.role, "member");
});

Deno.test("where sign-up is closed an identity makes no account, and those that there are come in", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row(), "--signup=closed");
  const { page } = await new Wanderer(server).goes("/oauth/corp");
  equal(sentenceIn(page), "Sign-up is closed here. Ask an admin of this server for an account.");
  await using records = await recordsIn(server.dataDir);
  await records.accounts.signUp({ username: "ann", name: "ann", password: "correct horse" });
  const ann = new Wanderer(server);
  await ann.signsIn("ann");
  await ann.links();
  const later = new Wanderer(server);
  equal((await later.goes("/oauth/corp")).page, "/");
  equal(await later.who(), "ann");
});

Deno.test("where sign-up is by invitation an identity needs one, and its role and room come with it", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row(), "--signup=invite");
  await using records = await recordsIn(server.dataDir);
  const by = { name: "operator", role: "admin" } as const;
  const { code } = await records.invitations.make(by, { role: "moderator", room: "dev", uses: 1, days: 1 });
  const ann = new Wanderer(server);
  await ann.goes("/oauth/corp");
  equal((await ann.calls("/session/pending")).json.asks_invitation, true);
  const tries = async (invitation?: string) => {
    const { status, json } = await ann.calls("/session/identity", { json: { name: "ann", invitation } });
    return [status, json.message];
  };
  deepEqual(await tries(), [403, "Sign-up is by invitation only here. Give the code of yours."]);
  deepEqual(await tries("BCDF-GHJK-MNPQ"), [
    403,
    "This invitation is not valid: it is used up, over or mistyped. Ask for another one.",
  ]);
  deepEqual(await tries(code), [200, undefined]);
  equal((await ann.calls("/session")).json.account.role, "moderator");
  const { json: rooms } = await ann.calls("/rooms");
  equal(rooms.some(({ name }: { name: string }) => name === "dev"), true);
  issuer.person = { sub: "bob" };
  const bob = new Wanderer(server);
  await bob.goes("/oauth/corp");
  equal((await bob.calls("/session/identity", { json: { name: "bob", invitation: code } })).status, 403);
});

Deno.test("an account that is disabled does not come in by an identity, nor one that is banned", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await new Wanderer(server).comesAs("ann");
  const root = await server.moderator("root");
  await root.types("/ban ann 1d spam");
  await root.reads(/ann/);
  const banned = new Wanderer(server);
  match(
    sentenceIn((await banned.goes("/oauth/corp")).page),
    /^You are banned from this server until .*: spam\.$/,
  );
  equal(await banned.who(), undefined);
  await using records = await recordsIn(server.dataDir);
  const account = await records.accounts.findByHandle("ann");
  await records.accounts.setDisabled(account!.id, true);
  const { page } = await new Wanderer(server).goes("/oauth/corp");
  equal(sentenceIn(page), "This account is disabled. Ask an admin of this server.");
});

Deno.test("a deleted account's identity is nobody's", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  await ann.comesAs("ann");
  equal((await ann.calls("/me", { method: "DELETE", json: {} })).status, 200);
  await new Wanderer(server).comesAs("annie");
});

Deno.test("one and the same person who chooses a name twice at once gets one account", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const browsers = [new Wanderer(server), new Wanderer(server)];
  for (const browser of browsers) await browser.goes("/oauth/corp");
  const names = browsers.map((browser, index) =>
    browser.calls("/session/identity", { json: { name: `ann${index}` } })
  );
  const statuses = (await Promise.all(names)).map(({ status }) => status).sort();
  deepEqual(statuses, [200, 400]);
  await using records = await recordsIn(server.dataDir);
  equal((await Array.fromAsync(records.accounts.list())).length, 1);
});
