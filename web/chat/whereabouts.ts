import type { OwnConnection, OwnToken } from "../../server/wire/web_types.ts";
import { ago, date, dateTime } from "../shared/time.ts";

/** Where a token is from and what has become of it: `made 22 Nov 2026 from 203.0.113.7 by Firefox; used just now; until …`. */
export function tokenWords(token: OwnToken, now: number): string {
  return [
    `made ${date(token.issued_at)}${origin(token.from, token.how)}`,
    usedWords(token, now),
    `until ${date(token.expires_at)}`,
  ].join("; ");
}

/** How a connection came to be: `WebSocket, by password; since 22 Nov 2026, 14:05`. */
export function connectionWords({ how, by, since }: OwnConnection): string {
  return `${how}${by === "" ? "" : `, by ${by}`}; since ${dateTime(since)}`;
}

/** From where and by what is said only where that is not as it was made. */
function usedWords({ from, how, last_used_at, last_used_from, last_used_by }: OwnToken, now: number): string {
  if (last_used_at === null) return "not used yet";
  const used = `used ${ago(last_used_at, now)}`;
  return from === last_used_from && how === last_used_by ? used : used + origin(last_used_from, last_used_by);
}

function origin(address: string | null, program: string | null): string {
  return `${address === null ? "" : ` from ${address}`}${program === null ? "" : ` by ${program}`}`;
}
