import { strict as assert } from "node:assert";
import { type Bot, Bots, DOORS, ID, type Received, TIME } from "../support/bot.ts";
import { startServer } from "../support/start_server.ts";

const UNPACED = ["--rate=off", "--command-rate=off", "--byte-rate=off", "--logins-per-minute=off"];

Deno.test("history is read page by page in both directions, and says whether there is more", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann, bob] = await bots.guests("ann", "bob");
  const ids = await says(ann, "lobby", Array.from({ length: 120 }, (_, index) => `${index}`));
  await bob.catchesUp();
  const [first, fifth, tenth] = [ids[0]!, ids[4]!, ids[9]!];
  const newest = ids.at(-1)!;
  const pages: [asked: object, ids: string[], more: boolean][] = [
    [{}, ids.slice(-100), true],
    [{ limit: 119 }, ids.slice(1), true],
    [{ limit: 120 }, ids, false],
    [{ limit: 1_000 }, ids, false],
    [{ limit: 1_000_000 }, ids, false],
    [{ limit: 3 }, ids.slice(-3), true],
    [{ before: tenth, limit: 3 }, ids.slice(6, 9), true],
    [{ before: tenth, limit: 9 }, ids.slice(0, 9), false],
    [{ before: tenth.toLowerCase() }, ids.slice(0, 9), false],
    [{ before: first }, [], false],
    [{ after: tenth, limit: 3 }, ids.slice(10, 13), true],
    [{ after: tenth, limit: 110 }, ids.slice(10), false],
    [{ after: newest }, [], false],
    [{ after: "" }, ids.slice(0, 100), true],
    [{ after: "0".repeat(26), limit: 1 }, [first], true],
    [{ after: first, before: fifth }, ids.slice(1, 4), false],
    [{ after: first, before: fifth, limit: 2 }, ids.slice(1, 3), true],
    [{ after: first, before: first }, [], false],
    [{ after: fifth, before: first }, [], false],
    [{ before: "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", limit: 1 }, [newest], true],
  ];
  for (const [asked, expected, more] of pages) {
    const answer = await bob.asks({ type: "history", room: "lobby", ...asked });
    assert.deepEqual(
      [answer.messages!.map(({ id }) => id), answer.more],
      [expected, more],
      JSON.stringify(asked),
    );
  }
  assert.deepEqual(await walked(bob, "before"), ids);
  assert.deepEqual(await walked(bob, "after"), ids);
});

Deno.test("a page has at most 1,000 messages, whatever was asked", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann] = await bots.guests("ann");
  const ids = await says(ann, "lobby", Array.from({ length: 1_100 }, (_, index) => `${index}`));
  for (const limit of [1_000, 5_000]) {
    const forward = await ann.asks({ type: "history", room: "lobby", after: "", limit });
    assert.deepEqual([forward.messages!.map(({ id }) => id), forward.more], [ids.slice(0, 1_000), true]);
    const backward = await ann.asks({ type: "history", room: "lobby", limit });
    assert.deepEqual([backward.messages!.map(({ id }) => id), backward.more], [ids.slice(-1_000), true]);
  }
});

for (
  const [what, character] of [["ASCII", "x"], ["Greek", "λ"], ["Chinese", "漢"], ["emoji", "😀"]] as const
) {
  Deno.test(`a page ends after 128 KiB, also of ${what}, and nothing is left out`, async () => {
    await using server = await startServer(...UNPACED);
    await using bots = new Bots(server);
    const [ann] = await bots.guests("ann");
    const longest = character.repeat(4_096 / new TextEncoder().encode(character).length);
    const ids = await says(ann, "lobby", Array(80).fill(longest));
    for (const way of ["before", "after"] as const) {
      const pages: number[] = [];
      assert.deepEqual(await walked(ann, way, { limit: 1_000, pages }), ids);
      for (const count of pages) assert.ok(count * 4_096 <= 131_072, `${count} messages on a page`);
      assert.ok(pages.length <= 4, `${pages} messages on the pages`);
    }
  });
}

