import { deepStrictEqual as deepEqual, match, rejects, strictEqual as equal } from "node:assert/strict";
import { type Removed, RoomRemoval } from "../../../server/chat/room_removal.ts";
import { lobbyStaysOpen, noSuchRoom, notStored, roomClosing } from "../../../server/refusals.ts";
import { eventually } from "../../support/eventually.ts";
import { type OpenChat, openChat, settle, Visitor } from "./_chat.ts";
import { LogPruner } from "./_log_pruner.ts";

const root = { name: "root", address: "127.0.0.1" };

/** Deletes rooms of a chat; of each part of a room's messages it waits until it may go. */
function openRemoval(chat: OpenChat) {
  const pruner = new LogPruner(chat.log);
  const removed: Removed[] = [];
  const failures: unknown[] = [];
  const removal = new RoomRemoval({
    ...chat,
    pruner,
    removed: (what) => removed.push(what),
    failed: (error) => failures.push(error),
  });
  return { removal, pruner, removed, failures };
}

Deno.test("a room that is deleted tells those in it and puts them out", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, bobElsewhere, carl, eve] = ["Bob", "Bob", "Carl", "eve4821"].map((name) =>
    new Visitor(hub, name)
  );
  const garden = await bob!.joins("garden");
  await carl!.joins("garden");
  const { removal } = openRemoval(chat);
  await using _removal = removal;
  for (const visitor of [bob!, bobElsewhere!, carl!, eve!]) visitor.events.length = 0;
  await removal.begin(root, garden);
  for (const visitor of [bob!, bobElsewhere!]) {
    deepEqual(visitor.heard, ["#garden: root has deleted the room."]);
    deepEqual(visitor.saw, ["Bob left #garden (kicked)"]);
    equal(visitor.member.isIn("garden"), false);
  }
  deepEqual(carl!.saw, ["Carl left #garden (kicked)"]);
  deepEqual([eve!.heard, eve!.saw], [[], []]);
  await rejects(
    bob!.says("still here?", "lobby").then(() => hub.say(bob!.member, garden, said("?"))),
    noSuchRoom("garden"),
  );
  deepEqual(carl!.heard.at(-1), "Bob: still here?");
});

Deno.test("of a deleted room nothing is left: messages, what is found of them, bans, members and invitations", async () => {
  using chat = await openChat();
  const { hub, archive, moderation } = chat;
  const [bob, carl, dora] = ["Bob", "Carl", "Dora"].map((name) => new Visitor(hub, name));
  const garden = await bob!.joins("garden");
  await dora!.joins("garden");
  dora!.leaves();
  await hub.places.settled();
  for (const text of ["roses", "tulips", "weeds"]) await bob!.says(text, "garden");
  await bob!.says("roses", "lobby");
  const target = { type: "account", account: carl!.account!, name: "Carl" } as const;
  await moderation.ban(root, { target, room: "garden", reason: "" });
  await garden.change((record) => ({ ...record, private: true, topic: "Tea" }));
  const { removal, removed, failures } = openRemoval(chat);
  await using _removal = removal;
  await removal.begin(root, garden);
  await removal.finish("garden");
  deepEqual(failures, []);
  deepEqual(removed.map(({ room, messages }) => [room, messages]), [["garden", 3]]);

  const again = await carl!.joins("garden"); // was banned from it
  deepEqual([again.record.private, again.record.topic, again.record.owner], [false, "", carl!.member.key]);
  deepEqual([again.recent, again.lastId], [[], ""]);
  deepEqual((await archive.ofRoom(carl!.member, "garden", { limit: 10 })).messages, []);
  const { messages } = await archive.search(carl!.member, "roses", 10);
  deepEqual(messages.map((message) => "room" in message && message.room), ["lobby"]);
  const back = await Visitor.returns(hub, "Dora");
  equal(back.member.isIn("garden"), false);
  equal(bob!.member.isIn("garden"), false);
});

