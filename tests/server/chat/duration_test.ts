import { strictEqual as equal } from "node:assert/strict";
import { readDuration } from "../../../server/chat/duration.ts";

const minute = 60_000, hour = 60 * minute, day = 24 * hour;

for (
  const [text, durationMs] of [
    ["1m", minute],
    ["10m", 10 * minute],
    ["90M", 90 * minute],
    ["2h", 2 * hour],
    ["1d", day],
    ["1w", 7 * day],
    ["052w", 364 * day],
    ["3650d", 3_650 * day],
    ["5256000m", 3_650 * day],
    ["3651d", undefined],
    ["5256001m", undefined],
    ["99999999999m", undefined],
    ["0m", undefined],
    ["-1m", undefined],
    ["1.5h", undefined],
    ["1", undefined],
    ["m", undefined],
    ["10 m", undefined],
    ["10s", undefined],
    ["1y", undefined],
    ["1h30m", undefined],
    ["١d", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`"${text}" ${durationMs === undefined ? "is no duration" : `lasts ${durationMs / 60_000} min`}`, () => {
    equal(readDuration(text), durationMs);
  });
}
