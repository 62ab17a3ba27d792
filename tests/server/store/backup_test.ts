import {
  deepStrictEqual as deepEqual,
  doesNotMatch,
  match,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { backUp } from "../../../server/store/backup.ts";
import { DataDirectory } from "../../../server/store/data_directory.ts";
import { StoreError } from "../../../server/store/errors.ts";
import { Database, SCHEMA } from "../../../server/store/kv.ts";
import { restore } from "../../../server/store/restore.ts";
import { VERSION } from "../../../server/version.ts";

const MADE_AT = new Date("2026-11-22T05:09:12.345Z");
const RESTORED_AT = new Date("2026-11-23T10:00:00Z");
const MOMENT = "2026-11-23T10-00-00.000Z";

const COUNTS = { accounts: 2, rooms: 1, messages: 3, directs: 3, tokens: 1 };

Deno.test("a backup holds all that is in the store, and says how much that is", async () => {
  await using place = await Place.make();
  const store = await place.hasStore("data");
  const manifest = await backUp(store.directory, place.path("saved"), { at: MADE_AT });
  deepEqual(manifest, { schema: SCHEMA, version: VERSION, at: MADE_AT, counts: COUNTS });
  const entries = await store.entries();
  const { manifest: restored, setAside } = await restore(place.path("saved"), place.path("other"));
  deepEqual([restored, setAside], [manifest, []]);
  const other = await place.opens("other");
  deepEqual(await other.entries(), entries);
  await other.database.commit((operation) => operation.set(["account", "c"], {})); // and it can be gone on with
});

Deno.test("certificate and key come along, with modes that keep the key secret", async () => {
  await using place = await Place.make();
  const store = await place.hasStore("data");
  await Deno.writeTextFile(place.path("data/cert.pem"), "the certificate");
  await Deno.writeTextFile(place.path("data/key.pem"), "the very key", { mode: 0o644 });
  await backUp(store.directory, place.path("saved"));
  await restore(place.path("saved"), place.path("other"));
  equal(await Deno.readTextFile(place.path("other/cert.pem")), "the certificate");
  equal(await Deno.readTextFile(place.path("other/key.pem")), "the very key");
  const names = ["saved", "other", "other/key.pem", "other/cert.pem", "other/parley.db"];
  const modes = names.map((name) => (Deno.statSync(place.path(name)).mode! & 0o777).toString(8));
  if (Deno.build.os !== "windows") deepEqual(modes, ["600", "700", "600", "644", "600"]);
  doesNotMatch(await Deno.readTextFile(place.path("other/parley.db")), /the very key/); // the database is not its place
});

Deno.test("a backup is of one moment, however busy the store is", async () => {
  await using place = await Place.make();
  const { database, directory } = await place.hasStore("data");
  await fill(database, 30_000_000); // so that it takes several steps
  let [stopped, count] = [false, 0];
  const busy = async () => {
    while (!stopped) {
      count++;
      await database.commit((operation) => operation.set(["account", "first"], count).set(["zz"], count));
    }
  };
  const writing = busy();
  await backUp(directory, place.path("saved"));
  stopped = true;
  await writing;
  await restore(place.path("saved"), place.path("other"));
  const { kv } = (await place.opens("other")).database;
  const [first, last] = await kv.getMany<[number, number]>([["account", "first"], ["zz"]]);
  ok(first.value! < count, `${first.value} of ${count}`);
  equal(first.value, last.value);
});

Deno.test("the last backup is told of in the data directory", async () => {
  await using place = await Place.make();
  const { directory } = await place.hasStore("data");
  for (const name of ["one", "two"]) {
    await backUp(directory, place.path(name), { at: MADE_AT });
    const told = JSON.parse(await Deno.readTextFile(place.path("data/last_backup.json")));
    deepEqual(told, { at: MADE_AT.toISOString(), file: place.path(name), counts: COUNTS });
  }
});

Deno.test("a backup that cannot be written leaves nothing behind", async () => {
  await using place = await Place.make();
  const { directory } = await place.hasStore("data");
  const empty = await DataDirectory.open(place.path("empty"));
  await Deno.writeTextFile(place.path("taken"), "precious");
  const before = place.names();
  const cases: [directory: DataDirectory, name: string, says: string][] = [
    [directory, "taken", 'Cannot back up to "FILE": there is such a file already; name another file'],
    [directory, "data", 'Cannot back up to "FILE": there is such a file already; name another file'],
    [directory, "no/file", 'Cannot back up to "FILE": there is no such file or directory; name another file'],
    [
      directory,
      "taken/file",
      'Cannot back up to "FILE": something on its path is not a directory; name another file',
    ],
    [empty, "file", `There is no data of a Parley in "${empty.path}"; name its directory with --data`],
  ];
  for (const [directory, name, says] of cases) {
    const file = place.path(name);
    await rejects(backUp(directory, file), new StoreError(says.replace("FILE", file)), name);
  }
  deepEqual(place.names(), before);
  equal(await Deno.readTextFile(place.path("taken")), "precious");
});

Deno.test("a store that is damaged is not taken for saved", async () => {
  await using place = await Place.make();
  const { database, directory } = await place.hasStore("data");
  await fill(database, 500_000);
  await place.closes(database);
  await damage(directory.database, 100_000);
  await rejects(
    backUp(directory, place.path("saved")),
    /^StoreError: Cannot back up to ".*saved": .*(damaged|malformed)/,
  );
  deepEqual(place.names(), ["data"]);
});

Deno.test("what a restore replaces is set aside, and what is derived from it goes", async () => {
  await using place = await Place.make();
  const store = await place.hasStore("data");
  await Deno.writeTextFile(place.path("data/cert.pem"), "old");
  await Deno.writeTextFile(place.path("data/key.pem"), "the same");
  await backUp(store.directory, place.path("saved"), { at: MADE_AT });
  await store.database.commit((operation) => operation.set(["message", "lobby", ulid("9")], "[]"));
  const entries = await store.entries();
  await place.closes(store.database);
  await Deno.writeTextFile(place.path("data/cert.pem"), "new");
  for (const name of ["search.sqlite", "search.sqlite-wal"]) {
    await Deno.writeTextFile(place.path(`data/${name}`), "");
  }

  const { setAside } = await restore(place.path("saved"), place.path("data"), {
    force: true,
    at: RESTORED_AT,
  });
  const aside = [`cert.pem.before-restore-${MOMENT}`, `parley.db.before-restore-${MOMENT}`];
  deepEqual(setAside, aside);
  deepEqual(
    place.names("data"),
    ["cert.pem", aside[0], "key.pem", "last_backup.json", "lock", "parley.db", aside[1]].sort(),
  );
  equal(await Deno.readTextFile(place.path("data/cert.pem")), "old");
  equal(await Deno.readTextFile(place.path(`data/${aside[0]}`)), "new");
  await Deno.mkdir(place.path("old"));
  await Deno.rename(place.path(`data/${aside[1]}`), place.path("old/parley.db"));
  deepEqual(await (await place.opens("old")).entries(), entries);
  equal((await (await place.opens("data")).entries()).length, entries.length - 1);
});

Deno.test("what has changed since the backup, or is another's, is replaced only by force", async () => {
  await using place = await Place.make();
  const { database, directory } = await place.hasStore("data");
  const [file, dir] = [place.path("saved"), directory.path];
  await backUp(directory, file, { at: MADE_AT });
  await place.closes(database);
  deepEqual((await restore(file, dir)).setAside.length, 1); // nothing has changed

  const store = await place.opens("data");
  await store.database.commit((operation) => operation.delete(["account", "b"]));
  await place.closes(store.database);
  const newer = `Cannot restore "${file}": the data in "${dir}" has changed since that was written ` +
    `(${MADE_AT.toISOString()}); --force sets it aside`;
  await rejects(restore(file, dir), new StoreError(newer));
  await restore(file, dir, { force: true });
  await restore(file, dir);

  const other = await place.hasStore("other");
  await place.closes(other.database);
  const another =
    `Cannot restore "${file}": the data in "${other.directory.path}" is that of another server; ` +
    "--force sets it aside";
  await rejects(restore(file, other.directory.path), new StoreError(another));
  await restore(file, other.directory.path, { force: true });
});

Deno.test("a server that was started, and no more, is no reason to force anything", async () => {
  await using place = await Place.make();
  const { directory } = await place.hasStore("data");
  await backUp(directory, place.path("saved"));
  const fresh = await place.opens("fresh");
  await fresh.database.commit((operation) => operation.set(["signing_key"], new Uint8Array(32).fill(7)));
  await fresh.database.commit((operation) => operation.set(["room", "lobby"], {}));
  await place.closes(fresh.database);
  equal((await restore(place.path("saved"), place.path("fresh"))).setAside.length, 1);
});

Deno.test("nothing is restored while a server, or a command, is at work", async () => {
  await using place = await Place.make();
  const { database, directory } = await place.hasStore("data");
  const [file, dir] = [place.path("saved"), directory.path];
  await backUp(directory, file);
  const busy =
    `Cannot restore "${file}": another command is at work on the data in "${dir}"; try again when it has ended`;
  await rejects(restore(file, dir), new StoreError(busy)); // `database` is open
  await place.closes(database);
  {
    using server = await DataDirectory.open(dir);
    await server.lock();
    await rejects(
      restore(file, dir, { force: true }),
      /^StoreError: Cannot use data directory .* is serving from it/,
    );
  }
  deepEqual(place.names("data"), ["last_backup.json", "lock", "parley.db"]);
  await restore(file, dir);
});

Deno.test("a store that cannot be read is replaced by force, all its files set aside", async () => {
  await using place = await Place.make();
  const { database, directory } = await place.hasStore("data");
  const [file, dir] = [place.path("saved"), directory.path];
  await backUp(directory, file);
  await place.closes(database);
  await Deno.writeTextFile(
    directory.database,
    "no database at all, but something that was one before the disk went",
  );
  await Deno.writeTextFile(`${directory.database}-wal`, "what it had not taken up yet");
  const says =
    `Cannot restore "${file}": the data in "${dir}" is damaged and may be newer; --force sets it aside`;
  await rejects(restore(file, dir), new StoreError(says));
  const { setAside } = await restore(file, dir, { force: true, at: RESTORED_AT });
  const names = ["parley.db-wal", "parley.db-shm", "parley.db"]; // the second is SQLite's, made at the look at it
  deepEqual(setAside, names.map((name) => `${name}.before-restore-${MOMENT}`));
  equal((await (await place.opens("data")).entries()).length, 15);
});

Deno.test("what is no whole backup of this Parley is not restored, and nothing is made for it", async () => {
  await using place = await Place.make();
  const { database, directory } = await place.hasStore("data");
  await fill(database, 500_000);
  await backUp(directory, place.path("saved"));
  await place.closes(database);
  await Deno.copyFile(directory.database, place.path("database"));
  await Deno.writeTextFile(place.path("text"), "once upon a time ".repeat(1_000));
  await Deno.writeTextFile(place.path("empty"), "");
  await Deno.writeFile(place.path("short"), (await Deno.readFile(place.path("saved"))).subarray(0, 200_000));
  for (const name of ["damaged", "newer", "fewer"]) {
    await Deno.copyFile(place.path("saved"), place.path(name));
  }
  await damage(place.path("damaged"), 300_000);
  inSql(place.path("newer"), `UPDATE parley_backup SET manifest = json_set(manifest, '$.schema', 999)`);
  inSql(place.path("fewer"), "DELETE FROM kv WHERE k = (SELECT min(k) FROM kv)");
  const none = "it is no backup of a Parley; name a file that parley backup has written";
  const cases: [name: string, says: RegExp][] = [
    ["text", asIs(none)],
    ["empty", asIs(none)],
    ["database", asIs(none)],
    ["data", asIs(none)],
    ["absent", asIs("there is no such file or directory; check its path")],
    ["newer", asIs(`a newer Parley has written it (schema 999, this one knows ${SCHEMA}); use that version`)],
    ["fewer", asIs("it is damaged (not all that was counted is in it); take another backup")],
    ["short", /^it is damaged \(.*\); take another backup$/],
    ["damaged", /^it is damaged \(.*\); take another backup$/],
  ];
  for (const [name, says] of cases) {
    const error = await restore(place.path(name), place.path("other")).then(
      () => undefined,
      (error) => error,
    );
    ok(error instanceof StoreError, `${name}: ${error}`);
    const deed = `Cannot restore "${place.path(name)}": `;
    equal(error.message.slice(0, deed.length), deed);
    match(error.message.slice(deed.length), says, name);
  }
  ok(!place.names().includes("other"));
});

Deno.test({
  name: "what root saves and restores belongs to the owner of the directory",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using place = await Place.make();
    const { directory } = await place.hasStore("data");
    await Deno.writeTextFile(place.path("data/key.pem"), "the key");
    await Deno.mkdir(place.path("other"));
    for (const name of ["data", "other"]) await Deno.chown(place.path(name), 1_234, 1_235);
    await backUp(directory, place.path("saved"));
    await restore(place.path("saved"), place.path("other"));
    for (const file of ["data/last_backup.json", "other/parley.db", "other/key.pem", "other/lock"]) {
      const { uid, gid } = await Deno.stat(place.path(file));
      deepEqual([uid, gid], [1_234, 1_235], file);
    }
  },
});

