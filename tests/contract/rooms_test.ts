import { strict as assert } from "node:assert";
import type { Person } from "../support/person.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";
import { TktalkClient } from "../support/tktalk_client.ts";

const BAD_ROOM = "Rooms are # and 1 to 32 letters, digits, _ - or .";

Deno.test("a room is called by one name, however it is typed", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann] = await server.guests("ann");
  const names: [typed: string, room: string][] = [
    ["#den", "den"],
    ["den", "den"],
    ["#DEN ", "den"],
    ["#ｄｅｎ", "den"],
    ["#a", "a"],
    ["#7", "7"],
    ["#.net_4-ever", ".net_4-ever"],
    ["#Küche", "küche"],
    ["#дом", "дом"],
    ["#" + "x".repeat(32), "x".repeat(32)],
    ["#LOBBY", "lobby"],
  ];
  for (const [typed, room] of names) {
    await ann.asks(`/join ${typed}`, `You are in #${room}.`, `Users currently online (1): ${ann.name}`);
  }
  await ann.types("/rooms");
  assert.equal(await ann.readsLine(), `Rooms (${new Set(names.map(([, room]) => room)).size}):`);
});

Deno.test("what cannot be a room's name is refused wherever one is typed", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann] = await server.guests("ann");
  const bad = [
    "#",
    "##den",
    "#two words",
    "#" + "x".repeat(33),
    "#a/b",
    "#../etc",
    "#a,b",
    "#a:b",
    "#a@b",
    "#<b>",
    "#--",
    "#😀",
    "#de\u200bn",
    "#d\u0435n", // with a Cyrillic letter in the middle
    "#\u202eden#",
  ];
  for (const name of bad) {
    for (const command of ["/join", "/leave", "/u"]) await ann.asks(`${command} ${name}`, BAD_ROOM);
  }
  await ann.asks("/join", BAD_ROOM);
  await ann.asks("/history #a/b", BAD_ROOM);
  await ann.asks("/rooms", "Rooms (1):", "#lobby (1)");
});

Deno.test("each reads what is said in their rooms as the contract's table has it", async () => {
  await using server = await startServer();
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  await ann.asks("/join #den", "You are in #den.", `Users currently online (1): ${ann.name}`);
  await bob.asks("/join #den", "You are in #den.", `Users currently online (2): ${ann.name}, ${bob.name}`);
  await ann.reads(`${bob.name} has joined #den.`);

  await ann.types("in the den");
  await ann.types("/me sits down");
  await bob.readsInTurn(`${ann.name}: in the den`, `* ${ann.name} sits down`);
  await ann.asks("/join #lobby", "You are in #lobby.", /^Users currently online \(3\)/);
  await ann.types("in the lobby");
  await ann.types("/me waves");
  await bob.readsInTurn(`#lobby ${ann.name}: in the lobby`, `#lobby * ${ann.name} waves`);
  await eve.readsInTurn(`${ann.name}: in the lobby`, `* ${ann.name} waves`); // and nothing of the den
  await bob.types("are you there?");
  await bob.types("/me looks around");
  await ann.readsInTurn(`#den ${bob.name}: are you there?`, `#den * ${bob.name} looks around`);

  await bob.asks("/leave", "You have left #den.");
  await ann.reads(`${bob.name} has left #den.`);
  await bob.types("back in the lobby");
  await ann.reads(`${bob.name}: back in the lobby`);
  await eve.reads(`${bob.name}: back in the lobby`);
});

Deno.test("who enters a room reads its topic, who is there and what was said last", async () => {
  await using server = await startServer();
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  for (const person of [ann, eve]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await ann.reads(`${eve.name} has joined #den.`);
  for (let count = 1; count <= 12; count++) await ann.types(`line ${count}`);
  await eve.readsUntil(`${ann.name}: line 12`);
  await ann.asks("/topic Tea, and toast", `${ann.name} has set the topic of #den: Tea, and toast`);
  await bob.asks("/join #den", "You are in #den: Tea, and toast", /^Users currently online \(3\)/);
  for (let count = 3; count <= 12; count++) await bob.reads(`${ann.name}: line ${count}`);
  await ann.reads(`${bob.name} has joined #den.`);
});

Deno.test("who is in a room already looks at it again, and nobody reads of it", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await ann.reads(`${bob.name} has joined #den.`);
  await bob.asks("/join #lobby", "You are in #lobby.", /^Users/);
  await bob.asks("/join #den", "You are in #den.", /^Users/);
  await bob.types("hello");
  await ann.reads(`${bob.name}: hello`);
});

