import { decodeTime, monotonicFactory } from "ulid";

/** Gives the ids of messages: ULIDs that only rise, whatever the clock does. */
export class Ids {
  #next = monotonicFactory();
  #afterMs: number;
  #now: () => number;

  /** @param last The highest id that was ever given, so that a clock set back over a restart changes no order. */
  constructor(last: string | undefined, now: () => number = Date.now) {
    this.#afterMs = last === undefined ? 0 : decodeTime(last) + 1;
    this.#now = now;
  }

  next(): string {
    return this.#next(Math.max(this.#now(), this.#afterMs));
  }
}

/** The moment that an id holds. */
export function timeOf(id: string): Date {
  return new Date(decodeTime(id));
}
