import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { hueOf } from "../../../web/chat/hue.ts";

Deno.test("a name has one hue in any case, and names have many", () => {
  const names = Array.from({ length: 200 }, (_, index) => `guest${index}`);
  const hues = names.map(hueOf);
  deepEqual(names.map((name) => hueOf(name.toUpperCase())), hues);
  ok(hues.every((hue) => hue >= 0 && hue < 360));
  const counts = Map.groupBy(hues, (hue) => hue);
  ok(counts.size >= 8, `${counts.size} hues`);
  for (const [hue, found] of counts) ok(found.length < 50, `${found.length} of 200 have hue ${hue}`);
});
