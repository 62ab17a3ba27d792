import { strict as assert } from "node:assert";
import { ulid } from "ulid";
import { Database } from "../../server/store/kv.ts";
import { KvMessageLog } from "../../server/store/messages.ts";
import type { Person } from "../support/person.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const MAY_NOT = "You may not do that.";
const NO_SUCH_MESSAGE = "There is no such message here. /ids on shows the numbers.";

/** The time of today's lines. */
const TIME = String.raw`([01]\d|2[0-3]):[0-5]\d`;

Deno.test("/history shows the latest, newest last, each led by its time", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.asks("/history", "Nothing was said there.");
  const lines = Array.from({ length: 250 }, (_, index) => `line ${index + 1}`);
  for (const line of lines) await ann.types(line);
  await bob.readsUntil(`${ann.name}: line 250`);
  const counts: [typed: string, shown: number][] = [
    ["/history", 20],
    ["/HISTORY 1", 1],
    ["/history 0", 1],
    ["/history 25", 25],
    ["/history 200", 200],
    ["/history 999999", 200],
    ["/history #lobby", 20],
    ["/history #LOBBY 3", 3],
  ];
  for (const [typed, shown] of counts) {
    await bob.types(typed);
    for (const line of lines.slice(-shown)) await bob.reads(new RegExp(`^${TIME} ${ann.name}: ${line}$`));
    await bob.asks("/ping", "Pong.");
  }
});

Deno.test("what cannot be a part of the history is refused", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann] = await server.guests("ann");
  const bad = [
    "all",
    "-1",
    "1.5",
    "1e3",
    "10 20",
    "lobby",
    "before",
    "before noon",
    "before 25:00",
    "before 2026-13-01",
    "before 2026-1-1",
    "before 2026-01-01 noon",
    "20 2026-01-01",
    "before 10:00 20",
    "#lobby before",
  ];
  for (const rest of bad) {
    await ann.asks(`/history ${rest}`, "Use: /history [#<room> | @<name>] [n] [before <time>]");
  }
  await ann.asks("/history #nowhere", "There is no room #nowhere.");
  await ann.asks("/history @nobody", "User nobody not found.");
  await ann.asks("/history @", "Use: /history [#<room> | @<name>] [n] [before <time>]");
});

Deno.test("lines of other days are led by the day, and any moment can be asked for", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.restart(() =>
    wasSaid(server, "lobby", [
      { at: "2026-03-01T23:59:59.999Z", text: "before midnight" },
      { at: "2026-03-02T00:00:00.000Z", text: "at midnight" },
      { at: "2026-03-02T14:01:59.999Z", text: "before two past two" },
      { at: "2026-03-02T14:02:00.000Z", text: "waves", action: true },
      { at: "2026-03-03T08:00:00.000Z", text: "the day after" },
    ])
  );
  const [ann] = await server.guests("ann");
  await ann.readsUntil(`bob: the day after`); // the room's latest
  const all = [
    "2026-03-01 23:59 bob: before midnight",
    "2026-03-02 00:00 bob: at midnight",
    "2026-03-02 14:01 bob: before two past two",
    "2026-03-02 14:02 * bob waves",
    "2026-03-03 08:00 bob: the day after",
  ];
  const asked: [rest: string, lines: string[]][] = [
    ["", all],
    ["before 2026-03-02", all.slice(0, 1)],
    ["before 2026-03-02 00:00", all.slice(0, 1)],
    ["before 2026-03-02 00:01", all.slice(0, 2)],
    ["before 2026-03-02 14:02", all.slice(0, 3)],
    ["BEFORE 2026-03-02T14:03", all.slice(0, 4)],
    ["2 before 2026-03-02 14:03", all.slice(2, 4)],
    ["#lobby 1 before 2026-03-04", all.slice(4)],
    ["before 2026-03-01", ["Nothing was said there."]],
    ["before 1970-01-01", ["Nothing was said there."]],
    ["before 9999-12-31", all],
    ["1 before 00:00", all.slice(4)],
  ];
  for (const [rest, lines] of asked) {
    await ann.asks(`/history ${rest}`, ...lines);
    await ann.asks("/ping", "Pong.");
  }
  await ann.types("today");
  await ann.asks("/join #den", "You are in #den.", /^Users/);
  await ann.asks(
    "/history #lobby 2",
    "2026-03-03 08:00 #lobby bob: the day after",
    new RegExp(`^${TIME} #lobby ann\\d+: today$`),
  );
});

