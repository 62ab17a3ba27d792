import type { Place, PlaceStore } from "../chat/place_store.ts";
import { placeKey, PLACES } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** Deno KV takes 1,000 mutations at a time, and not too many bytes. */
const MOST_PER_COMMIT = 100;

/** The accounts' places in Deno KV. */
export class KvPlaceStore implements PlaceStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(account: string): Promise<Place | undefined> {
    return (await this.#database.kv.get<Place>(placeKey(account))).value ?? undefined;
  }

  async put(places: ReadonlyMap<string, Place>): Promise<void> {
    const all = [...places];
    for (let begin = 0; begin < all.length; begin += MOST_PER_COMMIT) {
      const part = all.slice(begin, begin + MOST_PER_COMMIT);
      await this.#database.commit((operation) => {
        for (const [account, place] of part) operation.set(placeKey(account), place);
        return operation;
      });
    }
  }

  async remove(account: string): Promise<void> {
    await this.#database.commit((operation) => operation.delete(placeKey(account)));
  }

  async *list(): AsyncIterable<{ account: string; place: Place }> {
    for await (const { key, value } of this.#database.kv.list<Place>({ prefix: PLACES })) {
      yield { account: String(key.at(-1)), place: value };
    }
  }
}
