import { linkForOther, linkNotFound, tooManyLinks } from "../refusals.ts";
import type { Account } from "./account_store.ts";
import { answersTo } from "./accounts.ts";
import { addressKey, isLoopback } from "./address.ts";
import { AttemptLimit, takeFromAll } from "./attempt_limit.ts";
import { newCode, readCode } from "./_codes.ts";
import { username } from "./names.ts";
import type { Voucher } from "./voucher.ts";

const LIFETIME_MS = 300_000;

/** Of four letters: 34 random bits. */
const GROUPS = 2;

/** How many connections may wait: from one address, of which loopback is exempt, and in all. */
const MOST_OF_ADDRESS = 8;
const MOST_IN_ALL = 1_000;

/** How many codes may be typed in a minute, right or wrong: by one account, and from one address. */
const MOST_TYPED_BY_ACCOUNT = 20;
const MOST_TYPED_FROM_ADDRESS = 60;

/** A connection that would be let in by a browser, in its own words. */
export interface LinkAsker {
  /** The peer's IP address. */
  readonly address: string;
  /** "TLS", "plain" or "WebSocket", for people. */
  readonly how: string;
  /** Whose account alone may confirm; undefined for anybody's. */
  readonly username: string | undefined;
}

/** What such a connection is told by whoever has its code. */
export interface LinkReceiver {
  /** Lets the connection in. @throws {Refusal} whatever keeps it out */
  confirmed(voucher: Voucher): Promise<void>;
  refused(): void;
}

/** A connection that waits. */
export interface Link extends LinkAsker {
  /** `BCDF-GHJK` */
  readonly code: string;
  readonly askedAt: Date;
  readonly expiresAt: Date;
}

/** What the connection has of it. */
export interface LinkOffer extends Pick<Link, "code" | "expiresAt"> {
  readonly lifetimeMs: number;
  /** The connection waits no longer; it may be called at any time and more than once. */
  readonly withdraw: () => void;
}

/** Somebody who is logged in and has typed a code. */
export interface LinkDecider {
  readonly account: Account;
  /** The `jti` of the token that the account is logged in by. */
  readonly token: string;
  /** The peer's IP address. */
  readonly address: string;
}

interface Waiting {
  readonly link: Link;
  readonly receiver: LinkReceiver;
  readonly expiresAtMs: number;
}

/** Log-ins that wait to be confirmed by a browser. A code is good for one decision, for as long as its connection waits. */
export class LinkCodes {
  #nowMs: () => number;
  /** Code → who waits, in the order of asking and so of expiry. */
  #waiting = new Map<string, Waiting>();
  #typedBy: AttemptLimit;
  #typedFrom: AttemptLimit;

  /** @param nowMs A clock that never goes back. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#typedBy = new AttemptLimit({ most: MOST_TYPED_BY_ACCOUNT, perMs: 60_000, now: nowMs });
    this.#typedFrom = new AttemptLimit({ most: MOST_TYPED_FROM_ADDRESS, perMs: 60_000, now: nowMs });
  }

  /** @throws {Refusal} `bad_username`, `too_many_links` */
  offer(asker: LinkAsker, receiver: LinkReceiver): LinkOffer {
    this.#forgetExpired();
    if (asker.username !== undefined) username(asker.username);
    this.#checkRoom(asker.address);
    const code = newCode(GROUPS);
    const [askedAt, expiresAt] = [new Date(), new Date(Date.now() + LIFETIME_MS)];
    const link = { ...asker, code, askedAt, expiresAt };
    this.#waiting.set(code, { link, receiver, expiresAtMs: this.#nowMs() + LIFETIME_MS });
    return { code, expiresAt, lifetimeMs: LIFETIME_MS, withdraw: () => this.#waiting.delete(code) };
  }

  /**
   * Who waits with a code.
   *
   * @param typed In any case, with its dash or without; so it is below.
   * @throws {Refusal} `link_not_found`, `too_many_attempts`
   */
  show(typed: string, decider: LinkDecider): Link {
    return this.#find(typed, decider).link;
  }

  /**
   * Lets a connection in as the account that confirms; answers when it is in. The code is used up either way.
   *
   * @throws {Refusal} `link_not_found`, `link_for_other`, `too_many_attempts`, and whatever keeps the connection out
   */
  async confirm(typed: string, decider: LinkDecider): Promise<void> {
    const { account: { id }, token } = decider;
    await this.#take(typed, decider).confirmed({ account: id, token });
  }

  /** @throws {Refusal} `link_not_found`, `link_for_other`, `too_many_attempts` */
  refuse(typed: string, decider: LinkDecider): void {
    this.#take(typed, decider).refused();
  }

  #take(typed: string, decider: LinkDecider): LinkReceiver {
    const { link, receiver } = this.#find(typed, decider);
    if (link.username !== undefined && !answersTo(decider.account, link.username)) {
      throw linkForOther(link.username);
    }
    this.#waiting.delete(link.code);
    return receiver;
  }

  #find(typed: string, { account, address }: LinkDecider): Waiting {
    takeFromAll([[this.#typedBy, account.id], [this.#typedFrom, addressKey(address)]]);
    this.#forgetExpired();
    const waiting = this.#waiting.get(readCode(typed, GROUPS) ?? "");
    if (waiting === undefined) throw linkNotFound();
    return waiting;
  }

  #checkRoom(address: string): void {
    const ofAddress = Array.from(this.#waiting.values()).filter(({ link }) =>
      addressKey(link.address) === addressKey(address)
    );
    const crowded = ofAddress.length >= MOST_OF_ADDRESS && !isLoopback(address);
    if (crowded || this.#waiting.size >= MOST_IN_ALL) throw tooManyLinks();
  }

  #forgetExpired(): void {
    const nowMs = this.#nowMs();
    for (const [code, { expiresAtMs }] of this.#waiting) {
      if (expiresAtMs > nowMs) return;
      this.#waiting.delete(code);
    }
  }
}
