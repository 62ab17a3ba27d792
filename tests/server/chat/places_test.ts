import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { Message } from "../../../server/chat/event.ts";
import type { Place } from "../../../server/chat/place_store.ts";
import { notStored } from "../../../server/refusals.ts";
import type { MemoryPlaces } from "../../support/memory_places.ts";
import { type OpenChat, openChat, settle, Visitor } from "./_chat.ts";

const BOB = "id of Bob";

Deno.test("what was told while somebody was here is read", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  for (const visitor of [bob, carl]) await visitor.joins("garden");
  const [inLobby, inGarden] = [await carl.says("hi"), await carl.says("hi", "garden")];
  bob.leaves();
  await hub.places.settled();
  deepEqual(await marksOf(places), { lobby: inLobby.id, garden: inGarden.id });
  const again = await Visitor.returns(hub, "Bob");
  deepEqual(await chat.archive.missedBy(again.member), []);
});

Deno.test("what is said while somebody is away is not read, in each room for itself", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  const { carl, last } = await withBobAway(chat);
  await carl.says("missed", "garden");
  const again = await Visitor.returns(hub, "Bob");
  again.leaves();
  await hub.places.settled();
  deepEqual(await marksOf(places), { lobby: last.lobby.id, garden: last.garden.id });
});

Deno.test("what was offered and not read stays so, however often somebody comes and goes", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const { carl } = await withBobAway(chat);
  for (const text of ["one", "two"]) await carl.says(text, "garden");
  for (let time = 1; time <= 3; time++) {
    const bob = await Visitor.returns(hub, "Bob");
    const missed = await archive.missedBy(bob.member);
    deepEqual(missed.map(({ room, count }) => [room, count]), [["garden", 2]], `time ${time}`);
    bob.leaves();
  }
  using next = await chat.openAgain();
  const bob = await Visitor.returns(next.hub, "Bob");
  equal((await next.archive.missedBy(bob.member))[0]!.count, 2);
});

Deno.test("since when something was missed is when there was last nothing left to read", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const { carl } = await withBobAway(chat);
  const away = (await hub.places.find(BOB))!.rooms.get("garden")!.at;
  await carl.says("one", "garden");
  for (let time = 1; time <= 2; time++) {
    await settle();
    const bob = await Visitor.returns(hub, "Bob");
    deepEqual((await archive.missedBy(bob.member))[0]!.since, away, `time ${time}`);
    bob.leaves();
  }
});

Deno.test("what was shown is read, whichever way", async () => {
  const ways: [how: string, read: (chat: OpenChat, bob: Visitor) => Promise<unknown>][] = [
    ["/missed", ({ archive }, bob) => archive.readMissed(bob.member)],
    ["/history", ({ archive }, bob) => archive.ofRoom(bob.member, "garden", { limit: 1 })],
  ];
  for (const [how, read] of ways) {
    using chat = await openChat();
    const { carl } = await withBobAway(chat);
    for (const text of ["one", "two"]) await carl.says(text, "garden");
    const bob = await Visitor.returns(chat.hub, "Bob");
    await read(chat, bob);
    bob.leaves();
    const again = await Visitor.returns(chat.hub, "Bob");
    deepEqual(await chat.archive.missedBy(again.member), [], how);
  }
});

Deno.test("of what was missed that part is read which was shown", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const { carl, last } = await withBobAway(chat);
  const missed: Message[] = [];
  for (let index = 0; index < 5; index++) missed.push(await carl.says(`${index}`, "garden"));
  const bob = await Visitor.returns(hub, "Bob");
  await archive.ofRoom(bob.member, "garden", { after: last.garden.id, limit: 2 });
  bob.leaves();
  const again = await Visitor.returns(hub, "Bob");
  const [left] = await archive.missedBy(again.member);
  deepEqual([left!.count, left!.after], [3, missed[1]!.id]);
});

Deno.test("who joins a room has missed nothing that was said in it before", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  await carl.joins("garden");
  await carl.says("before", "garden");
  await bob.joins("garden");
  bob.leaves();
  const again = await Visitor.returns(hub, "Bob");
  deepEqual(await archive.missedBy(again.member), []);
  equal(again.member.isIn("garden"), true);
});

Deno.test("who has never been here has missed nothing", async () => {
  using chat = await openChat();
  await new Visitor(chat.hub, "Carl").says("before");
  equal(await chat.hub.places.find(BOB), undefined);
  const bob = await Visitor.returns(chat.hub, "Bob");
  deepEqual(await chat.archive.missedBy(bob.member), []);
  deepEqual([...await chat.hub.places.roomsOf(BOB)], ["lobby"]);
});

Deno.test("guests have no place", async () => {
  using chat = await openChat();
  const eve = new Visitor(chat.hub, "eve4821");
  await eve.joins("garden");
  chat.hub.places.keepAll(chat.hub.roster.members);
  eve.leaves();
  await chat.hub.places.settled();
  deepEqual(await Array.fromAsync(chat.places.list()), []);
});

Deno.test("now and then those are kept who have read on, and nobody else", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const written = watchWrites(chat.places);
  const [bob, carl, dora] = ["Bob", "Carl", "Dora"].map((name) => new Visitor(hub, name));
  for (const visitor of [bob!, carl!]) await visitor.joins("garden");
  const keep = async () => {
    written.length = 0;
    hub.places.keepAll(hub.roster.members);
    await hub.places.settled();
    return written.flat();
  };
  deepEqual(await keep(), ["id of Dora"], "the others were kept as they joined");
  deepEqual(await keep(), []);
  await carl!.says("hi", "garden");
  deepEqual(await keep(), ["id of Bob", "id of Carl"]);
  deepEqual(await keep(), []);
  await bob!.says("hi");
  deepEqual(await keep(), ["id of Bob", "id of Carl", "id of Dora"]);
  dora!.leaves();
  deepEqual(await keep(), ["id of Dora"], "who goes is kept at once");
  deepEqual(await keep(), []);
});

