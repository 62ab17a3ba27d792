import { strict as assert } from "node:assert";
import { startServer } from "../support/start_server.ts";
import { TktalkClient } from "../support/tktalk_client.ts";

Deno.test("the TkTalk client comes in, talks, is told and leaves", async () => {
  await using server = await startServer();
  const [bob] = await server.guests("bob");
  await using alice = await TktalkClient.connect(server, "alice");
  await alice.reads(
    "Hello alice4821! You are now connected.",
    "Type to talk to everyone in #lobby. Commands: /u who is online, /@ <name> <message> privately, /help, .exit",
    `Users currently online (2): ${bob.name}, alice4821`,
  );
  await bob.reads("alice4821 has joined the chat.");
  await alice.sends("hello");
  await bob.reads("alice4821: hello");
  await bob.types("hi");
  await alice.reads(`#lobby ${bob.name}: hi`);
  await bob.types("/me waves");
  await alice.reads(`#lobby * ${bob.name} waves`);
  await alice.sends(`/@${bob.name} psst`);
  await alice.reads(`Private message to ${bob.name}: psst`);
  await bob.reads("Private message from alice4821: psst");
  await bob.types("/r what?");
  await alice.reads(`Private message from ${bob.name}: what?`);
  await alice.sends(".exit");
  await alice.reads("Goodbye.");
  assert.equal(await alice.receives(), "");
  await bob.readsInTurn("Private message to alice4821: what?", "alice4821 has left the chat.");
});

Deno.test("a pause of 100 ms ends a message of a client without line endings", async () => {
  await using server = await startServer();
  const [bob] = await server.guests("bob");
  await using alice = await TktalkClient.join(server, "alice");
  await bob.reads("alice4821 has joined the chat.");
  const sentAt = performance.now();
  await alice.sends("one");
  await bob.reads("alice4821: one");
  const tookMs = performance.now() - sentAt;
  assert.ok(tookMs >= 95 && tookMs < 1_000, `${tookMs} ms`);
  await alice.sends("t");
  await alice.sends("wo, in ");
  await alice.sends("pieces");
  await bob.reads("alice4821: two, in pieces");
});

Deno.test("what a client says last without a pause or a line ending is said, too", async () => {
  await using server = await startServer();
  const [bob] = await server.guests("bob");
  const alice = await TktalkClient.join(server, "alice");
  await alice.sends("bye");
  await alice[Symbol.asyncDispose]();
  await bob.readsInTurn("alice4821 has joined the chat.", "alice4821: bye", "alice4821 has left the chat.");
});

Deno.test("from its first line ending on, only line endings end the lines of a client", async () => {
  await using server = await startServer();
  const [bob] = await server.guests("bob");
  await using alice = await TktalkClient.join(server, "alice");
  await bob.reads("alice4821 has joined the chat.");
  await bob.types("before");
  await alice.reads(`#lobby ${bob.name}: before`);
  await alice.sends("first\nhalf a ");
  await bob.reads("alice4821: first");
  await bob.types("after");
  await alice.reads(`${bob.name}: after`);
  await bob.types("a while later"); // for as long as this takes, nothing ends what was begun
  await alice.reads(`${bob.name}: a while later`);
  await new Promise((resolve) => setTimeout(resolve, 150)); // more than the pause that no longer counts
  await alice.sends("line\nwhole\n");
  await bob.readsInTurn("alice4821: half a line", "alice4821: whole");
});

Deno.test("who comes in without a line ending reads what was said before, led by its room", async () => {
  await using server = await startServer("--rate=off");
  const [bob, carl] = await server.guests("bob", "carl");
  const lines = Array.from({ length: 10 }, (_, index) => `${"密".repeat(500)} ${index}`);
  for (const line of lines) await bob.types(line);
  await carl.readsUntil(`${bob.name}: ${lines.at(-1)}`);
  await using alice = await TktalkClient.join(server, "alice");
  await alice.reads(...lines.map((line) => `#lobby ${bob.name}: ${line}`));
});

Deno.test("private messages that waited come in pieces as well", async () => {
  await using server = await startServer("--rate=off");
  await server.hasAccount("alice4821");
  const [bob] = await server.guests("bob");
  const text = "😀".repeat(700);
  await bob.types(`/@ alice4821 ${text}`);
  await bob.readsUntil("alice4821 is offline and will get it on return.");
  await using alice = await TktalkClient.connect(server, "alice");
  await alice.isAsked("Password: ");
  await alice.sends("correct horse");
  await alice.reads("Hello alice4821! You are now connected.");
  await alice.readsLine();
  await alice.readsLine();
  await alice.reads(
    "You have 1 private messages from while you were away:",
    `Private message from ${bob.name}: ${text}`,
  );
});

