import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { ulid } from "ulid";
import { Changes, type StoredChange } from "../../../server/store/changes.ts";
import type { Database } from "../../../server/store/kv.ts";
import { eventually } from "../../support/eventually.ts";
import { openDatabase } from "../../support/open_database.ts";

/** More often than a server looks, so that a test need not wait. */
const LOOK_EVERY_MS = 10;

Deno.test("a change is received before its commit answers", async () => {
  await using opened = await openDatabase();
  await using follower = await follow(opened.database, { everyMs: 3_600_000 });
  equal(await commit(follower.changes, "1"), true);
  deepEqual(follower.received, ["account 1"]);
});

Deno.test("what another process changes is received soon, each change once and in order", async () => {
  await using opened = await openDatabase();
  await using follower = await follow(opened.database, { everyMs: LOOK_EVERY_MS });
  const other = new Changes(await opened.openAgain());
  for (const id of ["1", "2", "3"]) await commit(other, id);
  await commit(follower.changes, "4");
  await commit(other, "5");
  await follower.receives("account 5");
  deepEqual(follower.received, ["account 1", "account 2", "account 3", "account 4", "account 5"]);
});

Deno.test("many changes at once, from here and elsewhere, are each received once", async () => {
  await using opened = await openDatabase();
  await using follower = await follow(opened.database, { everyMs: LOOK_EVERY_MS });
  const other = new Changes(await opened.openAgain());
  const ids = Array.from({ length: 40 }, (_, index) => `${index}`);
  await Promise.all(ids.map((id, index) => commit(index % 2 === 0 ? follower.changes : other, id)));
  await commit(other, "last");
  await follower.receives("account last");
  deepEqual(follower.received.toSorted(), [...ids, "last"].map((id) => `account ${id}`).toSorted());
});

Deno.test("what happened before somebody follows does not count", async () => {
  await using opened = await openDatabase();
  await commit(new Changes(opened.database), "before");
  await using follower = await follow(opened.database, { everyMs: LOOK_EVERY_MS });
  await commit(follower.changes, "after");
  deepEqual(follower.received, ["account after"]);
});

Deno.test("a change that could not be received is received at the next look", async () => {
  await using opened = await openDatabase();
  await using follower = await follow(opened.database, { everyMs: LOOK_EVERY_MS, failOnce: true });
  const other = new Changes(await opened.openAgain());
  await commit(other, "1");
  await follower.receives("account 1");
  equal(follower.failures.length, 1);
});

for (const [how, hours] of [["forward", -2], ["back", 2]] as const) {
  Deno.test(`a change is received though the clock is set ${how} before anybody looks`, async () => {
    await using opened = await openDatabase();
    const { kv } = opened.database;
    const idAt = (ms: number) => ulid(Date.now() + hours * 3_600_000 + ms);
    await kv.set(["latest_change"], idAt(0));
    await using follower = await follow(opened.database, { everyMs: LOOK_EVERY_MS });
    const change = { of: "account", id: "1" };
    await kv.atomic().set(["change", idAt(1_000)], change).set(["latest_change"], idAt(1_000)).commit();
    await follower.receives("account 1");
    await commit(follower.changes, "2");
    deepEqual(follower.received, ["account 1", "account 2"]);
  });
}

Deno.test("where a check does not hold nothing is changed, and nothing received", async () => {
  await using opened = await openDatabase();
  await using follower = await follow(opened.database, { everyMs: 3_600_000 });
  await opened.database.kv.set(["thing"], "held");
  const done = await follower.changes.commit(
    { of: "account", id: "1" },
    (operation) => operation.check({ key: ["thing"], versionstamp: null }).set(["thing"], "taken"),
  );
  equal(done, false);
  await commit(follower.changes, "2");
  deepEqual(follower.received, ["account 2"]);
  equal((await opened.database.kv.get(["thing"])).value, "held");
});

Deno.test("nothing is received any more by one who has stopped to follow", async () => {
  await using opened = await openDatabase();
  const follower = await follow(opened.database, { everyMs: LOOK_EVERY_MS });
  await follower[Symbol.asyncDispose]();
  await commit(follower.changes, "1");
  deepEqual(follower.received, []);
});

Deno.test("a change that the disk does not take is refused, and not received", async () => {
  await using opened = await openDatabase();
  await using follower = await follow(opened.database, { everyMs: 3_600_000 });
  const tooLarge = follower.changes.commit(
    { of: "token", id: "1" },
    (operation) => operation.set(["thing"], "x".repeat(100_000)),
  );
  await rejects(tooLarge, { code: "not_stored" });
  deepEqual(follower.received, []);
});

interface Follower extends AsyncDisposable {
  readonly changes: Changes;
  readonly received: string[];
  readonly failures: unknown[];
  /** Waits until this has been received. */
  receives(change: string): Promise<void>;
}

async function follow(
  database: Database,
  { everyMs, failOnce = false }: { everyMs: number; failOnce?: boolean },
): Promise<Follower> {
  const changes = new Changes(database);
  const received: string[] = [];
  const failures: unknown[] = [];
  const receive = ({ of, id }: StoredChange) => {
    if (failOnce && failures.length === 0) return Promise.reject(new Error("not now"));
    received.push(`${of} ${id}`);
    return Promise.resolve();
  };
  const following = await changes.follow({ everyMs, receive, failed: (error) => failures.push(error) });
  return {
    changes,
    received,
    failures,
    receives: (change) => eventually(`${change} is received`, () => received.includes(change)),
    [Symbol.asyncDispose]: () => Promise.resolve(following[Symbol.asyncDispose]()),
  };
}

function commit(changes: Changes, id: string): Promise<boolean> {
  return changes.commit({ of: "account", id }, (operation) => operation.set(["thing", id], 1));
}
