import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { lowestIdAt, timeOf } from "../../../server/chat/ids.ts";
import { Retention } from "../../../server/chat/retention.ts";
import { messageOf } from "../../suites/message_log.ts";
import { eventually } from "../../support/eventually.ts";
import { type OpenChat, openChat, settle, Visitor } from "./_chat.ts";
import { LogPruner } from "./_log_pruner.ts";

const DAY_MS = 86_400_000;

/** A retention over a chat, whose clock stands until it is moved. */
function openRetention(chat: OpenChat, keepDays: number | "forever") {
  const clock = { nowMs: Date.now() };
  const pruner = new LogPruner(chat.log);
  const settings = { keepDays };
  const forgot: unknown[] = [];
  const retention = new Retention({
    ...chat,
    pruner,
    settings,
    forgot: (what) => forgot.push(what),
    failed: (error) => forgot.push(error),
    now: () => clock.nowMs,
  });
  return { clock, pruner, settings, retention, forgot };
}

/** Says something in a room as if it had been so many days ago. */
async function saidDaysAgo(chat: OpenChat, room: string, days: number): Promise<void> {
  const id = lowestIdAt(new Date(Date.now() - days * DAY_MS)).slice(0, -1) + "1";
  await chat.log.append(messageOf(`${days} days old`, { id, room, at: timeOf(id) }));
}

async function textsIn(chat: OpenChat, room: string): Promise<string[]> {
  return (await chat.log.page(room, { limit: 100 })).messages.map(({ text }) => text);
}

Deno.test("what is older than it is kept is forgotten, and nothing else", async () => {
  // how long the server and the room keep messages, of 1, 5, 20 and 200 days: what is left
  const cases: readonly (readonly [number | "forever", number | undefined, string])[] = [
    [90, undefined, "20 5 1"],
    [10, undefined, "5 1"],
    [90, 10, "5 1"],
    [10, 90, "5 1"],
    ["forever", 10, "5 1"],
    ["forever", undefined, "200 20 5 1"],
    [1_000, undefined, "200 20 5 1"],
  ];
  for (const [server, room, left] of cases) {
    using chat = await openChat();
    const { retention } = openRetention(chat, server);
    await chat.hub.lobby.change((record) => ({ ...record, keepDays: room }));
    for (const days of [200, 20, 5, 1]) await saidDaysAgo(chat, "lobby", days);
    const { messages } = await retention.pass();
    const texts = await textsIn(chat, "lobby");
    deepEqual(texts, left.split(" ").map((days) => `${days} days old`), JSON.stringify([server, room]));
    equal(messages, 4 - texts.length);
  }
});

Deno.test("each room is kept for as long as it says", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  const [garden, ops] = [await bob.joins("garden"), await bob.joins("ops")];
  await garden.change((record) => ({ ...record, keepDays: 2 }));
  for (const room of ["lobby", garden.name, ops.name]) await saidDaysAgo(chat, room, 5);
  await openRetention(chat, 90).retention.pass();
  deepEqual(await Promise.all(["lobby", "garden", "ops"].map((room) => textsIn(chat, room))), [
    ["5 days old"],
    [],
    ["5 days old"],
  ]);
});

Deno.test("what is forgotten is neither shown to newcomers nor found", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  for (const text of ["old news", "new news"]) await bob.says(text);
  const [old] = chat.hub.lobby.recent;
  const { clock, retention } = openRetention(chat, 1);
  clock.nowMs = old!.at.getTime() + DAY_MS + 1;
  await bob.says("later news");
  const { messages } = await retention.pass();
  ok(messages >= 1);
  const shown = new Visitor(chat.hub, "ann4821").shownOnArrival;
  deepEqual(shown, (await textsIn(chat, "lobby")).map((text) => `Bob: ${text}`));
  const { messages: found } = await chat.archive.search(bob.member, "news", 10);
  deepEqual(found.map(({ text }) => text), await textsIn(chat, "lobby"));
});

