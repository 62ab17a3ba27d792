import {
  deepStrictEqual as deepEqual,
  doesNotMatch,
  fail,
  match,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Direct, Message } from "../../../server/chat/event.ts";
import type { Hit } from "../../../server/chat/search_index.ts";
import { searchBusy } from "../../../server/refusals.ts";
import { SearchDatabase } from "../../../server/store/_search_database.ts";
import { type SearchSource, SqliteSearchIndex } from "../../../server/store/search.ts";
import { directOf, messageOf } from "../../suites/message_log.ts";
import { eventually } from "../../support/eventually.ts";

Deno.test("words are found whatever their case and accents, whole ones alone", async () => {
  const cases: [text: string, words: string, found: boolean][] = [
    ["Hello there", "hello", true],
    ["Hello there", "THERE hello", true],
    ["Hello there", "hello hello", true],
    ["Hello there", "hell", false],
    ["Hello there", "hello you", false],
    ["Straße nach Köln", "KOLN", true],
    ["cafe\u0301", "CAFÉ", true],
    ["Привет, Алёна", "алена", true],
    ["İstanbul", "istanbul", true],
    ["ﬁne", "fine", true],
    ["see https://example.com/a_b?c=1", "example.com", true],
    ["see https://example.com/a_b?c=1", "b", true],
    ["it costs 12.50", "12.50", true],
    ["नमस्ते दुनिया", "दुनिया", true],
    ["我的密码是什么", "密码", true],
    ["我的密码是什么", "码", true],
    ["我的密码是什么", "码密", false],
    ["検索エンジンです", "エンジン", true],
    ["สวัสดีครับ", "สวัสดี", true],
    [`${"x".repeat(60)} long`, "x".repeat(60), true],
    ["a b c d e f g h i j", "a b c d e f g h i j", true],
    ["😀 🎉", "😀", false],
    ["", "nothing", false],
  ];
  const said = cases.map(([text], index) => messageOf(text, { room: `room${index}` }));
  await using opened = await openIndex(said);
  for (const [index, [text, words, found]] of cases.entries()) {
    const { id, room } = said[index]!;
    deepEqual(await ids(opened, words, { rooms: [room] }), found ? [id] : [], `${words} in ${text}`);
  }
});

Deno.test("nothing that is typed is taken for a query of SQLite's", async () => {
  const cases: [words: string, found: boolean][] = [
    ["", false],
    ["  ", false],
    ['"', false],
    ["*", false],
    ["' OR 1=1 --", false],
    ["hel*", false],
    ["hello OR unheard", false],
    ["hello NOT world", false],
    ["NEAR(hello world)", false],
    ["prints:hello", false],
    ["^hello", true],
    ['"hello', true],
    ['"hello world"', true],
    ['""hello" world"', true],
    ["(hello)", true],
    ["{hello}", true],
    ["hello+world", true],
    ["-hello", true],
    ["\u0000hello\u0000", true],
    ["hello\ud800", true],
    ["hello ".repeat(10_000), true],
  ];
  const message = messageOf("hello world");
  await using opened = await openIndex([message]);
  for (const [words, found] of cases) {
    deepEqual(await ids(opened, words), found ? [message.id] : [], words.slice(0, 40));
  }
});

Deno.test("of what holds the words the newest is found, newest first", async () => {
  const said = Array.from(
    { length: 1_200 },
    (_, index) => messageOf(`line ${index % 2 === 0 ? "even" : "odd"}`),
  );
  await using opened = await openIndex(said);
  const newestFirst = said.map(({ id }) => id).reverse();
  deepEqual(await ids(opened, "line", { limit: 2_000 }), newestFirst);
  deepEqual(await ids(opened, "line", { limit: 3 }), newestFirst.slice(0, 3));
  deepEqual(await ids(opened, "even line", { limit: 2 }), [newestFirst[1], newestFirst[3]]);
  deepEqual(await ids(opened, "even odd"), []);
});

Deno.test("what is added later is found in its place, even if it is older", async () => {
  const said = Array.from({ length: 4 }, (_, index) => messageOf(`line ${index}`));
  await using opened = await openIndex([said[1]!, said[3]!]);
  opened.index.add(said[2]!);
  await told(opened.index);
  opened.index.add(said[0]!);
  await told(opened.index);
  deepEqual(await ids(opened, "line"), said.map(({ id }) => id).reverse());
});

