/**
 * How high the rows of a list are, one below the other: a Fenwick tree, so that a row's top, and the row at a height, are
 * found in some twenty steps among a hundred thousand.
 */
export class Heights {
  #heights = new Float64Array(1024);
  /** By node, from 1: the sum of the heights that end with it. */
  #sums = new Float64Array(1025);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The height of all together. */
  get total(): number {
    return this.top(this.#count);
  }

  /** Begins anew with these rows. */
  reset(heights: ArrayLike<number>): void {
    this.#count = heights.length;
    if (this.#heights.length < heights.length) this.#grow(heights.length);
    this.#heights.set(heights);
    this.#sums.fill(0, 0, this.#count + 1);
    for (let node = 1; node <= this.#count; node++) {
      this.#sums[node]! += this.#heights[node - 1]!;
      const parent = node + (node & -node);
      if (parent <= this.#count) this.#sums[parent]! += this.#sums[node]!;
    }
  }

  /** Adds a row at the end. */
  push(height: number): void {
    if (this.#count === this.#heights.length) this.#grow(this.#count + 1);
    this.#heights[this.#count] = height;
    const node = ++this.#count;
    let sum = height;
    for (let child = node - 1; child > node - (node & -node); child -= child & -child) {
      sum += this.#sums[child]!;
    }
    this.#sums[node] = sum;
  }

  /** Takes the last rows away, but for so many. */
  truncate(count: number): void {
    this.#count = Math.min(this.#count, count); // what the nodes before hold does not depend on those after
  }

  height(index: number): number {
    return this.#heights[index]!;
  }

  set(index: number, height: number): void {
    const change = height - this.#heights[index]!;
    if (change === 0) return;
    this.#heights[index] = height;
    for (let node = index + 1; node <= this.#count; node += node & -node) this.#sums[node]! += change;
  }

  /** Where a row begins: the sum of those above it. */
  top(index: number): number {
    let sum = 0;
    for (let node = index; node > 0; node -= node & -node) sum += this.#sums[node]!;
    return sum;
  }

  /** The row that stands at a height; the first one above all, the last one below all. */
  indexAt(y: number): number {
    let [index, rest] = [0, y];
    for (let step = 2 ** Math.floor(Math.log2(this.#count || 1)); step >= 1; step /= 2) {
      const next = index + step;
      if (next <= this.#count && this.#sums[next]! <= rest) {
        index = next;
        rest -= this.#sums[next]!;
      }
    }
    return Math.max(0, Math.min(index, this.#count - 1));
  }

  #grow(count: number): void {
    const size = Math.max(count, this.#heights.length * 2);
    const heights = new Float64Array(size);
    const sums = new Float64Array(size + 1);
    heights.set(this.#heights);
    sums.set(this.#sums);
    [this.#heights, this.#sums] = [heights, sums];
  }
}
