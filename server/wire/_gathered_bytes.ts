const encoder = new TextEncoder();

/** Some of several events, in a row. Readers who are not told the same of them share the array. */
interface Stretch<Event> {
  readonly all: readonly Event[];
  /** The first that is told. */
  readonly from: number;
  /** The first that is not told any more; where there is none, all the rest are. */
  readonly to?: number;
}

/**
 * Events that are told together, each in its own words, rendered once for all readers: whoever is told of some of them
 * only gets a part of the same bytes.
 */
export class GatheredBytes<Event> {
  #render: (event: Event) => string;
  #all: readonly Event[] | undefined;
  #bytes = new Uint8Array();
  /** Where each of `#all` begins in `#bytes`, and where the last ends. */
  #bounds: number[] = [];

  constructor(render: (event: Event) => string) {
    this.#render = render;
  }

  /** Of all of them the same array each time. */
  of({ all, from, to = all.length }: Stretch<Event>): Uint8Array {
    if (all !== this.#all) this.#renderAll(all);
    if (from === 0 && to === all.length) return this.#bytes;
    return this.#bytes.subarray(this.#bounds[from], this.#bounds[to]);
  }

  #renderAll(all: readonly Event[]): void {
    const pieces = all.map((event) => encoder.encode(this.#render(event)));
    this.#bounds = [0];
    for (const piece of pieces) this.#bounds.push(this.#bounds.at(-1)! + piece.length);
    this.#bytes = new Uint8Array(this.#bounds.at(-1)!);
    pieces.forEach((piece, index) => this.#bytes.set(piece, this.#bounds[index]));
    this.#all = all;
  }
}
