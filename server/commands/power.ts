import type { Accounts } from "../accounts/accounts.ts";
import { isAtLeast, mayActOn, type Role } from "../accounts/roles.ts";
import type { Ban } from "../chat/ban_list.ts";
import type { Hub } from "../chat/hub.ts";
import type { Person } from "../chat/member.ts";
import type { Room } from "../chat/room.ts";
import { LOBBY } from "../chat/room_name.ts";
import { mayNot, userNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import type { Context } from "./command.ts";

/** Whom something is done to: somebody present, or an account that is away. */
export interface Target {
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  readonly account: string | undefined;
  /** Where a guest came from. */
  readonly address: string;
}

/** Who uses power by a command: the member, who does it from where this connection comes from. */
export function actor({ member, self }: Pick<Context, "member" | "self">): Person {
  const { key, name, role, account } = member;
  return { key, name, role, account, address: self.address, isIn: (room) => member.isIn(room) };
}

/** @throws {Refusal} `user_not_found` */
export async function targetNamed(
  { hub, accounts }: { hub: Pick<Hub, "roster">; accounts: Pick<Accounts, "findByName"> },
  name: string,
): Promise<Target> {
  const member = hub.roster.find(name);
  if (member !== undefined) return member;
  const account = await accounts.findByName(name);
  if (account === undefined) throw userNotFound(quotable(name));
  return { key: account.id, name: account.name, role: account.role, account: account.id, address: "" };
}

/**
 * The server's moderators have power over those below them, a room's staff over those who are none of it.
 *
 * @throws {Refusal} `may_not`
 */
export function checkPower(
  person: Pick<Person, "key" | "role" | "isIn">,
  target: Pick<Target, "key" | "role">,
  room: Room,
): void {
  if (target.key === person.key) throw mayNot();
  if (isAtLeast(person.role, "moderator") && mayActOn(person.role, target.role)) return;
  const overTarget = room.isOwner(person) || !room.record.moderators.includes(target.key);
  const mayHere = room.name !== LOBBY && room.isStaff(person) && overTarget && !room.isOwner(target);
  if (!mayHere || isAtLeast(target.role, "moderator")) throw mayNot();
}

/**
 * What was decided about somebody is lifted by those who might have decided it, but for admins, who lift everything: a
 * moderator's own mute is not for that one to end, nor another moderator's.
 *
 * @throws {Refusal} `may_not`
 */
export async function checkMayLift(
  { role, account }: Pick<Person, "role" | "account">,
  { target }: Pick<Ban, "target">,
  accounts: Pick<Accounts, "find">,
): Promise<void> {
  if (target.type !== "account" || isAtLeast(role, "admin")) return;
  const { role: theirs = "guest" } = await accounts.find(target.account) ?? {};
  if (target.account === account || (isAtLeast(theirs, "moderator") && !mayActOn(role, theirs))) {
    throw mayNot();
  }
}

/** @throws {Refusal} `may_not` */
export function checkModerator({ role }: Pick<Person, "role">): void {
  if (!isAtLeast(role, "moderator")) throw mayNot();
}
