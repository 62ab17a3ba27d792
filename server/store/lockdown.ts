import type { Lockdown, LockdownStore } from "../chat/lockdown.ts";
import { LOCKDOWN_KEY } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** The lockdown in Deno KV, which forgets it by itself some time after it is over. */
export class KvLockdownStore implements LockdownStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(): Promise<Lockdown | undefined> {
    return (await this.#database.kv.get<Lockdown>(LOCKDOWN_KEY)).value ?? undefined;
  }

  async put(lockdown: Lockdown): Promise<void> {
    const expireIn = Math.max(1, lockdown.until.getTime() - Date.now());
    await this.#database.commit((operation) => operation.set(LOCKDOWN_KEY, lockdown, { expireIn }));
  }

  async remove(): Promise<void> {
    await this.#database.commit((operation) => operation.delete(LOCKDOWN_KEY));
  }
}