Deno.test("what was said just now is found by who searches next", async () => {
  await using opened = await openIndex([]);
  const said = Array.from({ length: 5 }, (_, index) => messageOf(`line ${index}`));
  for (const [index, message] of said.entries()) {
    opened.index.add(message);
    deepEqual(await ids(opened, `line ${index}`), [message.id]);
  }
});

Deno.test("what one may not read is not found", async () => {
  const inLobby = messageOf("secret plans");
  const inGarden = messageOf("secret plans", { room: "garden" });
  const toBob = directOf("secret plans");
  const toEve = directOf("secret plans", { to: "eve" });
  const toSelf = directOf("secret plans", { from: "eve", to: "eve" });
  await using opened = await openIndex([inLobby, inGarden, toBob, toEve, toSelf]);
  const find = (rooms: string[], key: string) =>
    opened.index.find({ words: "secret", rooms, key, limit: 10 });
  deepEqual(await find(["lobby"], "nobody"), [{ id: inLobby.id, room: "lobby" }]);
  deepEqual(await find(["garden", "lobby", "none"], "nobody"), [
    { id: inGarden.id, room: "garden" },
    { id: inLobby.id, room: "lobby" },
  ]);
  deepEqual(await find([], "bob's id"), [{ id: toBob.id, between: ["ann's id", "bob's id"] }]);
  deepEqual(await find(["garden"], "ann's id"), [
    { id: toEve.id, between: ["ann's id", "eve's id"] },
    { id: toBob.id, between: ["ann's id", "bob's id"] },
    { id: inGarden.id, room: "garden" },
  ]);
  deepEqual(await find([], "eve's id"), [
    { id: toSelf.id, between: ["eve's id", "eve's id"] },
    { id: toEve.id, between: ["ann's id", "eve's id"] },
  ]);
  deepEqual(await find([], ""), []);
  deepEqual(await find(["@bob's id", "bob's id"], "#lobby"), []);
});

Deno.test("a message that was removed is not found, and its words are in no file", async () => {
  await using opened = await openIndex([]);
  const kept = Array.from({ length: 300 }, (_, index) => messageOf(`ordinary talk ${index}`));
  const removed = Array.from({ length: 30 }, (_, index) => messageOf(`ordinary xylophonist${index}`));
  for (const message of [...kept, ...removed]) opened.index.add(message);
  await told(opened.index);
  equal((await ids(opened, "ordinary", { limit: 1_000 })).length, 330);

  for (const { id } of removed) opened.index.remove("lobby", id);
  opened.index.remove("garden", kept[0]!.id);
  await told(opened.index);
  deepEqual(await ids(opened, "xylophonist7"), []);
  deepEqual(await ids(opened, "ordinary", { limit: 1_000 }), kept.map(({ id }) => id).reverse());
  doesNotMatch(await bytesIn(opened.dir), /xylo/);
  await opened.close();
  doesNotMatch(await bytesIn(opened.dir), /xylo|ordinary/);
});

Deno.test("a message that is removed as soon as it is said is not found", async () => {
  await using opened = await openIndex([]);
  const message = messageOf("oops");
  opened.index.add(message);
  opened.index.remove("lobby", message.id);
  await told(opened.index);
  deepEqual(await ids(opened, "oops"), []);
});

Deno.test("a room is pruned up to a message, and so are the private messages", async () => {
  const lobby = Array.from({ length: 700 }, () => messageOf("line"));
  const garden = Array.from({ length: 3 }, () => messageOf("line", { room: "garden" }));
  const directs = Array.from({ length: 3 }, () => directOf("line"));
  await using opened = await openIndex([...lobby, ...garden, ...directs]);
  const reader = { rooms: ["lobby", "garden"], key: "bob's id", limit: 1_000 };
  opened.index.prune("lobby", lobby[600]!.id);
  opened.index.prune("garden", lobby[0]!.id);
  opened.index.prune("none", lobby[0]!.id);
  opened.index.prune(undefined, directs[1]!.id);
  const left = [...lobby.slice(601), ...garden, directs[2]!].map(({ id }) => id).reverse();
  await eventually("pruned", async () => (await ids(opened, "line", reader)).length <= left.length);
  await told(opened.index);
  deepEqual(await ids(opened, "line", reader), left);
});

