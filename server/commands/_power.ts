import { isAtLeast, mayActOn, type Role } from "../accounts/roles.ts";
import type { Actor } from "../chat/moderation.ts";
import type { Room } from "../chat/room.ts";
import { LOBBY } from "../chat/room_name.ts";
import { mayNot, userNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import type { Context } from "./command.ts";
import { lookedAt } from "./rooms.ts";

/** Whom something is done to: somebody present, or an account that is away. */
export interface Target {
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  readonly account: string | undefined;
  /** Where a guest came from. */
  readonly address: string;
}

export function actor({ member, self }: Context): Actor {
  return { name: member.name, address: self.address };
}

/** @throws {Refusal} `user_not_found` */
export async function targetNamed({ hub, accounts }: Context, name: string): Promise<Target> {
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
export function checkPower({ member }: Context, target: Target, room: Room): void {
  if (target.key === member.key) throw mayNot();
  if (isAtLeast(member.role, "moderator") && mayActOn(member.role, target.role)) return;
  const overTarget = room.isOwner(member) || !room.record.moderators.includes(target.key);
  const mayHere = room.name !== LOBBY && room.isStaff(member) && overTarget && !room.isOwner(target);
  if (!mayHere || isAtLeast(target.role, "moderator")) throw mayNot();
}

/** Where somebody's word on a target holds: everywhere, or in the room alone. @throws {Refusal} `may_not` */
export function placeOfPower(context: Context, target: Target): { room?: string } {
  const room = lookedAt(context);
  checkPower(context, target, room);
  return isAtLeast(context.member.role, "moderator") ? {} : { room: room.name };
}

/** @throws {Refusal} `may_not` */
export function checkModerator({ member }: Context): void {
  if (!isAtLeast(member.role, "moderator")) throw mayNot();
}

/** Tells somebody, on all connections, what was done to them. */
export function tell({ hub }: Context, { key }: Target, text: string): void {
  for (const listener of hub.roster.findByKey(key)?.listeners ?? []) {
    listener.deliver({ type: "told", text, at: new Date() });
  }
}
