import { strict as assert } from "node:assert";
import type { Person } from "../support/person.ts";
import { quoted } from "../support/quoted.ts";
import { startServer } from "../support/start_server.ts";

Deno.test("the greeting is as written and comes in one piece, over either socket", async () => {
  await using server = await startServer("--name=The Dög");
  for (const over of ["tls", "plain"] as const) {
    const person = await server.connect(over);
    assert.equal(
      await person.readsSome(),
      "Welcome to The Dög.\n" +
        "Paste your access token, or /login <username>, or /signup <username>.\n" +
        "Or just type a name to come in as a guest.\n" +
        "Enter your username: ",
    );
  }
});

Deno.test("where guests are off the greeting does not invite them", async () => {
  await using server = await startServer("--guests=off");
  const person = await server.connect();
  assert.equal(
    await person.readsSome(),
    "Welcome to Parley.\n" +
      "Paste your access token, or /login <username>, or /signup <username>.\n" +
      "Enter your username: ",
  );
});

Deno.test("who comes in is told how to go on and who is here", async () => {
  await using server = await startServer();
  const [ann] = await server.guests("ann");
  const bob = await server.connect("tls");
  await bob.readsUpTo("username: ");
  await bob.types("bob4821");
  await bob.readsInTurn(
    "Hello bob4821! You are now connected.",
    "Type to talk to everyone in #lobby. Commands: /u who is online, /@ <name> <message> privately, /help, .exit",
    `Users currently online (2): ${ann.name}, bob4821`,
  );
  await ann.reads("bob4821 has joined the chat.");
});

Deno.test("who comes in reads the ten latest messages, the newest last", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  for (let line = 1; line <= 11; line++) await ann.types(`line ${line}`);
  await ann.types(`/@ ${bob.name} psst`);
  await ann.types("/me sits down");
  await bob.readsUntil(`* ${ann.name} sits down`);
  const carl = await server.connect();
  await carl.comesInAs("carl");
  for (let line = 3; line <= 11; line++) await carl.reads(`${ann.name}: line ${line}`);
  await carl.reads(`* ${ann.name} sits down`);
  await bob.types("hello");
  await carl.reads(`${bob.name}: hello`);
});

Deno.test("what is said is there for those who come later, over a restart as well", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.types("remember this");
  const line = await bob.reads(`${ann.name}: remember this`);
  await server.restart();
  const carl = await server.connect("tls");
  await carl.comesInAs("carl");
  await carl.reads(line);
});

Deno.test("what somebody does is told to the others and never to whose doing it is", async () => {
  await using server = await startServer();
  const [bob, ann] = await server.guests("bob", "ann");
  for (const line of ["hello", "/me waves", "//u is a command", "bye", ".exit"]) await ann.types(line);
  await bob.readsInTurn(
    `${ann.name}: hello`,
    `* ${ann.name} waves`,
    `${ann.name}: /u is a command`,
    `${ann.name}: bye`,
    `${ann.name} has left the chat.`,
  );
  assert.equal(await ann.readsToTheEnd(), "Goodbye.\n");
});

Deno.test("a private message is seen by its recipient alone", async () => {
  await using server = await startServer();
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  await ann.types(`/@ ${bob.name} hi`);
  await bob.reads(`Private message from ${ann.name}: hi`);
  await ann.reads(`Private message to ${bob.name}: hi`);
  await ann.types("done");
  await eve.reads(`${ann.name}: done`); // and nothing before it
  await bob.reads(`${ann.name}: done`);
});

Deno.test("what one person types arrives in its order, private or not, though it comes all at once", async () => {
  await using server = await startServer("--rate=off", "--command-rate=off");
  const [ann, bob] = await server.guests("ann", "bob");
  const numbers = Array.from({ length: 60 }, (_, number) => number);
  const isPrivate = (number: number) => number % 3 === 0;
  const typed = numbers.map((number) => isPrivate(number) ? `/@ ${bob.name} ${number}\n` : `${number}\n`);
  await ann.sends(typed.join(""));
  for (const number of numbers) {
    await bob.reads(
      isPrivate(number) ? `Private message from ${ann.name}: ${number}` : `${ann.name}: ${number}`,
    );
  }
});