Deno.test("the private messages of a person are forgotten, those of others are not", async () => {
  const said = [
    directOf("psst"),
    directOf("psst", { from: "bob", to: "ann" }),
    directOf("psst", { to: "eve" }),
    directOf("psst", { from: "eve", to: "eve" }),
    messageOf("psst", { author: "bob's id" }),
  ] as const;
  await using opened = await openIndex(said);
  opened.index.removeDirectsOf("bob's id");
  const ofAnn = { rooms: [], key: "ann's id" };
  await eventually("forgotten", async () => (await ids(opened, "psst", ofAnn)).length === 1);
  deepEqual(await ids(opened, "psst", ofAnn), [said[2].id]);
  deepEqual(await ids(opened, "psst", { rooms: ["lobby"], key: "bob's id" }), [said[4].id]);
  deepEqual(await ids(opened, "psst", { rooms: [], key: "eve's id" }), [said[3].id, said[2].id]);
});

Deno.test("an index that is missing is made of what is kept, in whatever order that comes, each once", async () => {
  const said = [
    ...Array.from({ length: 1_300 }, () => messageOf("line")),
    ...Array.from({ length: 1_300 }, () => messageOf("line", { room: "garden" })),
  ];
  const direct = directOf("line");
  await using opened = await openIndex([direct, ...said.toReversed(), direct, ...said.slice(5, 900)]);
  const found = await ids(opened, "line", { rooms: ["lobby", "garden"], key: "ann's id", limit: 5_000 });
  deepEqual(found, [...said, direct].map(({ id }) => id).sort().reverse());
});

Deno.test("an index that is behind takes up what is new, and looks through no more than that", async () => {
  const old = [messageOf("line"), messageOf("line")];
  const later = messageOf("line", { id: "7ZZZZZZZZZ0000000000000000" });
  await using opened = await openIndex(old);
  await opened.close();
  const asked: string[] = [];
  await opened.open({
    async *since(id) {
      asked.push(id);
      yield* [...old, later].filter((said) => said.id > id);
    },
  });
  deepEqual(await ids(opened, "line"), [later, ...old.toReversed()].map(({ id }) => id));
  ok(asked[0]! > "0" && asked[0]! <= old[1]!.id, asked[0]);
  equal(asked.length, 1);
});

Deno.test("what is said and removed while the index catches up is neither lost nor doubled nor brought back", async () => {
  const old = Array.from({ length: 1_200 }, () => messageOf("line"));
  const during = [messageOf("line"), directOf("line")];
  const half = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  await using opened = await openIndex(undefined);
  const opening = opened.open({
    async *since() {
      yield* old.slice(0, 600);
      half.resolve();
      await goOn.promise;
      yield* old.slice(600); // as it was when it was read, before the removals
      yield* during;
    },
  });
  await half.promise;
  for (const said of during) opened.index.add(said);
  for (const { id } of [old[0]!, old[1_100]!]) opened.index.remove("lobby", id);
  const reader = { key: "ann's id", limit: 5_000 };
  await eventually("what is said is found meanwhile", async () => {
    return (await ids(opened, "line", reader)).includes(during[1]!.id);
  });
  goOn.resolve();
  await opening;
  const left = [...old.filter((_, index) => index !== 0 && index !== 1_100), ...during];
  deepEqual(await ids(opened, "line", reader), left.map(({ id }) => id).reverse());
});

Deno.test("an index that stops before it has caught up goes over all of it again", async () => {
  const said = Array.from({ length: 1_200 }, () => messageOf("line"));
  await using opened = await openIndex(undefined);
  const newest = messageOf("line");
  const halfway = Promise.withResolvers<void>();
  const stuck = Promise.withResolvers<void>();
  opened.open({
    async *since() {
      yield* said.slice(0, 600);
      halfway.resolve();
      await stuck.promise;
    },
  });
  await halfway.promise;
  opened.index.add(newest);
  const closing = opened.close();
  stuck.resolve();
  await closing;
  await opened.open(sourceOf([...said, newest]));
  equal((await ids(opened, "line", { limit: 5_000 })).length, 1_201);
});

