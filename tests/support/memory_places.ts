import type { Place, PlaceStore } from "../../server/chat/place_store.ts";
import { MemoryDisk } from "./memory_disk.ts";

/** Places without a disk. */
export class MemoryPlaces extends MemoryDisk implements PlaceStore {
  /** Account → place. */
  #places = new Map<string, Place>();

  find(account: string): Promise<Place | undefined> {
    return Promise.resolve(this.#places.get(account));
  }

  put(places: ReadonlyMap<string, Place>): Promise<void> {
    const kept = new Map(places);
    return this.commit(() => kept.forEach((place, account) => this.#places.set(account, place)));
  }

  remove(account: string): Promise<void> {
    return this.commit(() => void this.#places.delete(account));
  }

  async *list(): AsyncIterable<{ account: string; place: Place }> {
    for (const [account, place] of this.#places) yield { account, place };
  }
}
