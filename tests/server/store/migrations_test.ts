import { deepStrictEqual as deepEqual, match, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { canonicalFold } from "../../../server/accounts/names.ts";
import { notStored } from "../../../server/refusals.ts";
import { DataDirectory } from "../../../server/store/data_directory.ts";
import { StoreError } from "../../../server/store/errors.ts";
import { Database, SCHEMA } from "../../../server/store/kv.ts";
import { KvMessageLog } from "../../../server/store/messages.ts";
import { bringForward } from "../../../server/store/migrations.ts";
import { restore } from "../../../server/store/restore.ts";

/** Moments as the first ten characters of a ULID. */
const [EARLY, LATE, LATER] = ["01K0000000", "01K1000000", "01K2000000"];

const ANN = id(EARLY, "ANN"), BOB = id(LATE, "BOB"), GONE = id(EARLY, "GONE");

Deno.test("a new store has the newest schema, and nothing is done to it", async () => {
  await using place = await Place.make();
  const { database, directory } = await place.opens();
  equal(database.schema, SCHEMA);
  const before = await entries(database);
  deepEqual(await tellingOf(directory, database), []);
  deepEqual(await entries(database), before);
  deepEqual(place.names(), ["parley.db", "parley.db-shm", "parley.db-wal"]);
});

Deno.test("messages of schema 1 get their number in the room and the account that spoke", async () => {
  await using place = await Place.make();
  await place.hasOldStore({
    "lobby": [
      [id(EARLY, "1"), ["ann", "before there was an ann", false]],
      [id(LATE, "2"), ["ann", "hi", false]],
      [id(LATE, "3"), ["Ann", 'waves "ä€"', true]],
      [id(LATE, "4"), ["bob", "ho", false]],
      [id(LATER, "5"), ["carl4821", "a guest", true]],
      [id(LATER, "6"), ["gone", "deleted since", false]],
      [id(LATER, "7"), ["oldbob", "under another name", false]],
    ],
    "ops": [[id(LATE, "8"), ["bob", "", false]], [id(LATER, "9"), ["ann", "[1]", false]]],
  });
  const { database, directory } = await place.opens();
  equal(database.schema, 1);
  await bringForward(directory, database, () => {});
  deepEqual(await messagesIn(database, "lobby"), [
    [1, ANN, "ann", "before there was an ann"],
    [2, ANN, "ann", "hi"],
    [3, ANN, "Ann", 'waves "ä€"', 1],
    [4, BOB, "bob", "ho"],
    [5, "", "carl4821", "a guest", 1],
    [6, "", "gone", "deleted since"],
    [7, BOB, "oldbob", "under another name"],
  ]);
  deepEqual(await messagesIn(database, "ops"), [[1, BOB, "bob", ""], [2, ANN, "ann", "[1]"]]);
});

Deno.test("what a guest said under a name that an account took later is not that account's", async () => {
  await using place = await Place.make();
  await place.hasOldStore({
    "lobby": [[id(EARLY, "1"), ["bob", "hi", false]], [id(LATER, "2"), ["bob", "ho", false]]],
  });
  const { database, directory } = await place.opens();
  await bringForward(directory, database, () => {});
  deepEqual(await messagesIn(database, "lobby"), [[1, "", "bob", "hi"], [2, BOB, "bob", "ho"]]);
});

Deno.test("private messages of schema 1 that wait know who has written them", async () => {
  await using place = await Place.make();
  await place.hasOldStore({}, {
    [ANN]: [[id(LATER, "1"), ["bob", "ann", "hi"]], [id(LATER, "2"), ["carl4821", "ann", "ho"]]],
    [BOB]: [[id(LATER, "3"), ["ann", "bob", "ä"]]],
  });
  const { database, directory } = await place.opens();
  await bringForward(directory, database, () => {});
  const waiting = await Array.fromAsync(database.kv.list<string>({ prefix: ["waiting"] }));
  deepEqual(waiting.map(({ value }) => JSON.parse(value)), [
    [BOB, "bob", "ann", "hi"],
    ["", "carl4821", "ann", "ho"],
    [ANN, "ann", "bob", "ä"],
  ]);
});

Deno.test("ids go on after the highest of schema 1, whether it was said in a room or waits", async () => {
  for (const [said, waiting] of [["7", "8"], ["8", "7"]] as const) {
    await using place = await Place.make();
    await place.hasOldStore(
      { "lobby": [[id(LATER, said), ["ann", "hi", false]]], "ops": [[id(LATE, "9"), ["ann", "ho", false]]] },
      { [BOB]: [[id(LATER, waiting), ["ann", "bob", "psst"]]] },
    );
    const { database, directory } = await place.opens();
    await bringForward(directory, database, () => {});
    equal(await new KvMessageLog(database).newestId(), id(LATER, "8"));
  }
});

Deno.test("before anything is changed, the store as it was is backed up", async () => {
  await using place = await Place.make();
  await place.hasOldStore({ "lobby": [[id(LATE, "1"), ["ann", "hi", false]]] });
  const { database, directory } = await place.opens();
  const before = await entries(database);
  const told = await tellingOf(directory, database);
  const [name, ...more] = place.names("backups");
  match(name!, /^schema-1-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.sqlite$/);
  deepEqual(more, []);
  const backup = join(directory.path, "backups", name!);
  deepEqual(told, [
    ["the data is of an older Parley and is brought forward", { from: 1, to: SCHEMA, backup }],
    ["the data has been brought forward", { entries: 1, seconds: 0 }],
  ]);
  if (Deno.build.os !== "windows") {
    const modes = [join(directory.path, "backups"), backup].map((path) => Deno.statSync(path).mode! & 0o777);
    deepEqual(modes, [0o700, 0o600]);
  }
  await restore(backup, join(place.dir, "other"));
  const other = await place.opens("other");
  equal(other.database.schema, 1);
  deepEqual(await entries(other.database), before);
  await bringForward(other.directory, other.database, () => {}); // as the start would do
  deepEqual(await messagesIn(other.database, "lobby"), [[1, ANN, "ann", "hi"]]);
});

Deno.test("once brought forward, a store is as a new one is", async () => {
  await using place = await Place.make();
  await place.hasOldStore({ "lobby": [[id(LATE, "1"), ["ann", "hi", false]]] });
  for (const schema of [1, SCHEMA]) {
    const { database, directory } = await place.opens();
    equal(database.schema, schema);
    await bringForward(directory, database, () => {});
    equal((await database.kv.get(["migration"])).value, null);
    await place.closes(database);
  }
  equal(place.names("backups").length, 1);
});

Deno.test("where it is cut short, the next start goes on, and the backup stays the first", async () => {
  await using place = await Place.make();
  const count = 2_300;
  const said = Array.from({ length: count }, (_, index): [string, OldMessage] => [
    id(LATER, String(index).padStart(5, "0")),
    [index % 2 === 0 ? "ann" : "bob", `text ${index}`, index % 3 === 0],
  ]);
  await place.hasOldStore(
    { "lobby": said.slice(0, 1_100), "ops": said.slice(1_100) },
    { [ANN]: [[id(LATER, "Z"), ["bob", "ann", "hi"]]] },
  );
  for (const commits of [2, 2, 2, 1]) {
    const { database, directory } = await place.opens();
    equal(database.schema, 1);
    const done = await broughtForward(database);
    diesAfter(database, commits);
    await rejects(bringForward(directory, database, () => {}), StoreError);
    ok(await broughtForward(database) > done, "each start comes further");
    await place.closes(database);
  }
  const { database, directory } = await place.opens();
  await bringForward(directory, database, () => {});
  for (const [room, from, to] of [["lobby", 0, 1_100], ["ops", 1_100, count]] as const) {
    deepEqual(
      await messagesIn(database, room),
      said.slice(from, to).map(([, [name, text, action]], index) => {
        const message = [index + 1, name === "ann" ? ANN : BOB, name, text];
        return action ? [...message, 1] : message;
      }),
    );
  }
  deepEqual((await Array.fromAsync(database.kv.list({ prefix: ["waiting"] }))).map(({ value }) => value), [
    JSON.stringify([BOB, "bob", "ann", "hi"]),
  ]);
  const [backup, ...more] = place.names("backups");
  deepEqual(more, []);
  await restore(join(directory.path, "backups", backup!), join(place.dir, "other"));
  equal(await broughtForward((await place.opens("other")).database), 0);
});

Deno.test("what keeps it from being done is said in a sentence", async () => {
  await using place = await Place.make();
  await place.hasOldStore({ "lobby": [[id(LATE, "1"), ["ann", "hi", false]]] });
  const { database, directory } = await place.opens();
  const says = (why: string) =>
    new StoreError(
      `Cannot bring the data in "${directory.path}" forward: ${why}; put that right, and the next start goes on`,
    );
  await Deno.writeTextFile(join(directory.path, "backups"), "in its place");
  await rejects(
    bringForward(directory, database, () => {}),
    says("something on its path is not a directory"),
  );
  await Deno.remove(join(directory.path, "backups"));
  diesAfter(database, 1);
  await rejects(
    bringForward(directory, database, () => {}),
    says("the disk did not take it, as the log says"),
  );
});

type OldMessage = [from: string, text: string, action: boolean];
type OldWaiting = [from: string, to: string, text: string];

/** A folder for one test, with stores in it that are closed, and deleted, in the end. */
class Place implements AsyncDisposable {
  #open = new Set<Database>();

  private constructor(readonly dir: string) {}

  static async make(): Promise<Place> {
    return new Place(await Deno.makeTempDir({ prefix: "parley-" }));
  }

  names(folder = "."): string[] {
    return [...Deno.readDirSync(join(this.dir, "data", folder))].map(({ name }) => name).sort();
  }

  async opens(name = "data") {
    const directory = await DataDirectory.open(join(this.dir, name));
    const database = await Database.open(directory.database, () => {});
    this.#open.add(database);
    return { directory, database };
  }

  /** What a Parley of schema 1 has left, with messages by room and what waits by account. */
  async hasOldStore(
    messages: Record<string, [id: string, said: OldMessage][]>,
    waiting: Record<string, [id: string, said: OldWaiting][]> = {},
  ): Promise<void> {
    const { database: path } = await DataDirectory.open(join(this.dir, "data"));
    using kv = await Deno.openKv(path);
    await kv.set(["schema"], 1);
    await kv.set(["signing_key"], crypto.getRandomValues(new Uint8Array(32)));
    for (const [account, names] of [[ANN, ["ann"]], [BOB, ["bob", "oldbob"]]] as const) {
      await kv.set(["account", account], { id: account, name: names[0] });
      for (const name of names) await kv.set(["handle", canonicalFold(name)], account);
    }
    await kv.set(["handle", canonicalFold("gone")], GONE);
    for (const [first, lists] of [["message", messages], ["waiting", waiting]] as const) {
      for (const [second, said] of Object.entries(lists)) {
        for (const [id, value] of said) await kv.set([first, second, id], JSON.stringify(value));
      }
    }
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

/** From now on it takes some more commits, then none. */
function diesAfter(database: Database, commits: number): void {
  const commit = database.commit.bind(database);
  database.commit = (change) => commits-- > 0 ? commit(change) : Promise.reject(notStored());
}

async function tellingOf(directory: DataDirectory, database: Database): Promise<unknown[]> {
  const told: unknown[] = [];
  await bringForward(directory, database, (event, fields) => told.push([event, fields]));
  return told;
}

function entries(database: Database): Promise<Deno.KvEntry<unknown>[]> {
  return Array.fromAsync(database.kv.list({ prefix: [] }));
}

async function messagesIn(database: Database, room: string): Promise<unknown[]> {
  const found = await Array.fromAsync(database.kv.list<string>({ prefix: ["message", room] }));
  return found.map(({ value }) => JSON.parse(value));
}

/** How much is as schema 2 has it. */
async function broughtForward(database: Database): Promise<number> {
  const said = [...await entries(database)]
    .filter(({ key }) => key[0] === "message" || key[0] === "waiting")
    .map(({ value }) => JSON.parse(String(value)));
  return said.filter((each) => typeof each[0] === "number" || each.length === 4).length;
}

function id(moment: string, end: string): string {
  return moment + end.padStart(16, "0");
}
