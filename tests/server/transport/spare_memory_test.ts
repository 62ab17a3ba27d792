import { strictEqual as equal } from "node:assert/strict";
import { SpareMemory } from "../../../server/transport/spare_memory.ts";

Deno.test("memory is given back once, a while after many have come or gone", () => {
  using crowd = new Crowd();
  for (let look = 0; look < 5; look++) crowd.looksAfter(400);
  for (let look = 0; look < 9; look++) crowd.looksAfter(0);
  equal(crowd.given, 0);
  for (let look = 0; look < 20; look++) crowd.looksAfter(0);
  equal(crowd.given, 1);
});

Deno.test("while many come and go it is not given back", () => {
  using crowd = new Crowd();
  for (let look = 0; look < 100; look++) crowd.looksAfter(look % 9 === 0 ? 26 : 0);
  equal(crowd.given, 0);
});

Deno.test("where few come and go, it is given back now and then", () => {
  using crowd = new Crowd();
  for (let look = 0; look < 49; look++) crowd.looksAfter(5);
  equal(crowd.given, 0);
  for (let look = 49; look < 150; look++) crowd.looksAfter(5);
  equal(crowd.given, 3);
});

/** People who come and go, and how often memory was given back for it. */
class Crowd implements Disposable {
  given = 0;
  #passages = 0;
  #memory = new SpareMemory({
    heap: {
      trim: () => {
        this.given++;
        return Promise.resolve();
      },
    },
    passages: () => this.#passages,
  });

  looksAfter(passages: number): void {
    this.#passages += passages;
    this.#memory.look();
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}
