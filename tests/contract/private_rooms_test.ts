import { strict as assert } from "node:assert";
import { Database } from "../../server/store/kv.ts";
import { KvRoomStore } from "../../server/store/rooms.ts";
import type { Person } from "../support/person.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const NO_DEN = "There is no room #den.";
const PRIVATE = "#den is private; its staff can invite you.";
const NOW_PRIVATE = "#den: the room is private now; /invite <name> lets somebody in.";

Deno.test("a private room leaks through no door, whoever knocks", async () => {
  await using server = await startServer(...UNLIMITED);
  const [owner, member] = await server.members("owner", "member");
  await ownsPrivateDen(owner);
  const [guest] = await server.guests("guest");
  const outsiders = [member, guest, await server.moderator("mona"), await server.admin("ada")];
  await owner.types("the password is xyzzy");
  for (const outsider of outsiders) {
    await outsider.catchesUp();
    await outsider.asks("/join #den", PRIVATE);
    for (const line of ["/u #den", "/names #DEN", "/history #den", "/history #den 200", "/command /u #den"]) {
      await outsider.asks(line, NO_DEN);
    }
    await outsider.asks("/leave #den", "You are not in #den. /join #den first.");
    await outsider.asks("/search xyzzy", "Nothing was found.");
    await outsider.asks("/rooms", "Rooms (1):", /^#lobby \(\d\)$/);
    await outsider.asks("/missed", "You have missed nothing.");
    for (const line of ["/whois owner", "/help", "/limits", "/ignore"]) {
      await outsider.types(line);
      await outsider.types("/ping");
      assert.doesNotMatch((await outsider.readsUntil("Pong.")).join("\n"), /#den|xyzzy/, line);
    }
    await outsider.types("/delete 1");
    assert.match(await outsider.readsLine(), /^You may not do that\.$|^There is no such message here\./);
  }
  await owner.types("/topic still here");
  await owner.readsUntil("owner has set the topic of #den: still here");
});

Deno.test("to those outside a private room is, in JSON too, as if it were not there", async () => {
  await using server = await startServer(...UNLIMITED);
  const [owner, eve] = await server.members("owner", "eve");
  await ownsPrivateDen(owner);
  await owner.types("the password is xyzzy");
  await eve.types("/json");
  const { rooms } = JSON.parse(await eve.readsLine());
  assert.deepEqual(rooms, ["lobby"]);
  const asked = [
    { type: "who" },
    { type: "history" },
    { type: "history", after: "00000000000000000000000000" },
    { type: "say", text: "hello" },
    { type: "delete", id: "01J00000000000000000000000" },
    { type: "command", text: "/topic" },
    { type: "command", text: "/history" },
    { type: "command", text: "/bans" },
  ];
  for (const request of asked) {
    const answers: unknown[] = [];
    for (const room of ["den", "nowhere"]) {
      await eve.types(JSON.stringify({ ...request, room }));
      answers.push((await eve.readsLine()).replaceAll(room, "<room>"));
    }
    assert.equal(answers[0], answers[1]);
    assert.match(String(answers[0]), /"no_such_room"/);
  }
  await eve.types(JSON.stringify({ type: "rooms" }));
  assert.deepEqual(JSON.parse(await eve.readsLine()).rooms.map(({ name }: { name: string }) => name), [
    "lobby",
  ]);
  await eve.types(JSON.stringify({ type: "search", words: "xyzzy" }));
  assert.deepEqual(JSON.parse(await eve.readsLine()).messages, []);
  await eve.types(JSON.stringify({ type: "leave", room: "den" }));
  assert.equal(JSON.parse(await eve.readsLine()).code, "not_in_room");
  await eve.types(JSON.stringify({ type: "join", room: "den" }));
  assert.equal(JSON.parse(await eve.readsLine()).code, "not_invited");
});

Deno.test("what happens in a private room is told to those in it alone", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.members("ann", "bob", "eve");
  await ownsPrivateDen(ann);
  await ann.asks("/invite bob", "bob is invited to #den for 24 hours.");
  await bob.reads("ann invites you to #den: /join #den");
  await bob.asks("/join #den", "You are in #den.", "Users currently online (2): ann, bob");
  await ann.reads("bob has joined #den.");
  await bob.types("a secret");
  await ann.reads("bob: a secret");
  for (const line of ["/topic secret", "/quiet on", "/quiet off", "/mod bob", "/unmod bob", "/delete 1"]) {
    await ann.types(line);
  }
  await bob.readsInTurn(
    "ann has set the topic of #den: secret",
    "#den: the room is quiet now: its staff speaks, others read.",
    "#den: everybody may speak now.",
    "#den: bob is a moderator of the room now.",
    "#den: bob is no moderator of the room any more.",
    "ann has deleted a message of bob in #den.",
  );
  await bob.asks("/leave", "You have left #den.");
  await bob.types("goodbye");
  await eve.reads("bob: goodbye"); // and nothing of all that
});

Deno.test("an invitation is used once, also by those who were away and by guests", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("bob");
  const [ann] = await server.members("ann");
  const [guest] = await server.guests("guest");
  await ownsPrivateDen(ann);
  await ann.types("/invite bob");
  await ann.types(`/invite ${guest.name.toUpperCase()}`);
  await ann.readsUntil("bob is invited to #den for 24 hours.");
  await ann.reads(`${guest.name} is invited to #den for 24 hours.`);
  await guest.reads("ann invites you to #den: /join #den");

  const bob = await server.member("bob");
  await guest.reads("bob has joined the chat.");
  for (const person of [bob, guest]) {
    await person.asks("/join #den", "You are in #den.", /^Users/);
    await person.asks("/leave", "You have left #den.");
    await person.asks("/join #den", PRIVATE);
    await person.asks("/u #den", NO_DEN);
  }
});