Deno.test("/rooms lists the lobby first, then the fullest, each with its topic", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.asks("/join #aa", "You are in #aa.", /^Users/);
  await bob.asks("/join #zz", "You are in #zz.", /^Users/);
  await bob.asks("/topic sleep", `${bob.name} has set the topic of #zz: sleep`);
  await ann.asks("/join #zz", "You are in #zz: sleep", /^Users/);
  await bob.reads(`${ann.name} has joined #zz.`);
  await bob.asks("/quiet on", "#zz: the room is quiet now: its staff speaks, others read.");
  await bob.asks("/rooms", "Rooms (3):", "#lobby (2)", "#zz (2, quiet): sleep", "#aa (1)");
});

Deno.test("the lobby cannot be left, nor a room that one is not in", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  await bob.asks("/join #den", "You are in #den.", /^Users/);
  for (const line of ["/leave", "/leave #lobby", "/leave Lobby"]) {
    await ann.asks(line, "You cannot leave #lobby; .exit leaves the chat.");
  }
  for (const room of ["den", "nowhere"]) {
    await ann.asks(`/leave #${room}`, `You are not in #${room}. /join #${room} first.`);
  }
  await ann.types("still here");
  await bob.reads(`#lobby ${ann.name}: still here`);
});

Deno.test("/leave of another room leaves one's eyes where they are", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  for (const room of ["one", "two"]) await ann.asks(`/join #${room}`, `You are in #${room}.`, /^Users/);
  await bob.asks("/join #two", "You are in #two.", /^Users/);
  await ann.reads(`${bob.name} has joined #two.`);
  await ann.asks("/leave #one", "You have left #one.");
  await ann.types("hello");
  await bob.reads(`${ann.name}: hello`);
});

Deno.test("/topic tells what a room is about; its staff changes it, and all there read so", async () => {
  await using server = await startServer();
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await ann.reads(`${bob.name} has joined #den.`);
  await bob.asks("/topic", "#den has no topic.");
  await bob.asks("/topic Mine now", "You may not do that.");
  await ann.types(`/topic ${"x".repeat(300)}`);
  const [, topic] = /^ann\d+ has set the topic of #den: (.+)$/.exec(await ann.readsLine()) ?? [];
  assert.equal(topic, "x".repeat(199) + "…");
  await bob.reads(`${ann.name} has set the topic of #den: ${topic}`);
  await bob.asks("/join #lobby", "You are in #lobby.", /^Users/);
  await ann.types("/topic Tea");
  await bob.reads(`${ann.name} has set the topic of #den: Tea`);
  await bob.asks("/topic", "#lobby has no topic.");
  await bob.asks("/topic Mine now", "You may not do that.");
  await ann.types("/topic -");
  await bob.reads(`${ann.name} has taken away the topic of #den.`);
  await bob.types("done");
  await eve.reads(`${bob.name}: done`);
});

Deno.test("an account stays in its rooms over reconnect and restart; others read of it once", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const room of ["one", "two", "three"]) {
    for (const person of [ann, bob]) await person.asks(`/join #${room}`, `You are in #${room}.`, /^Users/);
    await ann.reads(`bob has joined #${room}.`);
  }
  await bob.asks("/leave #two", "You have left #two.");
  await ann.reads("bob has left #two.");
  await bob.leaves();
  await ann.reads("bob has left the chat.");
  await isIn(await server.member("bob"), ["lobby", "one", "three"]);
  await ann.readsInTurn("bob has joined the chat.", "bob has left the chat.");

  await server.restart();
  const again = await server.member("bob");
  await isIn(await server.member("ann"), ["lobby", "one", "two", "three"]);
  await again.readsInTurn("ann has joined the chat.", "ann has left the chat.");
  await isIn(again, ["lobby", "one", "three"]);
});

Deno.test("a guest comes back to the lobby alone", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob7777");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await ann.reads("bob7777 has joined #den.");
  await bob.leaves();
  await ann.reads("bob7777 has left the chat.");
  await ann.asks("/u #den", `Users currently online (1): ${ann.name}`);
  const again = await server.connect();
  await again.comesInAs("bob7777");
  await isIn(again, ["lobby"]);
});

