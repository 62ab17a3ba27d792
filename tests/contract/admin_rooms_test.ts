import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { deedsSeenBy, signedIn } from "../support/admin_calls.ts";
import { call } from "../support/api.ts";
import { Bots, TIME } from "../support/bot.ts";
import { PageOf } from "../support/page_of.ts";
import type { Person } from "../support/person.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

Deno.test("rooms are listed with what holds in them, private ones as well, page by page", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  await meetIn("den", ann, bob);
  await ann.asks("/private on", /private now/);
  await bob.reads(/private now/);
  await ann.asks("/quiet on", /quiet now/);
  await bob.reads(/quiet now/);
  await ann.types("hi");
  await bob.reads("ann: hi");
  await bob.leaves();
  await ann.reads("bob has left the chat.");
  const { json: all } = await page.calls("/admin/api/rooms");
  const [den, lobby] = all.rooms;
  deepEqual([all.rooms.length, all.more], [2, false]);
  const { last_at, ...held } = den;
  deepEqual(held, {
    name: "den",
    topic: "",
    present: 1,
    members: 2,
    private: true,
    quiet: true,
    owner: "ann",
    keep_days: null,
  });
  equal(Date.parse(last_at) > Date.now() - 60_000, true);
  deepEqual([lobby.name, lobby.owner, lobby.last_at, lobby.present], ["lobby", null, null, 1]);
  const { json: first } = await page.calls("/admin/api/rooms?limit=1");
  deepEqual([first.rooms.length, first.more], [1, true]);
  const { json: rest } = await page.calls("/admin/api/rooms?limit=1&after=den");
  deepEqual([rest.rooms[0].name, rest.more], ["lobby", false]);

  await server.restart();
  const again = new PageOf(server);
  await again.signsIn("root");
  equal((await again.calls("/admin/api/rooms")).json.rooms[0].last_at, last_at);
});

