import { deepStrictEqual as deepEqual, rejects, strictEqual as equal, throws } from "node:assert/strict";
import type { Message } from "../../../server/chat/event.ts";
import { nameTaken, notStored, userNotFound } from "../../../server/refusals.ts";
import { latest } from "../../suites/message_log.ts";
import { identityOf, openChat, settle, Visitor } from "./_chat.ts";

Deno.test("what is said is told to all but the connection that it came from", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, bobElsewhere, ann] = ["Bob", "Bob", "ann4821"].map((name) => new Visitor(hub, name));
  await bob!.says("hello");
  deepEqual(ann!.heard, ["Bob: hello"]);
  deepEqual(bobElsewhere!.heard, ["Bob: hello"]);
  deepEqual(bob!.heard, []);
});

Deno.test("nobody is told what is not kept yet", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  log.hold();
  const said = [ann.says("one"), ann.writes("Bob", "two")];
  await settle();
  deepEqual(bob.heard, []);
  log.release();
  await Promise.all(said);
  deepEqual(bob.heard, ["ann4821: one", "ann4821 to Bob: two"]);
});

Deno.test("what could not be kept is told to nobody, then or later", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  log.failing = true;
  await rejects(ann.says("lost"), notStored());
  await rejects(ann.writes("Bob", "lost"), notStored());
  await rejects(ann.writes("Carl", "lost"), notStored());
  log.failing = false;
  await ann.says("kept");
  deepEqual(bob.heard, ["ann4821: kept"]);
  deepEqual(new Visitor(hub, "eve1234").shownOnArrival, ["ann4821: kept"]);
  deepEqual(await log.waitingFor("id of Carl"), []);
});

Deno.test("all hear all in one order, which is that of the ids", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const visitors = ["ann4821", "Bob", "eve1234"].map((name) => new Visitor(hub, name));
  const observer = new Visitor(hub, "zoe0000");
  await Promise.all(
    Array.from({ length: 60 }, (_, index) => visitors[index % 3]!.says(`${index}`)),
  );
  const heard = observer.events.filter((event): event is Message => event.type === "message");
  equal(heard.length, 60);
  deepEqual(heard, heard.toSorted((one, other) => one.id < other.id ? -1 : 1));
  for (const { name, events } of visitors) {
    const others = heard.filter(({ from }) => from !== name);
    deepEqual(events.filter(({ type }) => type === "message"), others);
  }
});

Deno.test("private messages and those to the room keep the order in which somebody typed them", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  await Promise.all([ann.says("1"), ann.writes("Bob", "2"), ann.says("3"), ann.writes("Bob", "4")]);
  deepEqual(bob.heard, ["ann4821: 1", "ann4821 to Bob: 2", "ann4821: 3", "ann4821 to Bob: 4"]);
});

Deno.test("who comes in is shown who is here and the ten messages before", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const ann = new Visitor(hub, "ann4821");
  for (let line = 1; line <= 12; line++) await ann.says(`${line}`);
  const bob = new Visitor(hub, "Bob");
  deepEqual(bob.presentOnArrival, ["ann4821", "Bob"]);
  deepEqual(bob.shownOnArrival, Array.from({ length: 10 }, (_, index) => `ann4821: ${index + 3}`));
});

Deno.test("who comes in while a message is being kept gets it once", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const ann = new Visitor(hub, "ann4821");
  await ann.says("before");
  log.hold();
  const said = ann.says("meanwhile");
  const bob = new Visitor(hub, "Bob");
  log.release();
  await said;
  deepEqual([...bob.shownOnArrival, ...bob.heard], ["ann4821: before", "ann4821: meanwhile"]);
});

Deno.test("ids rise and the latest messages are there after a restart with the clock set back", async () => {
  using chat = await openChat({ nowMs: 2_000_000_000_000 });
  const { hub, log } = chat;
  await new Visitor(hub, "ann4821").says("before");
  using next = await chat.openAgain({ nowMs: 1_000_000_000_000 });
  const ann = new Visitor(next.hub, "ann4821");
  deepEqual(ann.shownOnArrival, ["ann4821: before"]);
  await ann.says("after");
  deepEqual((await latest(log, "lobby", 10)).map(({ text }) => text), ["before", "after"]);
});

