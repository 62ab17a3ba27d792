import { decodeTime, encodeTime, monotonicFactory } from "ulid";

/** Gives the ids of messages: ULIDs that only rise, whatever the clock does. */
export class Ids {
  #next = monotonicFactory(fromPool());
  #afterMs = 0;
  #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  next(): string {
    return this.#next(Math.max(this.#now(), this.#afterMs));
  }

  /** From now on ids are higher than this one, if it is one, so that a clock set back over a restart changes no order. */
  passBy(id: string): void {
    if (id !== "") this.#afterMs = Math.max(this.#afterMs, decodeTime(id) + 1);
  }
}

/** Random numbers from 0 up to 1. The system gives many at a time: each by itself would cost more than the rest of an id. */
function fromPool(): () => number {
  const pool = new Uint8Array(4_096);
  let at = pool.length;
  return () => {
    if (at === pool.length) {
      crypto.getRandomValues(pool);
      at = 0;
    }
    return pool[at++]! / 256;
  };
}

/** The moment that an id holds. */
export function timeOf(id: string): Date {
  return new Date(decodeTime(id));
}

/** The lowest id that a moment has: all of earlier moments are lower. */
export function lowestIdAt(at: Date): string {
  return encodeTime(Math.max(0, at.getTime()), 10) + "0".repeat(16);
}
