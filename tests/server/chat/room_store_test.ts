import { MemoryRooms } from "../../support/memory_rooms.ts";
import { testRoomStore } from "../../suites/room_store.ts";

// what the tests of the chat rely on behaves as the store on the disk does
testRoomStore("the room store of the tests", () => {
  return Promise.resolve({ rooms: new MemoryRooms(), [Symbol.asyncDispose]: () => Promise.resolve() });
});
