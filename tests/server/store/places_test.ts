import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { notStored } from "../../../server/refusals.ts";
import { KvPlaceStore } from "../../../server/store/places.ts";
import { placeOf, testPlaceStore } from "../../suites/place_store.ts";
import { openDatabase } from "../../support/open_database.ts";

testPlaceStore("the place store on the disk", async () => {
  const opened = await openDatabase();
  const places = new KvPlaceStore(opened.database);
  return { places, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
});

Deno.test("places are there for whoever opens the database next", async () => {
  await using opened = await openDatabase();
  const place = placeOf({ lobby: "1", garden: "" });
  await new KvPlaceStore(opened.database).put(new Map([["ann's id", place]]));
  const next = new KvPlaceStore(await opened.openAgain());
  deepEqual(await next.find("ann's id"), place);
});

Deno.test("a place that the disk does not take is refused, and stays as it was", async () => {
  await using opened = await openDatabase();
  const places = new KvPlaceStore(opened.database);
  await places.put(new Map([["ann's id", placeOf({ lobby: "1" })]]));
  const tooMuch = placeOf({ lobby: "x".repeat(70_000) });
  await rejects(places.put(new Map([["ann's id", tooMuch]])), notStored());
  deepEqual(await places.find("ann's id"), placeOf({ lobby: "1" }));
  equal(opened.failures.length, 1, "and the operator is told why");
});