Deno.test("a file that is no index, or not one of this version, is made anew", async () => {
  const cases: Record<string, (path: string) => void> = {
    "is text": (path) => Deno.writeTextFileSync(path, "not a database ".repeat(1_000)),
    "is empty": (path) => Deno.writeFileSync(path, new Uint8Array()),
    "is cut off": (path) => Deno.truncateSync(path, 10_000),
    "is full of zeros": (path) => Deno.writeFileSync(path, new Uint8Array(40_000)),
    "has a damaged middle": (path) => {
      const bytes = Deno.readFileSync(path);
      Deno.writeFileSync(path, bytes.fill(0xa5, 4_096 * 2));
    },
    "is of another version": (path) => {
      using sqlite = new DatabaseSync(path);
      sqlite.exec("PRAGMA user_version = 99");
    },
    "lacks what should be in it": (path) => {
      using sqlite = new DatabaseSync(path);
      sqlite.exec("DELETE FROM fact");
    },
    "is another database": (path) => {
      Deno.removeSync(path);
      using sqlite = new DatabaseSync(path);
      sqlite.exec("CREATE TABLE something (name TEXT); PRAGMA user_version = 1");
    },
  };
  const said = Array.from({ length: 600 }, (_, index) => messageOf(`line ${index}`));
  for (const [what, damage] of Object.entries(cases)) {
    await using opened = await openIndex(said);
    await opened.close();
    damage(opened.path);
    await opened.open(sourceOf(said));
    await eventually(`one that ${what} is made anew`, async () => {
      const found = await ids(opened, "line", { limit: 1_000 }).catch(() => []);
      return found.length === said.length;
    });
    deepEqual(await ids(opened, "599"), [said[599]!.id]);
  }
});

Deno.test("what is in the index of another data directory is not found", async () => {
  await using opened = await openIndex([messageOf("line")]);
  await using other = await openIndex([]);
  deepEqual(await ids(other, "line"), []);
  equal((await ids(opened, "line")).length, 1);
});

Deno.test("a worker that dies is replaced, and nothing is lost", async () => {
  using workers = watchWorkers();
  const said = [messageOf("line"), messageOf("line"), messageOf("line")];
  const kept = [said[0]!];
  await using opened = await openIndex(kept);
  const unanswered = ids(opened, "line");
  const death = new ErrorEvent("error", { cancelable: true, message: "out of memory" });
  workers[0]!.dispatchEvent(death);
  ok(death.defaultPrevented, "it would end the process");
  await rejects(unanswered, searchBusy());
  await rejects(ids(opened, "line"), searchBusy());
  kept.push(said[1]!, said[2]!);
  opened.index.add(said[1]!);
  opened.index.add(said[2]!);
  opened.index.remove("lobby", said[0]!.id);
  await eventually("it is up again", () => opened.caughtUp === 2);
  await told(opened.index);
  deepEqual(await ids(opened, "line"), [said[2]!.id, said[1]!.id]);
  equal(workers.length, 2);
  match(String(opened.failures[0]), /The search worker has died: out of memory/);
});

Deno.test("what was said before the index is opened is found, once", async () => {
  const dir = await Deno.makeTempDir({ prefix: "parley-" });
  const kept = [messageOf("line")];
  {
    await using index = SqliteSearchIndex.open(join(dir, "search.sqlite"), {
      source: sourceOf(kept),
      beginAfterMs: 3_600_000,
      failed: (error) => fail(String(error)),
    });
    kept.push(messageOf("line"));
    index.add(kept[1]!);
    equal(index.waiting, 0);
    deepEqual(await ids({ index }, "line"), [kept[1]!.id, kept[0]!.id]);
  }
  await Deno.remove(dir, { recursive: true });
});

Deno.test("what was said while the index was being told of something is found at once", async () => {
  const said = Array.from({ length: 501 }, () => messageOf("line"));
  await using opened = await openIndex([]);
  for (const message of said) opened.index.add(message); // five hundred are on their way
  equal((await ids(opened, "line", { limit: 1_000 })).length, said.length);
});

Deno.test("where the log cannot be read it is tried again", async () => {
  const said = [messageOf("line")];
  let tries = 0;
  await using opened = await openIndex(undefined);
  await opened.open({
    async *since() {
      if (tries++ === 0) throw new Error("the disk is broken");
      yield* said;
    },
  });
  match(String(opened.failures[0]), /the disk is broken/);
  deepEqual(await ids(opened, "line"), [said[0]!.id]);
});

Deno.test("more questions than may wait are refused", async () => {
  await using opened = await openIndex([messageOf("line")]);
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => ids(opened, "line")));
  equal(answers.filter(({ status }) => status === "fulfilled").length, 32);
  const refused = answers.filter((answer) => answer.status === "rejected");
  deepEqual(new Set(refused.map(({ reason }) => reason.code)), new Set(["search_busy"]));
  equal((await ids(opened, "line")).length, 1);
});

Deno.test("what was added last is in the file when the index is closed", async () => {
  await using opened = await openIndex([]);
  const message = messageOf("line");
  opened.index.add(message);
  await opened.close();
  opened.index.add(messageOf("line"));
  opened.index.remove("lobby", message.id);
  await opened.open(sourceOf([]));
  deepEqual(await ids(opened, "line"), [message.id]);
});