Deno.test("long lines of every kind of character come in pieces that can each be read alone", async () => {
  await using server = await startServer("--rate=off", "--byte-rate=off");
  const [bob] = await server.guests("bob");
  await using alice = await TktalkClient.join(server, "alice");
  await bob.reads("alice4821 has joined the chat.");
  for (const character of ["x", "é", "密", "😀"]) {
    const bytes = new TextEncoder().encode(character).length;
    for (let shift = 0; shift < bytes; shift++) {
      const text = "-".repeat(shift) + character.repeat((4_000 - shift) / bytes);
      await bob.types(text);
      await alice.reads(`#lobby ${bob.name}: ${text}`);
    }
  }
});

Deno.test("what piles up while the client does not read comes in pieces as well", async () => {
  await using server = await startServer("--rate=off", "--byte-rate=off");
  const [bob] = await server.guests("bob");
  await using alice = await TktalkClient.join(server, "alice");
  const lines = Array.from({ length: 200 }, (_, index) => `${index} ${"é😀".repeat(index)}`);
  await bob.sends(lines.map((line) => `${line}\n`).join(""));
  await alice.reads(...lines.map((line) => `#lobby ${bob.name}: ${line}`));
});

/** What the user of a TkTalk client typed for a name, and the digits that the client added. */
const NAMES: [typed: string, digits: string][] = [
  ["alice", "4821"],
  ["alice", "10000"], // the one number of theirs that has five digits
  ["alice12", "3456"],
  ["ａlice", "4821"], // another spelling of alice: the server knows the client by that one
];

for (const [typed, digits] of NAMES) {
  Deno.test(`whatever others write, no piece begins with "${typed}:" for the client of ${typed}${digits}`, async () => {
    await using server = await startServer("--rate=off", "--byte-rate=off", "--command-rate=off");
    await server.hasAccount("alice");
    const [bob] = await server.guests("bob");
    const account = await server.member("alice"); // whose lines would begin so
    await using client = await TktalkClient.join(server, typed, digits);
    const name = `${typed}${digits}`.normalize("NFKC");
    await bob.readsUntil(`${name} has joined the chat.`);
    const echo = `${typed}:`;
    const most = Math.floor(4_000 / new TextEncoder().encode(echo).length);
    for (let shift = 0; shift < new TextEncoder().encode(echo).length; shift++) {
      await bob.types("-".repeat(shift) + echo.repeat(most));
      await bob.types(`/@ ${name} ${"-".repeat(shift)}${`${echo} `.repeat(most / 2)}`);
    }
    await bob.types(`${echo} hi`);
    await bob.types(`/me ${echo} hi`);
    await account.types("hi");
    await account.types("/me waves");
    await account.types(`/@ ${name} hi`);
    await account.types("done");
    const pieces = await client.receivesUntil("#lobby alice: done");
    assert.ok(pieces.join("").includes(`#lobby alice: hi\n`));
  });
}

Deno.test("no line of the server's own is taken for an echo, whatever the user is called", async () => {
  await using server = await startServer();
  await using use = await TktalkClient.join(server, "Use");
  await use.sends("/timestamps");
  assert.match(await use.receives(), /^\s*Use: \/timestamps on\|off\n$/);
  await using talking = await TktalkClient.join(server, "Talking");
  await talking.sends("/help");
  assert.match(await talking.receives(), /^\s*Talking:\n/);
  await using password = await TktalkClient.join(server, "Password");
  await password.sends("/signup zoe zoe");
  assert.match(await password.receives(), /^\s*Password: $/);
});

Deno.test("a client that pauses is answered in the order of its messages, though a refusal is held back", async () => {
  await using server = await startServer();
  const [bob] = await server.guests("bob");
  await using client = await TktalkClient.connect(server, "two words");
  await client.reads("Names are 2 to 32 letters, digits, _ - or .");
  await client.isAsked("Enter your username: ");
  await client.sends("three words"); // this one is refused half a second later
  await new Promise((resolve) => setTimeout(resolve, 150));
  await client.sends("alice4821");
  await client.reads("Names are 2 to 32 letters, digits, _ - or .");
  await client.isAsked("Enter your username: ");
  await client.reads("Hello alice4821! You are now connected.");
  await bob.reads("alice4821 has joined the chat.");
});