Deno.test("a time without a day is that of the last 24 hours", async () => {
  await using server = await startServer(...UNLIMITED);
  const now = Date.now();
  const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  await server.restart(() =>
    wasSaid(server, "lobby", [
      { at: minutesAgo(30 * 60), text: "a day ago" },
      { at: minutesAgo(23 * 60), text: "this night" },
      { at: minutesAgo(10), text: "a moment ago" },
    ])
  );
  const [ann] = await server.guests("ann");
  await ann.readsUntil("bob: a moment ago");
  await ann.asks(
    `/history before ${minutesAgo(5).slice(11, 16)}`,
    /bob: a day ago$/,
    /bob: this night$/,
    /bob: a moment ago$/,
  );
  await ann.asks(`/history 1 before ${minutesAgo(22 * 60).slice(11, 16)}`, /bob: this night$/);
  await ann.asks("/ping", "Pong.");
});

Deno.test("/history @name shows what two people wrote to each other, to them alone", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob, eve] = await server.members("ann", "bob", "eve");
  await ann.asks("/@ bob one", "Private message to bob: one");
  await bob.asks("/@ ann two", "Private message from ann: one", "Private message to ann: two");
  await ann.reads("Private message from bob: two");
  await eve.asks("/@ ann three", "Private message to ann: three");
  await ann.reads("Private message from eve: three");
  for (const typed of ["/history @bob", "/history @BOB 200", "/history @bob 2"]) {
    await ann.asks(
      typed,
      new RegExp(`^${TIME} Private message to bob: one$`),
      new RegExp(`^${TIME} Private message from bob: two$`),
    );
  }
  await bob.asks("/history @ann", /Private message from ann: one$/, /Private message to ann: two$/);
  await eve.asks("/history @ann", /Private message to ann: three$/);
  await eve.asks("/history @bob", "Nothing was said there.");
  await ann.types("/name anna");
  for (const person of [ann, bob, eve]) await person.reads("ann is now called anna.");
  await bob.asks("/history @anna 1", /Private message to ann: two$/);
  await bob.leaves();
  await server.restart();
  const again = await server.member("ann");
  await again.asks("/history @bob 1", /Private message from bob: two$/);
});

Deno.test("/ids leads messages by their numbers, which go on over a restart", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  await ann.types("one");
  await bob.readsInTurn("ann: one");
  await bob.asks("/ids on", "Numbers are on.");
  await ann.types("/me two");
  await bob.reads("[2] * ann two");
  await ann.asks("/join #den", "You are in #den.", /^Users/);
  await ann.types("elsewhere");
  await ann.asks("/join #lobby", "You are in #lobby.", /^Users/, /ann: one$/, /\* ann two$/);
  await bob.asks(
    "/history",
    new RegExp(`^${TIME} \\[1\\] ann: one$`),
    new RegExp(`^${TIME} \\[2\\] \\* ann two$`),
  );
  await bob.asks("/ids off", "Numbers are off.");
  await ann.types("three");
  await bob.reads("ann: three");
  await server.restart();
  const [owner, again] = [await server.member("ann"), await server.member("bob")];
  for (const person of [owner, again]) await person.readsUntil("ann: three");
  await owner.reads("bob has joined the chat.");
  await again.asks("/ids on", "Numbers are on.");
  await owner.types("four");
  await again.reads("[4] ann: four");
});

Deno.test("what a moderator deletes is gone for all, and those there read that it is", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  const mona = await server.moderator("mona");
  for (const person of [ann, bob]) await person.reads(/ has joined the chat\.$/);
  await bob.asks("/ids on", "Numbers are on.");
  for (const text of ["one", "a secret", "three"]) await ann.types(text);
  await bob.readsUntil("[3] ann: three");
  await mona.readsUntil("ann: three");
  await mona.asks("/delete 2", "mona has deleted a message of ann in #lobby.");
  await ann.reads("mona has deleted a message of ann in #lobby.");
  await bob.reads("mona has deleted message 2 of ann in #lobby.");
  await mona.asks("/delete 2", NO_SUCH_MESSAGE);
  for (const person of [ann, mona]) await person.asks("/history", /ann: one$/, /ann: three$/);
  const eve = await server.connect();
  await eve.comesInAs("eve");
  await eve.readsInTurn("ann: one", "ann: three");
  await eve.asks("/history 200", /ann: one$/, /ann: three$/);
  await eve.asks("/search secret", "Nothing was found.");
  await server.restart();
  const later = await server.member("bob");
  await later.readsInTurn("ann: one", "ann: three");
  await later.asks("/history", /ann: one$/, /ann: three$/);
});

