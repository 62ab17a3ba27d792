import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { Tally } from "../../../server/telemetry/tally.ts";

Deno.test("each combination of words is counted on its own, known ones from nought on", () => {
  const tally = new Tally(["method", "outcome"], [["password", "refused"]]);
  for (const words of [["token", "accepted"], ["token", "refused"], ["token", "accepted"]]) {
    tally.add(...words);
  }
  deepEqual([...tally], [[["password", "refused"], 0], [["token", "accepted"], 2], [
    ["token", "refused"],
    1,
  ]]);
});
