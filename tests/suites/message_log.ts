import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { Direct, Message } from "../../server/chat/event.ts";
import { Ids, timeOf } from "../../server/chat/ids.ts";
import type { MessageLog, Page, Range } from "../../server/chat/message_log.ts";
import { mailboxFull } from "../../server/refusals.ts";

/** A log that holds nothing yet, to be disposed of. */
export interface OpenLog extends AsyncDisposable {
  readonly log: MessageLog;
}

const ids = new Ids();

/** A message of ann's with the next id. */
export function messageOf(text: string, others: Partial<Message> = {}): Message {
  const id = ids.next();
  const said = { number: 1, room: "lobby", from: "ann", author: "ann's id", text, action: false };
  return { type: "message", id, at: timeOf(id), ...said, ...others };
}

/** A private message of one account to another, with the next id. */
export function directOf(text: string, { from = "ann", to = "bob" } = {}): Direct {
  const id = ids.next();
  return { type: "direct", id, from, to, fromKey: `${from}'s id`, toKey: `${to}'s id`, text, at: timeOf(id) };
}

/** What every message log must do. */
export function testMessageLog(name: string, open: () => Promise<OpenLog>): void {
  Deno.test(`${name} gives back what it keeps, to the millisecond`, async () => {
    await using opened = await open();
    const said = [
      messageOf("héllo\t😀 \u0000"),
      messageOf("waves", { action: true, number: 1_000_000 }),
      messageOf("hi", { from: "eve4821", author: undefined }),
      messageOf(""),
    ];
    for (const message of said) await opened.log.append(message);
    deepEqual(await latest(opened.log, "lobby", 10), said);
  });

  Deno.test(`${name} gives the latest messages of a room, oldest first`, async () => {
    await using opened = await open();
    const said = Array.from({ length: 12 }, (_, index) => messageOf(`line ${index}`));
    await Promise.all(said.map((message) => opened.log.append(message)));
    deepEqual(await opened.log.page("lobby", { limit: 10 }), { messages: said.slice(2), more: true });
    deepEqual(await opened.log.page("lobby", { limit: 12 }), { messages: said, more: false });
    deepEqual(await opened.log.page("lobby", { limit: 100 }), { messages: said, more: false });
    deepEqual(await opened.log.page("garden", { limit: 10 }), { messages: [], more: false });
  });

  Deno.test(`${name} keeps rooms apart, whatever their names begin with`, async () => {
    await using opened = await open();
    const [lobby, lobby2] = [messageOf("here"), messageOf("there", { room: "lobby2" })];
    await Promise.all([opened.log.append(lobby), opened.log.append(lobby2)]);
    deepEqual(await latest(opened.log, "lobby", 10), [lobby]);
    deepEqual(await latest(opened.log, "lobby2", 10), [lobby2]);
    const all = { after: "", limit: 10 };
    deepEqual((await opened.log.page("lobby", all)).messages, [lobby]);
    deepEqual((await opened.log.page("lobby", { before: "~", limit: 10 })).messages, [lobby]);
  });

  testPages(`${name}, of a room,`, async () => {
    const opened = await open();
    const said = Array.from({ length: 7 }, (_, index) => messageOf(`${index}`, { number: index }));
    await Promise.all(said.map((message) => opened.log.append(message)));
    return {
      said,
      page: (range) => opened.log.page("lobby", range),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
  });

  testPages(`${name}, of a conversation,`, async () => {
    const opened = await open();
    const both = [{ from: "ann", to: "bob" }, { from: "bob", to: "ann" }];
    const said = Array.from({ length: 7 }, (_, index) => directOf(`${index}`, both[index % 2]));
    await opened.log.appendDirect(directOf("of others", { from: "ann", to: "carl" }));
    await Promise.all(said.map((direct) => opened.log.appendDirect(direct)));
    await opened.log.appendDirect(directOf("of others", { from: "carl", to: "ann" }));
    return {
      said,
      page: (range) => opened.log.conversation("ann's id", "bob's id", range),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
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

  Deno.test(`${name} gives both sides of a conversation the same, and to nobody else`, async () => {
    await using opened = await open();
    const said = [directOf("hi"), directOf("hello", { from: "bob", to: "ann" }), directOf("wie geht's 😀?")];
    for (const direct of said) await opened.log.appendDirect(direct);
    const whole = { messages: said, more: false };
    deepEqual(await opened.log.conversation("ann's id", "bob's id", { limit: 10 }), whole);
    deepEqual(await opened.log.conversation("bob's id", "ann's id", { limit: 10 }), whole);
    deepEqual(await opened.log.findDirect("ann's id", "bob's id", said[1]!.id), said[1]);
    deepEqual(await opened.log.findDirect("bob's id", "ann's id", said[1]!.id), said[1]);
    const nothing = { messages: [], more: false };
    for (
      const [key, otherKey] of [
        ["carl's id", "ann's id"],
        ["ann's id", "carl's id"],
        ["ann's id", "ann's id"],
      ] as const
    ) {
      deepEqual(await opened.log.conversation(key, otherKey, { limit: 10 }), nothing);
      equal(await opened.log.findDirect(key, otherKey, said[0]!.id), undefined);
    }
    deepEqual(await latest(opened.log, "lobby", 10), []);
  });

  Deno.test(`${name} keeps once what somebody writes to oneself`, async () => {
    await using opened = await open();
    const note = directOf("buy milk", { from: "ann", to: "ann" });
    await opened.log.appendDirect(note);
    deepEqual(await opened.log.conversation("ann's id", "ann's id", { limit: 10 }), {
      messages: [note],
      more: false,
    });
    deepEqual(await opened.log.findDirect("ann's id", "ann's id", note.id), note);
  });

  Deno.test(`${name} gives what somebody has written and got since, with whomever, oldest first`, async () => {
    await using opened = await open();
    const said = [
      directOf("0", { from: "ann", to: "zoe" }),
      directOf("1", { from: "bob", to: "ann" }),
      directOf("2", { from: "ann", to: "ann" }),
      directOf("3", { from: "zoe", to: "ann" }),
      directOf("4", { from: "ann", to: "bob" }),
    ];
    const others = directOf("of others", { from: "bob", to: "zoe" });
    for (const direct of [...said, others]) await opened.log.appendDirect(direct);
    const since = (id: string, limit: number) => opened.log.directsSince("ann's id", id, limit);
    deepEqual(await since("", 10), { messages: said, more: false });
    deepEqual(await since("", 5), { messages: said, more: false });
    deepEqual(await since("", 2), { messages: said.slice(0, 2), more: true });
    deepEqual(await since(said[1]!.id, 2), { messages: said.slice(2, 4), more: true });
    deepEqual(await since(said[2]!.id, 2), { messages: said.slice(3), more: false });
    deepEqual(await since(said[4]!.id, 2), { messages: [], more: false });
    deepEqual(await opened.log.directsSince("carl's id", "", 2), { messages: [], more: false });
  });

  Deno.test(`${name} finds what is new to somebody behind all that is old`, async () => {
    await using opened = await open();
    const others = ["bob", "carl", "dora", "eve"];
    const old = Array.from(
      { length: 600 },
      (_, index) => directOf(`${index}`, { from: others[index % 3]!, to: "ann" }),
    );
    const fresh = Array.from(
      { length: 40 },
      (_, index) => directOf(`${index}`, { from: "ann", to: others[index % 4]! }),
    );
    await Promise.all([...old, ...fresh].map((direct) => opened.log.appendDirect(direct)));
    const since = (id: string, limit: number) => opened.log.directsSince("ann's id", id, limit);
    deepEqual(await since(old.at(-1)!.id, 100), { messages: fresh, more: false });
    deepEqual(await since(old.at(-1)!.id, 15), { messages: fresh.slice(0, 15), more: true });
    deepEqual(await since("", 250), { messages: old.slice(0, 250), more: true });
  });

  Deno.test(`${name} gives what was written last in each conversation, newest first`, async () => {
    await using opened = await open();
    const keys = { ann: "ann's id", eve: "guest:eve's" };
    const between = (from: string, to: string, guest: "from" | "to" | undefined, text: string) => {
      const direct = directOf(text, { from, to });
      if (guest === undefined) return direct;
      return { ...direct, [`${guest}Key`]: keys.eve };
    };
    const said = [
      between("ann", "bob", undefined, "0"),
      between("carl", "ann", undefined, "1"),
      between("eve", "ann", "from", "2"),
      between("ann", "ann", undefined, "3"),
      between("bob", "ann", undefined, "4"),
      between("ann", "eve", "to", "5"),
      between("bob", "carl", undefined, "of others"),
    ];
    for (const direct of said) await opened.log.appendDirect(direct);
    const [, one, , three, four, five] = said;
    deepEqual(await opened.log.lastDirects(keys.ann, 10), [five, four, three, one]);
    deepEqual(await opened.log.lastDirects(keys.ann, 2), [five, four]);
    deepEqual(await opened.log.lastDirects(keys.eve, 10), [five]);
    deepEqual(await opened.log.lastDirects("nobody's id", 10), []);
  });

  Deno.test(`${name} finds a message in its room alone`, async () => {
    await using opened = await open();
    const [lobby, garden] = [messageOf("here"), messageOf("there", { room: "garden" })];
    await Promise.all([opened.log.append(lobby), opened.log.append(garden)]);
    deepEqual(await opened.log.find("lobby", lobby.id), lobby);
    deepEqual(await opened.log.find("garden", garden.id), garden);
    equal(await opened.log.find("garden", lobby.id), undefined);
    equal(await opened.log.find("lobby", messageOf("never kept").id), undefined);
  });

  Deno.test(`${name} forgets what is removed, and nothing else, and says whether there was anything`, async () => {
    await using opened = await open();
    const said = [messageOf("one"), messageOf("two 密", { action: true }), messageOf("three")];
    for (const message of said) await opened.log.append(message);
    equal(await opened.log.remove("garden", said[1]!.id), false);
    equal(await opened.log.remove("lobby", said[1]!.id), true);
    equal(await opened.log.remove("lobby", said[1]!.id), false);
    deepEqual(await latest(opened.log, "lobby", 10), [said[0], said[2]]);
    equal(await opened.log.find("lobby", said[1]!.id), undefined);
    deepEqual(await opened.log.page("lobby", { after: said[1]!.id, limit: 10 }), {
      messages: [said[2]],
      more: false,
    });
  });

  Deno.test(`${name} knows the highest id that there was, whatever has become of the message`, async () => {
    await using opened = await open();
    equal(await opened.log.newestId(), "");
    const [direct, said, waiting] = [directOf("psst"), messageOf("hi"), directOf("later")];
    await opened.log.append(said);
    equal(await opened.log.newestId(), said.id);
    await opened.log.appendDirect(waiting, { waiting: true });
    await opened.log.appendDirect(direct);
    equal(await opened.log.newestId(), waiting.id);
    const last = messageOf("gone");
    await opened.log.append(last);
    await opened.log.remove("lobby", last.id);
    equal(await opened.log.newestId(), last.id);
  });

  Deno.test(`${name} forgets what a guest has, but not what others have of it`, async () => {
    await using opened = await open();
    const [asked, answered] = [
      directOf("hi", { from: "eve4821" }),
      directOf("hello", { from: "bob", to: "eve4821" }),
    ];
    const others = directOf("hi", { from: "bob", to: "eve4821 too" });
    for (const direct of [asked, answered, others]) await opened.log.appendDirect(direct);
    await opened.log.forgetGuest("eve4821's id");
    await opened.log.forgetGuest("nobody's id");
    deepEqual((await opened.log.conversation("eve4821's id", "bob's id", { limit: 10 })).messages, []);
    equal(await opened.log.findDirect("eve4821's id", "bob's id", asked.id), undefined);
    const kept = await opened.log.conversation("bob's id", "eve4821's id", { limit: 10 });
    deepEqual(kept.messages, [asked, answered]);
    deepEqual((await opened.log.conversation("eve4821 too's id", "bob's id", { limit: 10 })).messages, [
      others,
    ]);
  });

  Deno.test(`${name} passes on what a guest has written and got, on both sides`, async () => {
    await using opened = await open();
    const [asked, answered, own] = [
      directOf("hi", { from: "eve4821" }),
      directOf("hello", { from: "bob", to: "eve4821" }),
      directOf("to do", { from: "eve4821", to: "eve4821" }),
    ];
    const others = directOf("hi", { from: "bob", to: "eve4821 too" });
    for (const direct of [asked, answered, own, others]) await opened.log.appendDirect(direct);
    await opened.log.passOn("eve4821's id", "eve's id");
    const swapped = (direct: Direct) => {
      const swap = (key: string) => key === "eve4821's id" ? "eve's id" : key;
      return { ...direct, fromKey: swap(direct.fromKey), toKey: swap(direct.toKey) };
    };
    const conversation = async (key: string, otherKey: string) =>
      (await opened.log.conversation(key, otherKey, { limit: 10 })).messages;
    deepEqual(await conversation("eve's id", "bob's id"), [asked, answered].map(swapped));
    deepEqual(await conversation("bob's id", "eve's id"), [asked, answered].map(swapped));
    deepEqual(await conversation("eve's id", "eve's id"), [swapped(own)]);
    for (const key of ["bob's id", "eve4821's id"]) deepEqual(await conversation("eve4821's id", key), []);
    deepEqual(await conversation("bob's id", "eve4821's id"), []);
    deepEqual(await conversation("bob's id", "eve4821 too's id"), [others]);
  });

  Deno.test(`${name} passes on whatever number of private messages, and gives none to who has none any more`, async () => {
    await using opened = await open();
    const many = Array.from({ length: 250 }, (_, index) => directOf(`${index}`, { from: "eve4821" }));
    await Promise.all(many.map((direct) => opened.log.appendDirect(direct)));
    await opened.log.forgetGuest("bob's id"); // as whose account is deleted
    await opened.log.passOn("eve4821's id", "eve's id");
    const own = await opened.log.conversation("eve's id", "bob's id", { limit: 1_000 });
    equal(own.messages.length, 250);
    deepEqual((await opened.log.conversation("bob's id", "eve's id", { limit: 10 })).messages, []);
  });

  Deno.test(`${name} forgets whatever number of private messages a guest has`, async () => {
    await using opened = await open();
    const many = Array.from({ length: 450 }, (_, index) => directOf(`${index}`, { from: "eve4821" }));
    await Promise.all(many.map((direct) => opened.log.appendDirect(direct)));
    await opened.log.forgetGuest("eve4821's id");
    deepEqual((await opened.log.conversation("eve4821's id", "bob's id", { limit: 10 })).messages, []);
    equal((await opened.log.conversation("bob's id", "eve4821's id", { limit: 1_000 })).messages.length, 450);
  });

  Deno.test(`${name} holds private messages for an account until they are shown`, async () => {
    await using opened = await open();
    const directs = [directOf("one"), directOf("two", { from: "carl", to: "bob" }), directOf("three")];
    for (const direct of directs) await opened.log.appendDirect(direct, { waiting: true });
    deepEqual(await opened.log.waitingFor("bob's id"), directs);
    deepEqual(await opened.log.waitingFor("ann's id"), []);
    await opened.log.shown("bob's id", directs.slice(0, 2));
    deepEqual(await opened.log.waitingFor("bob's id"), directs.slice(2));
    await opened.log.shown("bob's id", directs);
    deepEqual(await opened.log.waitingFor("bob's id"), []);
  });

  Deno.test(`${name} has what waits in the conversation at once, and when it has been shown`, async () => {
    await using opened = await open();
    const direct = directOf("psst");
    await opened.log.appendDirect(direct, { waiting: true });
    const conversation = () => opened.log.conversation("bob's id", "ann's id", { limit: 10 });
    deepEqual((await conversation()).messages, [direct]);
    await opened.log.shown("bob's id", [direct]);
    deepEqual((await conversation()).messages, [direct]);
  });

  Deno.test(`${name} has a message once that waits after all`, async () => {
    await using opened = await open();
    const direct = directOf("psst");
    await opened.log.appendDirect(direct);
    await opened.log.appendDirect(direct, { waiting: true });
    deepEqual(await opened.log.waitingFor("bob's id"), [direct]);
    deepEqual((await opened.log.conversation("ann's id", "bob's id", { limit: 10 })).messages, [direct]);
  });

  Deno.test(`${name} lets no private message wait for somebody present`, async () => {
    await using opened = await open();
    await opened.log.appendDirect(directOf("psst"));
    deepEqual(await opened.log.waitingFor("bob's id"), []);
  });

  Deno.test(`${name} refuses what is more than may wait for one account, and for that one alone`, async () => {
    await using opened = await open();
    for (let index = 0; index < 500; index += 100) {
      const hundred = Array.from(
        { length: 100 },
        () => opened.log.appendDirect(directOf("more"), { waiting: true }),
      );
      await Promise.all(hundred);
    }
    const tooMuch = directOf("too much");
    await rejects(opened.log.appendDirect(tooMuch, { waiting: true }), mailboxFull("bob"));
    equal((await opened.log.waitingFor("bob's id")).length, 500);
    equal(
      await opened.log.findDirect("ann's id", "bob's id", tooMuch.id),
      undefined,
      "and nothing is kept of it",
    );
    await opened.log.appendDirect(directOf("hi", { from: "ann", to: "carl" }), { waiting: true });
    equal((await opened.log.waitingFor("carl's id")).length, 1);
  });
}

/** A history of seven. */
interface OpenHistory extends AsyncDisposable {
  readonly said: readonly (Message | Direct)[];
  page(range: Range): Promise<Page<Message | Direct>>;
}

/** Which of seven, numbered from 0, a range is; the ends of the range by their numbers. */
const PAGES: readonly (readonly [
  range: { after?: number; before?: number; limit: number },
  texts: string,
  more: boolean,
])[] = [
  [{ limit: 3 }, "456", true],
  [{ limit: 7 }, "0123456", false],
  [{ limit: 6 }, "123456", true],
  [{ before: 4, limit: 2 }, "23", true],
  [{ before: 4, limit: 4 }, "0123", false],
  [{ before: 4, limit: 100 }, "0123", false],
  [{ before: 0, limit: 2 }, "", false],
  [{ after: 4, limit: 2 }, "56", false],
  [{ after: 2, limit: 2 }, "34", true],
  [{ after: 2, limit: 100 }, "3456", false],
  [{ after: 6, limit: 2 }, "", false],
  [{ after: 1, before: 5, limit: 2 }, "23", true],
  [{ after: 1, before: 5, limit: 3 }, "234", false],
  [{ after: 1, before: 5, limit: 100 }, "234", false],
  [{ after: 3, before: 4, limit: 2 }, "", false],
  [{ after: 3, before: 3, limit: 2 }, "", false],
  [{ after: 5, before: 1, limit: 2 }, "", false],
];

function testPages(name: string, open: () => Promise<OpenHistory>): void {
  Deno.test(`${name} gives the part that is asked for, and whether there is more in that direction`, async () => {
    await using opened = await open();
    const { said, page } = opened;
    for (const [{ after, before, limit }, texts, more] of PAGES) {
      const range = {
        ...after === undefined ? {} : { after: said[after]!.id },
        ...before === undefined ? {} : { before: said[before]!.id },
        limit,
      };
      const expected = { messages: [...texts].map((text) => said[Number(text)]), more };
      deepEqual(await page(range), expected, JSON.stringify({ after, before, limit }));
    }
  });

  Deno.test(`${name} takes ids that nothing has, and gives all from the first on after none`, async () => {
    await using opened = await open();
    const { said, page } = opened;
    deepEqual(await page({ after: "", limit: 2 }), { messages: said.slice(0, 2), more: true });
    deepEqual((await page({ before: messageOf("later").id, limit: 2 })).messages, said.slice(5));
    deepEqual((await page({ after: messageOf("later").id, limit: 2 })).messages, []);
    deepEqual((await page({ before: "0".repeat(26), limit: 2 })).messages, []);
  });

  Deno.test(`${name} is gone through without gap or double, in either direction`, async () => {
    await using opened = await open();
    const { said, page } = opened;
    const forwards: (Message | Direct)[] = [];
    for (
      let part = await page({ after: "", limit: 2 });;
      part = await page({ after: forwards.at(-1)!.id, limit: 2 })
    ) {
      forwards.push(...part.messages);
      if (!part.more) break;
    }
    deepEqual(forwards, said);
    const backwards: (Message | Direct)[] = [];
    for (let part = await page({ limit: 2 });; part = await page({ before: backwards[0]!.id, limit: 2 })) {
      backwards.unshift(...part.messages);
      if (!part.more) break;
    }
    deepEqual(backwards, said);
  });
}

/** The latest messages of a room. */
export async function latest(log: MessageLog, room: string, limit: number): Promise<Message[]> {
  return (await log.page(room, { limit })).messages;
}
