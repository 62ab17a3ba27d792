import type { TokenRecord } from "./token_store.ts";

/** For so long after giving the password a browser may do what admins do. */
const CONFIRMED_MS = 12 * 3_600_000;

/** How many sessions are remembered that have given the password once more; who is forgotten is asked again. */
const MOST_REMEMBERED = 10_000;

/** Who has given the password lately: a browser that was left open must not be an admin for weeks. */
export class Confirmations {
  #now: () => number;
  /** `jti` of a session's token → when the password was last given after the log-in, in ms. */
  #confirmedAt = new Map<string, number>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The password was given just now. */
  confirm(token: string): void {
    const [oldest] = this.#confirmedAt.keys();
    if (this.#confirmedAt.size >= MOST_REMEMBERED && oldest !== undefined) this.#confirmedAt.delete(oldest);
    this.#confirmedAt.delete(token);
    this.#confirmedAt.set(token, this.#now());
  }

  /** Until when a session counts as that of whoever knows the password: issuing its token took one. */
  confirmedUntil({ id, issuedAt }: Pick<TokenRecord, "id" | "issuedAt">): Date {
    return new Date((this.#confirmedAt.get(id) ?? issuedAt.getTime()) + CONFIRMED_MS);
  }

  isConfirmed(token: Pick<TokenRecord, "id" | "issuedAt">): boolean {
    return this.confirmedUntil(token).getTime() > this.#now();
  }
}
