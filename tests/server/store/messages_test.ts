import { deepStrictEqual as deepEqual, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { notStored } from "../../../server/refusals.ts";
import { KvMessageLog } from "../../../server/store/messages.ts";
import { openDatabase } from "../../support/open_database.ts";
import { directOf, latest, messageOf, testMessageLog } from "../../suites/message_log.ts";

testMessageLog("the log on the disk", async () => {
  const opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  return { log, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
});

Deno.test("what is said close together is kept by one commit, in its order", async () => {
  await using opened = await openDatabase();
  const { database } = opened;
  const log = new KvMessageLog(database);
  const first = messageOf("first");
  const rest = Array.from({ length: 100 }, (_, index) => messageOf(`${index}`));
  await Promise.all([first, ...rest].map((message) => log.append(message)));
  const commits = Map.groupBy(await keptBy(database), ({ commit }) => commit);
  ok(commits.size <= 2, `${commits.size} commits`);
  deepEqual([...commits.values()].flat().map(({ id }) => id), [first, ...rest].map(({ id }) => id));
});

Deno.test("no commit is larger than the database takes, be it by number", async () => {
  await using opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  const said = Array.from({ length: 2_100 }, (_, index) => messageOf(`${index}`));
  await Promise.all(said.map((message) => log.append(message)));
  deepEqual((await keptBy(opened.database)).map(({ id }) => id), said.map(({ id }) => id));
});

Deno.test("no commit is larger than the database takes, be it by bytes", async () => {
  await using opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  // the longest lines that --line-bytes allows, in the encodings that KV makes short and long
  const texts = ["x".repeat(32_000), "é".repeat(16_000), "密".repeat(10_666), "😀".repeat(8_000)];
  const said = Array.from({ length: 80 }, (_, index) => messageOf(texts[index % texts.length]!));
  await Promise.all(said.map((message) => log.append(message)));
  for (const message of said) deepEqual(await log.find("lobby", message.id), message);
});

Deno.test("a page ends where it would be too much to send at once, and says that there is more", async () => {
  await using opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  const said = Array.from({ length: 10 }, () => messageOf("x".repeat(32_000)));
  await Promise.all(said.map((message) => log.append(message)));
  deepEqual(await log.page("lobby", { limit: 100 }), { messages: said.slice(-4), more: true });
  deepEqual(await log.page("lobby", { after: "", limit: 100 }), { messages: said.slice(0, 4), more: true });
  deepEqual(await log.page("lobby", { after: said[5]!.id, limit: 100 }), {
    messages: said.slice(6),
    more: false,
  });
});

Deno.test("a commit that fails refuses all that it held, and the next one is as good as ever", async () => {
  await using opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  await log.append(messageOf("before"));
  // as KV writes it, with two bytes a character, it is longer than the 64 KiB of a value
  const tooLong = messageOf("密" + "x".repeat(34_000));
  const group = [
    log.append(messageOf("one")),
    log.append(tooLong),
    log.appendDirect(directOf("two")),
    log.appendDirect(directOf("three"), { waiting: true }),
  ];
  const direct = directOf("four", { from: "ann", to: "carl" });
  for (const append of group.slice(0, 3)) await rejects(append, notStored());
  await group[3]!.catch(() => {}); // it looks into the mailbox first, and may be of the next commit
  await log.append(messageOf("after"));
  await log.appendDirect(direct, { waiting: true });
  deepEqual((await latest(log, "lobby", 10)).map(({ text }) => text), ["before", "after"]);
  deepEqual(await log.waitingFor("carl's id"), [direct]);
  equal(opened.failures.length, 1, "and the operator is told why");
});

Deno.test("what is appended while a commit runs is kept by a later one, in order", async () => {
  await using opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  const said = [messageOf("0")];
  let last = log.append(said[0]!);
  for (let index = 1; index < 5; index++) {
    const message = messageOf(`${index}`);
    said.push(message);
    const before = last;
    last = log.append(message);
    await before;
  }
  await last;
  deepEqual((await keptBy(opened.database)).map(({ id }) => id), said.map(({ id }) => id));
});

Deno.test("it is settled when all that was appended is committed or refused", async () => {
  await using opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  await log.settled();
  let kept = 0;
  const appended = Array.from({ length: 600 }, () => log.append(messageOf("x")).then(() => kept++));
  await log.settled();
  equal((await latest(log, "lobby", 1_000)).length, 600);
  await Promise.all(appended);
  equal(kept, 600);
});

Deno.test("what was kept is there for whoever opens the database next", async () => {
  await using opened = await openDatabase();
  const [message, direct] = [messageOf("hi"), directOf("psst")];
  const log = new KvMessageLog(opened.database);
  await Promise.all([log.append(message), log.appendDirect(direct, { waiting: true })]);
  const next = new KvMessageLog(await opened.openAgain());
  deepEqual(await latest(next, "lobby", 10), [message]);
  deepEqual(await next.waitingFor("bob's id"), [direct]);
});

/** The messages of the lobby in the order of their ids, each with the commit that kept it. */
async function keptBy({ kv }: { kv: Deno.Kv }): Promise<{ id: string; commit: string }[]> {
  const entries = await Array.fromAsync(kv.list({ prefix: ["message", "lobby"] }));
  const kept = entries.map(({ key, versionstamp }) => ({ id: String(key.at(-1)), commit: versionstamp }));
  deepEqual(
    kept,
    kept.toSorted((one, other) => one.commit < other.commit ? -1 : one.commit > other.commit ? 1 : 0),
  );
  return kept;
}

Deno.test("what is appended just as the last commit ends is not left behind, however little later", async () => {
  await using opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  for (let microtasks = 0; microtasks < 12; microtasks++) {
    await log.append(messageOf("first"));
    for (let passed = 0; passed < microtasks; passed++) await Promise.resolve();
    await log.append(messageOf(`${microtasks} later`)); // answers, or the test waits in vain
  }
  equal((await latest(log, "lobby", 100)).length, 24);
});

Deno.test("what guests wrote before the server ended is forgotten, what accounts have is not", async () => {
  await using opened = await openDatabase();
  const log = new KvMessageLog(opened.database);
  const between = (fromKey: string, toKey: string) => ({ ...directOf("psst"), fromKey, toKey });
  await log.appendDirect(between("guest:1", "guest:2"));
  const toBob = between("guest:1", "id of Bob");
  await log.appendDirect(toBob);
  await log.forgetGuests();
  deepEqual((await log.conversation("guest:1", "guest:2", { limit: 10 })).messages, []);
  deepEqual((await log.conversation("guest:1", "id of Bob", { limit: 10 })).messages, []);
  deepEqual((await log.conversation("id of Bob", "guest:1", { limit: 10 })).messages, [toBob]);
});