Deno.test("what is said while a room's latest messages are read anew is among them once", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  await bob.says("one");
  const { page } = chat.log;
  let saying: Promise<unknown> | undefined;
  chat.log.page = async function (...asked) {
    const found = await page.apply(this, asked);
    saying = bob.says("two"); // it is not in what was found
    await saying;
    return found;
  };
  await chat.hub.lobby.refresh();
  deepEqual(chat.hub.lobby.recent.map(({ text }) => text), ["one", "two"]);
  chat.log.page = async function (...asked) {
    saying = bob.says("three");
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    return await page.apply(this, asked); // it may be in what was found, and be told only then
  };
  await chat.hub.lobby.refresh();
  await saying;
  deepEqual(chat.hub.lobby.recent.map(({ text }) => text), ["one", "two", "three"]);
});

Deno.test("private messages are looked through once a day, by what the server keeps", async () => {
  using chat = await openChat();
  const { clock, pruner, settings, retention } = openRetention(chat, 90);
  await chat.hub.lobby.change((record) => ({ ...record, keepDays: 1 }));
  const first = lowestIdAt(new Date(clock.nowMs - 90 * DAY_MS));
  equal((await retention.pass()).directs, 3);
  clock.nowMs += DAY_MS - 1;
  equal((await retention.pass()).directs, 0);
  clock.nowMs += 1;
  await retention.pass();
  deepEqual(pruner.directsBefore, [first, lowestIdAt(new Date(clock.nowMs - 90 * DAY_MS))]);
  settings.keepDays = "forever";
  clock.nowMs += DAY_MS;
  await retention.pass();
  equal(pruner.directsBefore.length, 2);
});

Deno.test("a room to which nobody belongs, and in which nothing was said, goes after a day", async () => {
  using chat = await openChat();
  const { hub, rooms } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  await bob.joins("garden");
  await bob.joins("talk");
  await bob.says("so there", "talk");
  await bob.parts("garden");
  await bob.parts("talk");
  await ann.joins("guests");
  await bob.joins("away");
  bob.leaves();
  await hub.places.settled();
  const { clock, retention } = openRetention(chat, 90);
  const names = () => Array.from(hub.rooms.all, ({ name }) => name).sort();
  equal((await retention.pass()).rooms, 0);
  clock.nowMs += DAY_MS - 1;
  equal((await retention.pass()).rooms, 0);
  clock.nowMs += 1;
  equal((await retention.pass()).rooms, 1);
  deepEqual(names(), ["away", "guests", "lobby", "talk"]);
  deepEqual((await Array.fromAsync(rooms.list())).map(({ name }) => name), ["away", "guests", "talk"]);
});

Deno.test("a room is not empty where somebody comes back within the day, or only listens", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob");
  await bob.joins("garden");
  const heard = await bob.joins("heard");
  await bob.parts("garden");
  await bob.parts("heard");
  const { clock, retention } = openRetention(chat, 90);
  await retention.pass();
  {
    using _listening = hub.distribution.watch({
      listener: bob,
      person: bob.member,
      rooms: [heard],
      directsOf: undefined,
    });
    clock.nowMs += DAY_MS / 2;
    await bob.joins("garden");
    clock.nowMs += DAY_MS / 2;
    equal((await retention.pass()).rooms, 0);
  }
  await bob.parts("garden");
  await retention.pass();
  clock.nowMs += DAY_MS - 1;
  equal((await retention.pass()).rooms, 0, "the day begins anew");
  clock.nowMs += 1;
  equal((await retention.pass()).rooms, 2);
});

Deno.test("whoever joins a room in the moment in which it goes is in the new one", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  const old = await bob.joins("garden");
  await bob.parts("garden");
  const { clock, retention } = openRetention(chat, 90);
  await retention.pass();
  clock.nowMs += DAY_MS;
  places.hold();
  const joining = carl.joins("garden");
  await settle();
  equal((await retention.pass()).rooms, 1);
  places.release();
  const garden = await joining;
  ok(garden !== old && garden === hub.rooms.find("garden"));
  deepEqual(garden.names, ["Carl"]);
  equal(garden.record.owner, "id of Carl");
});

