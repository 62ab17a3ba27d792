/** How things stand with a reader at one moment. */
interface Standing {
  /** All that was ever written to it. */
  readonly writtenBytes: number;
  /** What is not written yet. */
  readonly waitingBytes: number;
  /** Whether a write is under way. */
  readonly writing: boolean;
}

/** How well one reader keeps up, from one round to the next. */
export class Progress {
  #seen: Standing = { writtenBytes: 0, waitingBytes: 0, writing: false };
  /** When the write under way was last seen to make progress. */
  #movedAtMs = 0;
  #overdueBytes = 0;

  /** Of what waited a round ago, what waits still. */
  get overdueBytes(): number {
    return this.#overdueBytes;
  }

  /** Looks at a reader once in a round, and says why it has to be given up, where it has. */
  look(
    standing: Standing,
    { outboxBytes, stallMs }: { outboxBytes: number; stallMs: number },
    nowMs: number,
  ): "too slow" | "timeout" | undefined {
    const takenBytes = standing.writtenBytes - this.#seen.writtenBytes;
    if (takenBytes > 0 || !standing.writing || !this.#seen.writing) this.#movedAtMs = nowMs;
    this.#overdueBytes = Math.max(0, this.#seen.waitingBytes - takenBytes);
    this.#seen = standing;
    if (this.#overdueBytes > outboxBytes) return "too slow";
    if (nowMs - this.#movedAtMs >= stallMs) return "timeout";
  }
}
