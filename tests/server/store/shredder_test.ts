import { deepStrictEqual as deepEqual, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { notStored } from "../../../server/refusals.ts";
import { Database } from "../../../server/store/kv.ts";
import { eventually } from "../../support/eventually.ts";

/** A text that can be told from all others wherever it stands, and where it is kept. */
interface Kept {
  readonly keys: readonly string[][];
  readonly text: string;
  readonly value: string;
}

/** Looked for once in all that is there: for each text anew it took most of the time. */
const TEXT = /secret-\d{5}!/g;

Deno.test("of what is shredded nothing can be read in any file, and the rest is as it was", async () => {
  await using folder = await openFolder();
  const kept = texts(8_000);
  const gone = kept.filter((_, index) => index % 173 === 7);
  {
    await using database = await folder.open();
    await keepAll(database, kept);
    for (const { keys } of gone) equal(await database.shred(keys), keys.length);
    for (const one of kept) {
      const expected = gone.includes(one) ? null : one.value;
      for (const key of one.keys) equal((await database.kv.get(key)).value, expected);
    }
    equal(
      (await Array.fromAsync(database.kv.list({ prefix: ["said"] }))).length,
      countOf(kept) - countOf(gone),
    );
  }
  const found = await folder.texts();
  deepEqual(gone.filter(({ text }) => found.has(text)), []);
  ok(
    kept.every((one) => gone.includes(one) || found.has(one.text)),
    "as it is looked for, it would be found",
  );
  using sqlite = new DatabaseSync(folder.path);
  equal(sqlite.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
  ok(
    Number(sqlite.prepare("PRAGMA page_count").get()?.page_count) > 300,
    "or it would be written anew as a whole",
  );
});

Deno.test("what is shredded together goes as what is shredded alone, be it next to each other or not, or not there", async () => {
  await using folder = await openFolder();
  const kept = texts(2_000);
  const gone = kept.filter((_, index) => index < 450 || index % 50 === 0);
  {
    await using database = await folder.open();
    await keepAll(database, kept);
    const keys = gone.flatMap(({ keys }) => keys);
    const absent = [["said", "a", "0"], ["said", "zz", "9"], ["unheard", "of"]];
    equal(await database.shred([...absent, ...keys].reverse()), keys.length);
    equal(await database.shred(keys), 0);
    equal(await database.shred([]), 0);
  }
  const found = await folder.texts();
  deepEqual(gone.filter(({ text }) => found.has(text)), []);
  ok(kept.every((one) => gone.includes(one) || found.has(one.text)));
});

Deno.test("the log is emptied while the database stays open, as soon as nobody reads it", async () => {
  await using folder = await openFolder();
  await using database = await folder.open();
  const [first, ...others] = texts(50);
  await keepAll(database, [first!, ...others]);
  {
    using reader = new DatabaseSync(folder.path);
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM kv").get();
    await database.shred(first!.keys);
    await database.commit((operation) => operation.set(["more"], 1)); // nobody has to wait for the reader
    ok((await Deno.stat(`${folder.path}-wal`)).size > 0);
    reader.exec("COMMIT");
  }
  await eventually("the log is empty", async () => (await Deno.stat(`${folder.path}-wal`)).size === 0);
});

Deno.test("what the disk refuses to shred is refused, and goes when it is asked for again", async () => {
  await using folder = await openFolder();
  await using database = await folder.open();
  const [kept] = texts(1);
  await keepAll(database, [kept!]);
  using sqlite = new DatabaseSync(folder.path);
  sqlite.exec(
    "CREATE TRIGGER broken BEFORE DELETE ON kv BEGIN SELECT raise(FAIL, 'as if the disk were full'); END",
  );
  await rejects(database.shred(kept!.keys), notStored());
  equal((await database.kv.get(kept!.keys[0]!)).value, kept!.value);
  sqlite.exec("DROP TRIGGER broken");
  equal(await database.shred(kept!.keys), kept!.keys.length);
});

/** The same at each run: where SQLite leaves shreds depends on the sizes of all that is kept, and their order. */
function texts(count: number): Kept[] {
  let seed = 42;
  const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
  return Array.from({ length: count }, (_, index) => {
    const text = `secret-${String(index).padStart(5, "0")}!`;
    const long = index % 60 === 0 ? "and so on, ".repeat(random(900)) : "";
    const value = `${index % 7 === 0 ? "é" : ""}${"… ".repeat(index % 11 === 0 ? 1 : 0)}${
      "a word ".repeat(random(20))
    }${text}${long}`;
    const id = String(index).padStart(8, "0");
    const room = `room${random(1 + random(9))}`;
    const pair = [`ann${random(30)}`, `bob${random(30)}`] as const;
    const keys = index % 8 < 5
      ? [["said", room, id]]
      : [["said", "direct", pair[0], pair[1], id], ["said", "direct", pair[1], pair[0], id]];
    return { keys, text, value };
  });
}

function countOf(kept: readonly Kept[]): number {
  return kept.reduce((sum, { keys }) => sum + keys.length, 0);
}

/** Ten a commit, as when people talk. */
async function keepAll(database: Database, kept: readonly Kept[]): Promise<void> {
  for (let begin = 0; begin < kept.length; begin += 10) {
    await database.commit((operation) => {
      for (const { keys, value } of kept.slice(begin, begin + 10)) {
        for (const key of keys) operation.set(key, value);
      }
      return operation;
    });
  }
}

async function openFolder() {
  const dir = await Deno.makeTempDir({ prefix: "parley-" });
  const path = join(dir, "parley.db");
  return {
    path,
    open: () => Database.open(path, () => {}),
    /** The texts that stand anywhere in the files, be it with one byte a character or with two. */
    async texts(): Promise<Set<string>> {
      const files = await Array.fromAsync(Deno.readDir(dir));
      const contents = await Promise.all(files.map(({ name }) => Deno.readFile(join(dir, name))));
      const all = contents.map((bytes) => new TextDecoder("latin1").decode(bytes)).join("");
      return new Set([all, all.replaceAll("\0", "")].flatMap((bytes) => bytes.match(TEXT) ?? []));
    },
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}
