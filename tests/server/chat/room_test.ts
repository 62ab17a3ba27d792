import { deepStrictEqual as deepEqual, rejects, strictEqual as equal, throws } from "node:assert/strict";
import type { Role } from "../../../server/accounts/roles.ts";
import type { Invitation } from "../../../server/chat/room_store.ts";
import { notInvited, notStored, roomIsQuiet } from "../../../server/refusals.ts";
import { latest } from "../../suites/message_log.ts";
import { openChat, Visitor } from "./_chat.ts";

const HOUR_MS = 3_600_000;

Deno.test("in a quiet room its staff speaks, and nobody else", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [bob, carl, guest] = ["Bob", "Carl", "eve4821"].map((name) => new Visitor(hub, name));
  const mo = new Visitor(hub, "Dora", { role: "moderator" });
  const room = await bob!.joins("garden");
  for (const visitor of [carl!, guest!, mo]) await visitor.joins("garden");
  await room.change((record) => ({ ...record, quiet: true, moderators: [guest!.member.key] }));
  await bob!.says("mine", "garden");
  await guest!.says("named", "garden");
  await mo.says("the server's", "garden");
  await rejects(carl!.says("no", "garden"), roomIsQuiet("garden"));
  deepEqual(carl!.heard, ["#garden Bob: mine", "#garden eve4821: named", "#garden Dora: the server's"]);
  await room.change((record) => ({ ...record, quiet: false }));
  await carl!.says("at last", "garden");
  deepEqual((await latest(log, "garden", 10)).map(({ number }) => number), [1, 2, 3, 4]);
});

/** Who is of a room's staff: key, role, whether in the room, whether it is private. */
const STAFF: [key: string, role: Role, inside: boolean, isPrivate: boolean, staff: boolean][] = [
  ["owner", "member", true, false, true],
  ["owner", "member", false, true, true],
  ["owner", "guest", true, false, true],
  ["named", "member", true, false, true],
  ["named", "guest", false, true, true],
  ["other", "member", true, false, false],
  ["other", "guest", true, true, false],
  ["other", "moderator", false, false, true],
  ["other", "admin", false, false, true],
  ["other", "moderator", true, true, true],
  ["other", "moderator", false, true, false],
  ["other", "admin", false, true, false],
];

for (const [key, role, inside, isPrivate, staff] of STAFF) {
  const kind = isPrivate ? "private" : "public";
  const where = `${inside ? "in" : "outside"} a ${kind} room`;
  Deno.test(`a ${role} whose key is the ${key}'s, ${where}, is ${staff ? "" : "not "}of its staff`, async () => {
    using chat = await openChat();
    const room = await chat.hub.rooms.findOrMake("garden", { key: "owner", address: "127.0.0.1" });
    await room.change((record) => ({ ...record, private: isPrivate, moderators: ["named"] }));
    equal(room.isStaff({ key, role, isIn: () => inside }), staff);
  });
}

Deno.test("an invitation is good until its time is over", async () => {
  using chat = await openChat();
  const room = await chat.hub.rooms.findOrMake("cellar", { key: "owner", address: "127.0.0.1" });
  const until = new Date("2026-02-03T04:05:06Z");
  const invitation: Invitation = { key: "eve's id", by: "ann", until };
  await room.change((record) => ({ ...record, private: true, invitations: [invitation] }));
  const eve = { key: "eve's id", isIn: () => false };
  const at = (ms: number) => new Date(until.getTime() + ms);
  deepEqual([-1, 0, 1].map((ms) => room.mayRead(eve, at(ms))), [true, false, false]);
  deepEqual([-1, 0].map((ms) => room.invitationOf(eve, at(ms))), [invitation, undefined]);
  equal(room.mayRead({ ...eve, key: "zoe's id" }, at(-1)), false);
  throws(() => room.checkMayEnter(eve), notInvited("cellar"));
});