Deno.test("a restore goes through that was cut short before", async () => {
  await using place = await Place.make();
  const { directory } = await place.hasStore("data");
  await backUp(directory, place.path("saved"));
  await Deno.mkdir(place.path("other"));
  await Deno.writeTextFile(place.path("other/parley.db.restoring"), "half of it");
  await restore(place.path("saved"), place.path("other"));
  deepEqual(place.names("other"), ["lock", "parley.db"]);
});

/** A folder for one test, with stores in it that are closed, and deleted, in the end. */
class Place implements AsyncDisposable {
  #open = new Set<Database>();

  private constructor(readonly dir: string) {}

  static async make(): Promise<Place> {
    return new Place(await Deno.makeTempDir({ prefix: "parley-" }));
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  names(folder = "."): string[] {
    return [...Deno.readDirSync(this.path(folder))].map(({ name }) => name).sort();
  }

  async opens(name: string) {
    const directory = await DataDirectory.open(this.path(name));
    const database = await Database.open(directory.database, () => {});
    this.#open.add(database);
    return { directory, database, entries: () => Array.fromAsync(database.kv.list({ prefix: [] })) };
  }

  /** A store with something of each kind. */
  async hasStore(name: string) {
    const store = await this.opens(name);
    await store.database.commit((operation) =>
      operation
        .set(["signing_key"], crypto.getRandomValues(new Uint8Array(32)))
        .set(["account", "a"], { name: "ann" })
        .set(["account", "b"], { name: "bob" })
        .set(["account_token", "a", "t"], 1)
        .set(["token", "t"], { account: "a" }, { expireIn: 86_400_000 })
        .set(["room", "lobby"], { topic: "ä" })
        .set(["message", "lobby", ulid("1")], '[1,"a","ann","hi"]')
        .set(["message", "lobby", ulid("2")], '[2,"a","ann","ho"]')
        .set(["message", "lobby-2", ulid("3")], '[1,"a","ann","hum"]')
        .set(["direct", "a", "b", ulid("4")], "[]")
        .set(["direct", "b", "a", ulid("4")], "[]")
        .set(["direct", "b", "a", ulid("5")], "[]")
        .set(["waiting", "b", ulid("5")], "[]")
        .set(["waiting", "b", ulid("6")], "[]")
    );
    return store;
  }

  async closes(database: Database): Promise<void> {
    this.#open.delete(database);
    await database[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const database of this.#open) await this.closes(database);
    await Deno.remove(this.dir, { recursive: true });
  }
}

function ulid(end: string): string {
  return end.padStart(26, "0");
}

async function fill(database: Database, bytes: number): Promise<void> {
  for (let done = 0; done < bytes; done += 500_000) {
    await database.commit((operation) => {
      for (let part = 0; part < 10; part++) {
        operation.set(["filling", done, part], crypto.getRandomValues(new Uint8Array(50_000)));
      }
      return operation;
    });
  }
}

/** Overwrites a few pages in the middle. */
async function damage(file: string, at: number): Promise<void> {
  using opened = await Deno.open(file, { write: true });
  await opened.seek(at, Deno.SeekMode.Start);
  await opened.write(new Uint8Array(20_000).fill(0xab));
}

function inSql(file: string, statement: string): void {
  using sqlite = new DatabaseSync(file);
  sqlite.exec(statement);
}

function asIs(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
