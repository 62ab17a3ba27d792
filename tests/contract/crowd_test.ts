import { strict as assert } from "node:assert";
import { type Bot, Bots } from "../support/bot.ts";
import type { Person } from "../support/person.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

/** With so many, and those who watch, the room is full. */
const CROWD = 210;

Deno.test("in a full room comings and goings are told in digests, and each of them to programs", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  const ann = await server.connect("tls");
  await ann.comesInAs("ann");
  const bot = await bots.connect("tls");
  await bot.comesIn({ type: "guest", name: "robo" });
  const crowd = await comeIn(server, CROWD);

  await readPassages(ann, "joined", CROWD + 1);
  const more = await comeIn(server, 12, "q");
  const came = await readPassages(ann, "joined", 12);
  assert.ok(came.some((line) => / people have joined the chat: (\S+, ){4}\S+ and \d+ others?\.$/.test(line)));
  const all = [...crowd, ...more];
  const names = all.map(({ name }) => name).toSorted();
  assert.deepEqual(await readNames(bot, "joined", names.length), names);

  await Promise.all(all.map((person) => person.vanishes()));
  const went = await readPassages(ann, "left", all.length);
  assert.ok(went.some((line) => / people have left the chat: (\S+, ){4}\S+ and \d+ others?\.$/.test(line)));
  assert.deepEqual(await readNames(bot, "left", names.length), names);

  const zoe = await server.connect();
  await zoe.comesInAs("zoe");
  await ann.reads(`${zoe.name} has joined the chat.`);
});

Deno.test("who speaks in a full room was told to have come, however many come", async () => {
  await using server = await startServer();
  const ann = await server.connect();
  await ann.comesInAs("ann");
  await comeIn(server, CROWD);
  await readPassages(ann, "joined", CROWD);
  for (const name of ["zoe", "zac", "zed"]) {
    const newcomer = await server.connect();
    await newcomer.comesInAs(name);
    await newcomer.types("hello");
    await ann.reads(`${newcomer.name} has joined the chat.`);
    await ann.reads(`${newcomer.name}: hello`);
    await newcomer.types(`/@ ${ann.name} psst`);
    await ann.reads(`Private message from ${newcomer.name}: psst`);
  }
});

Deno.test("who comes into a full room is shown some of the names, and all by /u", async () => {
  await using server = await startServer();
  const crowd = await comeIn(server, CROWD);
  const zoe = await server.connect();
  const online = await zoe.comesInAs("zoe");
  const all = [...crowd.map(({ name }) => name), zoe.name];
  assert.match(online, /^Users currently online \(211\): (\S+, ){49}\S+ and 161 others; \/u shows all$/);
  await zoe.types("/u");
  const line = await zoe.readsLine();
  const [, listed = ""] = /^Users currently online \(211\): (.+)$/.exec(line) ?? assert.fail(line);
  assert.deepEqual(listed.split(", ").toSorted(), all.toSorted());
});

/** So many guests who come in at once, and read nothing of each other. */
function comeIn(server: TestServer, count: number, initial = "p"): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => {
    const person = await server.connect();
    await person.comesInAs(`${initial}${String(index).padStart(4, "0")}`);
    return person;
  }));
}

/** Reads until so many have come, or gone, and answers by what lines that was told. */
async function readPassages(
  person: Person,
  verb: "joined" | "left",
  count: number,
): Promise<string[]> {
  const lines: string[] = [];
  for (let told = 0; told < count;) {
    const line = await person.readsLine();
    const pattern = new RegExp(`^(?:(\\d+) people have|\\S+ has) ${verb} the chat(?:: .+)?\\.$`);
    const [, several] = pattern.exec(line) ?? assert.fail(line);
    told += Number(several ?? 1);
    assert.ok(told <= count, `${told} instead of ${count}`);
    lines.push(line);
  }
  return lines;
}

/** Reads of so many comings, or goings; the names in alphabetical order. */
async function readNames(bot: Bot, type: "joined" | "left", count: number): Promise<string[]> {
  const names: string[] = [];
  while (names.length < count) {
    const { name, ...told } = await bot.reads();
    assert.equal(told.type, type);
    names.push(name!);
  }
  return names.toSorted();
}
