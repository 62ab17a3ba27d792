import { addressKey, isLoopback } from "./address.ts";
import { AttemptLimit, takeFromAll } from "./attempt_limit.ts";

/** How many attempts are allowed, 0 for any number. Read at every attempt, so that a reload may change them. */
export interface AttemptMaxima {
  /** Of one address, and of one account from one address. */
  readonly loginsPerMinute: number;
  /** Of one address. */
  readonly signupsPerHour: number;
  readonly signupsPerHourInAll: number;
}

/**
 * Slows the guessing of passwords. An account counts only together with the address: could strangers use up what an
 * account has, they could lock its owner out. As both have the same maximum, the address is used up first.
 */
export class LoginLimit {
  readonly #ofAddress: AttemptLimit;
  readonly #ofAccountAndAddress: AttemptLimit;

  constructor({ limits, now }: { limits: AttemptMaxima; now: () => number }) {
    const options = {
      get most() {
        return limits.loginsPerMinute;
      },
      perMs: 60_000,
      now,
    };
    this.#ofAddress = new AttemptLimit(options);
    this.#ofAccountAndAddress = new AttemptLimit(options);
  }

  /**
   * Counts an attempt, right or wrong, before the password is looked at.
   *
   * @param accountFold The account's name as names are compared, whether or not there is such an account.
   * @throws {Refusal} `too_many_attempts`; such an attempt counts for nothing.
   */
  admitLogin(address: string, accountFold: string): void {
    const source = addressKey(address);
    takeFromAll([
      [this.#ofAddress, source],
      [this.#ofAccountAndAddress, `${source} ${accountFold.slice(0, mostFoldLength)}`],
    ]);
  }
}

/** Slows the filling of the server with accounts, of which loopback, where the operator works, may make any number. */
export class SignupLimit {
  readonly #ofAddress: AttemptLimit;
  readonly #inAll: AttemptLimit;

  constructor({ limits, now }: { limits: AttemptMaxima; now: () => number }) {
    const perMs = 3_600_000;
    this.#ofAddress = new AttemptLimit({
      get most() {
        return limits.signupsPerHour;
      },
      perMs,
      now,
    });
    this.#inAll = new AttemptLimit({
      get most() {
        return limits.signupsPerHourInAll;
      },
      perMs,
      now,
    });
  }

  /** @throws {Refusal} `too_many_attempts`; such an attempt counts for nothing. */
  admit(address: string): void {
    if (isLoopback(address)) return;
    takeFromAll([[this.#ofAddress, addressKey(address)], [this.#inAll, "all"]]);
  }
}

/** Longer than any name or e-mail address: what is no account's name must not fill the memory either. */
const mostFoldLength = 256;
