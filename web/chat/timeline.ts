import type { Entry, Said } from "./entry.ts";

/** Comes after every id. */
const PAST_ALL = "~~";

/** What part of a history was asked for, and what was answered beside its messages. */
export interface Asked {
  /** Only what came after this message. */
  readonly after?: string;
  /** Only what came before this message. */
  readonly before?: string;
  /** The newest message that was there when it was asked: what is newer came by itself and stays. */
  readonly upTo?: string;
  /** There is more in the direction in which was asked. */
  readonly more: boolean;
}

/** The entries of one conversation that this page has, without a gap, each once, in the order of their ids. */
export class Timeline {
  #entries: Entry[] = [];
  /** Something was said before the first of them, or may have been. */
  #moreBefore = true;
  /** Something was said after the last of them, or may have been. */
  #moreAfter = true;

  /** Replaced where something changes but at the end. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get moreBefore(): boolean {
    return this.#moreBefore;
  }

  get moreAfter(): boolean {
    return this.#moreAfter;
  }

  get oldestId(): string | undefined {
    return this.#entries.find(({ type }) => type === "said")?.id;
  }

  get newestId(): string | undefined {
    return this.#entries.findLast(({ type }) => type === "said")?.id;
  }

  /** The message that stands so many before the last one, or else the first. */
  idBeforeLast(count: number): string | undefined {
    return this.#entries.slice(0, -count).findLast(({ type }) => type === "said")?.id ?? this.oldestId;
  }

  /** Adds an entry in its place. Answers false where it is there already. */
  add(entry: Entry): boolean {
    const index = this.#placeOf(entry.id);
    if (this.#entries[index]?.id === entry.id) return false;
    if (index === this.#entries.length) this.#entries.push(entry);
    else this.#entries = this.#entries.toSpliced(index, 0, entry);
    return true;
  }

  /** Takes over a part of the history: within it there is what the server has, and nothing else but notes. */
  merge(page: readonly Said[], asked: Asked): void {
    const { after, before, more } = asked;
    if (before !== undefined) this.#moreBefore = more;
    else if (after !== undefined) this.#moreAfter = more;
    else [this.#moreBefore, this.#moreAfter] = [more, false];
    const first = this.#entries[0];
    if (first !== undefined && page.length > 0 && page.at(-1)!.id < first.id) {
      this.#entries = [...page, ...this.#entries];
      return;
    }
    const isWithin = within(page, asked);
    const kept = this.#entries.filter(({ type, id }) => type === "note" || !isWithin(id));
    this.#entries = inOneOrder(kept, page);
  }

  /** Forgets a message. Answers false where there was none. */
  remove(id: string): boolean {
    const index = this.#placeOf(id);
    if (this.#entries[index]?.id !== id) return false;
    this.#entries = this.#entries.toSpliced(index, 1);
    return true;
  }

  /** From now on something may be said that does not come here. */
  cutOff(): void {
    this.#moreAfter = true;
  }

  /** Forgets all but the newest. */
  keepNewest(count: number): void {
    if (this.#entries.length <= count) return;
    this.#entries = this.#entries.slice(-count);
    this.#moreBefore = true;
  }

  /** Forgets all but the oldest. */
  keepOldest(count: number): void {
    if (this.#entries.length <= count) return;
    this.#entries = this.#entries.slice(0, count);
    this.#moreAfter = true;
  }

  clear(): void {
    this.#entries = [];
    [this.#moreBefore, this.#moreAfter] = [true, true];
  }

  /** Where an id stands, or would stand. */
  #placeOf(id: string): number {
    let [low, high] = [0, this.#entries.length];
    if (high > 0 && this.#entries[high - 1]!.id < id) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Tells which ids are those that a page would hold, if they were still kept. */
function within(
  page: readonly Said[],
  { after, before, upTo = PAST_ALL, more }: Asked,
): (id: string) => boolean {
  const lowest = after === undefined && more ? page[0]?.id ?? "" : "";
  const highest = after !== undefined && more ? page.at(-1)?.id ?? "" : upTo;
  return (id) =>
    id >= lowest && id <= highest && (after === undefined || id > after) &&
    (before === undefined || id < before);
}

/** Two lists in the order of their ids as one; what is in both is in it once. */
function inOneOrder(one: readonly Entry[], other: readonly Entry[]): Entry[] {
  const all: Entry[] = [];
  let [index, otherIndex] = [0, 0];
  while (index < one.length || otherIndex < other.length) {
    const [next, otherNext] = [one[index], other[otherIndex]];
    if (otherNext === undefined || (next !== undefined && next.id <= otherNext.id)) {
      all.push(next!);
      index++;
      if (next!.id === otherNext?.id) otherIndex++;
    } else {
      all.push(otherNext);
      otherIndex++;
    }
  }
  return all;
}
