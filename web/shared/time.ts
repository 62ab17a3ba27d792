/** Moments, lengths of time and sizes in words. Moments come in ISO 8601 and are shown in the reader's zone and language. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Longer ago than this a date says more than a number of days. */
const MOST_AGO_MS = 30 * DAY;

const UNITS = [["d", DAY], ["h", HOUR], ["min", MINUTE], ["s", SECOND]] as const;

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const CLOCK_SECONDS = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** `22 Nov 2026` */
export function date(at: string): string {
  return DATE.format(new Date(at));
}

/** `22 Nov 2026, 14:05` */
export function dateTime(at: string): string {
  return DATE_TIME.format(new Date(at));
}

/** `14:05`, or with `seconds` `14:05:09` */
export function clock(at: string, { seconds = false } = {}): string {
  return (seconds ? CLOCK_SECONDS : CLOCK).format(new Date(at));
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`, and from a month on the date. */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at);
  if (ms < MINUTE) return "just now";
  if (ms >= MOST_AGO_MS) return date(at);
  const [unit, length] = UNITS.find(([, length]) => ms >= length)!;
  return `${Math.floor(ms / length)} ${unit} ago`;
}

/** A length of time in its two largest units: `3 d 4 h`, `12 min 5 s`, `0 s`. */
export function duration(ms: number): string {
  const first = UNITS.findIndex(([, length]) => ms >= length);
  if (first === -1) return "0 s";
  const [unit, length] = UNITS[first]!;
  const whole = `${Math.floor(ms / length)} ${unit}`;
  const next = UNITS[first + 1];
  if (next === undefined) return whole;
  const rest = Math.floor(ms % length / next[1]);
  return rest === 0 ? whole : `${whole} ${rest} ${next[0]}`;
}

/** A clock that runs up or down, never below nothing: `0:45`, `12:05`, `1:02:03`, `3 d 4:00:00`. */
export function timer(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / SECOND));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const two = (count: number) => String(count % 60).padStart(2, "0");
  if (hours === 0) return `${minutes}:${two(seconds)}`;
  return `${days === 0 ? "" : `${days} d `}${hours % 24}:${two(minutes)}:${two(seconds)}`;
}

/** `512 B`, `1.5 KiB`, `224 MiB` */
export function bytes(count: number): string {
  const [number, unit] = bytesParts(count);
  return `${number} ${unit}`;
}

/** The same in its two parts, number and unit. */
export function bytesParts(count: number): [number: string, unit: string] {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let step = 0;
  while (value >= 1_023.5 && step < units.length - 1) {
    value /= 1_024;
    step++;
  }
  return [step > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0), units[step]!];
}
