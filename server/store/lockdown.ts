import type { Lockdown, LockdownStore } from "../chat/lockdown.ts";
import { LOCKDOWN_KEY } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** The lockdown in Deno KV, where one that is over stays until the next sweep. */
export class KvLockdownStore implements LockdownStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(): Promise<Lockdown | undefined> {
    return (await this.#database.kv.get<Lockdown>(LOCKDOWN_KEY)).value ?? undefined;
  }

  async put(lockdown: Lockdown): Promise<void> {
    await this.#database.commit((operation) => operation.set(LOCKDOWN_KEY, lockdown));
  }

  async remove(): Promise<void> {
    await this.#database.commit((operation) => operation.delete(LOCKDOWN_KEY));
  }
}
