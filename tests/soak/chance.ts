/** Chance that can be repeated: the same seed gives the same choices. */
export class Chance {
  #state: number;

  /** @param seed A whole number of 32 bits. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Somebody's own chance, which does not depend on what others choose meanwhile. */
  of(name: string): Chance {
    let seed = this.#state;
    for (const character of name) seed = Math.imul(seed ^ character.codePointAt(0)!, 0x01000193);
    return new Chance(seed);
  }

  /** At least 0 and less than 1. */
  fraction(): number {
    // splitmix, of 32 bits: each step adds the golden ratio, and what comes out is well stirred
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
  }

  /** Whether something happens that happens so often. */
  happens(share: number): boolean {
    return this.fraction() < share;
  }

  /** A whole number from one up to, and with, another. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** One of several. */
  oneOf<Value>(values: readonly Value[]): Value | undefined {
    return values[this.between(0, values.length - 1)];
  }

  /** One of several, each as often as its weight says. */
  weighed<Value extends { readonly weight: number }>(values: readonly Value[]): Value | undefined {
    let left = this.fraction() * values.reduce((sum, { weight }) => sum + weight, 0);
    return values.find(({ weight }) => (left -= weight) < 0);
  }

  /** All of them, in another order. */
  shuffled<Value>(values: readonly Value[]): Value[] {
    return values.map((value) => ({ value, at: this.fraction() })).sort((one, other) => one.at - other.at)
      .map(({ value }) => value);
  }
}
