import type { Account } from "../accounts/account_store.ts";
import type { Hub } from "../chat/hub.ts";
import type { Person } from "../chat/member.ts";

/**
 * An account that calls, as the chat knows people. It belongs to the rooms that it has joined; while it is present, that
 * is looked up at each question.
 *
 * @param from.address The peer's IP address.
 */
export async function callerOf(
  { id, name, role }: Pick<Account, "id" | "name" | "role">,
  { hub, address }: { hub: Pick<Hub, "places" | "roster">; address: string },
): Promise<Person> {
  const joined = await hub.places.roomsOf(id);
  const isIn = (room: string) => hub.roster.findByKey(id)?.isIn(room) ?? joined.has(room);
  return { key: id, account: id, name, role, address, isIn };
}
