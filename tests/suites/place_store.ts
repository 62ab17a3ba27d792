import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Mark, Place, PlaceStore } from "../../server/chat/place_store.ts";

/** A store that holds nothing yet, to be disposed of. */
export interface OpenPlaces extends AsyncDisposable {
  readonly places: PlaceStore;
}

/** A place in rooms, each read up to an id. */
export function placeOf(readUpTo: Readonly<Record<string, string>>): Place {
  return { rooms: new Map(Object.entries(readUpTo).map(([room, id]) => [room, markOf(id)])) };
}

function markOf(readUpTo: string): Mark {
  return { readUpTo, at: new Date("2026-02-03T04:05:06.789Z") };
}

/** What every store of places must do. */
export function testPlaceStore(name: string, open: () => Promise<OpenPlaces>): void {
  Deno.test(`${name} gives back places as they were kept, their rooms in order`, async () => {
    await using opened = await open();
    const ann = placeOf({
      lobby: "",
      garden: "01J00000000000000000000001",
      cellar: "01J00000000000000000000002",
    });
    const bob = placeOf({});
    await opened.places.put(new Map([["ann's id", ann], ["bob's id", bob]]));
    deepEqual(await opened.places.find("ann's id"), ann);
    deepEqual([...(await opened.places.find("ann's id"))!.rooms.keys()], ["lobby", "garden", "cellar"]);
    deepEqual(await opened.places.find("bob's id"), bob);
    equal(await opened.places.find("carl's id"), undefined);
    deepEqual(byAccount(await Array.fromAsync(opened.places.list())), [
      { account: "ann's id", place: ann },
      { account: "bob's id", place: bob },
    ]);
  });

  Deno.test(`${name} gives an account one place, the latest`, async () => {
    await using opened = await open();
    const [before, after] = [placeOf({ lobby: "", garden: "" }), placeOf({ lobby: "1" })];
    await opened.places.put(new Map([["ann's id", before], ["bob's id", before]]));
    await opened.places.put(new Map([["ann's id", after]]));
    await opened.places.put(new Map());
    deepEqual(await opened.places.find("ann's id"), after);
    deepEqual(await opened.places.find("bob's id"), before);
  });

  Deno.test(`${name} keeps however many at once`, async () => {
    await using opened = await open();
    const rooms = placeOf(Object.fromEntries(Array.from({ length: 100 }, (_, room) => [`room${room}`, "1"])));
    const accounts = Array.from({ length: 250 }, (_, index) => `account ${index}`);
    await opened.places.put(new Map(accounts.map((account) => [account, rooms])));
    equal((await Array.fromAsync(opened.places.list())).length, 250);
    deepEqual(await opened.places.find("account 249"), rooms);
  });

  Deno.test(`${name} forgets what is removed, and nothing else`, async () => {
    await using opened = await open();
    const place = placeOf({ lobby: "" });
    await opened.places.put(new Map(["1", "2", "3"].map((account) => [account, place])));
    await opened.places.remove("2");
    await opened.places.remove("9");
    equal(await opened.places.find("2"), undefined);
    deepEqual(byAccount(await Array.fromAsync(opened.places.list())).map(({ account }) => account), [
      "1",
      "3",
    ]);
  });
}

function byAccount<Kind extends { account: string }>(listed: Kind[]): Kind[] {
  return listed.toSorted((one, other) => one.account < other.account ? -1 : 1);
}
