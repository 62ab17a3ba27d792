import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { hashOf, personOf, type Place, placeOfHash, roomOf } from "../../../web/chat/place.ts";

const PLACES: readonly (readonly [place: Place, hash: string])[] = [
  ["#lobby", "#lobby"],
  ["@bob", "#@bob"],
  ["#größe", "#gr%C3%B6%C3%9Fe"],
  ["@Ännchen", "#@%C3%84nnchen"],
];

for (const [place, hash] of PLACES) {
  Deno.test(`${place} is at ${hash}`, () => {
    equal(hashOf(place), hash);
    equal(placeOfHash(hash), place);
  });
}

Deno.test("an address that names no place leads nowhere", () => {
  for (const hash of ["", "#", "#@", "#%", "#%E0%A4%A"]) equal(placeOfHash(hash), undefined, hash);
  equal(placeOfHash("#Lobby"), "#lobby");
});

Deno.test("a place is a room or somebody", () => {
  deepEqual([roomOf("#lobby"), personOf("#lobby")], ["lobby", undefined]);
  deepEqual([roomOf("@bob"), personOf("@bob")], [undefined, "bob"]);
});
