import { Buckets } from "./buckets.ts";

/**
 * How often is looked. What holds the event loop up for less may go unnoticed once, but not again and again, and what
 * does for longer never. Each look wakes an idle process, which is most of what it costs.
 */
const LOOK_EVERY_MS = 200;

const BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/** How late the event loop is: for so long nobody is read, told or written to. */
export class LoopLag implements Disposable {
  readonly lateMs: Buckets = new Buckets(BOUNDS_MS);
  #worstMs = 0;
  #dueAtMs = performance.now() + LOOK_EVERY_MS;
  #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** The worst since this was last asked, in ms. */
  takeWorst(): number {
    const worstMs = this.#worstMs;
    this.#worstMs = 0;
    return worstMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const lateMs = Math.max(0, nowMs - this.#dueAtMs);
    this.lateMs.observe(lateMs);
    this.#worstMs = Math.max(this.#worstMs, lateMs);
    this.#dueAtMs = nowMs + LOOK_EVERY_MS;
  }
}