Deno.test("what was being said when the room went is kept, told and gone with it", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  const garden = await bob.joins("garden");
  const { removal, removed } = openRemoval(chat);
  await using _removal = removal;
  const saying = bob.says("last words", "garden");
  await removal.begin(root, garden);
  equal((await saying).text, "last words");
  await removal.finish("garden");
  equal(removed[0]?.messages, 1);
  deepEqual((await chat.log.page("garden", { limit: 10 })).messages, []);
  deepEqual((await chat.archive.search(bob.member, "words", 10)).messages, []);
});

Deno.test("nobody makes another room of its name before all of the old one is gone", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  const garden = await bob.joins("garden");
  await bob.says("roses", "garden");
  const { removal, pruner } = openRemoval(chat);
  await using _removal = removal;
  const refused: Promise<void>[] = [];
  pruner.onPart = () => refused.push(rejects(bob.joins("garden"), roomClosing("garden")));
  await removal.begin(root, garden);
  await removal.finish("garden");
  equal(refused.length, 1);
  await Promise.all(refused);
  equal((await bob.joins("garden")).size, 1);
});

Deno.test("who is just joining when the room goes is not let in, nor becomes its next owner", async () => {
  using chat = await openChat();
  const [bob, carl] = [new Visitor(chat.hub, "Bob"), new Visitor(chat.hub, "Carl")];
  const garden = await bob.joins("garden");
  const { removal } = openRemoval(chat);
  await using _removal = removal;
  const closing = removal.begin(root, garden);
  const joining = carl.joins("garden");
  await Promise.all([closing, rejects(joining, roomClosing("garden"))]);
  equal(carl.member.isIn("garden"), false);
});

Deno.test("the lobby cannot be deleted, and a room only once", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  const garden = await bob.joins("garden");
  const { removal } = openRemoval(chat);
  await using _removal = removal;
  await rejects(removal.begin(root, chat.hub.lobby), lobbyStaysOpen());
  const [first, second] = await Promise.allSettled([
    removal.begin(root, garden),
    removal.begin(root, garden),
  ]);
  deepEqual([first.status, second.status === "rejected" && second.reason], [
    "fulfilled",
    noSuchRoom("garden"),
  ]);
});

Deno.test("a removal that the server's end cuts short goes on at the next start, and the room is not back meanwhile", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  const garden = await bob.joins("garden");
  for (const text of ["one", "two", "three"]) await bob.says(text, "garden");
  const first = openRemoval(chat);
  const begun = Promise.withResolvers<void>();
  first.pruner.onPart = () => begun.resolve();
  await first.removal.begin(root, garden);
  await begun.promise;
  await first.removal[Symbol.asyncDispose]();
  deepEqual(first.failures, []);

  using again = await chat.openAgain();
  equal(again.hub.rooms.find("garden"), undefined);
  const carl = new Visitor(again.hub, "Carl");
  await rejects(carl.joins("garden"), roomClosing("garden"));
  const second = openRemoval(again);
  await using _removal = second.removal;
  second.removal.resume();
  await eventually("the rest is gone", () => second.removed.length === 1);
  deepEqual((await again.log.page("garden", { limit: 10 })).messages, []);
  equal((await carl.joins("garden")).record.owner, carl.member.key);
});

Deno.test("where the disk refuses it, the room stays as it was", async () => {
  using chat = await openChat();
  const bob = new Visitor(chat.hub, "Bob");
  const garden = await bob.joins("garden");
  const { removal } = openRemoval(chat);
  await using _removal = removal;
  chat.rooms.failing = true;
  await rejects(removal.begin(root, garden), notStored());
  chat.rooms.failing = false;
  await bob.says("still here", "garden");
  equal(chat.hub.rooms.find("garden"), garden);
  match(garden.names.join(), /Bob/);
  await settle();
});

function said(text: string) {
  return { text, action: false, origin: "" };
}
