import { tooManyAttempts } from "../refusals.ts";

/**
 * Lets each key pass at most `most` times in any `perMs`, be it the minute of the clock or any other: it remembers
 * when each of the last `most` passed, and so is for small numbers only.
 *
 * Whoever has ever so many keys cannot fill the memory with them: keys are forgotten when their time is over, and
 * past 100,000 those that passed longest ago. The last 50,000 are always remembered.
 */
export class AttemptLimit {
  readonly #options: AttemptLimitOptions;
  /** Key → when it passed, latest last; the keys that have passed since `#turnedAt`. */
  #passed = new Map<string, number[]>();
  /** The same of those that passed before. They are forgotten all at once, which no key has to wait for. */
  #passedBefore = new Map<string, number[]>();
  #turnedAt = -Infinity;

  constructor(options: AttemptLimitOptions) {
    this.#options = options;
  }

  /** Passes, if that is possible now: 0, or in how many whole seconds it will be. A refusal uses up nothing. */
  take(key: string): number {
    const at = this.#options.now();
    const recent = this.#recent(key, at);
    const seconds = this.#secondsUntilFree(recent, at);
    if (seconds === 0 && this.#options.most > 0) this.#record(key, [...recent, at], at);
    return seconds;
  }

  /** What `take` would answer, without passing. */
  secondsUntilFree(key: string): number {
    const at = this.#options.now();
    return this.#secondsUntilFree(this.#recent(key, at), at);
  }

  /** How many times the key may pass now. */
  left(key: string): number {
    const { most, now } = this.#options;
    return most > 0 ? Math.max(0, most - this.#recent(key, now()).length) : Infinity;
  }

  #recent(key: string, at: number): number[] {
    const passedAt = this.#passed.get(key) ?? this.#passedBefore.get(key) ?? [];
    return passedAt.filter((moment) => moment > at - this.#options.perMs);
  }

  #secondsUntilFree(recent: number[], at: number): number {
    const { most, perMs } = this.#options;
    const lastInTheWay = most > 0 ? recent.at(-most) : undefined; // once it is out of the window, most - 1 are in it
    return lastInTheWay === undefined ? 0 : Math.max(1, Math.ceil((lastInTheWay + perMs - at) / 1000));
  }

  #record(key: string, passedAt: number[], at: number): void {
    const outdated = at - this.#turnedAt >= this.#options.perMs; // all of #passedBefore
    if (outdated || this.#passed.size >= mostKeys / 2) {
      this.#passedBefore = this.#passed;
      this.#passed = new Map();
      this.#turnedAt = at;
    }
    this.#passed.set(key, passedAt);
  }
}

/**
 * Takes from every limit or, if one of them is used up, from none.
 *
 * @throws {Refusal} `too_many_attempts`; such an attempt counts for nothing.
 */
export function takeFromAll(attempts: readonly [AttemptLimit, key: string][]): void {
  const seconds = Math.max(...attempts.map(([limit, key]) => limit.secondsUntilFree(key)));
  if (seconds > 0) throw tooManyAttempts(seconds);
  for (const [limit, key] of attempts) limit.take(key);
}

export interface AttemptLimitOptions {
  /** 0 for any number. Read at every call, so that it may change. */
  readonly most: number;
  readonly perMs: number;
  /** Milliseconds of a clock that never goes back, such as `performance.now()`. */
  readonly now: () => number;
}

const mostKeys = 100_000;