Deno.test("two connections of one account look at two rooms, and both read all", async () => {
  await using server = await startServer();
  const [here, bob] = await server.members("ann", "bob");
  const there = await server.member("ann");
  await here.readsOfLogin();
  await here.asks("/join #den", "You are in #den.", "Users currently online (1): ann");
  await there.reads("ann has joined #den.");
  await bob.asks("/join #den", "You are in #den.", "Users currently online (2): ann, bob");
  for (const connection of [here, there]) await connection.reads("bob has joined #den.");
  await bob.types("hello");
  await here.reads("bob: hello");
  await there.reads("#den bob: hello");
  await here.types("from the den");
  await there.reads("#den ann: from the den");
  await there.types("from the lobby");
  await here.reads("#lobby ann: from the lobby");
  await bob.readsInTurn("ann: from the den", "#lobby ann: from the lobby");

  await there.asks("/leave #den", "You have left #den.");
  await here.reads("ann has left #den.");
  await bob.reads("ann has left #den.");
  await here.types("in the lobby now");
  await bob.reads("#lobby ann: in the lobby now");
});

Deno.test("what somebody does is read after what they said before, as by a script", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await ann.reads("bob has joined #den.");
  await ann.types("one\ntwo\n/topic Tea\nthree\n/leave\nfour\n/name zoe\nfive\n/exit");
  await bob.readsInTurn(
    "ann: one",
    "ann: two",
    "ann has set the topic of #den: Tea",
    "ann: three",
    "ann has left #den.",
    "#lobby ann: four",
    "ann is now called zoe.",
    "#lobby zoe: five",
    "zoe has left the chat.",
  );
});

Deno.test("nobody is in more than a hundred rooms", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann] = await server.guests("ann");
  for (let count = 1; count < 100; count++) {
    await ann.asks(`/join #${count}`, `You are in #${count}.`, /^Users/);
  }
  const full = "You are in 100 rooms, which is the limit; /leave one first.";
  await ann.asks("/join #100", full);
  await ann.asks("/join #7", "You are in #7.", /^Users/);
  await ann.asks("/leave #8", "You have left #8.");
  await ann.asks("/join #100", "You are in #100.", /^Users/);
  await ann.asks("/join #8", full);
});

Deno.test("the TkTalk client is told of every room by name, and speaks in the one it looks at", async () => {
  await using server = await startServer();
  const [bob] = await server.guests("bob");
  await bob.asks("/join #den", "You are in #den.", /^Users/);
  await bob.types("hello");
  await using alice = await TktalkClient.join(server, "alice");
  await bob.reads("alice4821 has joined the chat.");
  await alice.sends("/join #den");
  await alice.reads("You are in #den.", `Users currently online (2): ${bob.name}, alice4821`);
  await alice.reads(`#den ${bob.name}: hello`);
  await bob.reads("alice4821 has joined #den.");
  await alice.sends("hi");
  await bob.reads("alice4821: hi");
  await bob.types("welcome");
  await bob.asks("/join #lobby", "You are in #lobby.", /^Users/);
  await bob.types("and here");
  await alice.reads(`#den ${bob.name}: welcome`, `#lobby ${bob.name}: and here`);
  await alice.sends("/leave");
  await alice.reads("You have left #den.");
  await bob.reads("alice4821 has left #den.");
  await alice.sends("here, too");
  await bob.reads("alice4821: here, too");
});

/** Whether somebody belongs to these rooms and to no other; that one leaves the chat. */
async function isIn(person: Person, rooms: readonly string[]): Promise<void> {
  await person.types("/rooms");
  const [, count] = /^Rooms \((\d+)\):$/.exec(await person.readsLine()) ?? [];
  const names: string[] = [];
  for (let line = 0; line < Number(count); line++) {
    names.push((await person.readsLine()).match(/^#(\S+)/)![1]!);
  }
  const those: string[] = [];
  for (const room of names) {
    await person.types(`/u #${room}`);
    const [, online] = /^Users currently online \(\d+\): ?(.*)$/.exec(await person.readsLine()) ?? [];
    if (online?.split(", ").includes(person.name)) those.push(room);
  }
  assert.deepEqual(those.sort(), [...rooms].sort());
  await person.leaves();
}