Deno.test("whoever is ignored invites in silence", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  await ownsPrivateDen(ann);
  await bob.asks("/ignore ann", "You no longer see what ann says. /unignore ann takes it back.");
  await ann.asks("/invite bob", "bob is invited to #den for 24 hours.");
  await bob.asks("/u #den", "Users currently online (1): ann");
});

Deno.test("whoever is invited may see and read the room, for 24 hours", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  await ownsPrivateDen(ann);
  await ann.types("welcome");
  await ann.asks("/invite bob", "bob is invited to #den for 24 hours.");
  await bob.reads("ann invites you to #den: /join #den");
  await bob.asks("/rooms", "Rooms (2):", "#lobby (2)", "#den (1, private)");
  await bob.asks("/u #den", "Users currently online (1): ann");
  await bob.asks("/history #den", /^\d\d:\d\d #den ann: welcome$/);

  await server.restart(() => letInvitationsEnd(server));
  const again = await server.member("bob");
  await again.asks("/rooms", "Rooms (1):", "#lobby (1)");
  await again.asks("/u #den", NO_DEN);
  await again.asks("/history #den", NO_DEN);
  await again.asks("/join #den", PRIVATE);
});

Deno.test("only the room's staff invites, and whom there is", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await ann.reads(`${bob.name} has joined #den.`);
  await bob.asks(`/invite ${eve.name}`, "You may not do that.");
  await eve.asks(`/invite ${bob.name}`, "You may not do that."); // to the lobby
  await ann.asks("/invite nobody", "User nobody not found.");
  await ann.asks("/invite", "Use: /invite <name>");
  await ann.asks(`/mod ${bob.name}`, `#den: ${bob.name} is a moderator of the room now.`);
  await bob.reads(`#den: ${bob.name} is a moderator of the room now.`);
  await bob.asks(`/invite ${eve.name}`, `${eve.name} is invited to #den for 24 hours.`);
  await eve.reads(`${bob.name} invites you to #den: /join #den`);
});

Deno.test("a room that becomes private keeps who is in it, here or away, and is as before when it opens", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.members("ann", "bob", "eve");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await ann.reads("bob has joined #den.");
  await bob.leaves();
  await ann.reads("bob has left the chat.");
  await ann.asks("/private on", NOW_PRIVATE);
  const again = await server.member("bob");
  await ann.reads("bob has joined the chat.");
  await ann.types("welcome back");
  await again.reads("#den ann: welcome back");
  await eve.readsInTurn("bob has left the chat.", "bob has joined the chat.");
  await eve.asks("/u #den", NO_DEN);
  await ann.asks("/private off", "#den: the room is open to all now.");
  await eve.asks("/u #den", "Users currently online (2): ann, bob");
  await eve.asks("/join #den", "You are in #den.", /^Users/, /ann: welcome back$/);
});

Deno.test("who makes a room private is its owner, who may come back to it; the lobby stays open", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  const ada = await server.admin("ada");
  await ada.asks("/private on", "#lobby is open to all and stays so.");
  for (const person of [ann, bob]) {
    await person.catchesUp();
    await person.asks("/join #den", "You are in #den.", /^Users/);
  }
  await bob.asks("/private on", "You may not do that.");
  await bob.asks("/private", "Use: /private on|off");
  await bob.asks("/leave", "You have left #den.");
  await ann.readsUntil("bob has left #den.");
  await ann.asks("/private on", NOW_PRIVATE);
  await ann.asks("/leave", "You have left #den.");
  await bob.asks("/join #den", PRIVATE);
  await server.restart();
  const [owner, again] = [await server.member("ann"), await server.member("bob")];
  await owner.reads("bob has joined the chat.");
  await again.asks("/join #den", PRIVATE);
  await owner.asks("/join #den", "You are in #den.", /^Users/);
});

/** Makes a room and closes it. */
async function ownsPrivateDen(owner: Person): Promise<void> {
  await owner.catchesUp();
  await owner.asks("/join #den", "You are in #den.", /^Users currently online \(1\)/);
  await owner.asks("/private on", NOW_PRIVATE);
}

/** Puts the end of all invitations into the past, as 24 hours do. */
async function letInvitationsEnd(server: TestServer): Promise<void> {
  await using database = await Database.open(
    `${server.dataDir}/parley.db`,
    (error) => assert.fail(String(error)),
  );
  const store = new KvRoomStore(database);
  for (const record of await Array.fromAsync(store.list())) {
    const invitations = record.invitations.map((invitation) => ({ ...invitation, until: new Date() }));
    await store.put({ ...record, invitations });
  }
}
