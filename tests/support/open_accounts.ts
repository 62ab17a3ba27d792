import { Accounts } from "../../server/accounts/accounts.ts";
import type { Account } from "../../server/accounts/account_store.ts";
import { KvAccountStore } from "../../server/store/accounts.ts";
import { Changes } from "../../server/store/changes.ts";
import type { Database } from "../../server/store/kv.ts";
import { anAccount } from "./an_account.ts";
import { openDatabase } from "./open_database.ts";
import { QuickHasher } from "./quick_hasher.ts";

/** Accounts in a database of their own, for one test. */
export interface OpenAccounts extends AsyncDisposable {
  readonly database: Database;
  readonly accounts: Accounts;
  /** Keeps an account as it stands. */
  has(differing: Partial<Account>): Promise<Account>;
}

export async function openAccounts(): Promise<OpenAccounts> {
  await using opening = new AsyncDisposableStack();
  const { database } = opening.use(await openDatabase());
  const store = new KvAccountStore(database, new Changes(database));
  const opened = opening.move();
  return {
    database,
    accounts: new Accounts(store, new QuickHasher()),
    async has(differing) {
      const account = anAccount(differing);
      await store.add(account, [account.username]);
      return account;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
