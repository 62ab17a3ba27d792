import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { Tokens } from "../../server/accounts/tokens.ts";
import { recordsIn } from "../../server/cli/records.ts";
import type { JsonRoute } from "../../server/http/route.ts";
import { routes } from "../../server/http/routes/table.ts";
import { KvTokenStore } from "../../server/store/tokens.ts";
import { deedsSeenBy, signedIn } from "../support/admin_calls.ts";
import { call } from "../support/api.ts";
import { PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

/** All calls of the admin page but the WebSocket. */
const calls = routes.filter((route) => route.path.startsWith("/admin/api/") && "run" in route) as JsonRoute[];

Deno.test("no call is for those without a token, for members, or for a token that is good for chatting alone", async () => {
  await using server = await startServer(...UNLIMITED);
  await signedIn(server);
  const member = await signedIn(server, { name: "ann", role: "member" });
  const token = await server.tokenOf("root");
  for (const route of calls) {
    const { method, example } = route;
    const path = pathOf(route);
    const asked = { method, ...example?.body === undefined ? {} : { json: example.body } };
    equal((await call(server, path, asked)).status, 401, `${method} ${path}`);
    const answer = await member.calls(path, asked);
    deepEqual([answer.status, answer.json.message], [403, "You may not do that."], `${method} ${path}`);
    const narrow = await call(server, path, { ...asked, token });
    deepEqual(
      [narrow.status, narrow.json.message],
      [403, "This token is for something else; its scope is chat."],
    );
  }
});

Deno.test("moderators may look at connections, end some, ban and announce, and no more", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server, { name: "mo", role: "moderator" });
  const allowed: string[] = [];
  for (const route of calls) {
    const { method, example } = route;
    const json = example?.body;
    const { status } = await page.calls(pathOf(route), { method, ...json === undefined ? {} : { json } });
    if (status !== 403) allowed.push(`${method} ${route.path.replace("/admin/api", "")}`);
  }
  deepEqual(allowed.sort(), [
    "DELETE /bans/:id",
    "DELETE /connections/:id",
    "GET /bans",
    "GET /connections",
    "POST /announce",
    "POST /bans",
  ]);
});

Deno.test("twelve hours after the password was given, a browser is asked for it again and a program is not", async () => {
  await using server = await startServer(...UNLIMITED);
  await signedIn(server);
  const jwt = await issuedHoursAgo(server.dataDir, 13);
  const cookie = `__Host-parley-${server.parley.addresses.http!.port}=${jwt}`;
  const page = new PageOf(server);
  const headers = { cookie };
  const { status, json } = await page.calls("/admin/api/status", { headers });
  deepEqual([status, json.message], [428, "Give your password once more to go on."]);
  equal((await call(server, "/admin/api/status", { token: jwt })).status, 200);
  await page.calls("/session/confirm", { json: { password: "correct horse" }, headers });
  equal((await page.calls("/admin/api/status", { headers })).status, 200);
});

Deno.test("whoever is no admin any more may do no more, and whoever is shut out neither", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  equal((await page.calls("/admin/api/rooms")).status, 200);
  await server.hasRole("root", "moderator");
  equal((await page.calls("/admin/api/rooms")).status, 403);
  equal((await page.calls("/admin/api/bans")).status, 200);
  await using records = await recordsIn(server.dataDir);
  const { id } = (await records.accounts.findByHandle("root"))!;
  await records.accounts.setDisabled(id, true);
  equal((await page.calls("/admin/api/bans")).status, 403);
});

Deno.test("the status says how the server is doing, where it listens and what is in force", async () => {
  await using server = await startServer("--plain=off", ...UNLIMITED);
  const page = await signedIn(server);
  const [bob] = await server.guests("bob");
  await bob.types("hi");
  const { addresses, certificate } = server.parley;
  const { json } = await page.calls("/admin/api/status");
  equal(json.type, "status");
  deepEqual(
    json.listeners,
    (["tls", "https", "http"] as const).map((name) => ({
      name,
      address: `127.0.0.1:${addresses[name]!.port}`,
    })),
  );
  const daysLeft = Math.floor((certificate.expiresAt.getTime() - Date.now()) / 86_400_000);
  deepEqual(json.certificate, {
    subject: certificate.subject,
    fingerprint: certificate.fingerprint,
    expires_at: certificate.expiresAt.toISOString(),
    days_left: daysLeft,
    self_signed: true,
  });
  deepEqual([json.last_backup, json.lockdown], [null, null]);
  ok(Date.parse(json.started_at) <= Date.parse(json.at));
  ok(json.now.memory_bytes > 0 && json.now.database_bytes > 0);
  const { json: samples } = await page.calls("/admin/api/samples");
  equal(samples.every_seconds, 10);
});

