import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Direct, Message } from "../../server/chat/event.ts";
import { Ids, timeOf } from "../../server/chat/ids.ts";
import type { MessageLog } from "../../server/chat/message_log.ts";
import { mailboxFull } from "../../server/refusals.ts";

/** A log that holds nothing yet, to be disposed of. */
export interface OpenLog extends AsyncDisposable {
  readonly log: MessageLog;
}

const ids = new Ids(undefined);

/** A message with the next id. */
export function messageOf(text: string, { room = "lobby", action = false } = {}): Message {
  const id = ids.next();
  return { type: "message", id, room, from: "ann", text, action, at: timeOf(id) };
}

/** A private message with the next id. */
export function directOf(text: string): Direct {
  const id = ids.next();
  return { type: "direct", id, from: "ann", to: "bob", text, at: timeOf(id) };
}

/** What every message log must do. */
export function testMessageLog(name: string, open: () => Promise<OpenLog>): void {
  Deno.test(`${name} gives back what it keeps, to the millisecond`, async () => {
    await using opened = await open();
    const said = [messageOf("héllo\t😀 \u0000"), messageOf("waves", { action: true })];
    for (const message of said) await opened.log.append(message);
    deepEqual(await opened.log.latest("lobby", 10), said);
  });

  Deno.test(`${name} gives the latest messages of a room, oldest first`, async () => {
    await using opened = await open();
    const said = Array.from({ length: 12 }, (_, index) => messageOf(`line ${index}`));
    await Promise.all(said.map((message) => opened.log.append(message)));
    deepEqual(await opened.log.latest("lobby", 10), said.slice(2));
    deepEqual(await opened.log.latest("lobby", 100), said);
    deepEqual(await opened.log.latest("garden", 10), []);
  });

  Deno.test(`${name} keeps rooms apart, whatever their names begin with`, async () => {
    await using opened = await open();
    const [lobby, lobby2] = [messageOf("here"), messageOf("there", { room: "lobby2" })];
    await Promise.all([opened.log.append(lobby), opened.log.append(lobby2)]);
    deepEqual(await opened.log.latest("lobby", 10), [lobby]);
    deepEqual(await opened.log.latest("lobby2", 10), [lobby2]);
  });

  Deno.test(`${name} answers in the order of the calls, messages and private ones alike`, async () => {
    await using opened = await open();
    const answered: number[] = [];
    await Promise.all(
      Array.from({ length: 700 }, async (_, index) => {
        if (index % 3 === 0) await opened.log.appendDirect(directOf(`${index}`));
        else await opened.log.append(messageOf(`${index}`));
        answered.push(index);
      }),
    );
    deepEqual(answered, Array.from({ length: 700 }, (_, index) => index));
  });

  Deno.test(`${name} holds private messages for an account until they are shown`, async () => {
    await using opened = await open();
    const directs = [directOf("one"), directOf("two"), directOf("three")];
    for (const direct of directs) await opened.log.appendDirect(direct, "bob's id");
    deepEqual(await opened.log.waitingFor("bob's id"), directs);
    deepEqual(await opened.log.waitingFor("ann's id"), []);
    await opened.log.shown("bob's id", directs.slice(0, 2));
    deepEqual(await opened.log.waitingFor("bob's id"), directs.slice(2));
    await opened.log.shown("bob's id", directs);
    deepEqual(await opened.log.waitingFor("bob's id"), []);
  });

  Deno.test(`${name} keeps nothing of a private message to somebody present`, async () => {
    await using opened = await open();
    await opened.log.appendDirect(directOf("psst"));
    deepEqual(await opened.log.latest("lobby", 10), []);
    deepEqual(await opened.log.waitingFor("bob's id"), []);
  });

  Deno.test(`${name} refuses what is more than may wait for one account, and for that one alone`, async () => {
    await using opened = await open();
    for (let index = 0; index < 500; index += 100) {
      const hundred = Array.from(
        { length: 100 },
        () => opened.log.appendDirect(directOf("more"), "bob's id"),
      );
      await Promise.all(hundred);
    }
    await rejects(opened.log.appendDirect(directOf("too much"), "bob's id"), mailboxFull("bob"));
    equal((await opened.log.waitingFor("bob's id")).length, 500);
    await opened.log.appendDirect(directOf("hi"), "carl's id");
    equal((await opened.log.waitingFor("carl's id")).length, 1);
  });
}
