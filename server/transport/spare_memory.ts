import type { NativeHeap } from "./native_heap.ts";

/** How often is looked whether there is something to be given back. */
const LOOK_EVERY_MS = 1_000;

/** It is worth it after so many comings and goings. */
const MANY_PASSAGES = 250;

/** While more than so many come and go between two looks, what was freed is needed again at once. */
const FEW_PASSAGES = 25;

/** So many looks after the rush all have been told of all. */
const CALM_LOOKS = 10;

/**
 * Gives memory back that a crowd has left behind. What is written to thousands at a time is freed soon after, but the
 * allocator would keep it, beside what was kept for connections that are gone, for as long as the process lives.
 */
export class SpareMemory implements Disposable {
  #heap: Pick<NativeHeap, "trim">;
  #passages: () => number;
  /** As many there were when memory was given back last. */
  #givenBackAfter = 0;
  /** As many there were at the last look. */
  #seen = 0;
  #calmLooks = 0;
  #timer: ReturnType<typeof setInterval>;

  /** @param parts.passages How many connections have come since the start, and how many gone, together. */
  constructor({ heap, passages }: { heap: Pick<NativeHeap, "trim">; passages: () => number }) {
    this.#heap = heap;
    this.#passages = passages;
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Gives back, if there may be much and nobody is about to need it. */
  look(): void {
    const passages = this.#passages();
    this.#calmLooks = passages - this.#seen <= FEW_PASSAGES ? this.#calmLooks + 1 : 0;
    this.#seen = passages;
    if (this.#calmLooks < CALM_LOOKS || passages - this.#givenBackAfter < MANY_PASSAGES) return;
    this.#givenBackAfter = passages;
    void this.#heap.trim();
  }
}
