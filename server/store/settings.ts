import type { SettingStore } from "../setting_store.ts";
import { settingKey, SETTINGS } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** What admins have set, in Deno KV. */
export class KvSettingStore implements SettingStore {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async all(): Promise<Map<string, string>> {
    const settings = new Map<string, string>();
    for await (const { key, value } of this.#database.kv.list<string>({ prefix: SETTINGS })) {
      settings.set(String(key.at(-1)), value);
    }
    return settings;
  }

  async change(changes: ReadonlyMap<string, string | null>): Promise<void> {
    await this.#database.commit((operation) => {
      for (const [flag, value] of changes) {
        if (value === null) operation.delete(settingKey(flag));
        else operation.set(settingKey(flag), value);
      }
      return operation;
    });
  }
}
