/** A second's worth of bytes at once, then as fast as the rate. */
export class Throttle {
  /** When all that was read will have been paid for. */
  #paidAtMs = 0;
  #wake: (() => void) | undefined;

  /** Counts bytes, and says how long to rest before the next are read. */
  spend(bytes: number, perSecond: number): number {
    const now = performance.now();
    this.#paidAtMs = Math.max(this.#paidAtMs, now - 1_000) + bytes / perSecond * 1_000;
    return Math.max(0, this.#paidAtMs - now);
  }

  rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    this.#wake?.();
  }
}