Deno.test("who is kept now and then is back there after a crash", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  await bob.joins("garden");
  await carl.says("read");
  hub.places.keepAll(hub.roster.members);
  await hub.places.settled();
  await carl.says("read, but not kept");
  using next = await chat.openAgain();
  const again = await Visitor.returns(next.hub, "Bob");
  const missed = await next.archive.missedBy(again.member);
  deepEqual(missed.map(({ room, count }) => [room, count]), [["lobby", 1]]);
  equal(again.member.isIn("garden"), true);
});

Deno.test("what could not be kept now and then is told, and kept the next time", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  const bob = new Visitor(hub, "Bob");
  const { id } = await bob.says("hi");
  places.failing = true;
  hub.places.keepAll(hub.roster.members);
  await hub.places.settled();
  deepEqual(chat.failures, [notStored()]);
  places.failing = false;
  hub.places.keepAll(hub.roster.members);
  await hub.places.settled();
  deepEqual(await marksOf(places), { lobby: id });
});

Deno.test("who comes back while the place is still being kept finds it", async () => {
  using chat = await openChat();
  const { hub, places, archive } = chat;
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  await bob.joins("garden");
  const { id } = await carl.says("told");
  places.hold();
  bob.leaves();
  await carl.says("missed");
  const again = await Visitor.returns(hub, "Bob");
  deepEqual([...again.member.seats.keys()], ["lobby", "garden"]);
  deepEqual((await archive.missedBy(again.member)).map(({ after, count }) => [after, count]), [[id, 1]]);
  again.leaves();
  places.release();
  await hub.places.settled();
  deepEqual(Object.keys(await marksOf(places)), ["lobby", "garden"]);
});

Deno.test("who comes back although the place could not be kept finds it", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  const bob = new Visitor(hub, "Bob");
  await bob.joins("garden");
  await bob.joins("attic");
  places.failing = true;
  bob.leaves();
  await hub.places.settled();
  deepEqual(chat.failures, [notStored()]);
  const again = await Visitor.returns(hub, "Bob");
  deepEqual([...again.member.seats.keys()], ["lobby", "garden", "attic"]);
});

Deno.test("all that leave at once are kept, in few writes", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  const written = watchWrites(places);
  const visitors = ["Bob", "Carl", "Dora"].map((name) => new Visitor(hub, name));
  for (const visitor of visitors) visitor.leaves();
  await hub.places.settled();
  deepEqual(written.flat().toSorted(), ["id of Bob", "id of Carl", "id of Dora"]);
  equal(written.length <= 2, true);
});

Deno.test("the rooms of an account are known, be it here or away", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob");
  await bob.joins("garden");
  deepEqual([...await hub.places.roomsOf(BOB)], ["lobby", "garden"]);
  bob.leaves();
  deepEqual([...await hub.places.roomsOf(BOB)], ["lobby", "garden"]);
  await hub.places.settled();
  deepEqual([...await hub.places.roomsOf(BOB)], ["lobby", "garden"]);
});

Deno.test("a joining or leaving that could not be kept is in nobody's memory", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  const bob = new Visitor(hub, "Bob");
  await bob.joins("garden");
  places.failing = true;
  await rejects(bob.joins("attic"), notStored());
  deepEqual([...await hub.places.roomsOf(BOB)], ["lobby", "garden"]);
  await rejects(bob.parts("garden"), notStored());
  deepEqual([...await hub.places.roomsOf(BOB)], ["lobby", "garden"]);
});

Deno.test("a room is taken away from an account that is not here", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  await withBobAway(chat);
  places.failing = true;
  await rejects(hub.places.takeAway(BOB, "garden"), notStored());
  places.failing = false;
  deepEqual([...await hub.places.roomsOf(BOB)], ["lobby", "garden"], "and not where that cannot be kept");
  equal(await hub.places.takeAway(BOB, "garden"), true);
  equal(await hub.places.takeAway(BOB, "garden"), false);
  equal(await hub.places.takeAway("id of Dora", "garden"), false);
  deepEqual([...(await Visitor.returns(hub, "Bob")).member.seats.keys()], ["lobby"]);
});

Deno.test("rooms are counted by those who belong to them, and a removed account belongs nowhere", async () => {
  using chat = await openChat();
  const { hub } = chat;
  await withBobAway(chat);
  deepEqual(await hub.places.count(), new Map([["lobby", 2], ["garden", 2]]));
  await hub.places.remove(BOB);
  deepEqual(await hub.places.count(), new Map([["lobby", 1], ["garden", 1]]));
  equal(await hub.places.find(BOB), undefined);
});

/** Bob and Carl are of the garden; Bob has gone, and had read all. */
async function withBobAway({ hub }: OpenChat) {
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  for (const visitor of [bob, carl]) await visitor.joins("garden");
  const last = { lobby: await carl.says("told"), garden: await carl.says("told", "garden") };
  bob.leaves();
  await hub.places.settled();
  return { carl, last };
}

/** How far Bob has read, as it is kept: room → id. */
async function marksOf(places: MemoryPlaces): Promise<Record<string, string>> {
  const { rooms } = (await places.find(BOB))!;
  return Object.fromEntries(Array.from(rooms, ([room, { readUpTo }]) => [room, readUpTo]));
}

/** The accounts of each write from now on. */
function watchWrites(places: MemoryPlaces): string[][] {
  const written: string[][] = [];
  const put = places.put.bind(places);
  places.put = (kept: ReadonlyMap<string, Place>) => {
    written.push([...kept.keys()]);
    return put(kept);
  };
  return written;
}
