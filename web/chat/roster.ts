import { type Signal, signal } from "@preact/signals";

/** Who is in a room, by name. */
export class Roster {
  /** Rises whenever somebody has come or gone. */
  readonly changed: Signal<number> = signal(0);
  #names: string[] = [];
  #known = false;

  /** In alphabetical order. The list changes while people come and go. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The server has said who is here. */
  get known(): boolean {
    return this.#known;
  }

  has(name: string): boolean {
    return this.#names[this.#placeOf(name)] === name;
  }

  replace(names: readonly string[]): void {
    this.#names = names.map((name) => ({ name, key: keyOf(name) })).sort(byKey).map(({ name }) => name);
    this.#known = true;
    this.changed.value++;
  }

  /** Until the server has said who is here, nobody needs to be told of who comes. */
  add(name: string): void {
    if (!this.#known || this.has(name)) return;
    this.#names.splice(this.#placeOf(name), 0, name);
    this.changed.value++;
  }

  remove(name: string): void {
    if (!this.has(name)) return;
    this.#names.splice(this.#placeOf(name), 1);
    this.changed.value++;
  }

  #placeOf(name: string): number {
    const key = keyOf(name);
    let [low, high] = [0, this.#names.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keyOf(this.#names[middle]!) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Without regard to case; of two that differ in nothing else, each has its own. */
function keyOf(name: string): string {
  return `${name.toLowerCase()}\0${name}`;
}

function byKey(one: { key: string }, other: { key: string }): number {
  return one.key < other.key ? -1 : 1;
}
