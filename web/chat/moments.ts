/** Moments as they stand beside messages: in the reader's zone, and in twelve or twenty-four hours as that one has it. */

/** The reader counts hours twice to twelve. */
export const { hour12 = false } = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
const CLOCK = new Intl.DateTimeFormat("en", {
  hour: hour12 ? "numeric" : "2-digit",
  minute: "2-digit",
  hourCycle: hour12 ? "h12" : "h23",
});
const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const DATE_CLOCK = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** `14:05` */
export function clock(atMs: number): string {
  return CLOCK.format(atMs);
}

/** `Today`, `Yesterday`, `Monday, 3 February`, and of other years `3 February 2025`. */
export function dayLine(atMs: number, nowMs: number): string {
  const [day, now] = [new Date(atMs), new Date(nowMs)];
  if (day.toDateString() === now.toDateString()) return "Today";
  if (day.toDateString() === new Date(nowMs - 86_400_000).toDateString()) return "Yesterday";
  return (day.getFullYear() === now.getFullYear() ? WEEKDAY : DATE).format(day);
}

/** `14:05`, and of other days `3 Feb 14:05`. */
export function dayAndClock(atMs: number, nowMs: number): string {
  const isToday = new Date(atMs).toDateString() === new Date(nowMs).toDateString();
  return isToday ? clock(atMs) : `${DATE_CLOCK.format(atMs)} ${clock(atMs)}`;
}

/** The moments in a sentence of the server's, which are in UTC, in the reader's zone. */
export function withLocalTimes(text: string, nowMs: number): string {
  return text.replace(/\b(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d) UTC\b/g, (moment, day, time) => {
    const atMs = Date.parse(`${day ?? new Date(nowMs).toISOString().slice(0, 10)}T${time}Z`);
    if (Number.isNaN(atMs)) return moment;
    return day === undefined ? clock(atMs) : dayAndClock(atMs, nowMs);
  });
}
