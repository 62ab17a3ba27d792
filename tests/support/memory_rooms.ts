import type { RoomRecord, RoomStore } from "../../server/chat/room_store.ts";
import { MemoryDisk } from "./memory_disk.ts";

/** Rooms without a disk. */
export class MemoryRooms extends MemoryDisk implements RoomStore {
  /** Name → record. */
  #records = new Map<string, RoomRecord>();

  async *list(): AsyncIterable<RoomRecord> {
    yield* [...this.#records.values()].toSorted((one, other) => one.name < other.name ? -1 : 1);
  }

  put(record: RoomRecord): Promise<void> {
    return this.commit(() => void this.#records.set(record.name, record));
  }

  remove(name: string): Promise<void> {
    return this.commit(() => void this.#records.delete(name));
  }
}
