import { ticketNotValid, tooManyTickets } from "../refusals.ts";
import { newCode, readCode } from "./_codes.ts";
import type { Voucher } from "./voucher.ts";

const LIFETIME_MS = 60_000;

/** Of four letters: 51 random bits. */
const GROUPS = 3;

/** How many tickets may wait to be used: of one account, whose oldest goes for a new one, and in all. */
const MOST_OF_ACCOUNT = 5;
const MOST_IN_ALL = 1_000;

/** Issues tickets and takes them: each lets one connection in by what somebody has who is logged in, once and soon. */
export class Tickets {
  #nowMs: () => number;
  /** Ticket → what it is good for, in the order of issue and so of expiry. */
  #waiting = new Map<string, Voucher & { readonly expiresAtMs: number }>();

  /** @param nowMs A clock that never goes back. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /**
   * @returns the ticket as it is shown: `BCDF-GHJK-MNPQ`.
   * @throws {Refusal} `too_many_tickets`
   */
  issue({ account, token }: Voucher): { ticket: string; expiresAt: Date } {
    this.#forgetExpired();
    const own = Array.from(this.#waiting).filter(([, waiting]) => waiting.account === account);
    for (const [oldest] of own.slice(0, 1 - MOST_OF_ACCOUNT)) this.#waiting.delete(oldest);
    if (this.#waiting.size >= MOST_IN_ALL) throw tooManyTickets(LIFETIME_MS / 1_000);
    const ticket = newCode(GROUPS);
    this.#waiting.set(ticket, { account, token, expiresAtMs: this.#nowMs() + LIFETIME_MS });
    return { ticket, expiresAt: new Date(Date.now() + LIFETIME_MS) };
  }

  /**
   * Uses a ticket up.
   *
   * @param typed In any case, with its dashes or without.
   * @throws {Refusal} `ticket_not_valid`
   */
  take(typed: string): Voucher {
    this.#forgetExpired();
    const ticket = readCode(typed, GROUPS) ?? "";
    const waiting = this.#waiting.get(ticket);
    if (waiting === undefined) throw ticketNotValid();
    this.#waiting.delete(ticket);
    return { account: waiting.account, token: waiting.token };
  }

  #forgetExpired(): void {
    const nowMs = this.#nowMs();
    for (const [ticket, { expiresAtMs }] of this.#waiting) {
      if (expiresAtMs > nowMs) return;
      this.#waiting.delete(ticket);
    }
  }
}