Deno.test("a private message is told to all connections of both and to nobody else", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const eve = new Visitor(hub, "eve1234");
  const [bob, carl] = [new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  const everywhere = [bob, carl, new Visitor(hub, "Bob"), new Visitor(hub, "Carl")];
  const { waits, away } = await carl.writes("BOB", "psst");
  deepEqual({ waits, away }, { waits: false, away: undefined });
  for (const { heard } of everywhere) deepEqual(heard, ["Carl to Bob: psst"]);
  deepEqual(eve.heard, []);
  deepEqual([bob.member.lastCorrespondent, carl.member.lastCorrespondent], ["Carl", undefined]);
});

Deno.test("who writes to oneself is told once", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const ann = new Visitor(hub, "ann4821");
  await ann.writes("ann4821", "note");
  deepEqual(ann.heard, ["ann4821 to ann4821: note"]);
});

Deno.test("a private message to nobody is refused, to somebody who looks like the one as well", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const ann = new Visitor(hub, "ann4821");
  new Visitor(hub, "alice1234");
  await rejects(ann.writes("nobody", "hi"), userNotFound("nobody"));
  await rejects(ann.writes("AIice1234", "hi"), userNotFound("AIice1234"));
});

Deno.test("a private message waits for an account that is away", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const ann = new Visitor(hub, "ann4821");
  const { direct, waits } = await ann.writes("bob", "psst");
  deepEqual([direct.to, waits], ["Bob", true]);
  deepEqual(ann.heard, ["ann4821 to Bob: psst"]);
  deepEqual(await log.waitingFor("id of Bob"), [direct]);
});

Deno.test("a private message to one who returns while it is being kept is told at once and waits no more", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const ann = new Visitor(hub, "ann4821");
  log.hold();
  const written = ann.writes("Bob", "psst");
  await settle();
  const bob = new Visitor(hub, "Bob");
  log.release();
  equal((await written).waits, false);
  deepEqual(bob.heard, ["ann4821 to Bob: psst"]);
  deepEqual(await log.waitingFor("id of Bob"), []);
});

Deno.test("a private message to an account whose last connection has just gone waits for its return", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  bob.hears = false; // and is still about to leave
  const { waits } = await ann.writes("bob", "psst");
  equal(waits, true);
  deepEqual((await log.waitingFor(bob.member.key)).map(({ text }) => text), ["psst"]);
});

Deno.test("a private message to an account that leaves while it is being kept waits for its return", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  log.hold();
  const written = ann.writes("Bob", "psst");
  await settle();
  bob.leaves();
  log.release();
  equal((await written).waits, true);
  deepEqual((await log.waitingFor("id of Bob")).map(({ text }) => text), ["psst"]);
  deepEqual(ann.heard, ["ann4821 to Bob: psst"]);
});

Deno.test("a private message to a guest who leaves while it is being kept is refused", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [ann, eve] = [new Visitor(hub, "ann4821"), new Visitor(hub, "eve1234")];
  log.hold();
  const written = ann.writes("eve1234", "psst");
  await settle();
  eve.leaves();
  log.release();
  await rejects(written, userNotFound("eve1234"));
  deepEqual(ann.heard, []);
});

Deno.test("a private message to an account that goes and comes back while it is being kept is told once", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  log.hold();
  const written = ann.writes("Bob", "psst");
  await settle();
  bob.leaves();
  const again = new Visitor(hub, "Bob");
  log.release();
  equal((await written).waits, false);
  deepEqual([bob.heard, again.heard], [[], ["ann4821 to Bob: psst"]]);
  deepEqual(await log.waitingFor("id of Bob"), []);
});

Deno.test("a private message to an account that comes and goes while it is being kept waits for its return", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const ann = new Visitor(hub, "ann4821");
  log.hold();
  const written = ann.writes("Bob", "psst");
  await settle();
  const bob = new Visitor(hub, "Bob");
  bob.leaves();
  log.release();
  equal((await written).waits, true);
  deepEqual(bob.heard, []);
  deepEqual((await log.waitingFor("id of Bob")).map(({ text }) => text), ["psst"]);
});

