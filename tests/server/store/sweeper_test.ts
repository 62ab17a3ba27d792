import { deepStrictEqual as deepEqual, match, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { ulid } from "ulid";
import type { TokenRecord } from "../../../server/accounts/token_store.ts";
import { notStored } from "../../../server/refusals.ts";
import { KvBanStore } from "../../../server/store/bans.ts";
import { Changes } from "../../../server/store/changes.ts";
import { KvInvitationStore } from "../../../server/store/invitations.ts";
import { Database } from "../../../server/store/kv.ts";
import { KvLockdownStore } from "../../../server/store/lockdown.ts";
import { Sweeper } from "../../../server/store/sweeper.ts";
import { KvTokenStore } from "../../../server/store/tokens.ts";
import { banOf } from "../../suites/ban_store.ts";
import { anInvitation } from "../../support/an_invitation.ts";
import { eventually } from "../../support/eventually.ts";
import { openDatabase } from "../../support/open_database.ts";
import { SmallDisk, whyNoSmallDisk } from "../../support/small_disk.ts";

const whyNot = whyNoSmallDisk();

const HOUR_MS = 3_600_000, DAY_MS = 86_400_000;

/** A moment so long after now. */
const inMs = (ms: number) => new Date(Date.now() + ms);

Deno.test("what is kept no longer is deleted, with the keys that lead to it, and nothing else", async () => {
  await using opened = await open();
  const { tokens, invitations, bans, lockdowns, sweeper } = opened;
  await tokens.add(token("over", inMs(-31 * DAY_MS)));
  await tokens.add(token("expired", inMs(-29 * DAY_MS)));
  await tokens.add(token("valid", inMs(DAY_MS)));
  await invitations.add(anInvitation({ id: "over", code: "code of over", expiresAt: inMs(-91 * DAY_MS) }));
  await invitations.add(anInvitation({ id: "expired", code: "code of it", expiresAt: inMs(-89 * DAY_MS) }));
  await bans.add(banOf("over", { until: inMs(-1_000) }));
  await bans.add(banOf("in force", { until: inMs(HOUR_MS) }));
  await bans.add(banOf("for good"));
  await lockdowns.put({ mode: "read-only", until: inMs(-1_000), by: "mo" });
  const [old, late] = [ulid(Date.now() - 2 * HOUR_MS), ulid()];
  for (const id of [old, late]) await opened.database.kv.set(["change", id], { of: "token", id: "over" });
  await opened.database.kv.set(["room", "lobby"], {});

  equal(await sweeper.pass(), 5);
  deepEqual(await opened.keys(), [
    "account_token ann expired",
    "account_token ann valid",
    "ban for good",
    "ban in force",
    `change ${late}`,
    "invitation expired",
    "invitation_code code of it",
    "room lobby",
    "schema",
    "token expired",
    "token valid",
  ]);
  equal(await sweeper.pass(), 0);
});

Deno.test("each thing goes when its time is over, and not before", async () => {
  await using opened = await open();
  const { tokens, invitations, bans, lockdowns, clock, sweeper } = opened;
  const inAnHour = new Date(clock.nowMs + HOUR_MS);
  await tokens.add(token("1", inAnHour));
  await invitations.add(anInvitation({ expiresAt: inAnHour }));
  await bans.add(banOf("1", { until: inAnHour }));
  await lockdowns.put({ mode: "no-guests", until: inAnHour, by: "mo" });
  await opened.database.kv.set(["change", ulid(clock.nowMs)], { of: "token", id: "1" });
  for (
    const [after, gone] of [[HOUR_MS, 3], [30 * DAY_MS + HOUR_MS, 1], [90 * DAY_MS + HOUR_MS, 1]] as const
  ) {
    clock.nowMs = inAnHour.getTime() - HOUR_MS + after - 1;
    equal(await sweeper.pass(), 0);
    clock.nowMs += 1;
    equal(await sweeper.pass(), gone);
  }
  deepEqual(await opened.keys(), ["schema"]);
});

Deno.test("of much that is over everything goes, and what is between it stays", async () => {
  await using opened = await open();
  const ids = Array.from({ length: 350 }, (_, index) => String(index).padStart(4, "0"));
  const staying = ids.filter((_, index) => index % 7 === 0);
  for (const id of ids) {
    await opened.tokens.add(token(id, staying.includes(id) ? inMs(DAY_MS) : inMs(-40 * DAY_MS)));
  }
  equal(await opened.sweeper.pass(), ids.length - staying.length);
  deepEqual(await opened.keys(), [
    ...staying.map((id) => `account_token ann ${id}`),
    "schema",
    ...staying.map((id) => `token ${id}`),
  ]);
});

Deno.test("what is prolonged in the moment in which it would be deleted stays", async () => {
  await using opened = await open();
  const { database, bans, sweeper } = opened;
  for (const id of ["1", "2", "3"]) await bans.add(banOf(id, { until: inMs(-1_000) }));
  const prolonged = banOf("2", { until: inMs(DAY_MS) });
  const other = new KvBanStore(await opened.openAgain());
  const commit = database.commit.bind(database);
  database.commit = async (change) => {
    database.commit = commit;
    await other.add(prolonged);
    return await commit(change);
  };
  equal(await sweeper.pass(), 2);
  deepEqual(await Array.fromAsync(bans.list()), [prolonged]);
});

Deno.test("a pass that the disk refuses loses nothing, and the next one goes on", async () => {
  await using opened = await open();
  await opened.tokens.add(token("1", inMs(-40 * DAY_MS)));
  const heals = failing(opened.database);
  const before = await opened.keys();
  await rejects(opened.sweeper.pass(), notStored());
  deepEqual(await opened.keys(), before);
  heals();
  equal(await opened.sweeper.pass(), 1);
  deepEqual(await opened.keys(), ["schema"]);
});

Deno.test({
  name: `a full disk refuses a pass, and does no other harm${whyNot ? ` (not run: ${whyNot})` : ""}`,
  ignore: whyNot !== undefined,
  async fn() {
    await using disk = await SmallDisk.mount(4);
    const failures: unknown[] = [];
    await using database = await Database.open(join(disk.path, "parley.db"), (why) => failures.push(why));
    const sweeper = new Sweeper(database, { failed: () => {} });
    await new KvBanStore(database).add(banOf("1", { until: inMs(-1_000) }));
    await database.kv.set(["token", "1"], token("1", inMs(DAY_MS)), { expireIn: DAY_MS });
    await disk.fill();
    await rejects(sweeper.pass(), notStored());
    match(String(failures[0]), /full/);
    await disk.empty();
    equal(await sweeper.pass(), 1);
  },
});

Deno.test("passes are made one after the other, also where the disk has refused one", async () => {
  await using opened = await open();
  const { bans, sweeper, failures } = opened;
  await bans.add(banOf("1", { until: inMs(-1_000) }));
  const heals = failing(opened.database);
  await using running = sweeper;
  running.run({ firstMs: 1, everyMs: 1, againMs: 1 });
  await eventually("a pass has failed", () => failures.length > 0);
  heals();
  await eventually("the ban is gone", async () => (await opened.keys()).length === 1);
  await bans.add(banOf("2", { until: inMs(-1_000) }));
  await eventually("the next is gone as well", async () => (await opened.keys()).length === 1);
  deepEqual(new Set(failures.map((error) => (error as { code: string }).code)), new Set(["not_stored"]));
});

Deno.test("a pass ends soon when the server stops, and none follows", async () => {
  await using opened = await open();
  for (let count = 0; count < 300; count++) {
    await opened.bans.add(banOf(String(count).padStart(3, "0"), { until: inMs(-1_000) }));
  }
  const { database } = opened;
  const commit = database.commit.bind(database);
  const begun = Promise.withResolvers<void>();
  database.commit = (change) => {
    begun.resolve();
    return commit(change);
  };
  opened.sweeper.run({ firstMs: 1, everyMs: 1 });
  await begun.promise;
  await opened.sweeper[Symbol.asyncDispose]();
  const left = await opened.keys();
  ok(left.length > 100, `${left.length} are left`);
  deepEqual(opened.failures, []);
});

Deno.test("what an earlier Parley has written is no longer deleted by Deno KV, but here, in its time", async () => {
  await using opened = await open();
  const { database, sweeper, clock } = opened;
  const inAnHour = new Date(clock.nowMs + HOUR_MS);
  const atOnce = { expireIn: 1 }; // by Deno KV: when it is opened next
  for (let count = 0; count < 150; count++) {
    const one = token(String(count).padStart(3, "0"), inAnHour);
    await database.kv.atomic()
      .set(["token", one.id], one, atOnce)
      .set(["account_token", "ann", one.id], 1, atOnce)
      .commit();
  }
  const change = ulid();
  await database.kv.set(["change", change], { of: "log_ins", id: "ann" }, atOnce);
  const before = await opened.entries();
  equal(await sweeper.pass(), 0);
  await opened.openAgain();
  deepEqual(await opened.entries(), before, "not even their versions have changed");

  clock.nowMs += 30 * DAY_MS + HOUR_MS;
  equal(await sweeper.pass(), 151);
  deepEqual(await opened.keys(), ["schema"]);
});

Deno.test("what Deno KV has deleted before the sweeper came is no loss to it", async () => {
  await using opened = await open();
  await opened.database.kv.set(["token", "1"], token("1", inMs(-40 * DAY_MS)), { expireIn: 1 });
  await opened.bans.add(banOf("1", { until: inMs(-1_000) }));
  await opened.openAgain();
  deepEqual(await opened.keys(), ["ban 1", "schema"]);
  equal(await opened.sweeper.pass(), 1);
});

Deno.test("what an earlier Parley writes beside the server is made lasting by the next pass", async () => {
  await using opened = await open();
  equal(await opened.sweeper.pass(), 0);
  const older = await opened.openAgain();
  await older.kv.set(["token", "1"], token("1", inMs(DAY_MS)), { expireIn: 1 });
  equal(await opened.sweeper.pass(), 0);
  await opened.openAgain();
  deepEqual(await opened.keys(), ["schema", "token 1"]);
});

/** The stores of a database and a sweeper of it, whose clock stands until it is moved. */
async function open() {
  const opened = await openDatabase();
  const { database } = opened;
  const clock = { nowMs: Date.now() };
  const failures: unknown[] = [];
  const entries = () => Array.fromAsync(database.kv.list({ prefix: [] }));
  return {
    database,
    openAgain: opened.openAgain,
    clock,
    failures,
    sweeper: new Sweeper(database, {
      failed: (error) => failures.push(error),
      now: () => clock.nowMs,
    }),
    tokens: new KvTokenStore(database, new Changes(database)),
    invitations: new KvInvitationStore(database),
    bans: new KvBanStore(database),
    lockdowns: new KvLockdownStore(database),
    entries,
    /** All that there are, in words. */
    keys: async () => (await entries()).map(({ key }) => key.join(" ")),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function token(id: string, expiresAt: Date): TokenRecord {
  return {
    id,
    account: "ann",
    label: "login",
    scope: "chat",
    issuedAt: new Date(0),
    expiresAt,
    revoked: false,
  };
}

/** From now on the database takes no commit, until it is told to. */
function failing(database: Database): () => void {
  const commit = database.commit.bind(database);
  database.commit = () => Promise.reject(notStored());
  return () => database.commit = commit;
}
