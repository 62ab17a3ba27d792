/**
 * How large something was, again and again: counted in buckets, so that it takes the same little room and time however
 * often it is observed.
 */
export class Buckets {
  /** The upper ends of the buckets, in ascending order; one more bucket holds what is beyond the last. */
  readonly bounds: readonly number[];
  #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** How many fell into each bucket; it goes on changing. */
  get counts(): Readonly<Float64Array> {
    return this.#counts;
  }

  /** Of all that was observed. */
  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sum += value;
  }

  /**
   * What so large a share did not exceed, guessed from where in its bucket it must lie; what is beyond the last bound
   * counts as that.
   *
   * @param share From 0 to 1.
   * @param before The counts as they were when what is asked about began.
   * @returns 0 where nothing was observed since.
   */
  percentile(share: number, before: Readonly<Float64Array>): number {
    const counts = this.#counts.map((count, bucket) => count - before[bucket]!);
    let below = counts.reduce((sum, count) => sum + count, 0) * share;
    if (below === 0) return 0;
    for (const [bucket, bound] of this.bounds.entries()) {
      const count = counts[bucket]!;
      const lower = this.bounds[bucket - 1] ?? 0;
      if (below <= count) return lower + (bound - lower) * (below / count);
      below -= count;
    }
    return this.bounds.at(-1)!;
  }
}
