import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { Tokens } from "../../server/accounts/tokens.ts";
import { recordsIn } from "../../server/cli/records.ts";
import { KvTokenStore } from "../../server/store/tokens.ts";
import { idOf, signedIn } from "../support/admin_calls.ts";
import { call } from "../support/api.ts";
import { LiveViewer } from "../support/live_viewer.ts";
import { PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const LIVE = "/admin/api/live";

Deno.test("an admin sees the status each second, and the connections come, change and go", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann] = await server.guests("ann");
  await using viewer = new LiveViewer(page.opens(LIVE));
  await viewer.sees("the one who is there", ({ names }) => names.join() === ann.name);
  deepEqual(viewer.messages.filter((message) => message.type === "connections" && message.reset).length, 1);
  await viewer.sees("three statuses", ({ statuses }) => statuses.length >= 3);
  const [first, second] = viewer.statuses;
  ok(Date.parse(second!.at) - Date.parse(first!.at) > 100);
  equal(first!.version, (await call(server, "/healthz")).json.version);

  const bob = await server.connect();
  await bob.comesInAs("bob");
  await viewer.sees("who comes", ({ names }) => names.join() === [ann.name, bob.name].sort().join());
  await bob.types("hello");
  await viewer.sees("what is said", ({ rows }) => [...rows.values()].some(({ messages }) => messages === 1));
  await bob.leaves();
  await viewer.sees("who goes", ({ names }) => names.join() === ann.name);
  const resets = viewer.messages.filter((message) => message.type === "connections" && message.reset);
  equal(resets.length, 1, "only changes are told after the beginning");
});

Deno.test("nothing is told of connections where nothing changes", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.guests("ann", "bob");
  await using viewer = new LiveViewer(page.opens(LIVE));
  await viewer.sees("three statuses", ({ statuses }) => statuses.length >= 3);
  equal(viewer.messages.filter(({ type }) => type === "connections").length, 1);
});

Deno.test("two who look see the same, and one who comes later sees all that is there", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await using one = new LiveViewer(page.opens(LIVE));
  const [ann, bob] = await server.guests("ann", "bob");
  await one.sees("both", ({ names }) => names.length === 2);
  await using other = new LiveViewer(page.opens(LIVE));
  await other.sees("both", ({ names }) => names.length === 2);
  await ann.leaves();
  for (const viewer of [one, other]) {
    await viewer.sees("who is left", ({ names }) => names.join() === bob.name);
  }
});

Deno.test("many connections are told in several messages, none of them long", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  for (let batch = 0; batch < 21; batch++) {
    const people = await Promise.all(Array.from({ length: 50 }, () => server.connect("plain")));
    await Promise.all(people.map((person) => person.readsUpTo("Enter your username: ")));
  }
  await using viewer = new LiveViewer(page.opens(LIVE));
  await viewer.sees("all of them", ({ rows }) => rows.size === 1_050);
  const told = viewer.messages.filter((message) => message.type === "connections");
  deepEqual(told.map(({ reset, changed }) => [reset, changed.length]), [[true, 1_000], [false, 50]]);
});

Deno.test("a moderator sees the connections and nothing of the status", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server, { name: "mo", role: "moderator" });
  await using viewer = new LiveViewer(page.opens(LIVE));
  const [ann] = await server.guests("ann");
  await viewer.sees("who comes", ({ names }) => names.join() === ann.name);
  await ann.leaves();
  await viewer.sees("who goes", ({ names }) => names.length === 0);
  deepEqual(viewer.statuses, []);
});

Deno.test("nobody else may look, and is told why by how the WebSocket is closed", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const member = await signedIn(server, { name: "ann", role: "member" });
  const cases = [
    [new PageOf(server), {}, 4401, /^This call needs an access token/],
    [new PageOf(server), { authorization: "Bearer nonsense" }, 4401, /^This token is not valid\./],
    [new PageOf(server), { authorization: `Bearer ${await server.tokenOf("root")}` }, 4403, /scope is chat/],
    [member, {}, 4403, /^You may not do that\./],
  ] as const;
  for (const [who, headers, code, reason] of cases) {
    const closed = await new LiveViewer(who.opens(LIVE, headers)).closed;
    equal(closed.code, code);
    match(closed.reason, reason);
  }
  const foreign = await new LiveViewer(page.opens(LIVE, { origin: "https://evil.example" })).closed;
  ok(foreign.code < 4000, "it is not even opened");
  equal((await call(server, LIVE, { token: await server.tokenOf("root") })).status, 426);
});

Deno.test("long after the password was given it is wanted again, before and while one looks", async () => {
  await using server = await startServer(...UNLIMITED);
  await signedIn(server);
  const page = new PageOf(server);
  const stale = await issuedAgo(server, 12 * 3_600_000 + 1);
  deepEqual(await new LiveViewer(page.opens(LIVE, { cookie: stale })).closed, {
    code: 4428,
    reason: "Give your password once more to go on.",
  });
  const about = await issuedAgo(server, 12 * 3_600_000 - 2_000); // to go stale in two seconds
  const viewer = new LiveViewer(page.opens(LIVE, { cookie: about }));
  await viewer.sees("something", ({ messages }) => messages.length > 0);
  equal((await viewer.closed).code, 4428);
});

