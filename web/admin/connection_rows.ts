import type { ConnectionRow } from "../../server/wire/admin_types.ts";
import { hasWords, wordsOf } from "../shared/ordering.ts";

/** Those in which every word that is looked for stands somewhere. */
export function found(rows: readonly ConnectionRow[], search: string): readonly ConnectionRow[] {
  const words = wordsOf(search);
  return words.length === 0 ? rows : rows.filter((row) => hasWords(textOf(row), words));
}

/** What addresses are sorted by: IPv4 in the order of their numbers, then IPv6. */
export function addressKey(address: string): string {
  if (address.includes(":")) return `~${address}`;
  return address.split(".").map((part) => part.padStart(3, "0")).join(".");
}

/** All of a row that can be looked for, in lower case. */
function textOf({ name, account, role, by, how, address, tls, room }: ConnectionRow): string {
  return `${name} ${account} ${role} ${by} ${how} ${address} ${tls} #${room}`.toLowerCase();
}
