import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { newRoom } from "../../server/chat/room.ts";
import type { RoomRecord, RoomStore } from "../../server/chat/room_store.ts";

/** A store that holds nothing yet, to be disposed of. */
export interface OpenRooms extends AsyncDisposable {
  readonly rooms: RoomStore;
}

/** A room of ann's as it is when it is made, unless something else is said. */
export function roomOf(name: string, others: Partial<RoomRecord> = {}): RoomRecord {
  return { ...newRoom(name, "ann's id", new Date("2026-02-03T04:05:06.789Z")), ...others };
}

/** What every store of rooms must do. */
export function testRoomStore(name: string, open: () => Promise<OpenRooms>): void {
  Deno.test(`${name} gives back rooms as they were kept`, async () => {
    await using opened = await open();
    const kept = [
      roomOf("cellar", {
        topic: "wine & 酒",
        moderators: ["bob's id", "guest:1"],
        private: true,
        quiet: true,
        keepDays: 7,
        invitations: [{ key: "carl's id", by: "ann", until: new Date("2026-02-04T04:05:06.789Z") }],
      }),
      roomOf("garden"),
      roomOf("lobby", { owner: undefined }),
      roomOf("сад", { emptySince: new Date(0) }),
    ];
    for (const room of kept.toReversed()) await opened.rooms.put(room);
    deepEqual((await Array.fromAsync(opened.rooms.list())).toSorted(byName), kept);
  });

  Deno.test(`${name} gives a room the place of the one with its name`, async () => {
    await using opened = await open();
    for (const room of [roomOf("garden"), roomOf("cellar")]) await opened.rooms.put(room);
    const changed = roomOf("garden", { topic: "weeds", moderators: ["bob's id"] });
    await opened.rooms.put(changed);
    deepEqual((await Array.fromAsync(opened.rooms.list())).toSorted(byName), [roomOf("cellar"), changed]);
  });

  Deno.test(`${name} forgets what is removed, and nothing else`, async () => {
    await using opened = await open();
    for (const room of ["garden", "garden2", "cellar"]) await opened.rooms.put(roomOf(room));
    await opened.rooms.remove("garden");
    await opened.rooms.remove("attic");
    deepEqual((await Array.fromAsync(opened.rooms.list())).toSorted(byName), [
      roomOf("cellar"),
      roomOf("garden2"),
    ]);
  });
}

function byName(one: RoomRecord, other: RoomRecord): number {
  return one.name < other.name ? -1 : 1;
}