for (
  const [what, end, code, reason] of [
    [
      "whose token is revoked",
      (page: PageOf) => page.calls("/session", { method: "DELETE" }),
      4401,
      /revoked/,
    ],
    [
      "whose role is taken",
      (_: PageOf, server: TestServer) => server.hasRole("ann", "member"),
      4403,
      /^You may not do that\.$/,
    ],
    [
      "who is shut out",
      (_: PageOf, server: TestServer) => shutOut(server),
      4401,
      /revoked|disabled/,
    ],
    ["who is deleted", (page: PageOf) => page.calls("/me", { method: "DELETE", json: {} }), 4403, /./],
  ] as const
) {
  Deno.test(`somebody ${what} looks on for two seconds at most`, async () => {
    await using server = await startServer(...UNLIMITED);
    await signedIn(server);
    const page = await signedIn(server, { name: "ann" });
    const viewer = new LiveViewer(page.opens(LIVE));
    await viewer.sees("something", ({ messages }) => messages.length > 0);
    await end(page, server);
    const beganMs = performance.now();
    const closed = await viewer.closed;
    ok(performance.now() - beganMs < 2_500, `${performance.now() - beganMs} ms`);
    match(closed.reason, reason);
    ok([code, 4401, 4403].includes(closed.code), String(closed.code));
  });
}

Deno.test("a moderator who is banned looks on no more, and reads as much of why as a WebSocket may say", async () => {
  await using server = await startServer(...UNLIMITED);
  const root = await signedIn(server);
  const page = await signedIn(server, { name: "mo", role: "moderator" });
  const viewer = new LiveViewer(page.opens(LIVE));
  await viewer.sees("something", ({ messages }) => messages.length > 0);
  const reason = "ü".repeat(200);
  await root.calls("/admin/api/bans", { json: { kind: "ban", target: "mo", reason } });
  const closed = await viewer.closed;
  equal(closed.code, 4403);
  match(closed.reason, /^You are banned from this server: ü{40,45}$/);
});

Deno.test("an admin who becomes a moderator goes on without the status", async () => {
  await using server = await startServer(...UNLIMITED);
  await signedIn(server);
  const page = await signedIn(server, { name: "ann" });
  await using viewer = new LiveViewer(page.opens(LIVE));
  await viewer.sees("a status", ({ statuses }) => statuses.length > 0);
  await server.hasRole("ann", "moderator");
  await using root = new LiveViewer((await signedInAgain(server)).opens(LIVE));
  await root.sees("a few statuses", ({ statuses }) => statuses.length >= 3);
  const before = viewer.statuses.length;
  await root.sees("some more", ({ statuses }) => statuses.length >= 6);
  equal(viewer.statuses.length, before);
});

Deno.test("whoever says something is not listened to", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const viewer = new LiveViewer(page.opens(LIVE));
  await viewer.sees("something", ({ messages }) => messages.length > 0);
  viewer.says("hello");
  deepEqual(await viewer.closed, {
    code: 1003,
    reason: "This WebSocket only tells, and takes no messages.",
  });
});

Deno.test("one account looks from so many pages and no more, and others find room", async () => {
  await using server = await startServer(...UNLIMITED);
  const [page, other] = [await signedIn(server), await signedIn(server, { name: "ann" })];
  const viewers = Array.from({ length: 8 }, () => new LiveViewer(page.opens(LIVE)));
  for (const viewer of viewers) await viewer.sees("something", ({ messages }) => messages.length > 0);
  const closed = await new LiveViewer(page.opens(LIVE)).closed;
  deepEqual(closed, { code: 1013, reason: "Too many admin pages are open; close one of them." });
  await using guest = new LiveViewer(other.opens(LIVE));
  await guest.sees("something", ({ messages }) => messages.length > 0);
  for (const viewer of viewers) await viewer[Symbol.asyncDispose]();
  await using again = new LiveViewer(page.opens(LIVE));
  await again.sees("something", ({ messages }) => messages.length > 0);
});

Deno.test("those who look are told when the server stops", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const viewer = new LiveViewer(page.opens(LIVE));
  await viewer.sees("something", ({ messages }) => messages.length > 0);
  const beganMs = performance.now();
  await server.parley.stop();
  deepEqual(await viewer.closed, { code: 1001, reason: "Server is shutting down." });
  ok(performance.now() - beganMs < 3_000);
});

/** A cookie with a browser's token of root's that was issued so long ago. */
async function issuedAgo(server: TestServer, ms: number): Promise<string> {
  await using records = await recordsIn(server.dataDir);
  const { id } = (await records.accounts.findByHandle("root"))!;
  const store = new KvTokenStore(records.database, records.changes);
  const then = await Tokens.open(store, () => Date.now() - ms);
  const { jwt } = await then.issue(id, { days: 30, label: "web page", scope: "admin" });
  return `__Host-parley-${server.parley.addresses.http!.port}=${jwt}`;
}

async function shutOut(server: TestServer): Promise<void> {
  const root = await signedInAgain(server);
  const id = await idOf(root, "ann");
  await root.calls(`/admin/api/people/${id}`, { method: "PATCH", json: { disabled: true } });
}

async function signedInAgain(server: TestServer): Promise<PageOf> {
  const page = new PageOf(server);
  await page.signsIn("root");
  return page;
}
