import { strict as assert } from "node:assert";
import { Ids, timeOf } from "../../server/chat/ids.ts";
import { recordsIn } from "../../server/cli/records.ts";
import { KvMessageLog } from "../../server/store/messages.ts";
import type { Person } from "../support/person.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

Deno.test("private messages wait for an account, and are shown once, in order, also those of guests", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("bob");
  const [ann] = await server.members("ann");
  const [guest] = await server.guests("guest");
  await ann.reads(`${guest.name} has joined the chat.`);
  for (const [person, text] of [[ann, "one"], [guest, "two"], [ann, "three"]] as const) {
    await person.asks(
      `/@ bob ${text}`,
      `Private message to bob: ${text}`,
      "bob is offline and will get it on return.",
    );
  }
  await guest.leaves();
  const bob = await server.member("bob");
  await bob.readsInTurn(
    "You have 3 private messages from while you were away:",
    "Private message from ann: one",
    `Private message from ${guest.name}: two`,
    "Private message from ann: three",
  );
  await bob.asks("/r thanks", "Private message to ann: thanks");
  const bobAgain = await server.member("bob");
  await bob.readsOfLogin();
  for (const again of [bobAgain, bob]) {
    await again.asks("/ping", "Pong.");
    await again.leaves();
  }
  await (await server.member("bob")).asks("/ping", "Pong.");
});

Deno.test("what waits is kept over a restart, and shown to programs as well", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("bob");
  const [ann] = await server.members("ann");
  await ann.asks("/@ bob hello", "Private message to bob: hello", /offline/);
  await server.restart();
  const bob = await logsInAsProgram(server, "bob");
  const { type, from, text } = JSON.parse(await bob.readsLine());
  assert.deepEqual({ type, from, text }, { type: "direct", from: "ann", text: "hello" });
  await (await server.member("bob")).asks("/ping", "Pong.");
});

Deno.test("of three connections that come in at once, in text and in JSON, one is shown what waits", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("bob");
  const [ann] = await server.members("ann");
  for (let round = 1; round <= 5; round++) {
    const text = `waiting ${round}`;
    await ann.types(`/@ bob ${text}`);
    await ann.readsUntil("bob is offline and will get it on return.");
    const token = await server.tokenOf("bob");
    const people = await Promise.all([server.connect(), server.connect("tls"), server.connect()]);
    for (const person of people) await person.readsUpTo("Enter your username: ");
    await Promise.all([
      people[0].types(token),
      people[1].types("/login bob correct horse"),
      people[2].types(JSON.stringify({ type: "auth", token })),
    ]);
    const seen = await Promise.all(people.map((person) => seesUntilPong(person)));
    assert.equal(seen.join("").split(text).length - 1, 1, seen.join("\n"));
    for (const person of people) await person.vanishes();
    await ann.readsUntil("bob has left the chat.");
  }
});

Deno.test("however much waits it is shown, to a program in whose lines it is twice as long as well", async () => {
  await using server = await startServer(...UNLIMITED);
  for (const name of ["ann", "bob", "carl"]) await server.hasAccount(name);
  const texts = Array.from({ length: 500 }, (_, index) => `${index + 1} ${'"'.repeat(4_000)}`);
  await server.restart(async () => {
    for (const name of ["bob", "carl"]) await waitFor(name, texts, server);
  });
  const ann = await server.member("ann");
  for (const name of ["bob", "carl"]) {
    await ann.asks(
      `/@ ${name} too much`,
      `Too many messages wait for ${name} already; this one was not kept.`,
    );
  }
  const bob = await server.member("bob");
  await bob.reads("You have 500 private messages from while you were away:");
  for (const text of texts) await bob.reads(`Private message from ann: ${text}`);
  await bob.asks("/ping", "Pong.");
  const carl = await logsInAsProgram(server, "carl");
  for (const text of texts) assert.equal(JSON.parse(await carl.readsLine()).text, text);
  await ann.readsUntil("carl has joined the chat.");
  await ann.asks("/@ carl there is room again", "Private message to carl: there is room again");
});

Deno.test("who comes and goes all the time gets each private message once, and in order", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("bob");
  const token = await server.tokenOf("bob");
  const [ann] = await server.members("ann");
  const got: string[] = [];
  let done = false;
  const comesAndGoes = async () => {
    while (!done) {
      const bob = await server.connect();
      await bob.readsUpTo("Enter your username: ");
      await bob.types(token);
      await bob.isWelcomed();
      await bob.types("/exit");
      got.push(...fromAnn((await bob.readsToTheEnd()).split("\n")));
    }
  };
  const coming = comesAndGoes();
  for (let count = 1; count <= 300; count++) {
    await ann.types(`/@ bob ${count}`);
    await ann.readsUntil(`Private message to bob: ${count}`);
  }
  done = true;
  await coming;
  const bob = await server.member("bob");
  const last = "Private message from ann: 300"; // may come after the answer to what is asked first
  if (!got.includes(last)) got.push(...fromAnn(await bob.readsUntil(last)), last);
  await bob.types("/ping");
  got.push(...fromAnn(await bob.readsUntil("Pong.")));
  assert.deepEqual(got, Array.from({ length: 300 }, (_, index) => `Private message from ann: ${index + 1}`));
});

function fromAnn(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith("Private message from ann: "));
}

/** Puts what ann has written to an account into the log of a server that is stopped. */
async function waitFor(name: string, texts: readonly string[], server: TestServer): Promise<void> {
  await using records = await recordsIn(server.dataDir);
  const log = new KvMessageLog(records.database);
  const [from, to] = [await records.accounts.findByName("ann"), await records.accounts.findByName(name)];
  const ids = new Ids();
  for (const text of texts) {
    const id = ids.next();
    const people = { from: "ann", to: name, fromKey: from!.id, toKey: to!.id };
    void log.appendDirect({ type: "direct", id, ...people, text, at: timeOf(id) }, { waiting: true });
  }
  await log.settled();
}

/** Comes in as a program, and reads the welcome. */
async function logsInAsProgram(server: TestServer, username: string): Promise<Person> {
  const person = await server.connect();
  await person.readsUpTo("Enter your username: ");
  await person.types(JSON.stringify({ type: "login", username, password: "correct horse" }));
  await person.reads("");
  await person.reads(/^\{"type":"welcome"/);
  return person;
}

/** What somebody, whatever it speaks, is shown until it gets an answer. */
async function seesUntilPong(person: Person): Promise<string> {
  const inJson = (await person.readsLine()) === "";
  await person.types(inJson ? '{"type":"ping"}' : "/ping");
  return (await person.readsUntil(inJson ? /^\{"type":"pong"/ : "Pong.")).join("\n");
}
