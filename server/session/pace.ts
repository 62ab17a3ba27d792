/** So many at once, then so many a second. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Refused lines that end a connection, and within what time. */
export const MOST_REFUSED = 50;
const REFUSED_WITHIN_MS = 60_000;

/** How fast one connection may speak: a bucket that holds a burst and fills at a rate. */
export class Pace {
  #tokens: number;
  #filledAtMs: number;

  constructor(rate: Rate | "off", nowMs: number) {
    this.#tokens = rate === "off" ? Infinity : rate.burst;
    this.#filledAtMs = nowMs;
  }

  /** Whether one more may pass now, and if so, counts it. */
  admits(rate: Rate | "off", nowMs: number): boolean {
    if (rate === "off") return true;
    this.#tokens = this.left(rate, nowMs);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** How many may pass now. */
  left(rate: Rate | "off", nowMs: number): number {
    if (rate === "off") return Infinity;
    const filled = this.#tokens + (nowMs - this.#filledAtMs) / 1000 * rate.perSecond;
    return Math.min(rate.burst, filled);
  }
}

/** Counts what was refused of late: who goes on all the same has to go. */
export class Patience {
  /** When the latest lines were refused, oldest first. */
  #refusedAtMs: number[] = [];

  /** Counts a refused line; answers false when it was one too many. */
  bears(nowMs: number): boolean {
    this.#refusedAtMs.push(nowMs);
    return this.refused(nowMs) < MOST_REFUSED;
  }

  /** How many lines were refused within the last minute. */
  refused(nowMs: number): number {
    this.#refusedAtMs = this.#refusedAtMs.filter((at) => at > nowMs - REFUSED_WITHIN_MS);
    return this.#refusedAtMs.length;
  }
}
