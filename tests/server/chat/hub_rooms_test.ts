import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { ChatEvent } from "../../../server/chat/event.ts";
import type { Watch } from "../../../server/chat/distribution.ts";
import type { Hub } from "../../../server/chat/hub.ts";
import type { Listener, Person } from "../../../server/chat/member.ts";
import {
  badRoomName,
  cannotLeaveLobby,
  noSuchMessage,
  notInRoom,
  notInvited,
  notStored,
  tooManyJoined,
} from "../../../server/refusals.ts";
import { latest } from "../../suites/message_log.ts";
import { identityOf, inShort, openChat, settle, Visitor } from "./_chat.ts";

Deno.test("what is said in a room is heard by those who are in it, on all their connections, and by nobody else", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, bobElsewhere, carl, eve] = arrive(hub, "Bob", "Bob", "Carl", "eve4821");
  await bob.joins("garden");
  await carl.joins("garden");
  await carl.says("hi", "garden");
  deepEqual(bob.heard, ["#garden Carl: hi"]);
  deepEqual(bobElsewhere.heard, ["#garden Carl: hi"]);
  deepEqual([carl.heard, eve.heard], [[], []]);
  const bobLater = new Visitor(hub, "Bob");
  await carl.says("still?", "garden");
  deepEqual(bobLater.heard, ["#garden Carl: still?"], "and by those that came after the joining");
});

Deno.test("what is told in one go, of several rooms and privately, is heard in one order by who hears it all", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  for (const visitor of [bob, carl]) await visitor.joins("garden");
  const [message, written] = [await carl.says("zero"), await carl.writes("Bob", "")];
  const say = (text: string, room = "lobby") => hub.distribution.tell({ ...message, room, text }, carl.id);
  say("one");
  say("two");
  say("three", "garden");
  hub.distribution.tell({ ...written.direct, text: "four" }, carl.id);
  say("five", "garden");
  say("six");
  hub.announce("seven");
  say("eight", "garden");
  hub.distribution.tellAccount({ type: "told", text: "nine", at: message.at }, "id of Bob", () => false);
  await settle();
  const heard = bob.events.filter((event) => "text" in event).map(({ text }) => text);
  deepEqual(heard, ["zero", "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]);
});

Deno.test("who joins a room is seen by those in it, by its door, and by nobody else", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl, carlElsewhere, eve] = arrive(hub, "Bob", "Carl", "Carl", "eve4821");
  const room = await bob.joins("garden");
  await carl.joins("#GARDEN");
  equal(hub.rooms.find("garden"), room);
  deepEqual(room.names, ["Bob", "Carl"]);
  deepEqual(bob.saw, ["Carl joined #garden"]);
  deepEqual(carlElsewhere.saw, ["Carl joined #garden"], "where else the member is, it has to be known");
  deepEqual([carl.saw, eve.saw], [[], []]);
});

Deno.test("who joins a room is shown it before anything that is told there", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  await bob.joins("garden");
  const message = await bob.says("before", "garden");
  const say = (text: string) => hub.distribution.tell({ ...message, text }, bob.id);
  const shown: string[][] = [];
  await hub.join(carl.member, "garden", {
    origin: carl.id,
    seated: ({ room, recent }) => {
      say("at once");
      shown.push([...room.names], recent.map(({ text }) => text), carl.heard);
    },
  });
  await settle();
  deepEqual(shown, [["Bob", "Carl"], ["before"], []]);
  deepEqual(carl.heard, ["#garden Bob: at once"]);
  await hub.join(carl.member, "garden", { origin: carl.id, seated: () => shown.push(["again"]) });
  deepEqual(shown.at(-1), ["again"]);
});

Deno.test("who is in a room stays in it by joining again, and nobody is told", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  await bob.joins("garden");
  await carl.joins("garden");
  equal(await carl.joins("garden"), hub.rooms.find("garden"));
  equal(await carl.joins("lobby"), hub.lobby);
  deepEqual(bob.saw, ["Carl joined #garden"]);
});

