import type { Joined, Left, Passages } from "../chat/event.ts";

const encoder = new TextEncoder();

/**
 * Comings and goings that are told together, each in its own words for programs, rendered once for all readers: whoever
 * is told of the later ones only gets the end of the same bytes.
 */
export class GatheredBytes {
  #render: (event: Joined | Left) => string;
  #all: Passages["all"] | undefined;
  #bytes = new Uint8Array();
  /** Where each of `#all` begins in `#bytes`. */
  #starts: number[] = [];

  constructor(render: (event: Joined | Left) => string) {
    this.#render = render;
  }

  of({ all, from }: Passages): Uint8Array {
    if (all !== this.#all) this.#renderAll(all);
    return from === 0 ? this.#bytes : this.#bytes.subarray(this.#starts[from]);
  }

  #renderAll(all: Passages["all"]): void {
    const pieces = all.map((event) => encoder.encode(this.#render(event)));
    let at = 0;
    this.#starts = pieces.map(({ length }) => (at += length) - length);
    this.#bytes = new Uint8Array(at);
    pieces.forEach((piece, index) => this.#bytes.set(piece, this.#starts[index]));
    this.#all = all;
  }
}
