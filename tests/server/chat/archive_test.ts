import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { Message, Missed } from "../../../server/chat/event.ts";
import type { Person } from "../../../server/chat/member.ts";
import { badRoomName, noSuchRoom, userNotFound } from "../../../server/refusals.ts";
import { inShort, type OpenChat, openChat, Visitor } from "./_chat.ts";

Deno.test("the past of a public room may be read by anybody, in the room or not", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const bob = new Visitor(hub, "Bob");
  await bob.joins("garden");
  const said = await sayAll(bob, 5, "garden");
  const readers: Person[] = [bob.member, new Visitor(hub, "eve4821").member, caller("id of Carl")];
  for (const reader of readers) {
    const history = await archive.ofRoom(reader, "#Garden", { limit: 3 });
    deepEqual(history, { type: "history", room: "garden", messages: said.slice(2), more: true });
  }
});

Deno.test("the past of a private room may be read by its own, and for others there is no such room", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const bob = new Visitor(hub, "Bob");
  const room = await bob.joins("cellar");
  const said = await sayAll(bob, 1, "cellar");
  const soon = new Date(Date.now() + 60_000);
  await room.change((record) => ({
    ...record,
    private: true,
    invitations: [{ key: "id of Carl", by: "Bob", until: soon }, {
      key: "id of Dora",
      by: "Bob",
      until: new Date(),
    }],
  }));
  const mayNot = [
    caller("id of Dora"),
    caller("id of an admin", "admin"),
    new Visitor(hub, "eve4821").member,
  ];
  for (const reader of mayNot) {
    await rejects(archive.ofRoom(reader, "cellar", { limit: 3 }), noSuchRoom("cellar"), reader.key);
  }
  for (const reader of [bob.member, caller("id of Carl")]) {
    deepEqual((await archive.ofRoom(reader, "cellar", { limit: 3 })).messages, said, reader.key);
  }
  await rejects(archive.ofRoom(bob.member, "attic", { limit: 3 }), noSuchRoom("attic"));
  await rejects(archive.ofRoom(bob.member, "../cellar", { limit: 3 }), badRoomName());
});

Deno.test("the past is given part by part, in both directions", async () => {
  using chat = await openChat();
  const { archive } = chat;
  const bob = new Visitor(chat.hub, "Bob");
  const said = await sayAll(bob, 5);
  const part = async (range: { after?: string; before?: string }) => {
    const { messages, more } = await archive.ofRoom(bob.member, "lobby", { ...range, limit: 2 });
    return [messages.map((message) => message.text), more];
  };
  const id = (index: number) => said[index]!.id;
  deepEqual(await part({}), [["3", "4"], true]);
  deepEqual(await part({ before: id(3) }), [["1", "2"], true]);
  deepEqual(await part({ before: id(2) }), [["0", "1"], false]);
  deepEqual(await part({ after: id(0) }), [["1", "2"], true]);
  deepEqual(await part({ after: id(2) }), [["3", "4"], false]);
  deepEqual(await part({ after: id(4) }), [[], false]);
  deepEqual(await part({ after: id(0), before: id(4) }), [["1", "2"], true]);
});

Deno.test("what is kept and still to be told is in nobody's history", async () => {
  using chat = await openChat();
  const { archive, log } = chat;
  const bob = new Visitor(chat.hub, "Bob");
  const [told] = await sayAll(bob, 1);
  await log.append({ ...told!, id: told!.id.slice(0, -10) + "ZZZZZZZZZZ", text: "to come" });
  for (const range of [{}, { after: "" }, { after: told!.id.slice(0, -1) }, { before: "~" }]) {
    const { messages } = await archive.ofRoom(bob.member, "lobby", { ...range, limit: 10 });
    deepEqual(messages.map(({ text }) => text), ["0"]);
  }
});

