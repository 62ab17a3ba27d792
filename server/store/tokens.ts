import type { TokenRecord, TokenStore, TokenUse } from "../accounts/token_store.ts";
import { keptIn } from "./_kept.ts";
import { accountTokenKey, accountTokens, SIGNING_KEY, tokenKey, TOKENS } from "./_keys.ts";
import type { Changes } from "./changes.ts";
import type { Database } from "./kv.ts";

/** How long a token stays on record after it has expired, so that it can be called expired. */
const KEPT_AFTER_EXPIRY_MS = 30 * 86_400_000;

/** Records of tokens in Deno KV. One that is kept no longer is none, also while it waits for the sweeper. */
export class KvTokenStore implements TokenStore {
  #database: Database;
  #changes: Changes;

  constructor(database: Database, changes: Changes) {
    this.#database = database;
    this.#changes = changes;
  }

  async signingKey(): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const { value } = await this.#database.kv.get<Uint8Array<ArrayBuffer>>(SIGNING_KEY);
      if (value !== null) return value;
      const made = crypto.getRandomValues(new Uint8Array(32));
      await this.#database.commit((operation) =>
        operation.check({ key: SIGNING_KEY, versionstamp: null }).set(SIGNING_KEY, made)
      );
    }
  }

  async add(token: TokenRecord): Promise<void> {
    await this.#database.commit((operation) =>
      operation.set(tokenKey(token.id), token).set(accountTokenKey(token.account, token.id), 1)
    );
  }

  async find(id: string): Promise<TokenRecord | undefined> {
    return keptIn(await this.#database.kv.get<TokenRecord>(tokenKey(id)), tokenKeptUntilMs);
  }

  async revoke(id: string): Promise<boolean> {
    for (;;) {
      const stored = await this.#database.kv.get<TokenRecord>(tokenKey(id));
      const token = keptIn(stored, tokenKeptUntilMs);
      if (token === undefined || token.revoked) return false;
      const done = await this.#changes.commit(
        { of: "token", id },
        (operation) => operation.check(stored).set(tokenKey(id), { ...token, revoked: true }),
      );
      if (done) return true;
    }
  }

  /** That is no change for which a server would have to look at those who are in by a token. */
  async used(uses: ReadonlyMap<string, TokenUse>): Promise<void> {
    for (const [id, lastUse] of uses) {
      const stored = await this.#database.kv.get<TokenRecord>(tokenKey(id));
      const token = keptIn(stored, tokenKeptUntilMs);
      if (token === undefined || token.revoked) continue;
      await this.#database.commit((operation) =>
        operation.check(stored).set(tokenKey(id), { ...token, lastUse })
      );
    }
  }

  async remove({ id, account }: Pick<TokenRecord, "id" | "account">): Promise<void> {
    await this.#changes.commit(
      { of: "token", id },
      (operation) => operation.delete(tokenKey(id)).delete(accountTokenKey(account, id)),
    );
  }

  async removeAll(account: string): Promise<void> {
    for await (const { key } of this.#database.kv.list({ prefix: accountTokens(account) })) {
      await this.remove({ id: String(key.at(-1)), account });
    }
  }

  async *list(account?: string, after?: string): AsyncIterable<TokenRecord> {
    const start = after === undefined ? undefined : `${after}\0`;
    if (account === undefined) {
      const range = { prefix: TOKENS, ...start && { start: tokenKey(start) } };
      for await (const entry of this.#database.kv.list<TokenRecord>(range)) {
        const record = keptIn(entry, tokenKeptUntilMs);
        if (record !== undefined) yield record;
      }
      return;
    }
    const range = { prefix: accountTokens(account), ...start && { start: accountTokenKey(account, start) } };
    for await (const { key } of this.#database.kv.list(range)) {
      const record = await this.find(String(key.at(-1)));
      if (record !== undefined) yield record;
    }
  }
}

/** Until when a token is kept, as `Date.now()` has it. */
export function tokenKeptUntilMs({ expiresAt }: TokenRecord): number {
  return expiresAt.getTime() + KEPT_AFTER_EXPIRY_MS;
}