Deno.test("an invitation is used up by coming in, and lets nobody else in", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl, eve] = ["Bob", "Carl", "eve4821"].map((name) => new Visitor(hub, name));
  const room = await bob!.joins("cellar");
  const until = new Date(Date.now() + HOUR_MS);
  const invitations = [carl!, eve!].map(({ member }) => ({ key: member.key, by: "Bob", until }));
  await room.change((record) => ({ ...record, private: true, invitations }));
  await rejects(new Visitor(hub, "zoe0000").joins("cellar"), notInvited("cellar"));
  await carl!.joins("#Cellar");
  deepEqual(room.record.invitations, invitations.slice(1));
  deepEqual((await Array.fromAsync(chat.rooms.list()))[0]!.invitations, invitations.slice(1));
  await carl!.says("hi", "cellar");
  deepEqual(bob!.heard, ["#cellar Carl: hi"]);
  await carl!.parts("cellar");
  equal(room.mayRead(carl!.member), false);
  await rejects(carl!.joins("cellar"), notInvited("cellar"));
});

Deno.test("an invitation that is over lets nobody in", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  const room = await bob.joins("cellar");
  const invitation = { key: carl.member.key, by: "Bob", until: new Date() };
  await room.change((record) => ({ ...record, private: true, invitations: [invitation] }));
  await rejects(carl.joins("cellar"), notInvited("cellar"));
  deepEqual([carl.member.isIn("cellar"), room.names], [false, ["Bob"]]);
});

Deno.test("changes of a room are made one after the other, each of what the one before left", async () => {
  using chat = await openChat();
  const room = await chat.hub.rooms.findOrMake("garden", { key: "owner", address: "127.0.0.1" });
  chat.rooms.hold();
  const changing = Array.from(
    { length: 20 },
    (_, index) => room.change((record) => ({ ...record, topic: `${record.topic}${index},` })),
  );
  equal(room.record.topic, "", "and none holds before it is kept");
  chat.rooms.release();
  await Promise.all(changing);
  equal(room.record.topic, "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,");
  deepEqual((await Array.fromAsync(chat.rooms.list()))[0], room.record);
});

Deno.test("a change that cannot be kept changes nothing, and holds up none after it", async () => {
  using chat = await openChat();
  const room = await chat.hub.rooms.findOrMake("garden", { key: "owner", address: "127.0.0.1" });
  const before = room.record;
  chat.rooms.failing = true;
  await rejects(room.change((record) => ({ ...record, private: true })), notStored());
  equal(room.record, before);
  chat.rooms.failing = false;
  await room.change((record) => ({ ...record, topic: "weeds" }));
  deepEqual(room.record, { ...before, topic: "weeds" });
});

Deno.test("a change that is refused on the way changes nothing, and holds up none after it", async () => {
  using chat = await openChat();
  const room = await chat.hub.rooms.findOrMake("garden", { key: "owner", address: "127.0.0.1" });
  const refused = room.change(() => {
    throw roomIsQuiet("garden");
  });
  const after = room.change((record) => ({ ...record, topic: "weeds" }));
  await rejects(refused, roomIsQuiet("garden"));
  await after;
  equal(room.record.topic, "weeds");
});

Deno.test("a room counts its messages from one, and what could not be kept is told to nobody", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  for (const visitor of [bob, carl]) await visitor.joins("garden");
  const first = await bob.says("one", "garden");
  log.failing = true;
  await rejects(bob.says("lost", "garden"), notStored());
  log.failing = false;
  const second = await bob.says("two", "garden");
  equal(first.number, 1);
  equal(second.number > first.number, true);
  deepEqual(carl.heard, ["#garden Bob: one", "#garden Bob: two"]);
  equal(first.author, "id of Bob");
  equal((await new Visitor(hub, "eve4821").says("hi")).author, undefined);
});

Deno.test("names of a room are those who are in it, in the order of arrival, under the names they have", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl, eve] = ["Bob", "Carl", "eve4821"].map((name) => new Visitor(hub, name));
  for (const visitor of [eve!, carl!, bob!]) await visitor.joins("garden");
  const room = hub.rooms.find("garden")!;
  deepEqual([room.names, room.size], [["eve4821", "Carl", "Bob"], 3]);
  equal(room.names, room.names, "and are not made anew without a change");
  hub.rename(carl!.member, "Charles");
  deepEqual(room.names, ["eve4821", "Charles", "Bob"]);
  eve!.leaves();
  await bob!.parts("garden");
  deepEqual([room.names, room.size], [["Charles"], 1]);
});

Deno.test("a deleted message is shown to nobody who comes later", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob");
  const [, second] = [await bob.says("one"), await bob.says("two"), await bob.says("three")];
  await hub.unsay(hub.lobby, second!.id, "mo");
  deepEqual(new Visitor(hub, "eve4821").shownOnArrival, ["Bob: one", "Bob: three"]);
});