Deno.test("two people read what they have written to each other, be they here or away", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const [bob, carl, eve] = ["Bob", "Carl", "eve4821"].map((name) => new Visitor(hub, name));
  await bob!.writes("Carl", "one");
  await carl!.writes("Bob", "two");
  await bob!.writes("eve4821", "three");
  carl!.leaves();
  await bob!.writes("Carl", "four");
  const history = await archive.with(bob!.member, "CARL", { limit: 10 });
  deepEqual([history.with, "room" in history, history.messages.map(inShort)], [
    "Carl",
    false,
    ["Bob to Carl: one", "Carl to Bob: two", "Bob to Carl: four"],
  ]);
  deepEqual((await archive.with(caller("id of Carl"), "bob", { limit: 1 })).messages.map(inShort), [
    "Bob to Carl: four",
  ]);
  deepEqual((await archive.with(eve!.member, "Bob", { limit: 10 })).messages.map(inShort), [
    "Bob to eve4821: three",
  ]);
  deepEqual((await archive.with(eve!.member, "Carl", { limit: 10 })).messages, []);
  await rejects(archive.with(bob!.member, "nobody", { limit: 10 }), userNotFound("nobody"));
});

Deno.test("whoever has a guest's name later reads nothing that the guest wrote or got", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const [bob, eve] = [new Visitor(hub, "Bob"), new Visitor(hub, "eve4821")];
  await eve.writes("Bob", "a secret");
  await bob.writes("eve4821", "another");
  eve.leaves();
  const other = new Visitor(hub, "eve4821");
  deepEqual((await archive.with(other.member, "Bob", { limit: 10 })).messages, []);
  deepEqual((await archive.with(bob.member, "eve4821", { limit: 10 })).messages, []);
  deepEqual((await archive.search(other.member, "secret", 10)).messages, []);
});

Deno.test("a member's conversations are listed by what was written last, under the names of now", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const [bob, carl, dora] = ["Bob", "Carl", "Dora"].map((name) => new Visitor(hub, name));
  const [eve, gone] = [new Visitor(hub, "eve4821"), new Visitor(hub, "gone4821")];
  await bob!.writes("Carl", "one");
  await dora!.writes("Bob", "two");
  await eve.writes("Bob", "three");
  await gone.writes("Bob", "four");
  await carl!.writes("Bob", "five");
  await carl!.writes("Dora", "of others");
  for (const visitor of [carl!, gone]) visitor.leaves();
  hub.rename(dora!.member, "Dorothy");
  const of = async (visitor: Visitor) => {
    const { conversations } = await archive.conversations(visitor.member);
    return conversations.map(({ with: other, last }) => `${other}: ${last.text}`);
  };
  deepEqual(await of(bob!), ["Carl: five", "eve4821: three", "Dorothy: two"]);
  deepEqual(await of(eve), ["Bob: three"]);
  deepEqual(await of(new Visitor(hub, "gone4821")), [], "another guest of that name");
  hub.roster.ignore(bob!.member, "eve4821");
  deepEqual(await of(bob!), ["Carl: five", "Dorothy: two"]);
});

Deno.test("words are found where somebody may read, oldest first, and nowhere else", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const [bob, carl, eve] = ["Bob", "Carl", "eve4821"].map((name) => new Visitor(hub, name));
  const cellar = await bob!.joins("cellar");
  await bob!.joins("garden");
  await bob!.says("red roses", "garden");
  await bob!.says("red wine", "cellar");
  await bob!.says("Red sky");
  await carl!.writes("Bob", "red herring");
  await bob!.writes("eve4821", "red, or blue?");
  await bob!.says("blue sky");
  await cellar.change((record) => ({ ...record, private: true }));
  const found = async (person: Person, words: string, limit = 10) =>
    (await archive.search(person, words, limit)).messages.map(inShort);
  deepEqual(await found(bob!.member, "red"), [
    ...["#garden Bob: red roses", "#cellar Bob: red wine", "Bob: Red sky"],
    ...["Carl to Bob: red herring", "Bob to eve4821: red, or blue?"],
  ]);
  deepEqual(await found(carl!.member, "red"), [
    ...["#garden Bob: red roses", "Bob: Red sky", "Carl to Bob: red herring"],
  ]);
  deepEqual(await found(eve!.member, "red"), [
    ...["#garden Bob: red roses", "Bob: Red sky", "Bob to eve4821: red, or blue?"],
  ]);
  deepEqual(await found(bob!.member, "red blue"), ["Bob to eve4821: red, or blue?"]);
  deepEqual(await found(bob!.member, "green"), []);
});

