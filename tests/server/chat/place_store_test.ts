import { MemoryPlaces } from "../../support/memory_places.ts";
import { testPlaceStore } from "../../suites/place_store.ts";

// what the tests of the chat rely on behaves as the store on the disk does
testPlaceStore("the place store of the tests", () => {
  return Promise.resolve({ places: new MemoryPlaces(), [Symbol.asyncDispose]: () => Promise.resolve() });
});
