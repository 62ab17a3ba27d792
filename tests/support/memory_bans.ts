import type { Ban, BanStore } from "../../server/chat/ban_list.ts";
import { notStored } from "../../server/refusals.ts";

/** Bans without a disk. */
export class MemoryBans implements BanStore {
  /** While true, nothing can be changed. */
  failing = false;
  /** Id → ban. */
  #bans = new Map<string, Ban>();

  async *list(): AsyncIterable<Ban> {
    yield* [...this.#bans.values()].toSorted((one, other) => one.id < other.id ? -1 : 1);
  }

  add(ban: Ban): Promise<void> {
    return this.#change(() => this.#bans.set(ban.id, ban));
  }

  remove(id: string): Promise<void> {
    return this.#change(() => this.#bans.delete(id));
  }

  #change(change: () => void): Promise<void> {
    if (this.failing) return Promise.reject(notStored());
    change();
    return Promise.resolve();
  }
}