Deno.test("of what is found the newest is given, and whether there is more", async () => {
  using chat = await openChat();
  const { archive } = chat;
  const bob = new Visitor(chat.hub, "Bob");
  for (let index = 0; index < 5; index++) await bob.says(`apple ${index}`);
  for (const [limit, texts, more] of [[3, "234", true], [4, "1234", true], [5, "01234", false]] as const) {
    const found = await archive.search(bob.member, "apple", limit);
    deepEqual([found.messages.map(({ text }) => text.at(-1)).join(""), found.more], [texts, more]);
  }
});

Deno.test("what was deleted is not found, even if the index still knows of it", async () => {
  using chat = await openChat();
  const { archive, log } = chat;
  const bob = new Visitor(chat.hub, "Bob");
  const [one] = [await bob.says("apple one"), await bob.says("apple two")];
  await log.remove("lobby", one.id);
  deepEqual((await archive.search(bob.member, "apple", 10)).messages.map(({ text }) => text), ["apple two"]);
});

Deno.test("a message is named by its number or its id, within its room", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const bob = new Visitor(hub, "Bob");
  const garden = await bob.joins("garden");
  const said = await sayAll(bob, 1_200, "garden");
  const [inLobby] = await sayAll(bob, 1);
  for (const index of [0, 1, 499, 500, 700, 1_199]) {
    deepEqual(await archive.find(garden, { number: index + 1 }), said[index]);
  }
  deepEqual(await archive.find(garden, { id: said[7]!.id }), said[7]);
  for (const which of [{ number: 0 }, { number: 1_201 }, { id: inLobby!.id }]) {
    equal(await archive.find(garden, which), undefined);
  }
  await hub.unsay(garden, said[7]!.id, "mo");
  equal(await archive.find(garden, { number: 8 }), undefined);
  deepEqual(await archive.find(garden, { number: 9 }), said[8]);
});

for (const [count, atLeast] of [[1], [9], [10], [11], [37], [250], [1_000], [1_005, true]] as const) {
  Deno.test(`of ${count} messages that somebody has missed, ${atLeast ? "at least 1000" : "all"} are counted`, async () => {
    using chat = await openChat();
    const { carl, last } = await withBobAway(chat);
    await sayAll(carl, count, "garden");
    const bob = await Visitor.returns(chat.hub, "Bob");
    const [missed, ...others] = await chat.archive.missedBy(bob.member);
    deepEqual(others, []);
    const { since, ...rest } = missed!;
    deepEqual(rest, {
      room: "garden",
      count: Math.min(count, 1_000),
      atLeast: atLeast ?? false,
      after: last.id,
    });
    equal(since instanceof Date, true);
  });
}

Deno.test("what is missed is counted for each room, and what is said from then on not at all", async () => {
  using chat = await openChat();
  const { carl } = await withBobAway(chat);
  await sayAll(carl, 3);
  await sayAll(carl, 12, "garden");
  const bob = await Visitor.returns(chat.hub, "Bob");
  await sayAll(carl, 15, "garden");
  deepEqual(inRooms(await chat.archive.missedBy(bob.member)), { lobby: 3, garden: 12 });
});

Deno.test("what is missed is counted without what was deleted, and those whom one ignores", async () => {
  using chat = await openChat();
  const { hub, archive } = chat;
  const { carl } = await withBobAway(chat);
  const eve = new Visitor(hub, "eve4821");
  const said = await sayAll(carl, 30, "garden");
  await eve.joins("garden");
  await sayAll(eve, 5, "garden");
  for (const index of [0, 27, 29]) await hub.unsay(hub.rooms.find("garden")!, said[index]!.id, "mo");
  const bob = await Visitor.returns(hub, "Bob", { ignored: ["eve4821"] });
  deepEqual(inRooms(await archive.missedBy(bob.member)), { garden: 27 });
  const { parts } = await archive.readMissed(bob.member);
  deepEqual(parts.flatMap(({ messages }) => messages.map(({ from }) => from)), Array(27).fill("Carl"));
});

