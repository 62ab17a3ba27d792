import { match, strictEqual as equal } from "node:assert/strict";
import { ago, bytes, bytesParts, date, duration, timer } from "../../../web/shared/time.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

for (
  const [ms, words] of [
    [0, "just now"],
    [-5_000, "just now"], // the server's clock may be ahead
    [59_999, "just now"],
    [MINUTE, "1 min ago"],
    [59 * MINUTE, "59 min ago"],
    [HOUR + MINUTE, "1 h ago"],
    [29 * DAY, "29 d ago"],
  ] as const
) {
  Deno.test(`${ms} ms ago is "${words}"`, () => {
    equal(ago(new Date(NOW - ms).toISOString(), NOW), words);
  });
}

Deno.test("a month ago is a date", () => {
  const at = new Date(NOW - 31 * DAY).toISOString();
  equal(ago(at, NOW), date(at));
  match(date(at), /2026/);
});

for (
  const [ms, words] of [
    [-1, "0 s"],
    [999, "0 s"],
    [59_000, "59 s"],
    [12 * MINUTE + 5_000, "12 min 5 s"],
    [12 * MINUTE, "12 min"],
    [4 * HOUR + 12 * MINUTE + 59_000, "4 h 12 min"],
    [3 * DAY + 4 * HOUR, "3 d 4 h"],
    [400 * DAY, "400 d"],
  ] as const
) {
  Deno.test(`a length of ${ms} ms is "${words}"`, () => equal(duration(ms), words));
}

for (
  const [ms, words] of [
    [-500, "0:00"],
    [1, "0:01"],
    [45_000, "0:45"],
    [12 * MINUTE + 5_000, "12:05"],
    [HOUR + 2 * MINUTE + 3_000, "1:02:03"],
    [3 * DAY + 4 * HOUR, "3 d 4:00:00"],
  ] as const
) {
  Deno.test(`a clock at ${ms} ms shows ${words}`, () => equal(timer(ms), words));
}

for (
  const [count, words] of [
    [0, "0 B"],
    [1_023, "1023 B"],
    [1_024, "1.0 KiB"],
    [1_536, "1.5 KiB"],
    [43 * 1_024, "43 KiB"],
    [2 ** 20 - 1, "1.0 MiB"],
    [224 * 2 ** 20, "224 MiB"],
    [3 * 2 ** 50, "3072 TiB"],
  ] as const
) {
  Deno.test(`${count} bytes are ${words}`, () => {
    equal(bytes(count), words);
    equal(bytesParts(count).join(" "), words);
  });
}