Deno.test("who joins the same room by two connections at once joins once", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, ...carls] = arrive(hub, "Bob", "Carl", "Carl");
  await bob.joins("garden");
  chat.places.hold();
  const joining = carls.map((carl) => carl.joins("garden"));
  await settle();
  chat.places.release();
  await Promise.all(joining);
  deepEqual(hub.rooms.find("garden")!.names, ["Bob", "Carl"]);
  deepEqual(bob.saw, ["Carl joined #garden"]);
  await bob.says("hi", "garden");
  for (const carl of carls) deepEqual(carl.heard, ["#garden Bob: hi"]);
});

Deno.test("who leaves while joining is kept is in no room", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, eve] = arrive(hub, "Bob", "eve4821");
  await bob.joins("garden");
  chat.rooms.hold();
  const joining = eve.joins("attic");
  await settle();
  eve.leaves();
  chat.rooms.release();
  await joining;
  deepEqual([hub.rooms.find("attic")!.size, eve.member.isIn("attic")], [0, false]);
});

Deno.test("who leaves a room hears no more of it, those in it and the member's other connections are told", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl, carlElsewhere, eve] = arrive(hub, "Bob", "Carl", "Carl", "eve4821");
  await bob.joins("garden");
  await carl.joins("garden");
  await carl.parts("garden");
  await bob.says("gone?", "garden");
  deepEqual(bob.saw, ["Carl joined #garden", "Carl left #garden"]);
  deepEqual(carlElsewhere.saw, ["Carl joined #garden", "Carl left #garden"]);
  deepEqual([carl.saw, eve.saw], [[], []]);
  deepEqual([carl.heard, carlElsewhere.heard], [[], []]);
  deepEqual(hub.rooms.find("garden")!.names, ["Bob"]);
  await rejects(carl.parts("garden"), notInRoom("garden"));
  await rejects(bob.parts("lobby"), cannotLeaveLobby());
});

Deno.test("who goes offline is seen to go from each room, its lobby last, not by the doors", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl, carlElsewhere, eve] = arrive(hub, "Bob", "Carl", "Carl", "eve4821");
  await bob.joins("garden");
  await carl.joins("garden");
  carlElsewhere.leaves();
  await settle();
  deepEqual(eve.saw, [], "and not before the last connection");
  carl.leaves("timeout");
  deepEqual(bob.saw, [
    ...["Carl joined #garden", "Carl went from #garden (timeout)", "Carl went from #lobby (timeout)"],
  ]);
  deepEqual(eve.saw, ["Carl went from #lobby (timeout)"]);
});

Deno.test("an account comes back to its rooms and is seen to, not by the doors", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob");
  await bob.joins("garden");
  const carl = new Visitor(hub, "Carl");
  await carl.joins("garden");
  carl.leaves();
  const eve = new Visitor(hub, "eve4821");
  const before = bob.saw.length;
  const again = await Visitor.returns(hub, "Carl");
  deepEqual([...again.member.seats.keys()], ["lobby", "garden"]);
  deepEqual(bob.saw.slice(before), ["Carl came to #lobby", "Carl came to #garden"]);
  deepEqual(eve.saw, ["Carl came to #lobby"]);
  deepEqual(again.saw, []);
  await bob.says("welcome", "garden");
  deepEqual(again.heard, ["#garden Bob: welcome"]);
});

Deno.test("an account comes back to its rooms after a restart, but not to those that are no more", async () => {
  using chat = await openChat();
  const carl = new Visitor(chat.hub, "Carl");
  for (const room of ["garden", "attic"]) await carl.joins(room);
  carl.leaves();
  await chat.hub.places.settled();
  await chat.hub.rooms.remove(chat.hub.rooms.find("attic")!);
  using next = await chat.openAgain();
  const again = await Visitor.returns(next.hub, "Carl");
  deepEqual([...again.member.seats.keys()], ["lobby", "garden"]);
  deepEqual(next.hub.rooms.find("garden")!.names, ["Carl"]);
});

