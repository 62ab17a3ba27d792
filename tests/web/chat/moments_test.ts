import { match, strictEqual as equal } from "node:assert/strict";
import { clock, dayAndClock, dayLine, withLocalTimes } from "../../../web/chat/moments.ts";

/** Noon of a Thursday, in whatever zone the test runs. */
const NOW = new Date(2026, 1, 5, 12, 0).getTime();

/** A moment in the zone of the test, and the line above its day. */
const DAYS: readonly (readonly [at: Date, line: string])[] = [
  [new Date(2026, 1, 5, 0, 0), "Today"],
  [new Date(2026, 1, 5, 23, 59), "Today"],
  [new Date(2026, 1, 4, 23, 59), "Yesterday"],
  [new Date(2026, 1, 3, 12, 0), "Tuesday 3 February"],
  [new Date(2025, 11, 31, 12, 0), "31 December 2025"],
];

for (const [at, line] of DAYS) {
  Deno.test(`the day of ${at.toDateString()} is headed by ${line}`, () => {
    equal(dayLine(at.getTime(), NOW).replace(",", ""), line);
  });
}

Deno.test("a time of today is a time, one of another day has its day", () => {
  match(clock(new Date(2026, 1, 5, 14, 5).getTime()), /^(14:05|2:05 PM)$/);
  match(dayAndClock(new Date(2026, 1, 5, 14, 5).getTime(), NOW), /^(14:05|2:05 PM)$/);
  match(dayAndClock(new Date(2026, 1, 3, 14, 5).getTime(), NOW), /^3 Feb (14:05|2:05 PM)$/);
});

Deno.test("moments in what the server says are told in the reader's zone, and nothing else is touched", () => {
  const atMs = Date.parse("2026-02-03T14:05Z");
  equal(
    withLocalTimes("bob is muted until 2026-02-03 14:05 UTC: spam at 14:05", NOW),
    `bob is muted until ${dayAndClock(atMs, NOW)}: spam at 14:05`,
  );
  equal(withLocalTimes("You are muted until 14:05 UTC.", NOW), `You are muted until ${clock(atMs)}.`);
  equal(withLocalTimes("until 2026-99-99 14:05 UTC", NOW), "until 2026-99-99 14:05 UTC");
});
