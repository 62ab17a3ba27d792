import type { Said } from "../../../web/chat/entry.ts";
import { timeOfId } from "../../../web/chat/ulid.ts";

/** The id of a message: they rise with the number, a minute from each to the next. */
export function idOf(number: number): string {
  return `${encode(BASE_MS + number * 60_000)}${String(number).padStart(16, "0")}`;
}

/** A message of ann's. */
export function said(number: number, others: Partial<Said> = {}): Said {
  const id = idOf(number);
  return { type: "said", id, from: "ann", text: `${number}`, action: false, atMs: timeOfId(id), ...others };
}

export function numbered(from: number, to: number): Said[] {
  return Array.from({ length: to - from + 1 }, (_, index) => said(from + index));
}

const BASE_MS = Date.parse("2026-02-03T04:05:00.000Z");
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function encode(ms: number): string {
  let text = "";
  for (let rest = ms; text.length < 10; rest = Math.floor(rest / 32)) text = DIGITS[rest % 32] + text;
  return text;
}