Deno.test("what holds in a room is changed for those in it, who are told, and lands in the audit trail", async () => {
  await using server = await startServer("--keep=90", ...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  await meetIn("den", ann, bob);
  const json = { topic: "Tea\n& toast", private: true, quiet: true, keep_days: 7 };
  const { json: row } = await page.calls("/admin/api/rooms/den", { method: "PATCH", json });
  deepEqual([row.topic, row.private, row.quiet, row.keep_days], ["Tea& toast", true, true, 7]);
  for (const person of [ann, bob]) {
    await person.reads("root has set the topic of #den: Tea& toast");
    await person.reads("#den: the room is private now; /invite <name> lets somebody in.");
    await person.reads("#den: the room is quiet now: its staff speaks, others read.");
  }
  await bob.asks("hi", "#den is quiet: its staff speaks, others read.");
  await ann.asks("/keep", "Messages in #den are kept for 7 days.");
  deepEqual(await deedsSeenBy(page), [
    "root | keep | #den | 7d",
    "root | quiet | #den | on",
    "root | private | #den | on",
    "root | topic | #den | Tea& toast",
  ]);
  const again = await page.calls("/admin/api/rooms/den", { method: "PATCH", json });
  equal(again.status, 200);
  equal((await deedsSeenBy(page)).length, 4, "what is so already is not done again");
  const { json: back } = await page.calls("/admin/api/rooms/%23DEN", {
    method: "PATCH",
    json: { topic: "", private: false, keep_days: null },
  });
  deepEqual([back.topic, back.private, back.quiet, back.keep_days], ["", false, true, null]);
});

Deno.test("a change of a room is made as a whole or not at all", async () => {
  await using server = await startServer("--keep=90", ...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  await meetIn("den", ann, bob);
  for (
    const [room, json, status] of [
      ["den", { topic: "Tea", keep_days: 91 }, 400],
      ["lobby", { topic: "Tea", private: true }, 400],
      ["den", { topic: "Tea", keep_days: 0 }, 400],
      ["den", { topic: 5 }, 400],
      ["garden", { topic: "Tea" }, 404],
      ["a%20b", { topic: "Tea" }, 400],
    ] as const
  ) {
    const answer = await page.calls(`/admin/api/rooms/${room}`, { method: "PATCH", json });
    equal(answer.status, status, JSON.stringify([room, json]));
  }
  await ann.asks("/topic", "#den has no topic.");
  deepEqual(await deedsSeenBy(page), []);
});

Deno.test("a deleted room puts out those in it and takes its messages, bans and members along", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  await meetIn("den", ann, bob);
  await using bots = new Bots(server);
  const [bot] = await bots.guests("bot");
  await ann.readsUntil(`${bot.name} has joined the chat.`);
  await bob.readsUntil(`${bot.name} has joined the chat.`);
  await bot.asks({ type: "join", room: "den" });
  await ann.reads(`${bot.name} has joined #den.`);
  await bob.reads(`${bot.name} has joined #den.`);
  await ann.types("the roses are red");
  await bob.reads("ann: the roses are red");
  const token = await server.tokenOf("bob");
  await bob.readsOfLogin("Deno");
  const events = await server.http("/events?room=den", { headers: { authorization: `Bearer ${token}` } });
  const { status, json } = await page.calls("/admin/api/rooms/den", { method: "DELETE" });
  deepEqual([status, json.message], [200, "#den is deleted."]);
  await ann.readsUntil("#den: root has deleted the room.");
  await ann.reads("ann has left #den.");
  await bob.readsInTurn("#den: root has deleted the room.", "bob has left #den.");
  await bot.readsUntil({ type: "left", room: "den", name: bot.name, reason: "kicked", at: TIME });
  match(await events.text(), /#den was deleted\./);

  await ann.asks("/u", /^Users currently online \(3\)/); // in the lobby now
  await bob.asks("/search roses", "Nothing was found.");
  deepEqual((await page.calls("/admin/api/rooms")).json.rooms.map(({ name }: { name: string }) => name), [
    "lobby",
  ]);
  await bob.asks("/join #den", "You are in #den.", "Users currently online (1): bob");
  await bob.asks("/history", "Nothing was said there.");
  deepEqual(await deedsSeenBy(page), ["root | delete room | #den | "]);
  equal((await call(server, "/rooms/garden/messages", { token })).status, 404);
});

Deno.test("a deleted room stays so over a restart, for those as well who were away", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  await meetIn("den", ann, bob);
  await bob.leaves();
  await ann.reads("bob has left the chat.");
  await page.calls("/admin/api/rooms/den", { method: "DELETE" });
  await ann.readsInTurn("#den: root has deleted the room.", "ann has left #den.");
  await server.restart();
  const [back, other] = [await server.member("bob"), await server.member("ann")];
  await back.reads("ann has joined the chat.");
  await back.asks("/rooms", "Rooms (1):", /#lobby/);
  await other.asks("/join #den", "You are in #den.", "Users currently online (1): ann");
});

Deno.test("the lobby and rooms that are not there cannot be deleted", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const remove = async (room: string) => {
    const { status, json } = await page.calls(`/admin/api/rooms/${room}`, { method: "DELETE" });
    return [status, json.message];
  };
  deepEqual(await remove("lobby"), [400, "#lobby is open to all and stays so."]);
  deepEqual(await remove("den"), [404, "There is no room #den."]);
  equal((await remove("%00"))[0], 400);
  deepEqual(await deedsSeenBy(page), []);
});

/** All join a room one after the other, and read of each other. */
async function meetIn(room: string, ...people: Person[]): Promise<void> {
  for (const [index, person] of people.entries()) {
    await person.types(`/join #${room}`);
    await person.readsUntil(/^Users currently online/);
    for (const earlier of people.slice(0, index)) await earlier.reads(`${person.name} has joined #${room}.`);
  }
}
