import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Lockdown } from "../../../server/chat/lockdown.ts";
import { KvLockdownStore } from "../../../server/store/lockdown.ts";
import { openDatabase } from "../../support/open_database.ts";

const lockdown: Lockdown = { mode: "no-guests", until: new Date("2099-02-03T04:05:06.789Z"), by: "mo" };

Deno.test("a lockdown is there for whoever opens the database next, until it is removed", async () => {
  await using opened = await openDatabase();
  const store = new KvLockdownStore(opened.database);
  equal(await store.find(), undefined);
  await store.put(lockdown);
  await store.put({ ...lockdown, mode: "read-only" });
  const next = new KvLockdownStore(await opened.openAgain());
  deepEqual(await next.find(), { ...lockdown, mode: "read-only" });
  await next.remove();
  equal(await store.find(), undefined);
});