Deno.test("a private message to one who goes, and is back before it waits, is told once", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  log.hold();
  const written = ann.writes("Bob", "psst");
  await settle();
  bob.leaves();
  log.release();
  log.hold();
  await settle(); // it is kept, and now it is to wait
  const again = new Visitor(hub, "Bob");
  log.release();
  await written;
  deepEqual(again.heard, ["ann4821 to Bob: psst"]);
  deepEqual(await log.waitingFor("id of Bob"), []);
});

Deno.test("both have a private message in their conversation, however it went", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [carl, bob] = [new Visitor(hub, "Carl"), new Visitor(hub, "Bob")];
  const said = [await carl.writes("Bob", "one"), await bob.writes("Carl", "two")];
  bob.leaves();
  said.push(await carl.writes("Bob", "three"));
  const directs = said.map(({ direct }) => direct);
  for (const [one, other] of [["id of Bob", "id of Carl"], ["id of Carl", "id of Bob"]] as const) {
    deepEqual((await log.conversation(one, other, { limit: 10 })).messages, directs);
  }
});

Deno.test("what a guest wrote and got privately is forgotten when the guest leaves, but not by others", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [eve, bob] = [new Visitor(hub, "eve1234"), new Visitor(hub, "Bob")];
  const key = eve.member.key;
  const { direct } = await eve.writes("Bob", "hi");
  const { direct: answer } = await bob.writes("eve1234", "hello");
  eve.leaves();
  await settle();
  deepEqual((await log.conversation(key, "id of Bob", { limit: 10 })).messages, []);
  deepEqual((await log.conversation("id of Bob", key, { limit: 10 })).messages, [direct, answer]);
});

Deno.test("a connection that wants no echo is not told what it wrote itself, the writer's others are", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const carl = new Visitor(hub, "Carl");
  const program = new Visitor(hub, "Bob", { echoesDirects: false });
  const elsewhere = new Visitor(hub, "Bob", { echoesDirects: false });
  await program.writes("Carl", "psst");
  deepEqual([program.heard, elsewhere.heard], [[], ["Bob to Carl: psst"]]);
  await program.writes("Bob", "note");
  deepEqual([program.heard, elsewhere.heard.at(-1)], [["Bob to Bob: note"], "Bob to Bob: note"]);
  deepEqual(carl.heard, ["Bob to Carl: psst"]);
});

Deno.test("an account joins with its first connection and leaves with its last", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const ann = new Visitor(hub, "ann4821");
  const bob = new Visitor(hub, "Bob");
  const bobElsewhere = new Visitor(hub, "Bob");
  equal(bobElsewhere.member, bob.member);
  deepEqual(bobElsewhere.presentOnArrival, ["ann4821", "Bob"]);
  bob.leaves();
  bob.leaves();
  await ann.says("still here?");
  deepEqual(bobElsewhere.heard, ["ann4821: still here?"]);
  bobElsewhere.leaves("timeout");
  await ann.says("anybody?");
  deepEqual(ann.saw, ["Bob came to #lobby", "Bob went from #lobby (timeout)"]);
  deepEqual([bob.saw, bobElsewhere.saw], [[], []]);
  deepEqual(hub.roster.names, ["ann4821"]);
});

Deno.test("who is ignored is not heard, in the room or in private, nor on coming and going", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const bob = new Visitor(hub, "Bob", { ignored: ["ANN4821"] });
  const ann = new Visitor(hub, "ann4821");
  await ann.says("hello?");
  await ann.writes("Bob", "hello?");
  ann.leaves();
  await new Visitor(hub, "eve1234").says("hi");
  deepEqual([bob.saw, bob.heard], [["eve1234 came to #lobby"], ["eve1234: hi"]]);
  equal(bob.member.lastCorrespondent, undefined);
  deepEqual(ann.heard, ["ann4821 to Bob: hello?"], "and is not told of it");
});

Deno.test("what an ignored person said before is not shown either", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [ann, eve] = [new Visitor(hub, "ann4821"), new Visitor(hub, "eve1234")];
  await ann.says("hello?");
  await eve.says("hi");
  const bob = new Visitor(hub, "Bob", { ignored: ["ann4821"] });
  deepEqual(bob.shownOnArrival, ["eve1234: hi"]);
});

