import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { retryDelayMs } from "../../../web/chat/backoff.ts";

Deno.test("each attempt to come back waits longer than the one before, up to half a minute, and not all the same", () => {
  deepEqual([0, 1, 2, 3, 20].map((attempts) => retryDelayMs(attempts, 0)), [250, 500, 1_000, 2_000, 15_000]);
  equal(retryDelayMs(0, 0.999) <= 500, true);
  equal(retryDelayMs(50, 0.999) <= 30_000, true);
});