Deno.test("an account is in the rooms that it has left for good no more, however it comes back", async () => {
  using chat = await openChat();
  const carl = new Visitor(chat.hub, "Carl");
  await carl.joins("garden");
  await carl.parts("garden");
  using crashed = await chat.openAgain();
  deepEqual([...(await Visitor.returns(crashed.hub, "Carl")).member.seats.keys()], ["lobby"]);
  carl.leaves();
  deepEqual([...(await Visitor.returns(chat.hub, "Carl")).member.seats.keys()], ["lobby"]);
});

Deno.test("a joining or leaving that cannot be kept is refused, and nothing has happened", async () => {
  using chat = await openChat();
  const { hub, places } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  await bob.joins("garden");
  places.failing = true;
  await rejects(carl.joins("garden"), notStored());
  await rejects(bob.parts("garden"), notStored());
  places.failing = false;
  deepEqual(hub.rooms.find("garden")!.names, ["Bob"]);
  deepEqual([bob.saw, carl.member.isIn("garden")], [[], false]);
  await carl.joins("garden");
  await carl.says("hi", "garden");
  deepEqual(bob.heard, ["#garden Carl: hi"]);
});

Deno.test("a room is joined by its name alone, and not more than 100 by one person", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob");
  for (const raw of ["", "..", "a b"]) await rejects(bob.joins(raw), badRoomName(), raw);
  for (let index = 1; index < 100; index++) await bob.joins(`room${index}`);
  await rejects(bob.joins("one-more"), tooManyJoined(100));
  equal(hub.rooms.find("one-more"), undefined);
  await bob.parts("room1");
  await bob.joins("one-more");
});

Deno.test("who is banned from a room neither joins it nor speaks in it", async () => {
  using chat = await openChat();
  const { hub, moderation } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  for (const visitor of [bob, carl]) await visitor.joins("garden");
  const target = { type: "account", account: "id of Carl", name: "Carl" } as const;
  await moderation.ban({ name: "Bob", address: "127.0.0.1" }, { target, room: "garden", reason: "" });
  await carl.parts("garden");
  await rejects(carl.joins("garden"), { code: "banned" });
  await carl.says("hi");
  deepEqual(bob.heard, ["Carl: hi"]);
});

Deno.test("who is muted in a room speaks elsewhere, who is muted everywhere nowhere and in private neither", async () => {
  using chat = await openChat();
  const { hub, moderation } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  for (const visitor of [bob, carl]) await visitor.joins("garden");
  const target = { type: "account", account: "id of Carl", name: "Carl" } as const;
  const mo = { name: "mo", address: "127.0.0.1" };
  await moderation.mute(mo, { target, room: "garden", reason: "" });
  await rejects(async () => await carl.says("here?", "garden"), { code: "muted" });
  await carl.says("there?");
  await carl.writes("Bob", "psst");
  await moderation.mute(mo, { target, reason: "" });
  await rejects(async () => await carl.says("there?"), { code: "muted" });
  await rejects(async () => await carl.writes("Bob", "psst"), { code: "muted" });
  deepEqual(bob.heard, ["Carl: there?", "Carl to Bob: psst"]);
});

Deno.test("a guest who is sent away because of a name is out of all rooms", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, guest] = arrive(hub, "Bob", "CarI"); // with a capital i
  for (const visitor of [bob, guest]) await visitor.joins("garden");
  const before = bob.saw.length;
  const carl = new Visitor(hub, "Carl");
  await carl.joins("garden");
  await bob.says("hi", "garden");
  deepEqual([guest.ended.length, guest.heard], [1, []]);
  deepEqual(hub.rooms.find("garden")!.names, ["Bob", "Carl"]);
  deepEqual(bob.saw.slice(before), [
    ...["CarI went from #garden (kicked)", "CarI went from #lobby (kicked)"],
    ...["Carl came to #lobby", "Carl joined #garden"],
  ]);
});