Deno.test("an announcement reaches everybody and lands in the audit trail", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server, { name: "mo", role: "moderator" });
  const root = await signedIn(server);
  const [bob] = await server.guests("bob");
  const { status } = await page.calls("/admin/api/announce", { json: { text: "Tea\x1b[31m\nat five." } });
  equal(status, 200);
  await bob.reads(/Tea\[31m at five\.$/);
  deepEqual(await deedsSeenBy(root), ["mo | announce |  | Tea[31m at five."]);
  for (const text of ["", "\x07", "x".repeat(5_000)]) {
    ok((await page.calls("/admin/api/announce", { json: { text } })).status >= 400, text.slice(0, 9));
  }
  await bob.asks("/ping", "Pong.");
});

Deno.test("a lockdown for accounts only sends guests away and lets nobody in, until it is ended", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann] = await server.members("ann");
  const [bob] = await server.guests("bob");
  await ann.reads(`${bob.name} has joined the chat.`);
  const { json } = await page.calls("/admin/api/lockdown", {
    method: "PUT",
    json: { mode: "accounts-only", minutes: 30 },
  });
  equal(json.lockdown.mode, "accounts-only");
  equal(json.lockdown.by, "root");
  equal(Math.round((Date.parse(json.lockdown.until) - Date.now()) / 60_000), 30);
  await ann.reads(/Lockdown by root until .* UTC: accounts-only\.$/);
  match(await bob.readsToTheEnd(), /Only accounts are admitted for now; come again later\.\n$/);
  await ann.reads(`${bob.name} has left the chat.`);
  const guest = await server.connect();
  await guest.readsUpTo("Enter your username: ");
  await guest.types("carl");
  await guest.reads(/^Guests are not admitted until/);
  deepEqual((await page.calls("/admin/api/lockdown")).json, json);
  deepEqual((await page.calls("/admin/api/status")).json.lockdown, json.lockdown);

  deepEqual((await page.calls("/admin/api/lockdown", { method: "DELETE" })).json, { lockdown: null });
  await ann.reads(/The lockdown is over\.$/);
  equal((await page.calls("/admin/api/lockdown")).json.lockdown, null);
  const again = await page.calls("/admin/api/lockdown", { method: "DELETE" });
  equal(again.json.message, "There is no lockdown.");
  const [second, first] = await deedsSeenBy(page);
  equal(second, "root | reopen |  | ");
  match(first!, /^root \| lockdown \| {2}\| accounts-only \(until /);
});

Deno.test("a lockdown that is none is refused, and changes nothing", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  for (
    const json of [
      { mode: "closed", minutes: 5 },
      { mode: "read-only", minutes: 0 },
      { mode: "read-only", minutes: 1.5 },
      { mode: "read-only", minutes: 20_000 },
      { mode: "read-only" },
    ]
  ) {
    const { status } = await page.calls("/admin/api/lockdown", { method: "PUT", json });
    equal(status, 400, JSON.stringify(json));
  }
  equal((await page.calls("/admin/api/lockdown")).json.lockdown, null);
  deepEqual(await deedsSeenBy(page), []);
});

function pathOf({ path, example }: JsonRoute): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(example?.params?.[name] ?? ""));
}

/** A browser's token of root's that was issued so long ago. */
async function issuedHoursAgo(dataDir: string, hours: number): Promise<string> {
  await using records = await recordsIn(dataDir);
  const { id } = (await records.accounts.findByHandle("root"))!;
  const store = new KvTokenStore(records.database, records.changes);
  const then = await Tokens.open(store, () => Date.now() - hours * 3_600_000);
  return (await then.issue(id, { days: 30, label: "web page", scope: "admin" })).jwt;
}
