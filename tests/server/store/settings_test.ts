import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { KvSettingStore } from "../../../server/store/settings.ts";
import { openDatabase } from "../../support/open_database.ts";

Deno.test("settings are there for whoever opens the database next, until they are taken back", async () => {
  await using opened = await openDatabase();
  const store = new KvSettingStore(opened.database);
  deepEqual(await store.all(), new Map());
  await store.change(new Map([["name", "Café"], ["motd", "Tea\nat five."], ["guests", "off"]]));
  await store.change(new Map([["name", "Tea room"], ["guests", null], ["keep", null]]));
  const next = new KvSettingStore(await opened.openAgain());
  deepEqual(await next.all(), new Map([["motd", "Tea\nat five."], ["name", "Tea room"]]));
});