Deno.test("a guest has to go when an account comes in whose name is the guest's or looks like it", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [ann, guest] = [new Visitor(hub, "ann4821"), new Visitor(hub, "CarI")]; // with a capital i
  const carl = new Visitor(hub, "Carl");
  deepEqual(guest.ended, ["Your name now belongs to an account. Come in again under another."]);
  deepEqual(carl.presentOnArrival, ["ann4821", "Carl"]);
  await carl.says("hello");
  deepEqual(ann.saw, ["CarI came to #lobby", "CarI went from #lobby (kicked)", "Carl came to #lobby"]);
  guest.leaves();
  equal(hub.roster.find("Carl"), carl.member, "the guest's leaving takes nobody else out");
  equal(hub.roster.isFree("CarI"), false);
});

Deno.test("a new name is told to all, the member's own connections too, and once", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [ann, bob] = [new Visitor(hub, "ann4821"), new Visitor(hub, "Bob")];
  hub.rename(bob.member, "Robert");
  hub.rename(bob.member, "Robert");
  deepEqual(ann.heard, ["Bob is Robert"]);
  deepEqual(bob.heard, ["Bob is Robert"]);
  await bob.says("hi");
  equal(ann.heard.at(-1), "Robert: hi");
});

Deno.test("an answer goes to who wrote, though they have another name now and others their old one", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [ann, guest] = [new Visitor(hub, "ann4821"), new Visitor(hub, "bob1234")];
  await guest.writes("ann4821", "hi");
  await hub.promote(guest.member, { ...identityOf("Bob"), account: "id of Bob" });
  new Visitor(hub, "bob1234");
  equal(ann.member.lastCorrespondent, "Bob");
});

Deno.test("a guest who gets an account stays in the same place", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [ann, guest] = [new Visitor(hub, "ann4821"), new Visitor(hub, "bob1234")];
  await hub.promote(guest.member, { ...identityOf("Bob"), account: "id of Bob" });
  deepEqual(ann.heard, ["bob1234 is Bob"]);
  const elsewhere = new Visitor(hub, "Bob");
  equal(elsewhere.member, guest.member);
  await elsewhere.says("hi");
  deepEqual([ann.saw, ann.heard.at(-1)], [["bob1234 came to #lobby"], "Bob: hi"]);
});

Deno.test("what is written to a guest who gets an account meanwhile is told to the member, and is theirs", async () => {
  using chat = await openChat();
  const { hub, log } = chat;
  const [ann, guest] = [new Visitor(hub, "ann4821"), new Visitor(hub, "bob1234")];
  const written = ann.writes("bob1234", "hi"); // on its way to the disk
  await hub.promote(guest.member, { ...identityOf("Bob"), account: "id of Bob" });
  equal((await written).waits, false);
  deepEqual(guest.heard, ["bob1234 is Bob", "ann4821 to bob1234: hi"]);
  equal(guest.events.find((event) => event.type === "direct")!.toKey, "id of Bob");
  equal((await log.conversation(ann.member.key, "id of Bob", { limit: 10 })).messages.length, 1);
  equal(guest.member.lastCorrespondent, "ann4821");
});

Deno.test("a guest whose new account is here already does not become it a second time", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [bob, guest] = [new Visitor(hub, "Bob"), new Visitor(hub, "bob1234")];
  await rejects(hub.promote(guest.member, { ...identityOf("Bob"), account: "id of Bob" }), nameTaken());
  deepEqual([guest.name, guest.account, hub.roster.findByKey("id of Bob")], [
    "bob1234",
    undefined,
    bob.member,
  ]);
});

Deno.test("a name is free unless somebody else is here under it or one that looks like it", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const alice = new Visitor(hub, "alice");
  for (const name of ["alice", "ALICE", "AIice"]) throws(() => hub.checkNotPresent(name), nameTaken(), name);
  hub.checkNotPresent("AIice", alice.member);
  hub.checkNotPresent("alicia");
});

Deno.test("connections end that are picked, and no others", async () => {
  using chat = await openChat();
  const { hub } = chat;
  const [ann, bob, bobElsewhere] = ["ann4821", "Bob", "Bob"].map((name) => new Visitor(hub, name));
  hub.distribution.disconnect((listener) => listener === bob, "Go.", "kicked");
  deepEqual([ann!.ended, bob!.ended, bobElsewhere!.ended], [[], ["Go."], []]);
});
