import type { Account } from "./account_store.ts";

/** What an account may have to come in by. */
type Means = Pick<Account, "passwordHash" | "passkeys" | "identities">;

/** By what accounts come in, on this server as it is set. */
export class WaysIn {
  /** Those who vouch for people, their addresses as URLs are written. */
  #issuers: ReadonlySet<string>;
  #policy: { readonly passwordLogin: boolean };

  /** @param policy May change while the server runs. */
  constructor(issuers: readonly string[], policy: { readonly passwordLogin: boolean }) {
    this.#issuers = new Set(issuers.map((issuer) => new URL(issuer).href));
    this.#policy = policy;
  }

  /** Whether an account comes in at all. */
  has(means: Means): boolean {
    return (this.#policy.passwordLogin && means.passwordHash !== undefined) || this.hasBesidePassword(means);
  }

  /** Whether it comes in without a password: an identity is good only while the operator has the provider. */
  hasBesidePassword({ passkeys, identities }: Means): boolean {
    return passkeys.length > 0 || identities.some(({ issuer }) => this.#issuers.has(new URL(issuer).href));
  }
}
