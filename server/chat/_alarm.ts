/** How long it waits until it looks at the clock again, which somebody may have set. */
const LOOK_EVERY_MS = 1_000;

/** Rings once when a moment has come, however the clock jumps until then. */
export class Alarm implements Disposable {
  #now: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Sets it anew; it never rings before this returns. */
  set(at: Date, ring: () => void): void {
    this.clear();
    const look = () => {
      const leftMs = at.getTime() - this.#now();
      if (leftMs <= 0) ring();
      else this.#timer = setTimeout(look, Math.min(leftMs, LOOK_EVERY_MS));
    };
    this.#timer = setTimeout(look);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