Deno.test("only an account its own, moderators and the room's staff delete, and what there is", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  const [guest] = await server.guests("guest");
  for (const person of [ann, bob]) await person.reads(/ has joined the chat\.$/);
  await ann.types("mine");
  for (const person of [bob, guest]) await person.reads("ann: mine");
  for (const person of [bob, guest]) await person.asks("/delete 1", MAY_NOT);
  await guest.types("a guest's own");
  for (const person of [ann, bob]) await person.reads(/: a guest's own$/);
  await guest.asks("/delete 2", MAY_NOT);
  await bob.asks("/join #den", "You are in #den.", /^Users/);
  await ann.asks("/join #den", "You are in #den.", /^Users/);
  await bob.reads("ann has joined #den.");
  await ann.types("too loud");
  await bob.reads("ann: too loud");
  await bob.types("too proud");
  await ann.reads("bob: too proud");
  await ann.asks("/delete 2", MAY_NOT);
  for (const rest of ["", "x", "-1", "1 2", "#lobby 1", "1.0"]) {
    await bob.asks(`/delete ${rest}`, "Use: /delete <number>");
  }
  for (const rest of ["0", "3", "999999999"]) await bob.asks(`/delete ${rest}`, NO_SUCH_MESSAGE);
  await bob.asks("/delete 1", "bob has deleted a message of ann in #den.");
  await ann.reads("bob has deleted a message of ann in #den.");
  await ann.types("better not");
  await bob.reads("ann: better not");
  await ann.asks("/delete 3", "ann has deleted a message of ann in #den.");
  await guest.asks("/history", /ann: mine$/, /: a guest's own$/);
});

Deno.test("a message is found by its number, however much was said since", async () => {
  await using server = await startServer(...UNLIMITED);
  const long = "x".repeat(4_000);
  const minute = (count: number) => new Date(Date.UTC(2026, 2, 1) + count * 60_000).toISOString();
  await server.restart(() =>
    wasSaid(server, "lobby", Array.from({ length: 600 }, (_, count) => ({ at: minute(count), text: long })))
  );
  const mona = await server.moderator("mona");
  for (const number of [600, 300, 1]) {
    await mona.types(`/delete ${number}`);
    await mona.readsUntil("mona has deleted a message of bob in #lobby.");
  }
  await mona.asks("/delete 300", NO_SUCH_MESSAGE);
});

Deno.test("/search finds what was said with all the words, newest last, where one may read", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  await ann.types("Tea is ready");
  await ann.types("/me likes tea and toast");
  await bob.readsInTurn("ann: Tea is ready", "* ann likes tea and toast");
  await ann.asks("/@ bob tea for two", "Private message to bob: tea for two");
  await bob.reads("Private message from ann: tea for two");
  await ann.asks("/join #den", "You are in #den.", /^Users/);
  await ann.types("tea in the den");
  await finds(bob, "TEA", [
    "ann: Tea is ready",
    "* ann likes tea and toast",
    "Private message from ann: tea for two",
    "#den ann: tea in the den",
  ]);
  await finds(bob, "toast tea", ["* ann likes tea and toast"]);
  await finds(bob, "coffee", []);
  await bob.asks("/search", "Use: /search <words>");
  const eve = await server.connect();
  await eve.comesInAs("eve");
  await eve.readsUntil("* ann likes tea and toast");
  await finds(eve, "tea", ["ann: Tea is ready", "* ann likes tea and toast", "#den ann: tea in the den"]);
  for (const hostile of ['"', "tea OR coffee", "tea*", "NEAR(tea)", "'; --", "(", "text:tea", "-tea"]) {
    await eve.types(`/search ${hostile}`);
    await eve.types("/ping");
    assert.doesNotMatch((await eve.readsUntil("Pong.")).join("\n"), /went wrong|for two/, hostile);
  }
});

/** Whether a search comes to these lines, each led by its time, as soon as the index knows what was said. */
async function finds(person: Person, words: string, expected: readonly string[]): Promise<void> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    await person.types(`/search ${words}`);
    await person.types("/ping");
    const lines = await person.readsUntil("Pong.");
    const found = lines.filter((line) => line !== "Nothing was found.").map((line) =>
      line.replace(/^\d\d:\d\d /, "")
    );
    if (found.length >= expected.length || performance.now() > deadline) {
      return assert.deepEqual(found, expected);
    }
  }
}

interface Said {
  readonly at: string;
  readonly text: string;
  readonly action?: boolean;
}

/** Puts what a guest called bob has said into the log of a server that is stopped. */
async function wasSaid(server: TestServer, room: string, all: readonly Said[]): Promise<void> {
  await using database = await Database.open(
    `${server.dataDir}/parley.db`,
    (error) => assert.fail(String(error)),
  );
  const log = new KvMessageLog(database);
  const kept = all.map(({ at, text, action = false }, index) => {
    const moment = new Date(at);
    const id = ulid(moment.getTime());
    return log.append({
      type: "message",
      id,
      number: index + 1,
      room,
      from: "bob",
      author: undefined,
      text,
      action,
      at: moment,
    });
  });
  await Promise.all(kept);
}
