import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { deedsSeenBy, idOf, signedIn } from "../support/admin_calls.ts";
import { Bots, TIME } from "../support/bot.ts";
import { eventually } from "../support/eventually.ts";
import { firstOf, PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

// deno-lint-ignore no-explicit-any
type Row = any;

Deno.test("each connection is listed with who came in by it, how, and what they do", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.hasAccount("ann");
  const ann = await server.member("ann");
  const [eve] = await server.guests("eve");
  await using bots = new Bots(server);
  const bot = await bots.connect("plain");
  await bot.comesIn({ type: "auth", token: await server.tokenOf("ann") });
  const tab = new PageOf(server);
  await tab.signsIn("root");
  const socket = tab.opens("/ws");
  await firstOf(socket);
  const stranger = await server.connect("tls");
  await stranger.readsUpTo("Enter your username: ");
  await ann.catchesUp();
  await ann.types("/join #den");
  await ann.readsUntil(/^Users currently online/);
  for (const text of ["one", "two"]) await ann.types(text);
  const listed = () => page.calls("/admin/api/connections");
  await eventually("both are kept", async () => (await listed()).json.connections.some(hasSaidTwo));

  const { json } = await listed();
  const account = await idOf(page, "ann");
  const rows = json.connections.map(shown).sort();
  deepEqual(
    rows,
    [
      ["", null, "guest", "", "TLS", "", 0],
      ["ann", account, "member", "password", "plain", "den", 2],
      ["ann", account, "member", "token", "plain, JSON", "lobby", 0],
      [eve.name, null, "guest", "guest name", "TLS", "lobby", 0],
      ["root", await idOf(page, "root"), "admin", "token", "WebSocket", "lobby", 0],
    ].sort(),
  );
  for (const row of json.connections) {
    match(row.since, TIME);
    deepEqual([row.address, row.tls, row.waiting_bytes], ["127.0.0.1", "", 0]);
  }
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

Deno.test("connections are listed page by page, and gone when they are", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const guests = await server.guests("a1", "b1", "c1", "d1", "e1");
  const names: string[] = [];
  for (let after = "", more = true; more;) {
    const { json } = await page.calls(`/admin/api/connections?limit=2&after=${after}`);
    names.push(...json.connections.map(({ name }: Row) => name));
    more = json.more;
    after = json.connections.at(-1).id;
  }
  deepEqual(names.sort(), guests.map(({ name }) => name).sort());
  for (const guest of guests) await guest.leaves();
  deepEqual((await page.calls("/admin/api/connections")).json.connections, []);
});

Deno.test("a connection is ended with a last sentence, and the others of the same person are not", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.hasAccount("ann");
  const [first, second] = [await server.member("ann"), await server.member("ann")];
  await first.readsOfLogin();
  await second.asks("/join #den", "You are in #den.", /^Users/);
  await first.reads("ann has joined #den.");
  const { json } = await page.calls("/admin/api/connections");
  const row = json.connections.find(({ room }: Row) => room === "den");
  const { status, json: answer } = await page.calls(`/admin/api/connections/${row.id}`, {
    method: "DELETE",
    json: { sentence: "Back in\x07 five minutes." },
  });
  deepEqual([status, answer.message], [200, "ann is disconnected."]);
  match(await second.readsToTheEnd(), /^Back in five minutes\.\n$/);
  await first.asks("/ping", "Pong.");
  const again = await page.calls(`/admin/api/connections/${row.id}`, { method: "DELETE", json: {} });
  deepEqual([again.status, again.json.message], [404, "This connection has ended already."]);
  deepEqual(await deedsSeenBy(page), ["root | disconnect | ann | Back in five minutes."]);
});

Deno.test("without a sentence it is said who has done it, also to somebody at the entrance", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const stranger = await server.connect();
  await stranger.readsUpTo("Enter your username: ");
  const { json } = await page.calls("/admin/api/connections");
  await page.calls(`/admin/api/connections/${json.connections[0].id}`, { method: "DELETE" });
  equal(await stranger.readsToTheEnd(), "You were disconnected by root.\n");
  deepEqual(await deedsSeenBy(page), ["root | disconnect | 127.0.0.1 | "]);
});

Deno.test("moderators end the connections of those below them and their own, and no others", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server, { name: "mo", role: "moderator" });
  await signedIn(server);
  await signedIn(server, { name: "max", role: "moderator" });
  await server.hasAccount("ann");
  const [mo, ann] = [await server.member("mo"), await server.member("ann")];
  for (const name of ["root", "max"]) await server.member(name);
  const { json } = await page.calls("/admin/api/connections");
  const statusOf = async (name: string) => {
    const { id } = json.connections.find((row: Row) => row.name === name);
    return (await page.calls(`/admin/api/connections/${id}`, { method: "DELETE", json: {} })).status;
  };
  deepEqual([await statusOf("root"), await statusOf("max")], [403, 403]);
  deepEqual([await statusOf("ann"), await statusOf("mo")], [200, 200]);
  match(await ann.readsToTheEnd(), /You were disconnected by mo\.\n$/);
  match(await mo.readsToTheEnd(), /You were disconnected by mo\.\n$/);
});

function hasSaidTwo({ messages }: Row): boolean {
  return messages === 2;
}

function shown({ name, account, role, by, how, room, messages }: Row): unknown[] {
  return [name, account, role, by, how, room, messages];
}
