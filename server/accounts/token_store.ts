import type { Origin } from "./origin.ts";

/** What is kept of a token: all but its signature, so that nobody who reads it can use it. */
export interface TokenRecord {
  /** The `jti` of the JWT: a ULID. */
  readonly id: string;
  /** The id of the account that it speaks for. */
  readonly account: string;
  /** What its owner calls it, or how it came to be. */
  readonly label: string;
  readonly scope: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly revoked: boolean;
  /** It is a browser's, which may be left open: it is good for what admins do as long as the password was given lately. */
  readonly ofBrowser?: true;
  /** Who logged in for it; undefined where an admin or the operator issued it, or it is older than this was kept. */
  readonly issuedTo?: Origin;
  /** When, from where and by what it was used last, as of a minute ago. */
  readonly lastUse?: TokenUse;
}

/** A use of a token. */
export interface TokenUse extends Origin {
  readonly at: Date;
}

export interface TokenStore {
  /** The key that tokens are signed with, 32 bytes; made at the first call. */
  signingKey(): Promise<Uint8Array<ArrayBuffer>>;

  add(token: TokenRecord): Promise<void>;

  find(id: string): Promise<TokenRecord | undefined>;

  /** Marks a token as revoked for good; answers false where there is none, or it was already. */
  revoke(id: string): Promise<boolean>;

  /** Keeps when tokens were used last; those that are no more are passed over. */
  used(uses: ReadonlyMap<string, TokenUse>): Promise<void>;

  /** Forgets a token, which is then no longer valid. */
  remove(token: TokenRecord): Promise<void>;

  /** Forgets all tokens of an account, and what is left of those that were kept no longer. */
  removeAll(account: string): Promise<void>;

  /** The tokens of an account, or of all, oldest first; those after the one of an id, where there is one. */
  list(account?: string, after?: string): AsyncIterable<TokenRecord>;
}