Deno.test("a guest who gets an account owns and moderates what was the guest's, and returns to its rooms", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [carl, guest] = arrive(hub, "Carl", "bob1234");
  const own = await guest.joins("garden");
  const others = await carl.joins("cellar");
  await guest.joins("cellar");
  await others.change((record) => ({ ...record, moderators: ["dora's id", guest.member.key] }));
  await hub.promote(guest.member, { ...identityOf("Bob"), account: "id of Bob" });
  deepEqual([own.isOwner(guest.member), own.record.owner], [true, "id of Bob"]);
  deepEqual([others.record.owner, others.record.moderators], ["id of Carl", ["dora's id", "id of Bob"]]);
  deepEqual([own.names, others.names], [["Bob"], ["Carl", "Bob"]]);
  guest.leaves();
  await hub.places.settled();
  using next = await chat.openAgain();
  const bob = await Visitor.returns(next.hub, "Bob");
  deepEqual([...bob.member.seats.keys()], ["lobby", "garden", "cellar"]);
  equal(next.hub.rooms.find("garden")!.isOwner(bob.member), true);
});

Deno.test("a guest who gets an account owns rooms that the guest had left, and keeps invitations", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [carl, guest] = arrive(hub, "Carl", "bob1234");
  const own = await guest.joins("garden");
  await guest.parts("garden");
  const secret = await carl.joins("cellar");
  const until = new Date(Date.now() + 60_000);
  await secret.change((record) => ({
    ...record,
    private: true,
    invitations: [{ key: guest.member.key, by: "Carl", until }],
  }));
  await hub.promote(guest.member, { ...identityOf("Bob"), account: "id of Bob" });
  equal(own.isOwner(guest.member), true);
  await guest.joins("cellar");
  equal(guest.member.isIn("cellar"), true);
});

Deno.test("a topic and a note are told to those in the room, whoever they come from", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  const room = await bob.joins("garden");
  await hub.setTopic(room, "weeds", "Bob");
  hub.note(room, "the room is quiet now.");
  deepEqual(bob.heard, ["Bob set the topic of #garden: weeds", "#garden: the room is quiet now."]);
  deepEqual(carl.heard, []);
  equal(room.record.topic, "weeds");
  chat.rooms.failing = true;
  await rejects(hub.setTopic(room, "roses", "Bob"), notStored());
  deepEqual([room.record.topic, bob.heard.length], ["weeds", 2]);
});

Deno.test("an announcement is told to everybody, once", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const visitors = arrive(hub, "Bob", "Bob", "eve4821");
  await visitors[0]!.joins("garden");
  hub.announce("Tea.");
  for (const { heard } of visitors) deepEqual(heard, ["Tea."]);
});

Deno.test("a deleted message is gone from the log and from what is shown, and those in the room are told", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  const room = await bob.joins("garden");
  const [one, two] = [await bob.says("one", "garden"), await bob.says("two", "garden")];
  await hub.unsay(room, two.id, "mo");
  deepEqual(bob.heard, ["mo deleted 2 of Bob in #garden"]);
  deepEqual(carl.heard, []);
  deepEqual(await latest(log, "garden", 10), [one]);
  deepEqual(room.recent, [one]);
  await rejects(hub.unsay(room, two.id, "mo"), noSuchMessage());
  await rejects(hub.unsay(hub.lobby, one.id, "mo"), noSuchMessage());
  equal((await bob.says("three", "garden")).number, 3, "and its number is not given again");
});

Deno.test("a program that listens in some rooms hears those, and nothing of others", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  const [garden, attic] = [await bob.joins("garden"), await bob.joins("attic")];
  const program = new Program(bob.member);
  using _watching = hub.distribution.watch({ ...program.watch, rooms: [garden] });
  await bob.says("one", "garden");
  await bob.says("two", "attic");
  await bob.says("three");
  await carl.writes("Bob", "psst");
  deepEqual(program.heard, ["#garden Bob: one"]);
  equal(attic.names.length, 1);
});