Deno.test("all read the messages of all in one order", async () => {
  await using server = await startServer("--rate=off");
  const [ann, bob, carl, ...readers] = await server.guests("ann", "bob", "carl", "dora", "eve");
  await Promise.all([ann, bob, carl].map((speaker) => speaker.sends("x\n".repeat(30))));
  const [dora, eve] = await Promise.all(readers.map((reader) => linesOf(reader, 90)));
  assert.deepEqual(dora, eve);
  assert.equal(dora!.filter((line) => line === `${ann.name}: x`).length, 30);
});

Deno.test("what is said right before leaving arrives before the departure, and nothing after it", async () => {
  await using server = await startServer();
  const [carl, ann, bob] = await server.guests("carl", "ann", "bob");
  await ann.sends("one\ntwo\n.exit\nthree\n");
  await carl.readsInTurn(`${ann.name}: one`, `${ann.name}: two`, `${ann.name} has left the chat.`);
  assert.equal(await ann.readsToTheEnd(), "Goodbye.\n");
  await bob.readsUntil(`${ann.name} has left the chat.`);
  await bob.sends("three\nfour"); // the last line has no ending, as of a program whose input ends
  await bob.vanishes();
  await carl.readsInTurn(`${bob.name}: three`, `${bob.name} has left the chat.`);
});

/** What somebody sends, and what the others read of it. */
const TEXTS: [sent: string | Uint8Array, read: string][] = [
  ["hello", "hello"],
  ["hello\r", "hello"],
  ["  as  typed  ", "  as  typed  "],
  ["a\ttab", "a\ttab"],
  ["naïve 密 😀 👩‍👩‍👧 שלום", "naïve 密 😀 👩‍👩‍👧 שלום"],
  ["\x1b[2J\x1b]0;title\x07red", "[2J]0;titlered"],
  ["\u009b31mred\u009d0;title\u009c", "31mred0;title"],
  ["a\rb\bc\x00d\x7fe\x0bf", "abcdef"],
  ["\u202egnp.exe\u2069\u200f", "gnp.exe"],
  ["one\u2028two\u2029three\u0085four", "onetwothreefour"],
  [new Uint8Array([0x61, 0xff, 0x62]), "a\ufffdb"],
  [new Uint8Array([0x61, 0xe5, 0xaf]), "a\ufffd"], // the beginning of a character
  [new Uint8Array([0xed, 0xa0, 0x80, 0x62]), "\ufffd\ufffd\ufffdb"], // half of a surrogate pair
  [new Uint8Array([0xc0, 0x9b, 0x62]), "\ufffd\ufffdb"], // ESC, overlong
  ['{"type":"say"}', '{"type":"say"}'],
  ["GET / HTTP/1.1", "GET / HTTP/1.1"],
  ["bob: hello", "bob: hello"],
  [" /u", " /u"],
  ["//", "/"],
  ["///etc", "//etc"],
  ["#lobby hello", "#lobby hello"],
];

Deno.test("a text arrives as it was typed, without what drives a terminal", async () => {
  await using server = await startServer("--rate=off");
  const [ann, bob] = await server.guests("ann", "bob");
  for (const [sent, read] of TEXTS) {
    await ann.sends(sent);
    await ann.sends("\n");
    const line = await bob.readsLine();
    assert.equal(line, `${ann.name}: ${read}`, quoted(line));
  }
});

Deno.test("what is empty or only blank is not said", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.sends("\n\r\n   \n\t\n\x1b\u202e\n/me\nhello\n");
  await ann.reads("Use: /me <text>");
  await bob.reads(`${ann.name}: hello`);
});

Deno.test("nothing that somebody is told back drives a terminal either", async () => {
  await using server = await startServer("--command-rate=off");
  const [ann] = await server.guests("ann");
  const evil = "\x1b[2J\u009b1m\x07\u202eeve\u2066";
  await ann.types(`/${evil}`);
  await ann.reads("Unknown command /[2j1meve. Type /help.");
  await ann.types(`/@ ${evil} hi`);
  await ann.reads("User [2J1meve not found.");
  await ann.types(`/whois ${evil}`);
  await ann.reads("User [2J1meve not found.");
  await ann.types(`/ignore ${evil}`);
  await ann.reads("User [2J1meve not found.");
  await ann.types(`/unignore ${evil}`);
  await ann.reads("You do not ignore [2J1meve. /ignore lists whom you do.");
  await ann.types(`/u #${evil}`);
  await ann.reads("Rooms are # and 1 to 32 letters, digits, _ - or .");
  await ann.types(`/help ${evil}`);
  await ann.reads("Unknown command /[2j1meve. Type /help.");
  await ann.types(`/away ${evil}`);
  await ann.reads("You are away: [2J1meve");
  await ann.types(`/whois ${ann.name}`);
  await ann.readsLine();
  await ann.reads("Away: [2J1meve");
});

