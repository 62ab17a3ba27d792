import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { notStored } from "../../../server/refusals.ts";
import { KvRoomStore } from "../../../server/store/rooms.ts";
import { roomOf, testRoomStore } from "../../suites/room_store.ts";
import { openDatabase } from "../../support/open_database.ts";

testRoomStore("the room store on the disk", async () => {
  const opened = await openDatabase();
  const rooms = new KvRoomStore(opened.database);
  return { rooms, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
});

Deno.test("rooms are there for whoever opens the database next", async () => {
  await using opened = await openDatabase();
  await new KvRoomStore(opened.database).put(roomOf("garden", { topic: "weeds" }));
  const next = new KvRoomStore(await opened.openAgain());
  deepEqual(await Array.fromAsync(next.list()), [roomOf("garden", { topic: "weeds" })]);
});

Deno.test("a room that the disk does not take is refused, and stays as it was", async () => {
  await using opened = await openDatabase();
  const rooms = new KvRoomStore(opened.database);
  await rooms.put(roomOf("garden"));
  await rejects(rooms.put(roomOf("garden", { topic: "x".repeat(70_000) })), notStored());
  deepEqual(await Array.fromAsync(rooms.list()), [roomOf("garden")]);
  equal(opened.failures.length, 1, "and the operator is told why");
});
