import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { Fields } from "../../../server/telemetry/log.ts";
import { RecurringError } from "../../../server/telemetry/recurring_error.ts";

Deno.test("what goes wrong again and again is logged at once, and then once a minute with how often it was", () => {
  const logged: unknown[] = [];
  let nowMs = 1_000_000;
  const log = {
    error: (event: string, error: unknown, fields: Fields = {}) =>
      void logged.push([event, String(error), fields]),
  };
  const noCommit = new RecurringError(log, "no commit", () => nowMs);
  const occurs = (words: string, afterMs: number) => {
    nowMs += afterMs;
    noCommit.occurred(new TypeError(words));
    return logged.splice(0);
  };
  deepEqual(occurs("full", 0), [["no commit", "TypeError: full", {}]]);
  for (let count = 0; count < 100; count++) deepEqual(occurs("full", 100), []);
  deepEqual(occurs("locked", 0), [["no commit", "TypeError: locked", {}]], "that is something else");
  deepEqual(occurs("full", 49_999), []);
  deepEqual(occurs("full", 1), [["no commit", "TypeError: full", { times: 102 }]]);
  deepEqual(occurs("full", 59_999), []);
  deepEqual(occurs("full", 3_600_000), [["no commit", "TypeError: full", { times: 2 }]]);
  deepEqual(occurs("full", 60_000), [["no commit", "TypeError: full", {}]]);
});