Deno.test("an account joins with its first connection and leaves with its last", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const first = await server.member("ann");
  const second = await server.member("ann");
  await first.leaves();
  await second.vanishes();
  await bob.readsInTurn("ann has joined the chat.", "ann has left the chat.");
  await bob.types("/u");
  await bob.reads(`Users currently online (1): ${bob.name}`);
});

Deno.test("one's own other connections read what one says, the one that says it does not", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  const [here, there] = [await server.member("ann"), await server.member("ann")];
  await here.readsOfLogin();
  await here.types("hello");
  await there.reads("ann: hello");
  await there.types("hello myself");
  await here.reads("ann: hello myself");
  await bob.types("hello both");
  for (const own of [here, there]) await own.reads(`${bob.name}: hello both`);
});

Deno.test("private messages reach all connections of both", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await server.hasAccount("bob");
  const anns = [await server.member("ann"), await server.member("ann")];
  const bobs = [await server.member("bob"), await server.member("bob")];
  await bobs[0]!.readsOfLogin();
  await bobs[0]!.types("/@ ann hi");
  for (const ann of anns) await ann.readsUntil("Private message from bob: hi");
  for (const bob of bobs) await bob.reads("Private message to ann: hi");
  await anns[1]!.types("/r hello");
  for (const bob of bobs) await bob.reads("Private message from ann: hello");
  for (const ann of anns) await ann.reads("Private message to bob: hello");
});

Deno.test("private messages wait for an account that is away, over a restart, and are shown once", async () => {
  await using server = await startServer();
  await server.hasAccount("Ann");
  const [bob, eve] = await server.guests("bob", "eve");
  await bob.types("/@ ANN one");
  await bob.readsInTurn("Private message to Ann: one", "Ann is offline and will get it on return.");
  await eve.types("/@ann two \x1b[31m");
  await eve.readsInTurn("Private message to Ann: two [31m", "Ann is offline and will get it on return.");
  await server.restart();
  const ann = await server.member("Ann");
  await ann.readsInTurn(
    "You have 2 private messages from while you were away:",
    `Private message from ${bob.name}: one`,
    `Private message from ${eve.name}: two [31m`,
  );
  await ann.leaves();
  const again = await server.member("Ann");
  await again.types("/u");
  await again.reads("Users currently online (1): Ann");
});

Deno.test("who returns to private messages may answer the last of them", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  await bob.types("/@ ann are you there?");
  await bob.readsUntil("ann is offline and will get it on return.");
  const ann = await server.member("ann");
  await ann.readsInTurn(
    "You have 1 private messages from while you were away:",
    `Private message from ${bob.name}: are you there?`,
  );
  await ann.types("/r I am");
  await ann.reads(`Private message to ${bob.name}: I am`);
  await bob.readsInTurn("ann has joined the chat.", "Private message from ann: I am");
});

Deno.test("the latest messages of the room come before those that waited", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob, carl] = await server.guests("bob", "carl");
  await bob.types("/@ ann psst");
  await bob.readsUntil("ann is offline and will get it on return.");
  await bob.types("hello");
  await carl.reads(`${bob.name}: hello`);
  const ann = await server.member("ann");
  await ann.readsInTurn(
    `${bob.name}: hello`,
    "You have 1 private messages from while you were away:",
    `Private message from ${bob.name}: psst`,
  );
});

Deno.test("a guest who has gone gets nothing on return", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob4821");
  await bob.leaves();
  await ann.reads("bob4821 has left the chat.");
  await ann.types("/@ bob4821 hi");
  await ann.reads("User bob4821 not found.");
});

Deno.test("lines end with LF alone, whatever the client ends its own with", async () => {
  await using server = await startServer();
  const person = await server.connect();
  await person.sends("ann\r\n/help\r\n/@ nobody hi\r\n.exit\r\n");
  const all = await person.readsToTheEnd();
  assert.match(all, /User nobody not found\.\nGoodbye\.\n$/);
  assert.doesNotMatch(all, /\r/);
});

async function linesOf(reader: Person, count: number): Promise<string[]> {
  const lines: string[] = [];
  while (lines.length < count) lines.push(await reader.readsLine());
  return lines;
}
