import type { Joined, Left } from "../chat/event.ts";

/** So many are named; the others are counted, so that a digest is as long for thousands as for ten. */
const MOST_NAMED = 5;

/** How many came, or went, and the names of those who did so first. */
export interface Tallied {
  readonly count: number;
  readonly names: readonly string[];
}

/** What is different after some comings and goings. Who came and went is not in it, nor who went and came back. */
export interface Digest {
  readonly came: Tallied;
  readonly went: Tallied;
}

/**
 * The digest of all of them, and of those from each further one on, for readers who knew of the first.
 *
 * @param counts Whether one of them counts.
 */
export function digests(
  passages: readonly (Joined | Left)[],
  counts: (passage: Joined | Left) => boolean,
): readonly Digest[] {
  const [came, went] = [new Tally(), new Tally()];
  const found: Digest[] = [];
  for (const passage of passages.toReversed()) {
    const [same, opposite] = passage.type === "joined" ? [came, went] : [went, came];
    if (counts(passage) && !opposite.remove(passage.name)) same.add(passage.name);
    found.push({ came: came.taken, went: went.taken });
  }
  return found.reverse();
}

/** Names that are added from the last to the first. */
class Tally {
  #names = new Set<string>();
  /** The first of them in the end, in the order of their adding. */
  #latest: string[] = [];

  get taken(): Tallied {
    return { count: this.#names.size, names: this.#latest.toReversed() };
  }

  add(name: string): void {
    this.#names.delete(name);
    this.#names.add(name);
    this.#latest = [...this.#latest, name].slice(-MOST_NAMED);
  }

  /** Answers false where it is not there. */
  remove(name: string): boolean {
    if (!this.#names.delete(name)) return false;
    if (this.#latest.includes(name)) this.#latest = [...this.#names].slice(-MOST_NAMED);
    return true;
  }
}
