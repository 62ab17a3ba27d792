import { deepEqual, equal } from "node:assert/strict";
import type { Message } from "../../../server/chat/event.ts";
import { KvMessageLog } from "../../../server/store/messages.ts";
import { KvPruner } from "../../../server/store/pruner.ts";
import { openDatabase } from "../../support/open_database.ts";
import { directOf, latest, messageOf } from "../../suites/message_log.ts";

async function openPruner() {
  const opened = await openDatabase();
  return {
    log: new KvMessageLog(opened.database),
    pruner: new KvPruner(opened.database),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** How many went, and in how many parts. */
async function count(parts: AsyncIterable<number>): Promise<[sum: number, parts: number]> {
  const counts = await Array.fromAsync(parts);
  return [counts.reduce((sum, count) => sum + count, 0), counts.length];
}

Deno.test("of a room all goes that is older than an id, of other rooms nothing", async () => {
  await using opened = await openPruner();
  const { log, pruner } = opened;
  const said = Array.from({ length: 5 }, (_, index) => messageOf(`${index}`));
  const others = ["lobb", "lobby2", "lobbz"].map((room) => messageOf("of others", { room }));
  await Promise.all([...others, ...said].map((message) => log.append(message)));
  deepEqual(await count(pruner.room("lobby", said[3]!.id)), [3, 1]);
  deepEqual(await latest(log, "lobby", 10), said.slice(3));
  for (const other of others) deepEqual(await latest(log, other.room, 10), [other]);
  deepEqual(await count(pruner.room("lobby", said[3]!.id)), [0, 0]);
  deepEqual(await count(pruner.room("nowhere", said[3]!.id)), [0, 0]);
});

Deno.test("what is much goes in several parts, the oldest first", async () => {
  await using opened = await openPruner();
  const { log, pruner } = opened;
  const said = Array.from({ length: 450 }, (_, index) => messageOf(`${index}`));
  await Promise.all(said.map((message) => log.append(message)));
  const parts: number[] = [];
  const left: (Message | undefined)[] = [];
  for await (const part of pruner.room("lobby", said[449]!.id)) {
    parts.push(part);
    left.push((await log.page("lobby", { after: "", limit: 1 })).messages[0]);
  }
  deepEqual(parts, [200, 200, 49]);
  deepEqual(left, [said[200], said[400], said[449]]);
});

Deno.test("of private messages those go that are older than an id, for both sides", async () => {
  await using opened = await openPruner();
  const { log, pruner } = opened;
  const pairs = [["ann", "bob"], ["bob", "ann"], ["ann", "carl"], ["zoe", "zoe"]] as const;
  const directs = Array.from({ length: 12 }, (_, index) => {
    const [from, to] = pairs[index % pairs.length]!;
    return directOf(`${index}`, { from, to });
  });
  for (const direct of directs) await log.appendDirect(direct);
  const { id } = directs[6]!;
  // zoe's own are there once, and one of hers is among the first six
  deepEqual((await count(pruner.directs(id)))[0], 2 * 5 + 1);
  for (const direct of directs) {
    const { fromKey, toKey } = direct;
    const expected = direct.id < id ? undefined : direct;
    deepEqual(await log.findDirect(fromKey, toKey, direct.id), expected);
    deepEqual(await log.findDirect(toKey, fromKey, direct.id), expected);
  }
  deepEqual((await count(pruner.directs(id)))[0], 0);
});

Deno.test("private messages that wait stay, however old, until they have been shown", async () => {
  await using opened = await openPruner();
  const { log, pruner } = opened;
  const [seen, waits] = [directOf("seen"), directOf("waits")];
  await log.appendDirect(seen);
  await log.appendDirect(waits, { waiting: true });
  const { id } = directOf("later");
  equal((await count(pruner.directs(id)))[0], 2);
  deepEqual(await log.waitingFor("bob's id"), [waits]);
  const whole = { messages: [waits], more: false };
  deepEqual(await log.conversation("ann's id", "bob's id", { limit: 10 }), whole);
  deepEqual(await log.conversation("bob's id", "ann's id", { limit: 10 }), whole);
  await log.shown("bob's id", [waits]);
  equal((await count(pruner.directs(id)))[0], 2);
  deepEqual((await log.conversation("ann's id", "bob's id", { limit: 10 })).messages, []);
});

Deno.test("many conversations are looked into in several parts, so that others get at the database", async () => {
  await using opened = await openPruner();
  const { log, pruner } = opened;
  const directs = Array.from(
    { length: 120 },
    (_, index) => directOf("hi", { from: `ann${index}`, to: "bob" }),
  );
  await Promise.all(directs.map((direct) => log.appendDirect(direct)));
  deepEqual(await count(pruner.directs(directs[0]!.id)), [0, 4]);
});

Deno.test("more than one part of a conversation goes where some of it waits", async () => {
  await using opened = await openPruner();
  const { log, pruner } = opened;
  const directs = Array.from({ length: 420 }, (_, index) => directOf(`${index}`));
  await Promise.all(directs.map((direct, index) => log.appendDirect(direct, { waiting: index < 205 })));
  equal((await count(pruner.directs(directs[410]!.id)))[0], 2 * 205);
  const { messages } = await log.conversation("bob's id", "ann's id", { limit: 500 });
  deepEqual(
    messages.map(({ text }) => text),
    [...directs.slice(0, 205), ...directs.slice(410)].map(({ text }) => text),
  );
});
