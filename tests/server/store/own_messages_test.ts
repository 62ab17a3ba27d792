import { deepEqual, equal } from "node:assert/strict";
import type { Direct, Message } from "../../../server/chat/event.ts";
import { KvMessageLog } from "../../../server/store/messages.ts";
import { KvOwnMessages } from "../../../server/store/own_messages.ts";
import { openDatabase } from "../../support/open_database.ts";
import { directOf, latest, messageOf } from "../../suites/message_log.ts";

async function openOwnMessages() {
  const opened = await openDatabase();
  return {
    log: new KvMessageLog(opened.database),
    own: new KvOwnMessages(opened.database),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function all<Kind>(parts: AsyncIterable<readonly Kind[]>): Promise<Kind[]> {
  return (await Array.fromAsync(parts)).flat();
}

const BOB = { from: "bob", author: "bob's id" };

Deno.test("what somebody has said in a room is told from what others have said, even of that one", async () => {
  await using opened = await openOwnMessages();
  const { log, own } = opened;
  const said: Message[] = [
    messageOf("one", BOB),
    messageOf("I am not bob's id"),
    messageOf("two", { ...BOB, from: "bobby", action: true, number: 7 }),
    messageOf("bob's id", { from: "bob1234", author: undefined }),
    messageOf("elsewhere", { ...BOB, room: "lobby2" }),
    messageOf("密", BOB),
  ];
  await Promise.all(said.map((message) => log.append(message)));
  deepEqual(await all(own.inRoom("bob's id", "lobby")), [said[0], said[2], said[5]]);
  deepEqual(await all(own.inRoom("nobody's id", "lobby")), []);
  deepEqual(await all(own.inRoom("bob's id", "nowhere")), []);
});

Deno.test("a long history is gone through in parts, without gap or double, even while what was found goes", async () => {
  await using opened = await openOwnMessages();
  const { log, own } = opened;
  const said = Array.from({ length: 1_200 }, (_, index) => messageOf(`${index}`, index % 3 === 0 ? BOB : {}));
  await Promise.all(said.map((message) => log.append(message)));
  const found: Message[] = [];
  let parts = 0;
  for await (const part of own.inRoom("bob's id", "lobby")) {
    parts++;
    found.push(...part);
    await own.remove(part);
  }
  deepEqual(found, said.filter((_, index) => index % 3 === 0));
  equal(parts, 3);
  deepEqual(await latest(log, "lobby", 1_000), said.filter((_, index) => index % 3 !== 0));
});

Deno.test("a person's private messages are given conversation by conversation, each oldest first", async () => {
  await using opened = await openOwnMessages();
  const { log, own } = opened;
  const directs: Direct[] = [
    directOf("0", { from: "zoe", to: "bob" }),
    directOf("1", { from: "bob", to: "ann" }),
    directOf("2", { from: "ann", to: "bob" }),
    directOf("3", { from: "bob", to: "zoe" }),
    directOf("4", { from: "bob", to: "bob" }),
    directOf("of others", { from: "ann", to: "zoe" }),
  ];
  for (const direct of directs) await log.appendDirect(direct);
  deepEqual(await all(own.directs("bob's id")), [1, 2, 4, 0, 3].map((index) => directs[index]));
  deepEqual(await all(own.directs("bob")), []);
});

Deno.test("private messages that are removed are gone for both sides, and wait for nobody", async () => {
  await using opened = await openOwnMessages();
  const { log, own } = opened;
  const [first, second, third, other] = [
    directOf("one"),
    directOf("two", { from: "bob", to: "ann" }),
    directOf("three"),
    directOf("of others", { from: "carl", to: "bob" }),
  ];
  for (const direct of [first!, second!, third!, other!]) await log.appendDirect(direct, { waiting: true });
  await own.removeDirects([first!, second!]);
  for (const key of ["ann's id", "bob's id"]) deepEqual((await all(own.directs(key)))[0], third);
  deepEqual(await log.waitingFor("bob's id"), [third, other]);
  deepEqual(await log.waitingFor("ann's id"), []);
});

Deno.test("disowned messages stay as they are but for who has said them", async () => {
  await using opened = await openOwnMessages();
  const { log, own } = opened;
  const said = Array.from(
    { length: 130 },
    (_, index) => messageOf(`${index} “é”`, { ...BOB, number: index, action: index % 2 === 0 }),
  );
  await Promise.all(said.map((message) => log.append(message)));
  await own.disown(said, "deleted user");
  const disowned = said.map((message) => ({ ...message, from: "deleted user", author: undefined }));
  deepEqual(await latest(log, "lobby", 1_000), disowned);
  deepEqual(await all(own.inRoom("bob's id", "lobby")), []);
});

Deno.test("disowning brings nothing back that was deleted meanwhile", async () => {
  await using opened = await openOwnMessages();
  const { log, own } = opened;
  const said = [messageOf("one", BOB), messageOf("two", BOB), messageOf("three", BOB)];
  for (const message of said) await log.append(message);
  await Promise.all([own.disown(said, "deleted user"), log.remove("lobby", said[1]!.id)]);
  await own.disown(said, "deleted user");
  deepEqual((await latest(log, "lobby", 10)).map(({ from, text }) => `${from}: ${text}`), [
    "deleted user: one",
    "deleted user: three",
  ]);
});
