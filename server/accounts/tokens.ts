import { base64url, jwtVerify, SignJWT } from "jose";
import { isValid as isUlid, monotonicFactory } from "ulid";
import { tokenExpired, tokenNotFound, tokenNotValid, tokenRevoked } from "../refusals.ts";
import type { Origin } from "./origin.ts";
import type { TokenRecord, TokenStore, TokenUse } from "./token_store.ts";

const ALGORITHM = "HS256";
const DAY_MS = 86_400_000;
/** How many tokens of an account are on record; past that the oldest go, those first that are good for nothing any more. */
const MOST_OF_ACCOUNT = 100;
/** How many records are remembered, so that not every request reads the database. */
const MOST_REMEMBERED = 10_000;

/** Issues, checks and revokes access tokens: JWTs (RFC 7519) whose `jti` is on record. */
export class Tokens {
  #store: TokenStore;
  #key: Uint8Array<ArrayBuffer>;
  #now: () => number;
  /** Rising even within a millisecond: the order of the ids is that of issue. */
  #nextId = monotonicFactory();
  /** `jti` → record as last read. */
  #records = new Map<string, TokenRecord>();
  /** `jti` → the last use, of those that are still to be kept. */
  #uses = new Map<string, TokenUse>();
  /** How often something was forgotten: what was read before the last time may be out of date. */
  #forgotten = 0;

  private constructor(store: TokenStore, key: Uint8Array<ArrayBuffer>, now: () => number) {
    this.#store = store;
    this.#key = key;
    this.#now = now;
  }

  static async open(store: TokenStore, now: () => number = Date.now): Promise<Tokens> {
    return new Tokens(store, await store.signingKey(), now);
  }

