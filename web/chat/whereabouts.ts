import type { OwnConnection, OwnToken } from "../../server/wire/web_types.ts";
import { ago, date, dateTime } from "../shared/time.ts";

/** Where a token is from and what has become of it: `from 203.0.113.7 by Firefox, 22 Nov 2026; used 5 min ago; until …`. */
export function tokenWords(token: OwnToken, now: number): string {
  const { from, how, issued_at, expires_at, last_used_at } = token;
  return [
    `made ${date(issued_at)}${origin(from, how)}`,
    last_used_at === null
      ? "not used yet"
      : `used ${ago(last_used_at, now)}${origin(elsewhere(token), token.last_used_by)}`,
    `until ${date(expires_at)}`,
  ].join("; ");
}

/** Where a connection is from and how: `127.0.0.1, WebSocket, since 22 Nov 2026, 14:05`. */
export function connectionWords({ how, by, since }: OwnConnection): string {
  return `${how}${by === "" ? "" : `, by ${by}`}; since ${dateTime(since)}`;
}

/** From where it was used last, if that was not where it was made. */
function elsewhere({ from, last_used_from }: OwnToken): string | null {
  return last_used_from === from ? null : last_used_from;
}

function origin(from: string | null, how: string | null): string {
  return `${from === null ? "" : ` from ${from}`}${how === null ? "" : ` by ${how}`}`;
}