Deno.test({
  name: "nobody else may read the files",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using opened = await openIndex([messageOf("line")]);
    const modes: Record<string, string> = {};
    for await (const { name } of Deno.readDir(opened.dir)) {
      modes[name] = ((await Deno.stat(join(opened.dir, name))).mode! & 0o777).toString(8);
    }
    deepEqual(modes, { "search.sqlite": "600", "search.sqlite-shm": "600", "search.sqlite-wal": "600" });
  },
});

Deno.test("what was forgotten leaves nothing behind in the index of the words", async () => {
  const dir = await Deno.makeTempDir({ prefix: "parley-" });
  const path = join(dir, "search.sqlite");
  const said = Array.from({ length: 2_000 }, (_, index) => messageOf(`word${index} said`));
  {
    using database = new SearchDatabase(path);
    for (const { id, text } of said) database.add([{ id, text, place: "#lobby" }]);
    ok(bytesOfWords(path) > 20_000, `${bytesOfWords(path)} bytes`);
    database.doom({ place: "#lobby", upToId: said[1_998]!.id });
    while (database.tidy() !== undefined);
    ok(bytesOfWords(path) < 500, `${bytesOfWords(path)} bytes`);
    const last = database.find({ words: "said", places: ["#lobby"], limit: 10 });
    deepEqual(last, [{ id: said[1_999]!.id, place: "#lobby" }]);
    equal((await Deno.stat(`${path}-wal`)).size, 0);
  }
  await Deno.remove(dir, { recursive: true });
});

interface OpenIndex extends AsyncDisposable {
  readonly dir: string;
  readonly path: string;
  readonly failures: unknown[];
  /** How often the index has caught up. */
  caughtUp: number;
  index: SqliteSearchIndex;
  /** Answers when it has caught up. */
  open(source: SearchSource): Promise<void>;
  close(): Promise<void>;
}

/** An index that has caught up with what is kept, which may grow; not opened yet where that is undefined. */
async function openIndex(kept: readonly (Message | Direct)[] | undefined): Promise<OpenIndex> {
  const dir = await Deno.makeTempDir({ prefix: "parley-" });
  const path = join(dir, "search.sqlite");
  const failures: unknown[] = [];
  const opened = {
    dir,
    path,
    failures,
    caughtUp: 0,
    index: undefined as unknown as SqliteSearchIndex,
    async open(source: SearchSource) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const caughtUp = () => {
        opened.caughtUp++;
        resolve();
      };
      opened.index = SqliteSearchIndex.open(path, {
        source,
        beginAfterMs: 0,
        failed: (error) => failures.push(error),
        caughtUp,
      });
      await promise;
    },
    close: () => opened.index[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      await opened.close();
      await Deno.remove(dir, { recursive: true });
    },
  };
  if (kept !== undefined) await opened.open(sourceOf(kept));
  return opened;
}

function sourceOf(kept: readonly (Message | Direct)[]): SearchSource {
  return {
    async *since(id) {
      yield* await Promise.resolve(kept.filter((said) => said.id > id));
    },
  };
}

/** Waits until the index knows of all that was added and removed until now. */
async function told(index: SqliteSearchIndex): Promise<void> {
  const last = messageOf("last", { room: crypto.randomUUID() });
  index.add(last);
  await eventually("told", async () => {
    const found: Hit[] = await index.find({ words: "last", rooms: [last.room], key: "nobody", limit: 1 });
    return found.length === 1;
  });
}

async function ids(
  { index }: { index: SqliteSearchIndex },
  words: string,
  { rooms = ["lobby"], key = "nobody", limit = 50 }: { rooms?: string[]; key?: string; limit?: number } = {},
): Promise<string[]> {
  return (await index.find({ words, rooms, key, limit })).map(({ id }) => id);
}

async function bytesIn(dir: string): Promise<string> {
  const files = await Array.fromAsync(Deno.readDir(dir), ({ name }) => Deno.readFile(join(dir, name)));
  return files.map((bytes) => new TextDecoder("latin1").decode(bytes)).join("\n");
}

function bytesOfWords(path: string): number {
  using sqlite = new DatabaseSync(path, { readOnly: true });
  return Number(sqlite.prepare("SELECT sum(length(block)) AS bytes FROM word_data").get()!.bytes);
}

/** Those that are started until it is disposed of. */
function watchWorkers(): Worker[] & Disposable {
  const original = globalThis.Worker;
  const started: Worker[] = [];
  globalThis.Worker = class extends original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      started.push(this);
    }
  };
  return Object.assign(started, { [Symbol.dispose]: () => void (globalThis.Worker = original) });
}
