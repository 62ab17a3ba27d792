/** Above this everything counts as this: twenty minutes. */
const MOST_MS = 1_200_000;
/** Below this as well. */
const LEAST_MS = 0.001;
/** How many classes a factor of e is cut into: each is one hundredth wide. */
const CLASSES = 100;

/** How long millions of things took, to the hundredth of each, in little memory. */
export class Latencies {
  #counts = new Uint32Array(classOf(MOST_MS) + 1);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    this.#counts[classOf(ms)]!++;
    this.#count++;
  }

  /** The time below which a part of all lie: 0.5 for the median; NaN where there is none. */
  quantileMs(part: number): number {
    if (this.#count === 0) return NaN;
    const wanted = Math.min(this.#count - 1, Math.floor(part * this.#count));
    let passed = 0;
    const index = this.#counts.findIndex((count) => (passed += count) > wanted);
    return LEAST_MS * Math.exp((index + 0.5) / CLASSES);
  }
}

function classOf(ms: number): number {
  if (ms <= LEAST_MS) return 0;
  return Math.floor(Math.log(Math.min(ms, MOST_MS) / LEAST_MS) * CLASSES);
}