Deno.test("a program that listens to somebody's private messages hears those, got and written", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl, eve] = arrive(hub, "Bob", "Carl", "eve4821");
  const program = new Program(bob.member);
  using _watching = hub.distribution.watch({ ...program.watch, rooms: [], directsOf: "id of Bob" });
  await carl.writes("Bob", "one");
  await bob.writes("eve4821", "two");
  await carl.writes("eve4821", "three");
  bob.leaves();
  await eve.writes("Bob", "four");
  deepEqual(program.heard, ["Carl to Bob: one", "Bob to eve4821: two", "eve4821 to Bob: four"]);
});

Deno.test("a program hears nothing any more when it has stopped listening", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob");
  const program = new Program(bob.member);
  {
    using _watching = hub.distribution.watch({
      ...program.watch,
      rooms: [hub.lobby],
      directsOf: "id of Bob",
    });
    await bob.says("one");
  }
  await bob.says("two");
  await bob.writes("Bob", "three");
  deepEqual(program.heard, ["Bob: one"]);
});

Deno.test("listening ends where the room becomes private, and nowhere else", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob");
  const [garden, attic] = [await bob.joins("garden"), await bob.joins("attic")];
  const programs = [garden, attic].map((room) => {
    const program = new Program(bob.member);
    hub.distribution.watch({ ...program.watch, rooms: [hub.lobby, room] });
    return program;
  });
  hub.distribution.closeToWatches(garden);
  deepEqual(programs.map(({ ended }) => ended), [["You may no longer read along here."], []]);
});

Deno.test("listening in a room ends for who leaves it, and for nobody else", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, carl] = arrive(hub, "Bob", "Carl");
  const garden = await bob.joins("garden");
  await carl.joins("garden");
  const programs = [bob, carl].map(({ member }) => {
    const program = new Program(member);
    hub.distribution.watch({ ...program.watch, rooms: [garden] });
    return program;
  });
  await carl.parts("garden");
  deepEqual(programs.map(({ ended }) => ended.length), [0, 1]);
});

Deno.test("a room that is not open for all is closed to whoever was not invited, also over connections of before", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, eve] = arrive(hub, "Bob", "eve4821");
  const room = await bob.joins("cellar");
  await eve.joins("cellar");
  await room.change((record) => ({ ...record, private: true }));
  await bob.says("to members", "cellar");
  deepEqual(eve.heard, ["#cellar Bob: to members"], "who is in stays in");
  await eve.parts("cellar");
  await rejects(eve.joins("cellar"), notInvited("cellar"));
});

/** A program that only listens, in somebody's name. */
class Program implements Listener {
  static #count = 0;
  readonly id = `program ${Program.#count++}`;
  readonly address = "127.0.0.1";
  readonly how = "HTTP";
  readonly token = undefined;
  readonly echoesDirects = true;
  readonly hears = true;
  readonly ended: string[] = [];
  readonly #events: ChatEvent[] = [];
  readonly #person: Person;

  constructor(person: Person) {
    this.#person = person;
  }

  get account(): string | undefined {
    return this.#person.account;
  }

  get watch(): Pick<Watch, "listener" | "person" | "directsOf"> {
    return { listener: this, person: this.#person, directsOf: undefined };
  }

  get heard(): string[] {
    return this.#events.map(inShort);
  }

  deliver(event: ChatEvent): void {
    this.#events.push(event);
  }

  end(sentence: string): void {
    this.ended.push(sentence);
  }
}

/** Those who have come in, one after the other, and have taken notice of each other. */
function arrive<Names extends string[]>(hub: Hub, ...names: Names): { [Index in keyof Names]: Visitor } {
  const visitors = names.map((name) => new Visitor(hub, name));
  for (const { events } of visitors) events.length = 0;
  return visitors as { [Index in keyof Names]: Visitor };
}