Deno.test("history between two is that of the two, for accounts and guests", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  for (const name of ["ann", "dora"]) await server.hasAccount(name);
  const ann = await bots.member("ann", "wss");
  const [bob, carl] = await bots.guests("bob", "carl");
  await ann.catchesUp();
  const said: [from: Bot, to: string][] = [
    [ann, bob.name],
    [bob, "ann"],
    [ann, carl.name],
    [bob, carl.name],
    [
      ann,
      "dora",
    ],
    [bob, "ann"],
    [ann, "ann"],
  ];
  const ids: string[] = [];
  for (const [index, [from, to]] of said.entries()) {
    const answer = await answered(from, { type: "direct", to, text: `${index}` });
    ids.push(answer.id!);
  }
  const conversations: [asked: Bot, other: string, ids: number[]][] = [
    [ann, bob.name, [0, 1, 5]],
    [ann, bob.name.toUpperCase(), [0, 1, 5]],
    [bob, "ann", [0, 1, 5]],
    [bob, carl.name, [3]],
    [carl, bob.name, [3]],
    [carl, "ann", [2]],
    [carl, "dora", []],
    [ann, "dora", [4]],
    [ann, "ann", [6]],
    [bob, bob.name, []],
  ];
  for (const bot of [ann, bob, carl]) await bot.catchesUp();
  for (const [asking, other, expected] of conversations) {
    const { messages } = await asking.asks({ type: "history", with: other });
    assert.deepEqual(messages!.map(({ id }) => id), expected.map((index) => ids[index]), other);
  }
  const pages: [asked: object, expected: number[], more: boolean][] = [
    [{ limit: 2 }, [1, 5], true],
    [{ after: ids[0] }, [1, 5], false],
    [{ after: ids[0], limit: 1 }, [1], true],
    [{ before: ids[5], limit: 1 }, [1], true],
    [{ before: ids[5], after: ids[0] }, [1], false],
  ];
  for (const [asked, expected, more] of pages) {
    const answer = await bob.asks({ type: "history", with: "ann", ...asked });
    assert.deepEqual([answer.messages!.map(({ id }) => id), answer.more], [
      expected.map((index) => ids[index]),
      more,
    ]);
  }
  await bob.asks({ type: "history", with: "ann", limit: 1 }, {
    type: "history",
    with: "ann",
    messages: [{ type: "direct", id: ID, from: bob.name, to: "ann", text: "5", at: TIME }],
    more: true,
  });
  await carl.vanishes();
  await bob.readsUntil({ type: "left", room: "lobby", name: carl.name, at: TIME, reason: "quit" });
  await bob.isRefused({ type: "history", with: carl.name }, "user_not_found", `User ${carl.name} not found.`);
});

Deno.test("after a reconnect nothing is missing and nothing comes twice, while others talk on", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  await server.hasAccount("reader");
  const token = await server.tokenOf("reader");
  const talkers = await bots.guests("ann", "bob", "carl", "dora");
  const kept: string[] = [];
  const stop = new AbortController();
  const talking = talkers.map(async (bot) => {
    while (!stop.signal.aborted) {
      const answer = await answered(bot, { type: "say", room: "lobby", text: `${kept.length}` });
      kept.push(answer.id!);
    }
  });
  const read: string[] = [];
  for (let round = 0; round < 20; round++) {
    const bot = await bots.connect(DOORS[round % DOORS.length]);
    await bot.comesIn({ type: "auth", token });
    await catchesUpFrom(bot, read);
    for (let live = 0; live < 20;) {
      const { type, id } = await bot.reads();
      if (type !== "message") continue;
      read.push(id!);
      live++;
    }
    await bot.vanishes();
  }
  stop.abort();
  await Promise.all(talking);
  const bot = await bots.connect("ws");
  await bot.comesIn({ type: "auth", token });
  await catchesUpFrom(bot, read);
  assert.deepEqual(read, kept.toSorted());
  assert.ok(read.length > 400, `${read.length} messages`);
});

/** Reads what was said since the last message read, in small pages, and adds what is told live meanwhile. */
async function catchesUpFrom(bot: Bot, read: string[]): Promise<void> {
  const live: string[] = [];
  for (let more = true; more;) {
    const ref = crypto.randomUUID();
    await bot.sends({ type: "history", room: "lobby", after: read.at(-1) ?? "", limit: 7, ref });
    let answer = await bot.reads();
    for (; answer.ref !== ref; answer = await bot.reads()) {
      if (answer.type === "message") live.push(answer.id!);
    }
    read.push(...answer.messages!.map(({ id }) => id!));
    more = answer.more!;
  }
  const last = read.at(-1) ?? "";
  read.push(...live.filter((id) => id > last));
}

/** Says all of it in one go; answers the ids. */
async function says(bot: Bot, room: string, texts: readonly string[]): Promise<string[]> {
  await bot.sends(...texts.map((text) => ({ type: "say", room, text })));
  const ids: string[] = [];
  for (const _text of texts) ids.push((await bot.reads({ type: "ack", id: ID })).id!);
  return ids;
}

/** The answer to a request, whatever is told before it. */
async function answered(bot: Bot, request: object): Promise<Received> {
  const ref = crypto.randomUUID();
  await bot.sends({ ...request, ref });
  for (;;) {
    const received = await bot.reads();
    if (received.ref === ref) return received;
  }
}

/** All ids of the lobby, walked through from one end to the other; notes how many were on each page. */
async function walked(
  bot: Bot,
  way: "before" | "after",
  { limit = 7, pages = [] }: { limit?: number; pages?: number[] } = {},
): Promise<string[]> {
  let ids: string[] = [];
  for (let more = true; more;) {
    const from = way === "after" ? ids.at(-1) ?? "" : ids[0];
    const answer = await bot.asks({ type: "history", room: "lobby", [way]: from, limit });
    const page = answer.messages!.map(({ id }) => id!);
    ids = way === "after" ? [...ids, ...page] : [...page, ...ids];
    pages.push(page.length);
    more = answer.more!;
  }
  return ids;
}
