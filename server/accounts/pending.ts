import { stepOver, tooManySteps } from "../refusals.ts";

interface Waiting<Value> {
  readonly value: Value;
  readonly expiresAtMs: number;
}

/**
 * What waits between two steps of something, such as a log-in between password and code: kept in memory for a while, under
 * a name that nobody can guess.
 */
export class Pending<Value> {
  #lifetimeMs: number;
  #most: number;
  #nowMs: () => number;
  /** Name → what waits, in the order of its coming and so of expiry. */
  #waiting = new Map<string, Waiting<Value>>();

  /**
   * @param options.most How many may wait at a time.
   * @param options.nowMs A clock that never goes back.
   */
  constructor(
    { lifetimeMs, most = 10_000, nowMs = () => performance.now() }: {
      lifetimeMs: number;
      most?: number;
      nowMs?: () => number;
    },
  ) {
    this.#lifetimeMs = lifetimeMs;
    this.#most = most;
    this.#nowMs = nowMs;
  }

  /**
   * @returns The name: 256 random bits, Base64url.
   * @throws {Refusal} `too_many_steps`
   */
  put(value: Value): string {
    this.#forgetExpired();
    if (this.#waiting.size >= this.#most) throw tooManySteps(Math.ceil(this.#lifetimeMs / 1_000));
    const name = crypto.getRandomValues(new Uint8Array(32)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
    this.#waiting.set(name, { value, expiresAtMs: this.#nowMs() + this.#lifetimeMs });
    return name;
  }

  /** What waits goes on waiting. */
  find(name: string): Value | undefined {
    this.#forgetExpired();
    return this.#waiting.get(name)?.value;
  }

  /** What waited is over by it. @throws {Refusal} `step_over` */
  take(name: string): Value {
    const value = this.find(name);
    if (value === undefined) throw stepOver();
    this.#waiting.delete(name);
    return value;
  }

  /** What waits, if it does, is over. */
  forget(name: string): void {
    this.#waiting.delete(name);
  }

  #forgetExpired(): void {
    const nowMs = this.#nowMs();
    for (const [name, { expiresAtMs }] of this.#waiting) {
      if (expiresAtMs > nowMs) return;
      this.#waiting.delete(name);
    }
  }
}