  /** Makes a token that speaks for an account; the JWT itself is kept nowhere. */
  async issue(
    account: string,
    { days, label, scope = "chat", ofBrowser, to }: {
      days: number;
      label: string;
      scope?: string;
      ofBrowser?: true;
      /** Who logs in for it. */
      to?: Origin;
    },
  ): Promise<{ jwt: string; record: TokenRecord }> {
    const issuedAt = new Date(this.#now());
    const expiresAt = new Date(this.#now() + days * DAY_MS);
    const record: TokenRecord = {
      id: this.#nextId(),
      account,
      label,
      scope,
      issuedAt,
      expiresAt,
      revoked: false,
      ...ofBrowser && { ofBrowser },
      ...to && { issuedTo: to },
    };
    const jwt = await new SignJWT({ scope })
      .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
      .setSubject(account)
      .setJti(record.id)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#key);
    await this.#store.add(record);
    await this.#makeRoom(account);
    return { jwt, record };
  }

  /**
   * What is on record of a token, if it may be used.
   *
   * @throws {Refusal} `token_not_valid`, `token_revoked`, `token_expired`
   */
  async verify(jwt: string): Promise<TokenRecord> {
    const record = await this.#find(await this.#signedId(jwt));
    if (record === undefined) throw tokenNotValid();
    if (record.revoked) throw tokenRevoked();
    if (record.expiresAt.getTime() <= this.#now()) throw tokenExpired();
    return record;
  }

  /** A token is being used: that is kept a while later, many together. */
  use(id: string, by: Origin): void {
    if (this.#uses.size >= MOST_REMEMBERED && !this.#uses.has(id)) return;
    this.#uses.set(id, { at: new Date(this.#now()), address: by.address, how: by.how });
  }

  /** Keeps what is known of uses. @throws {Refusal} `not_stored` */
  async keepUses(): Promise<void> {
    const uses = this.#uses;
    this.#uses = new Map();
    await this.#store.used(uses);
  }

  /** When a token was used last, as far as is known. */
  lastUse({ id, lastUse }: TokenRecord): TokenUse | undefined {
    return this.#uses.get(id) ?? lastUse;
  }

  async isRevoked(id: string): Promise<boolean> {
    return (await this.#find(id))?.revoked ?? true;
  }

  /**
   * Ends a token for good.
   *
   * @param owner Whose it must be; anyone's where this is left out.
   * @throws {Refusal} `token_not_found`
   */
  async revoke(id: string, owner?: string): Promise<void> {
    const record = isUlid(id) ? await this.#store.find(id) : undefined;
    const theirs = record !== undefined && (owner === undefined || record.account === owner);
    if (!theirs || !await this.#store.revoke(id)) throw tokenNotFound(id);
    this.forget(id);
  }

  /** Ends all tokens of an account, but for `except`. */
  async revokeAll(account: string, except?: string): Promise<void> {
    for (const { id, revoked } of await this.list(account)) {
      if (revoked || id === except) continue;
      await this.#store.revoke(id);
      this.forget(id);
    }
  }

  /**
   * What is on record of a token, for whoever is to end it.
   *
   * @throws {Refusal} `token_not_found`
   */
  async get(id: string): Promise<TokenRecord> {
    const record = isUlid(id) ? await this.#store.find(id) : undefined;
    if (record === undefined || record.revoked) throw tokenNotFound(id);
    return record;
  }

  /** The tokens of an account, or of all, that can be used; oldest first, and after the one of an id where there is one. */
  async *live(account?: string, after?: string): AsyncIterable<TokenRecord> {
    for await (const token of this.#store.list(account, after)) {
      if (this.#isLive(token)) yield token;
    }
  }

  /** The tokens of an account, or of all, oldest first. */
  list(account?: string): Promise<TokenRecord[]> {
    return Array.fromAsync(this.#store.list(account), (token) => this.#withLastUse(token));
  }

  /** Forgets what was remembered of a token, because it may have changed. */
  forget(id: string): void {
    this.#forgotten++;
    this.#records.delete(id);
  }

  #withLastUse(token: TokenRecord): TokenRecord {
    const lastUse = this.lastUse(token);
    return lastUse === undefined ? token : { ...token, lastUse };
  }

  async #makeRoom(account: string): Promise<void> {
    const all = await this.list(account);
    const live = all.filter((token) => this.#isLive(token));
    const ended = all.filter((token) => !live.includes(token));
    const tooMany = Math.max(0, all.length - MOST_OF_ACCOUNT);
    for (const old of [...ended, ...live].slice(0, tooMany)) await this.#store.remove(old);
  }

  #isLive({ revoked, expiresAt }: TokenRecord): boolean {
    return !revoked && expiresAt.getTime() > this.#now();
  }

  /** The `jti` of a token that this server signed; its expiry is looked at later, so that a revoked one is called so. */
  async #signedId(jwt: string): Promise<string> {
    try {
      const { payload } = await jwtVerify(jwt, this.#key, {
        algorithms: [ALGORITHM],
        currentDate: new Date(0),
      });
      if (isSpeltRight(jwt)) return payload.jti ?? "";
    } catch {
      // no JWT of this server
    }
    throw tokenNotValid();
  }

  async #find(id: string): Promise<TokenRecord | undefined> {
    const remembered = this.#records.get(id);
    if (remembered !== undefined) return remembered;
    const forgotten = this.#forgotten;
    const record = await this.#store.find(id);
    if (record === undefined || forgotten !== this.#forgotten) return record;
    if (this.#records.size >= MOST_REMEMBERED) this.#records.clear();
    this.#records.set(id, record);
    return record;
  }
}

/** Whether a line looks like a JWT: three base64url parts with dots; the last is empty where it is not signed. */
export function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text) || /^eyJ[\w-]*\.[\w-]+\.$/.test(text);
}

/**
 * Whether a JWT ends as its signature is spelt: the last character has bits that mean nothing, and decoders ignore them and
 * padding, so that an altered token would be as good as the one that was given out.
 */
function isSpeltRight(jwt: string): boolean {
  const signature = jwt.slice(jwt.lastIndexOf(".") + 1);
  return base64url.encode(base64url.decode(signature)) === signature;
}