Deno.test("who ignores all that was said has missed nothing", async () => {
  using chat = await openChat();
  const { carl } = await withBobAway(chat);
  await sayAll(carl, 30, "garden");
  const bob = await Visitor.returns(chat.hub, "Bob", { ignored: ["Carl"] });
  deepEqual(await chat.archive.missedBy(bob.member), []);
});

Deno.test("what is missed is shown 200 at a time, with what is left, until there is nothing left", async () => {
  using chat = await openChat();
  const { archive } = chat;
  const { carl } = await withBobAway(chat);
  const [inLobby, inGarden] = [await sayAll(carl, 150), await sayAll(carl, 300, "garden")];
  const bob = await Visitor.returns(chat.hub, "Bob");
  await sayAll(carl, 3, "garden");
  const shown: Record<string, Message[]> = { lobby: [], garden: [] };
  const counts: number[] = [];
  const left: Record<string, number>[] = [];
  for (let time = 0; time < 4; time++) {
    const read = await archive.readMissed(bob.member);
    counts.push(read.parts.reduce((sum, { messages }) => sum + messages.length, 0));
    left.push(inRooms(read.left));
    for (const { room, messages } of read.parts) shown[room!]!.push(...messages as Message[]);
  }
  deepEqual(counts, [200, 200, 50, 0]);
  deepEqual(left, [{ garden: 250 }, { garden: 50 }, {}, {}]);
  deepEqual(shown, { lobby: inLobby, garden: inGarden });
});

Deno.test("what is missed and shown by history is not offered again", async () => {
  using chat = await openChat();
  const { archive } = chat;
  const { carl, last } = await withBobAway(chat);
  const said = await sayAll(carl, 30, "garden");
  const bob = await Visitor.returns(chat.hub, "Bob");
  await archive.ofRoom(bob.member, "garden", { after: last.id, limit: 10 });
  deepEqual(inRooms(await archive.missedBy(bob.member)), { garden: 20 });
  const { parts } = await archive.readMissed(bob.member);
  deepEqual(parts.map(({ messages }) => messages), [said.slice(10)]);
});

Deno.test("what two connections of one account read is read for both", async () => {
  using chat = await openChat();
  const { archive } = chat;
  const { carl } = await withBobAway(chat);
  await sayAll(carl, 30, "garden");
  const [bob, elsewhere] = [await Visitor.returns(chat.hub, "Bob"), await Visitor.returns(chat.hub, "Bob")];
  deepEqual(inRooms(await archive.missedBy(elsewhere.member)), { garden: 30 });
  await archive.readMissed(bob.member);
  deepEqual(await archive.missedBy(elsewhere.member), []);
});

/** Bob and Carl are of the garden; Bob has gone, and had read all. */
async function withBobAway({ hub }: OpenChat): Promise<{ carl: Visitor; last: Message }> {
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  for (const visitor of [bob, carl]) await visitor.joins("garden");
  await carl.says("told");
  const last = await carl.says("told", "garden");
  bob.leaves();
  await hub.places.settled();
  return { carl, last };
}

/** So many messages, numbered from 0. */
function sayAll(speaker: Visitor, count: number, room?: string): Promise<Message[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => speaker.says(`${index}`, room)));
}

/** Room → how many messages were missed. */
function inRooms(missed: readonly Missed[]): Record<string, number> {
  return Object.fromEntries(missed.map(({ room, count }) => [room, count]));
}

/** Somebody who asks without being here. */
function caller(account: string, role: Person["role"] = "member"): Person {
  return {
    key: account,
    account,
    name: account,
    role,
    address: "127.0.0.1",
    isIn: (room) => room === "lobby",
  };
}
