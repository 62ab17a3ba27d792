import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { notStored } from "../../../server/refusals.ts";
import { KvBanStore } from "../../../server/store/bans.ts";
import { banOf, testBanStore } from "../../suites/ban_store.ts";
import { openDatabase } from "../../support/open_database.ts";

testBanStore("the ban store on the disk", async () => {
  const opened = await openDatabase();
  const bans = new KvBanStore(opened.database);
  return { bans, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
});

Deno.test("bans are there for whoever opens the database next", async () => {
  await using opened = await openDatabase();
  const bans = new KvBanStore(opened.database);
  const kept = [banOf("1"), banOf("2", { kind: "mute", until: new Date(Date.now() + 600_000) })];
  for (const ban of [...kept, banOf("3")]) await bans.add(ban);
  await bans.remove("3");
  const next = new KvBanStore(await opened.openAgain());
  deepEqual(await Array.fromAsync(next.list()), kept);
});

Deno.test("a ban is kept however long it lasts, or if it is over", async () => {
  await using opened = await openDatabase();
  const bans = new KvBanStore(opened.database);
  const inTenYears = banOf("1", { until: new Date(Date.now() + 3_650 * 86_400_000) });
  await bans.add(inTenYears);
  await bans.add(banOf("2", { until: new Date(0) })); // when it goes is for the sweeper to choose
  deepEqual((await Array.fromAsync(bans.list()))[0], inTenYears);
});

Deno.test("a ban that the disk does not take is refused", async () => {
  await using opened = await openDatabase();
  const bans = new KvBanStore(opened.database);
  await rejects(bans.add(banOf("1", { reason: "x".repeat(70_000) })), notStored());
  deepEqual(await Array.fromAsync(bans.list()), []);
  equal(opened.failures.length, 1, "and the operator is told why");
});
