import { deepStrictEqual as deepEqual, rejects, strictEqual as equal, throws } from "node:assert/strict";
import { badRoomName, noSuchRoom, notStored } from "../../../server/refusals.ts";
import { roomOf } from "../../suites/room_store.ts";
import { latest, messageOf } from "../../suites/message_log.ts";
import { openChat, Visitor } from "./_chat.ts";

const ann = { key: "ann's id", address: "127.0.0.1", isIn: () => false };
const eve = { key: "eve's id", address: "127.0.0.1", isIn: () => false };

Deno.test("the lobby is there from the beginning, and nobody's", async () => {
  using chat = await openChat();
  const { rooms, lobby } = chat.hub;
  equal(rooms.find("lobby"), lobby);
  deepEqual([lobby.name, lobby.record.owner, lobby.record.private], ["lobby", undefined, false]);
  deepEqual([...rooms.all], [lobby]);
});

Deno.test("a room is made by whoever wants it first, is kept, and found after that", async () => {
  using chat = await openChat();
  const { rooms } = chat.hub;
  equal(rooms.find("garden"), undefined);
  const garden = await rooms.findOrMake("garden", ann);
  equal(garden.record.owner, ann.key);
  equal(await rooms.findOrMake("garden", eve), garden);
  equal(rooms.find("garden"), garden);
  deepEqual(await Array.fromAsync(chat.rooms.list()), [garden.record]);
});

Deno.test("two who want the same room at once make one, which is the first one's", async () => {
  using chat = await openChat();
  const { rooms } = chat.hub;
  chat.rooms.hold();
  const making = [rooms.findOrMake("garden", ann), rooms.findOrMake("garden", eve)];
  equal(rooms.find("garden"), undefined, "it is there when it is kept");
  chat.rooms.release();
  const [one, other] = await Promise.all(making);
  equal(one, other);
  equal(one!.record.owner, ann.key);
  equal([...rooms.all].length, 2);
});

Deno.test("a room that cannot be kept is not made, and may be made later", async () => {
  using chat = await openChat();
  const { rooms } = chat.hub;
  chat.rooms.failing = true;
  await Promise.all([ann, eve].map((maker) => rejects(rooms.findOrMake("garden", maker), notStored())));
  equal(rooms.find("garden"), undefined);
  chat.rooms.failing = false;
  equal((await rooms.findOrMake("garden", eve)).record.owner, eve.key);
});

Deno.test("rooms are as they were after a restart, and go on with their numbers", async () => {
  using chat = await openChat();
  const visitor = new Visitor(chat.hub, "Bob");
  await visitor.joins("garden");
  for (const text of ["one", "two"]) await visitor.says(text, "garden");
  await chat.hub.setTopic(chat.hub.rooms.find("garden")!, "weeds", "Bob");
  using next = await chat.openAgain();
  const garden = next.hub.rooms.find("garden")!;
  deepEqual([garden.record.owner, garden.record.topic], ["id of Bob", "weeds"]);
  const bob = new Visitor(next.hub, "Bob");
  await bob.joins("garden");
  deepEqual(garden.recent.map(({ text }) => text), ["one", "two"]);
  await bob.says("three", "garden");
  deepEqual((await latest(chat.log, "garden", 10)).map(({ number }) => number), [1, 2, 3]);
});

Deno.test("an address makes no more than 20 rooms an hour, the host itself any number", async () => {
  using chat = await openChat();
  const { rooms } = chat.hub;
  const from = (address: string) => ({ ...ann, address });
  for (let index = 0; index < 30; index++) await rooms.findOrMake(`local${index}`, from("127.0.0.1"));
  for (let index = 0; index < 20; index++) await rooms.findOrMake(`far${index}`, from("2001:db8::1"));
  await rejects(rooms.findOrMake("far20", from("2001:db8::2")), { code: "too_many_rooms" });
  equal(rooms.find("far20"), undefined);
  await rooms.findOrMake("far19", from("2001:db8::1"));
  await rooms.findOrMake("near", from("192.0.2.1"));
});

