import { deepStrictEqual as deepEqual, match, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { backupFailed, backupNotFound, backupUnderWay, tooManyBackups } from "../../../server/refusals.ts";
import { lastBackup } from "../../../server/store/backup.ts";
import { Backups } from "../../../server/store/backups.ts";
import { DataDirectory } from "../../../server/store/data_directory.ts";
import { Database } from "../../../server/store/kv.ts";

Deno.test("backups are listed newest first, and are whole when they are there", async () => {
  await using place = await Place.make();
  const { backups, directory } = place;
  deepEqual(await backups.list(), []);
  const first = await backups.make(new Date("2026-02-03T04:05:06.789Z"));
  equal(first.file, "parley-2026-02-03T04-05-06.789Z.sqlite");
  const second = await backups.make();
  const old = new Date(Date.now() - 60_000);
  await Deno.utime(join(directory.path, "backups", first.file), old, old);
  deepEqual((await backups.list()).map(({ file }) => file), [second.file, first.file]);
  const { content, bytes } = await backups.open(second.file);
  const read = await new Response(content).bytes();
  deepEqual([read.length, second.bytes], [bytes, bytes]);
  match(new TextDecoder().decode(read.subarray(0, 15)), /^SQLite format 3/);
  equal((await lastBackup(directory))?.file.endsWith(second.file), true);
  const { mode } = await Deno.stat(join(directory.path, "backups"));
  if (Deno.build.os !== "windows") equal(mode! & 0o777, 0o700);
});

Deno.test("one is made at a time, and the next after it", async () => {
  await using place = await Place.make();
  const { backups } = place;
  const making = backups.make();
  await rejects(backups.make(), backupUnderWay());
  await making;
  await backups.make();
});

Deno.test("there are so many and no more", async () => {
  await using place = await Place.make();
  const { backups, directory } = place;
  const folder = join(directory.path, "backups");
  await Deno.mkdir(folder);
  for (let number = 0; number < 100; number++) await Deno.writeTextFile(join(folder, `${number}.sqlite`), "");
  await rejects(backups.make(), tooManyBackups(100));
  await Deno.remove(join(folder, "0.sqlite"));
  await backups.make();
});

Deno.test("what cannot be made is told to the log, and what cannot be opened is not found", async () => {
  await using place = await Place.make();
  const { backups, directory, failures } = place;
  await rejects(backups.open("nothing.sqlite"), backupNotFound());
  await rejects(backups.open("../parley.db"), backupNotFound());
  await place.losesDatabase();
  await rejects(backups.make(), backupFailed());
  match(failures[0]!.message, /^There is no data of a Parley in /);
  deepEqual(await Array.fromAsync(Deno.readDir(join(directory.path, "backups"))), []);
});

Deno.test("one that is being made when all ends is broken off", async () => {
  await using place = await Place.make();
  const making = place.backups.make();
  const beganMs = performance.now();
  await Promise.all([rejects(making, backupFailed()), place.backups[Symbol.asyncDispose]()]);
  ok(performance.now() - beganMs < 5_000);
  match(place.failures[0]!.message, /^The server has ended while a backup was being made/);
});

/** A data directory with its backups. */
class Place implements AsyncDisposable {
  readonly failures: Error[] = [];
  readonly backups: Backups;
  readonly directory: DataDirectory;
  #database: Database;

  private constructor(directory: DataDirectory, database: Database) {
    this.directory = directory;
    this.#database = database;
    this.backups = new Backups(directory, (reason) => this.failures.push(reason));
  }

  static async make(): Promise<Place> {
    const directory = await DataDirectory.open(await Deno.makeTempDir({ prefix: "parley-" }));
    const database = await Database.open(directory.database, () => {});
    await database.commit((operation) => operation.set(["signing_key"], new Uint8Array(32)));
    return new Place(directory, database);
  }

  async losesDatabase(): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
    for await (const { name } of Deno.readDir(this.directory.path)) {
      if (name.startsWith("parley.db")) await Deno.remove(join(this.directory.path, name));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.backups[Symbol.asyncDispose]();
    await this.#database[Symbol.asyncDispose]().catch(() => {}); // closed already
    this.directory[Symbol.dispose]();
    await Deno.remove(this.directory.path, { recursive: true });
  }
}
