import { deepStrictEqual as deepEqual, match, rejects, strictEqual as equal } from "node:assert/strict";
import { Database } from "../../../server/store/kv.ts";
import { notStored } from "../../../server/refusals.ts";
import { eventually } from "../../support/eventually.ts";
import { openDatabase } from "../../support/open_database.ts";

Deno.test("a commit is made as a whole or, where a check does not hold, not at all", async () => {
  await using opened = await openDatabase();
  const { database } = opened;
  const take = (value: string) =>
    database.commit((operation) =>
      operation.check({ key: ["one"], versionstamp: null }).set(["one"], value).set(["two"], value)
    );
  deepEqual([await take("a"), await take("b")], [true, false]);
  const [one, two] = await database.kv.getMany<[string, string]>([["one"], ["two"]]);
  deepEqual([one.value, two.value], ["a", "a"]);
});

Deno.test("a commit that the database does not take is refused, and the operator told why", async () => {
  await using opened = await openDatabase();
  await rejects(opened.database.commit((operation) => operation.set(["x"], "x".repeat(70_000))), notStored());
  equal(opened.failures.length, 1);
  equal((await opened.database.kv.get(["x"])).value, null);
});

Deno.test("a database that has broken off is opened again, whether somebody writes or reads", async () => {
  const set = (value: number) => (operation: Deno.AtomicOperation) => operation.set(["one"], value);
  await using opened = await openDatabase();
  const { database, failures } = opened;
  equal(await database.commit(set(1)), true);

  database.kv.close(); // from outside: that it breaks off of itself takes a full disk and a minute
  await rejects(database.commit(set(2)), notStored());
  await eventually("it can be read again", () => database.probe().then(() => true, () => false));
  equal((await database.kv.get(["one"])).value, 1);
  equal(await database.commit(set(3)), true);

  database.kv.close();
  await rejects(database.probe());
  await eventually("it can be written again", () => database.commit(set(4)).catch(() => false));
  equal((await database.kv.get(["one"])).value, 4);
  match(String(failures[0]), /closed|bad resource/i);
});

Deno.test("a database that is closed stays closed", async () => {
  await using opened = await openDatabase();
  const { database } = opened;
  await database[Symbol.asyncDispose]();
  await rejects(database.commit((operation) => operation.set(["one"], 1)), notStored());
  await rejects(database.probe());
});

Deno.test("two processes that write at once get in each other's way, and lose nothing", async () => {
  await using opened = await openDatabase();
  const other = await opened.openAgain();
  await Promise.all([opened.database, other].map((database) => count(database, 50)));
  equal((await opened.database.kv.get(["count"])).value, 100);
  deepEqual(opened.failures, []);
});

Deno.test("a database of a newer Parley is refused, and left as it is", async () => {
  await using opened = await openDatabase();
  await opened.database.commit((operation) => operation.set(["schema"], 1_000));
  await rejects(opened.openAgain(), /newer Parley \(schema 1000, this one knows \d+\)/);
  equal((await opened.database.kv.get(["schema"])).value, 1_000);
});

/** Counts up by one, many times, each time from what is there. */
async function count(database: Database, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const now = await database.kv.get<number>(["count"]);
    const counted = await database.commit((operation) =>
      operation.check(now).set(["count"], (now.value ?? 0) + 1)
    );
    if (counted) done++;
  }
}