Deno.test("a private room is as if it were not there to all but its own", async () => {
  using chat = await openChat();
  const { rooms } = chat.hub;
  const cellar = await rooms.findOrMake("cellar", ann);
  await cellar.change((record) => ({
    ...record,
    private: true,
    moderators: ["mo's id"],
    invitations: [
      { key: "guest:1", by: "ann", until: new Date(Date.now() + 60_000) },
      { key: "guest:2", by: "ann", until: new Date(Date.now() - 1) },
    ],
  }));
  const person = (key: string, role: "member" | "admin" = "member", isIn = () => false) => ({
    key,
    role,
    isIn,
  });
  for (const stranger of [person("eve's id"), person("admin's id", "admin"), person("guest:2")]) {
    throws(() => rooms.seenBy(stranger, "#Cellar"), noSuchRoom("cellar"), stranger.key);
    deepEqual(rooms.listFor(stranger).map(({ name }) => name), ["lobby"], stranger.key);
  }
  throws(() => rooms.seenBy(person("eve's id"), "attic"), noSuchRoom("attic"));
  const own = [
    person(ann.key),
    person("mo's id"),
    person("guest:1"),
    person("bob's id", "member", () => true),
  ];
  for (const one of own) {
    equal(rooms.seenBy(one, "#Cellar"), cellar, one.key);
    deepEqual(rooms.listFor(one).map(({ name }) => name), ["lobby", "cellar"], one.key);
  }
});

Deno.test("a room is named with # and without, and by nothing else", async () => {
  using chat = await openChat();
  const { rooms, lobby } = chat.hub;
  for (const raw of ["lobby", "#lobby", "LOBBY"]) equal(rooms.seenBy(eve, raw), lobby);
  for (const raw of ["", "..", "lobby "]) throws(() => rooms.seenBy(eve, raw), badRoomName());
});

Deno.test("rooms are listed with the lobby first, then the fullest, then by name", async () => {
  using chat = await openChat();
  const { hub } = chat;
  for (const room of ["zoo", "attic", "garden"]) await hub.rooms.findOrMake(room, ann);
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  for (const visitor of [bob, carl]) await visitor.joins("garden");
  await hub.rooms.find("zoo")!.change((record) => ({ ...record, quiet: true, topic: "beasts" }));
  deepEqual(hub.rooms.listFor(eve), [
    { name: "lobby", topic: "", present: 2, private: false, quiet: false },
    { name: "garden", topic: "", present: 2, private: false, quiet: false },
    { name: "attic", topic: "", present: 0, private: false, quiet: false },
    { name: "zoo", topic: "beasts", present: 0, private: false, quiet: true },
  ]);
});

Deno.test("a room that is taken away is gone, and made anew by whoever wants it", async () => {
  using chat = await openChat();
  const { rooms } = chat.hub;
  await rooms.remove(await rooms.findOrMake("garden", ann));
  equal(rooms.find("garden"), undefined);
  deepEqual(await Array.fromAsync(chat.rooms.list()), []);
  equal((await rooms.findOrMake("garden", eve)).record.owner, eve.key);
});

Deno.test("ids go on from the last message of a room that is opened later, wherever the clock stands", async () => {
  using chat = await openChat({ nowMs: 1_000_000_000_000 });
  const later = messageOf("from the future", { room: "garden" });
  await chat.log.append(later);
  await chat.rooms.put(roomOf("garden", { owner: undefined }));
  using next = await chat.openAgain({ nowMs: 1_000_000_000_000 });
  const bob = new Visitor(next.hub, "Bob");
  await bob.joins("garden");
  await bob.says("now", "garden");
  deepEqual((await latest(chat.log, "garden", 10)).map(({ text }) => text), ["from the future", "now"]);
});
