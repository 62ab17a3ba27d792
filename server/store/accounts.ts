import type { Account, AccountStore, SaidByDeleted } from "../accounts/account_store.ts";
import { accountKey, ACCOUNTS, erasingKey, handleKey } from "./_keys.ts";
import type { Changes } from "./changes.ts";
import type { Database } from "./kv.ts";

/** Accounts in Deno KV. */
export class KvAccountStore implements AccountStore {
  #database: Database;
  #changes: Changes;

  constructor(database: Database, changes: Changes) {
    this.#database = database;
    this.#changes = changes;
  }

  async find(id: string): Promise<Account | undefined> {
    return (await this.#database.kv.get<Account>(accountKey(id))).value ?? undefined;
  }

  async holder(handle: string): Promise<Account | "gone" | undefined> {
    const { value: id } = await this.#database.kv.get<string>(handleKey(handle));
    return id === null ? undefined : await this.find(id) ?? "gone";
  }

  add(account: Account, handles: readonly string[]): Promise<boolean> {
    return this.#database.commit((operation) => {
      for (const handle of handles) {
        operation.check({ key: handleKey(handle), versionstamp: null }).set(handleKey(handle), account.id);
      }
      return operation.set(accountKey(account.id), account);
    });
  }

  async change(
    id: string,
    change: (account: Account) => Account,
    handles: readonly string[] = [],
  ): Promise<Account | "held" | undefined> {
    for (;;) {
      const stored = await this.#database.kv.get<Account>(accountKey(id));
      if (stored.value === null) return undefined;
      const held = await Promise.all(
        handles.map((handle) => this.#database.kv.get<string>(handleKey(handle))),
      );
      if (held.some(({ value }) => value !== null && value !== id)) return "held";
      const changed = change(stored.value);
      const done = await this.#changes.commit({ of: "account", id }, (operation) => {
        operation.check(stored, ...held).set(accountKey(id), changed);
        for (const handle of handles) operation.set(handleKey(handle), id);
        return operation;
      });
      if (done) return changed;
    }
  }

  async remove(id: string, said: SaidByDeleted): Promise<boolean> {
    if (await this.find(id) === undefined) return false;
    return this.#changes.commit(
      { of: "account", id },
      (operation) => operation.delete(accountKey(id)).set(erasingKey(id), said),
    );
  }

  async *list(after?: string): AsyncIterable<Account> {
    const range = after === undefined
      ? { prefix: ACCOUNTS }
      : { prefix: ACCOUNTS, start: accountKey(`${after}\0`) };
    for await (const { value } of this.#database.kv.list<Account>(range)) yield value;
  }
}
