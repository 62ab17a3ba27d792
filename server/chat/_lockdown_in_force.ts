import { isAtLeast, type Role } from "../accounts/roles.ts";
import { guestsLockedOut, readOnly, signupLockedOut } from "../refusals.ts";
import { Alarm } from "./_alarm.ts";
import type { Lockdown, LockdownMode } from "./lockdown.ts";

const WITHOUT_GUESTS: ReadonlySet<LockdownMode> = new Set(["no-guests", "accounts-only"]);
const WITHOUT_SIGNUPS: ReadonlySet<LockdownMode> = new Set(["no-signups", "accounts-only"]);

/** The lockdown that is in force, if there is one, and what it forbids. */
export class LockdownInForce implements Disposable {
  #now: () => number;
  #lockdown: Lockdown | undefined;
  #alarm: Alarm;
  #receive: ((ended: Lockdown) => void) | undefined;

  constructor(now: () => number) {
    this.#now = now;
    this.#alarm = new Alarm(now);
  }

  get current(): Lockdown | undefined {
    const lockdown = this.#lockdown;
    return lockdown !== undefined && this.#holds(lockdown) ? lockdown : undefined;
  }

  /** Takes the place of the one before, unless it is over already. */
  begin(lockdown: Lockdown): void {
    if (!this.#holds(lockdown)) return;
    this.#lockdown = lockdown;
    this.#alarm.set(lockdown.until, () => {
      this.#lockdown = undefined;
      this.#receive?.(lockdown);
    });
  }

  end(): void {
    this.#lockdown = undefined;
    this.#alarm.clear();
  }

  /** Whom to tell when one ends by itself. */
  onEnd(receive: (ended: Lockdown) => void): void {
    this.#receive = receive;
  }

  /** @throws {Refusal} `no_guests` */
  checkMayEnter(role: Role): void {
    const { current } = this;
    if (current !== undefined && role === "guest" && WITHOUT_GUESTS.has(current.mode)) {
      throw guestsLockedOut(current.until, this.#now());
    }
  }

  /** @throws {Refusal} `signup_closed` */
  checkSignup(): void {
    const { current } = this;
    if (current !== undefined && WITHOUT_SIGNUPS.has(current.mode)) {
      throw signupLockedOut(current.until, this.#now());
    }
  }

  /** @throws {Refusal} `read_only` */
  checkMaySpeak(role: Role): void {
    const { current } = this;
    if (current?.mode === "read-only" && !isAtLeast(role, "moderator")) {
      throw readOnly(current.until, this.#now());
    }
  }

  [Symbol.dispose](): void {
    this.#alarm[Symbol.dispose]();
  }

  #holds({ until }: Lockdown): boolean {
    return until.getTime() > this.#now();
  }
}
