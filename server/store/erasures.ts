import type { SaidByDeleted } from "../accounts/account_store.ts";
import type { Erasing, ErasureStore } from "../chat/erasure_store.ts";
import { ERASING, erasingKey } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** What is still to be erased, in Deno KV. The store of the accounts makes the entries. */
export class KvErasureStore implements ErasureStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async *list(): AsyncIterable<Erasing> {
    for await (const { key, value } of this.#database.kv.list<SaidByDeleted>({ prefix: ERASING })) {
      yield { account: String(key.at(-1)), said: value };
    }
  }

  async find(account: string): Promise<Erasing | undefined> {
    const { value: said } = await this.#database.kv.get<SaidByDeleted>(erasingKey(account));
    return said === null ? undefined : { account, said };
  }

  async remove(account: string): Promise<void> {
    await this.#database.commit((operation) => operation.delete(erasingKey(account)));
  }
}
