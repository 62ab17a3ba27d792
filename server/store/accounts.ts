import type {
  Account,
  AccountStore,
  Held,
  LinkedIdentity,
  SaidByDeleted,
} from "../accounts/account_store.ts";
import { type Invitation, isOpen } from "../accounts/invitation_store.ts";
import {
  accountKey,
  ACCOUNTS,
  erasingKey,
  handleKey,
  identityKey,
  invitationKey,
  passkeyKey,
} from "./_keys.ts";
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
    return accountIn(await this.#database.kv.get<StoredAccount>(accountKey(id)));
  }

  async holder(handle: string): Promise<Account | "gone" | undefined> {
    const { value: id } = await this.#database.kv.get<string>(handleKey(handle));
    return id === null ? undefined : await this.find(id) ?? "gone";
  }

  findByPasskey(id: string): Promise<Account | undefined> {
    return this.#findBy(passkeyKey(id));
  }

  findByIdentity(identity: Pick<LinkedIdentity, "issuer" | "subject">): Promise<Account | undefined> {
    return this.#findBy(identityKey(identity));
  }

  async add(
    account: Account,
    handles: readonly string[],
    { invitation }: { invitation?: string | undefined } = {},
  ): Promise<"added" | Held | "not invited"> {
    const taken = [...handles.map(handleKey), ...waysIn(account)];
    for (;;) {
      const invited = invitation === undefined
        ? undefined
        : await this.#database.kv.get<Invitation>(invitationKey(invitation));
      const used = invited && withUse(invited.value, account);
      if (used === null) return "not invited";
      const done = await this.#changes.commit({ of: "account", id: account.id }, (operation) => {
        for (const key of taken) operation.check({ key, versionstamp: null }).set(key, account.id);
        if (invited && used) operation.check(invited).set(invited.key, used);
        return operation.set(accountKey(account.id), account);
      });
      if (done) return "added";
      if (invited === undefined || await this.#anyTaken(taken)) return "held";
    }
  }

  async change(
    id: string,
    change: (account: Account) => Account,
    handles: readonly string[] = [],
  ): Promise<Account | Held | undefined> {
    for (;;) {
      const stored = await this.#database.kv.get<StoredAccount>(accountKey(id));
      const account = accountIn(stored);
      if (account === undefined) return undefined;
      const changed = change(account);
      const [before, after] = [waysIn(account), waysIn(changed)];
      const added = [...handles.map(handleKey), ...without(after, before)];
      const held = await Promise.all(added.map((key) => this.#database.kv.get<string>(key)));
      if (held.some(({ value }) => value !== null && value !== id)) return "held";
      const done = await this.#changes.commit({ of: "account", id }, (operation) => {
        operation.check(stored, ...held).set(accountKey(id), changed);
        for (const key of added) operation.set(key, id);
        for (const key of without(before, after)) operation.delete(key);
        return operation;
      });
      if (done) return changed;
    }
  }

  async remove(id: string, said: SaidByDeleted): Promise<boolean> {
    for (;;) {
      const stored = await this.#database.kv.get<StoredAccount>(accountKey(id));
      const account = accountIn(stored);
      if (account === undefined) return false;
      const done = await this.#changes.commit({ of: "account", id }, (operation) => {
        operation.check(stored).delete(accountKey(id)).set(erasingKey(id), said);
        for (const key of waysIn(account)) operation.delete(key);
        return operation;
      });
      if (done) return true;
    }
  }

  async *list(after?: string): AsyncIterable<Account> {
    const range = after === undefined
      ? { prefix: ACCOUNTS }
      : { prefix: ACCOUNTS, start: accountKey(`${after}\0`) };
    for await (const entry of this.#database.kv.list<StoredAccount>(range)) yield accountIn(entry)!;
  }

  async #findBy(key: Deno.KvKey): Promise<Account | undefined> {
    const { value: id } = await this.#database.kv.get<string>(key);
    return id === null ? undefined : await this.find(id);
  }

  async #anyTaken(keys: readonly Deno.KvKey[]): Promise<boolean> {
    const entries = await Promise.all(keys.map((key) => this.#database.kv.get(key)));
    return entries.some(({ value }) => value !== null);
  }
}

/** What accounts that were made before it was there are without. */
type LaterFields = "totp" | "recoveryCodes" | "passkeys" | "identities";

type StoredAccount = Omit<Account, LaterFields> & Partial<Pick<Account, LaterFields>>;

function accountIn({ value }: Deno.KvEntryMaybe<StoredAccount>): Account | undefined {
  return value === null
    ? undefined
    : { totp: undefined, recoveryCodes: [], passkeys: [], identities: [], ...value };
}

/** The keys that lead to an account by what it comes in with. */
function waysIn({ passkeys, identities }: Account): Deno.KvKey[] {
  return [...passkeys.map(({ id }) => passkeyKey(id)), ...identities.map(identityKey)];
}

/** Those keys that are not among others. */
function without(keys: readonly Deno.KvKey[], others: readonly Deno.KvKey[]): Deno.KvKey[] {
  const known = new Set(others.map((key) => JSON.stringify(key)));
  return keys.filter((key) => !known.has(JSON.stringify(key)));
}

/** An invitation once more used; null where it is good for nothing any more. */
function withUse(invitation: Invitation | null, { id, name, createdAt }: Account): Invitation | null {
  if (invitation === null || !isOpen(invitation, createdAt.getTime())) return null;
  return { ...invitation, usedBy: [...invitation.usedBy, { account: id, name, at: createdAt }] };
}
