import { passwordLinkNotValid } from "../refusals.ts";
import type { Account } from "./account_store.ts";
import type { Accounts } from "./accounts.ts";
import type { SignedLinks } from "./signed_links.ts";

const LIFETIME_MS = 86_400_000;

/**
 * Links by which somebody sets a password without knowing the one before. Each is good for a day, and only as long as the
 * account has the password that it had: once one is used, all are over.
 */
export class PasswordLinks {
  #accounts: Accounts;
  #links: SignedLinks;
  #now: () => number;

  constructor(accounts: Accounts, links: SignedLinks, now: () => number = Date.now) {
    this.#accounts = accounts;
    this.#links = links;
    this.#now = now;
  }

  /** @returns What stands behind `#password=`. */
  async issue(account: Account): Promise<{ link: string; expiresAt: Date }> {
    const expiresAt = new Date(this.#now() + LIFETIME_MS);
    const state = await stateOf(account);
    return { link: await this.#links.sign("password", { subject: account.id, state, expiresAt }), expiresAt };
  }

  /** Whose link it is. @throws {Refusal} `password_link_not_valid` */
  async read(link: string): Promise<Account> {
    const signed = await this.#links.read("password", link);
    const account = signed && await this.#accounts.find(signed.subject);
    if (account === undefined || account.disabled || await stateOf(account) !== signed?.state) {
      throw passwordLinkNotValid();
    }
    return account;
  }
}

/** Changes with the password, and tells nothing of it. */
async function stateOf({ id, passwordHash = "" }: Account): Promise<string> {
  const bytes = new TextEncoder().encode(`${id} ${passwordHash}`);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 32);
}
