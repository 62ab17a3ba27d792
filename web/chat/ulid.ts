/** The digits of a ULID, in their order. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Comes right before an id, and after every lower one. */
export function justBefore(id: string): string {
  return `${id.slice(0, -1)}${String.fromCharCode(id.charCodeAt(id.length - 1) - 1)}~`;
}

/** The moment that the id of a message holds, in ms since 1970: its first ten digits. */
export function timeOfId(id: string): number {
  let ms = 0;
  for (const digit of id.slice(0, 10)) ms = ms * 32 + DIGITS.indexOf(digit);
  return ms;
}

/** What no message of that moment, in ms since 1970, comes before, and none of an earlier one after. */
export function lowestIdAt(ms: number): string {
  let digits = "";
  for (let rest = ms; digits.length < 10; rest = Math.floor(rest / 32)) digits = DIGITS[rest % 32] + digits;
  return digits.padEnd(26, "0");
}
