/** Counts by one word or several, of each of which there must be few different ones. */
export class Tally<Label extends string> {
  /** What the words are, in the order in which they are given. */
  readonly labels: readonly Label[];
  /** Words with NUL between → count. */
  #counts = new Map<string, number>();

  /** @param known Words that there are from the start on, so that their first time is seen as a rise. */
  constructor(labels: readonly Label[], known: readonly (readonly string[])[] = []) {
    this.labels = labels;
    for (const words of known) this.#counts.set(words.join("\0"), 0);
  }

  add(...words: readonly string[]): void {
    const key = words.join("\0");
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** The words and how often they were counted. */
  *[Symbol.iterator](): Generator<readonly [words: readonly string[], count: number]> {
    for (const [key, count] of this.#counts) yield [key.split("\0"), count];
  }
}