Deno.test("invitations that nobody has used in time are forgotten", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  const garden = await bob.joins("garden");
  const { clock, retention } = openRetention(chat, 90);
  const invitation = (key: string, inMs: number) => ({ key, by: "Bob", until: new Date(clock.nowMs + inMs) });
  const invitations = [invitation("a", 0), invitation("b", 1), invitation("c", -DAY_MS)];
  await garden.change((record) => ({ ...record, invitations }));
  await retention.pass();
  deepEqual(garden.record.invitations.map(({ key }) => key), ["b"]);
});

Deno.test("passes are made one after the other, and what each has forgotten is told", async () => {
  using chat = await openChat();
  await saidDaysAgo(chat, "lobby", 100);
  const { retention, forgot, clock } = openRetention(chat, 90);
  {
    await using running = retention;
    running.run({ firstMs: 1, everyMs: 1 });
    await eventually("the first pass", () => forgot.length === 1);
    await saidDaysAgo(chat, "lobby", 100);
    clock.nowMs += DAY_MS;
    await eventually("a later pass", () => forgot.length === 2);
  }
  const told = forgot as { messages: number; directs: number; rooms: number; tookMs: number }[];
  deepEqual(told.map(({ messages, directs, rooms }) => [messages, directs, rooms]), [[1, 3, 0], [1, 3, 0]]);
  ok(told.every(({ tookMs }) => tookMs > 0));
});

Deno.test("when it is changed how long messages are kept, a pass over all begins soon", async () => {
  using chat = await openChat();
  await saidDaysAgo(chat, "lobby", 20);
  const { retention, settings, forgot, pruner } = openRetention(chat, 90);
  await using running = retention;
  running.run({ firstMs: 1, everyMs: 3_600_000 });
  await eventually("the first pass", () => forgot.length === 1);
  settings.keepDays = 10;
  retention.beginAgain();
  await eventually("the next pass", () => forgot.length === 2);
  deepEqual(await textsIn(chat, "lobby"), []);
  equal(pruner.directsBefore.length, 2, "private messages are looked through twice on one day");
});

Deno.test("what is kept shorter from the middle of a pass on goes with another pass", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  await bob.joins("garden");
  await saidDaysAgo(chat, "lobby", 20);
  await saidDaysAgo(chat, "garden", 100);
  const { retention, settings, pruner } = openRetention(chat, 90);
  pruner.onPart = () => {
    if (settings.keepDays !== 90) return;
    settings.keepDays = 10; // the lobby has been looked through by then
    retention.beginAgain();
  };
  await using running = retention;
  running.run({ firstMs: 1, everyMs: 3_600_000 });
  await eventually("both are gone", async () => {
    return (await textsIn(chat, "garden")).length + (await textsIn(chat, "lobby")).length === 0;
  });
});

Deno.test("a pass that the disk refuses is told, and the next one goes on", async () => {
  using chat = await openChat();
  await saidDaysAgo(chat, "lobby", 100);
  const { retention, forgot } = openRetention(chat, 90);
  chat.log.failing = true;
  await using running = retention;
  running.run({ firstMs: 1, everyMs: 1 });
  await eventually("the pass fails", () => forgot.length > 0);
  equal((forgot[0] as { code: string }).code, "not_stored");
  chat.log.failing = false;
  await eventually("the message is gone", async () => (await textsIn(chat, "lobby")).length === 0);
});

Deno.test("a pass ends soon when the server stops", async () => {
  using chat = await openChat();
  for (let days = 100; days < 120; days++) await saidDaysAgo(chat, "lobby", days);
  const { retention, pruner } = openRetention(chat, 90);
  let parts = 0;
  const begun = Promise.withResolvers<void>();
  pruner.onPart = () => {
    parts++;
    begun.resolve();
  };
  retention.run({ firstMs: 1 });
  await begun.promise;
  await retention[Symbol.asyncDispose]();
  ok(parts < 5, `${parts} parts`);
  equal(pruner.directsBefore.length, 0);
});
