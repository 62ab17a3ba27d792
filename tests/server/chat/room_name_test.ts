import { strictEqual as equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { roomName } from "../../../server/chat/room_name.ts";
import { badRoomName, Refusal } from "../../../server/refusals.ts";
import { quoted } from "../../support/quoted.ts";

/** What is typed, and the room that it names; undefined where it names none. */
const NAMES: [raw: string, name: string | undefined][] = [
  ["garden", "garden"],
  ["#garden", "garden"],
  ["#Garden", "garden"],
  ["#LOBBY", "lobby"],
  ["a", "a"],
  ["7", "7"],
  ["#v1.2-rc_3", "v1.2-rc_3"],
  [".a", ".a"],
  ["a..", "a.."],
  ["_a", "_a"],
  ["x".repeat(32), "x".repeat(32)],
  ["é".repeat(32), "é".repeat(32)],

  // reserved are the names of people alone
  ["admin", "admin"],
  ["everyone", "everyone"],

  // any script, but one
  ["Größe", "größe"],
  ["ß", "ß"],
  ["САД", "сад"],
  ["Ц", "ц"],
  ["酒", "酒"],
  ["日本の酒", "日本の酒"],
  ["مرحبا", "مرحبا"],
  ["١٢", "١٢"],
  ["сaд", undefined], // the second is Latin
  ["аdmin", undefined], // the first is Cyrillic
  ["日本x", undefined],

  // one spelling of each
  ["ＧＡＲＤＥＮ", "garden"],
  ["ａ", "a"],
  ["a\u0300", "à"],
  ["é".normalize("NFD").repeat(32), "é".repeat(32)],
  ["ﬀ", "ff"],
  ["①", "1"],
  ["\u212a", "k"], // the sign of Kelvin

  // signs alone are no place in an address
  [".", undefined],
  ["..", undefined],
  ["#..", undefined],
  ["...", undefined],
  ["_", undefined],
  ["-_.", undefined],
  ["\uff0e\uff0e", undefined], // full stops, wide

  ["", undefined],
  ["#", undefined],
  ["##a", undefined],
  ["x".repeat(33), undefined],
  ["é".repeat(33), undefined],
  ["x".repeat(100_000), undefined],
  ["a b", undefined],
  [" a", undefined],
  ["a\n", undefined],
  ["a/b", undefined],
  ["a#b", undefined],
  ["a%2e", undefined],
  ["a\x1b", undefined],
  ["a\u200d", undefined],
  ["a\u202eb", undefined],
  ["\u0300a", undefined],
  ["a\0", undefined],
  ["½", undefined],
  ["😀", undefined],
];

for (const [raw, name] of NAMES) {
  const meaning = name === undefined ? "names no room" : `names #${name.slice(0, 40)}`;
  Deno.test(`${quoted(raw)} ${meaning}`, () => {
    if (name === undefined) throws(() => roomName(raw), badRoomName());
    else equal(roomName(raw), name);
  });
}

Deno.test("a room's name names that room, with # and without, and is nothing but a name", () => {
  const letters = "aZ0_-.éÉßİǅﬀсЦ日ん①\u0300\u200d #/".split("");
  const some = fc.string({ unit: fc.constantFrom(...letters), maxLength: 5 });
  fc.assert(
    fc.property(fc.oneof(some, fc.string({ unit: "binary", maxLength: 40 })), (raw) => {
      let name: string;
      try {
        name = roomName(raw);
      } catch (error) {
        return error instanceof Refusal;
      }
      equal(roomName(name), name);
      equal(roomName(`#${name}`), name);
      return /^[\p{L}\p{M}\p{Nd}_.-]{1,40}$/u.test(name) && name === name.toLowerCase();
    }),
    { numRuns: 5_000 },
  );
});
