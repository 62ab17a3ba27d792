import type { RoomRecord, RoomStore } from "../chat/room_store.ts";
import { roomKey, ROOMS } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** Rooms in Deno KV. */
export class KvRoomStore implements RoomStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async *list(): AsyncIterable<RoomRecord> {
    for await (const { value } of this.#database.kv.list<RoomRecord>({ prefix: ROOMS })) yield value;
  }

  async put(record: RoomRecord): Promise<void> {
    await this.#database.commit((operation) => operation.set(roomKey(record.name), record));
  }

  async remove(name: string): Promise<void> {
    await this.#database.commit((operation) => operation.delete(roomKey(name)));
  }
}
