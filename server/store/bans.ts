import type { Ban, BanStore } from "../chat/ban_list.ts";
import { banKey, BANS } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** Bans in Deno KV, where those that are over stay until the next sweep. */
export class KvBanStore implements BanStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async *list(): AsyncIterable<Ban> {
    for await (const { value } of this.#database.kv.list<Ban>({ prefix: BANS })) yield value;
  }

  async add(ban: Ban): Promise<void> {
    await this.#database.commit((operation) => operation.set(banKey(ban.id), ban));
  }

  async remove(id: string): Promise<void> {
    await this.#database.commit((operation) => operation.delete(banKey(id)));
  }
}
