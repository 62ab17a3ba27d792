import type { Log } from "./log.ts";

/** For so long an error is not logged again that was just logged. */
const QUIET_MS = 60_000;

interface Occurrence {
  readonly loggedAtMs: number;
  /** How often it has occurred since. */
  times: number;
}

/**
 * What may go wrong again and again for one reason, as every commit does while the disk is full: it is logged at once,
 * and once a minute for as long as it goes on, with how often it was.
 */
export class RecurringError {
  #log: Pick<Log, "error">;
  #event: string;
  #now: () => number;
  /** The error's own words, of which there are few → when it was logged last. */
  #occurrences = new Map<string, Occurrence>();

  constructor(log: Pick<Log, "error">, event: string, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#event = event;
    this.#now = now;
  }

  occurred(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error);
    const before = this.#occurrences.get(words);
    const nowMs = this.#now();
    if (before !== undefined && nowMs < before.loggedAtMs + QUIET_MS) {
      before.times++;
      return;
    }
    this.#log.error(this.#event, error, before?.times ? { times: before.times + 1 } : {});
    this.#occurrences.set(words, { loggedAtMs: nowMs, times: 0 });
  }
}
