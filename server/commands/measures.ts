import { readNetwork } from "../accounts/address.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { Actor } from "../accounts/audit_trail.ts";
import { chatName } from "../accounts/names.ts";
import type { Ban, BanTarget } from "../chat/ban_list.ts";
import type { ListedBan } from "../chat/bans_in_force.ts";
import type { Hub } from "../chat/hub.ts";
import type { Lockdown, LockdownMode } from "../chat/lockdown.ts";
import type { Person } from "../chat/member.ts";
import { type Measure, targetOf } from "../chat/moderation.ts";
import type { Room } from "../chat/room.ts";
import { notInRoomOther, userNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { because, endMinute, forHowLong } from "./_sentences.ts";
import type { Target } from "./power.ts";

/**
 * What those with power decide, together with what those are told whom it hits. Whether somebody may decide it has been
 * looked at before (power.ts).
 */

/** How long somebody is mute where nothing else is said. */
export const USUAL_MUTE_MS = 600_000;

/** A guest whom a ban is on. */
type GuestTarget = Extract<BanTarget, { type: "guest" }>;

/** How long, and why. */
type Terms = Pick<Measure, "until" | "reason">;

/** The network that somebody types to have it banned; undefined where it is none. A number alone is a name. */
export function networkNamed(text: string): string | undefined {
  return /[.:/]/.test(text) ? readNetwork(text) : undefined;
}

/**
 * Guests who are gone are known by their names alone, which end in four digits and are no account's.
 *
 * @throws {Refusal} `user_not_found`
 */
export async function absentGuest(accounts: Pick<Accounts, "isHeld">, name: string): Promise<GuestTarget> {
  if (!/[0-9]{4}$/.test(name) || await accounts.isHeld(name)) throw userNotFound(quotable(name));
  return { type: "guest", name: chatName(name), network: undefined };
}

/**
 * Keeps somebody out of the server, and ends the connections of all whom that hits, but for whoever decides it.
 *
 * @throws {Refusal} `bad_reason`, `too_many_bans`, `not_stored`
 */
export async function ban(
  hub: Hub,
  by: Person,
  { target, ...terms }: Terms & { target: BanTarget },
): Promise<ListedBan> {
  const imposed = await hub.moderation.ban(by, { target, ...terms });
  sendBannedAway(hub, by, terms);
  return imposed;
}

/**
 * Keeps somebody out of one room, and puts them out of it.
 *
 * @throws {Refusal} `bad_reason`, `too_many_bans`, `not_stored`
 */
export async function banFrom(
  hub: Hub,
  by: Person,
  { target, room, ...terms }: Terms & { target: Target; room: Room },
): Promise<ListedBan> {
  const imposed = await hub.moderation.ban(by, { target: targetOf(target), room: room.name, ...terms });
  const present = hub.roster.findByKey(target.key);
  if (present?.isIn(room.name)) await kickFrom(hub, by, { target, room, why: terms.reason });
  if (present === undefined) await hub.places.takeAway(target.key, room.name);
  hub.distribution.closeToWatches(room, target);
  return imposed;
}

/**
 * Keeps somebody silent, everywhere or in one room.
 *
 * @throws {Refusal} `bad_reason`, `too_many_bans`, `not_stored`
 */
export async function mute(
  hub: Hub,
  by: Person,
  { target, room, until, reason }: {
    target: Target;
    room: Room | undefined;
    until: Date;
    reason: string;
  },
): Promise<ListedBan> {
  const place = room === undefined ? {} : { room: room.name };
  const imposed = await hub.moderation.mute(by, { target: targetOf(target), ...place, until, reason });
  const where = room === undefined ? "" : ` in #${room.name}`;
  const end = endMinute(until);
  tell(hub, target, `You were muted${where} by ${by.name} until ${end} UTC${because(reason)}`);
  return imposed;
}

/**
 * Puts somebody out of a room, who may come in again.
 *
 * @throws {Refusal} `not_in_room`, `not_stored`
 */
export async function kickFrom(
  hub: Hub,
  by: Person,
  { target, room, why }: { target: Target; room: Room; why: string },
): Promise<void> {
  const present = hub.roster.findByKey(target.key);
  const rooms = present?.seats ?? await hub.places.roomsOf(target.key);
  if (!rooms.has(room.name)) throw notInRoomOther(target.name, room.name);
  await hub.moderation.record(by, {
    what: "kick",
    whom: target.name,
    why: `#${room.name} ${why}`.trim(),
  });
  if (present === undefined) {
    await hub.places.takeAway(target.key, room.name);
    return hub.distribution.closeToWatches(room, target);
  }
  tell(hub, target, `You were kicked from #${room.name} by ${by.name}${because(why)}`);
  await hub.part(present, room, { reason: "kicked", origin: "" }); // whoever kicks sees it, too
}

/** Tells everybody something in the server's name. @throws {Refusal} `not_stored` */
export async function announce(hub: Hub, by: Actor, text: string): Promise<void> {
  await hub.moderation.record(by, { what: "announce", whom: "", why: text });
  hub.announce(text);
}

/**
 * Closes the server to some for a while, and tells all.
 *
 * @throws {Refusal} `bad_minutes`, `not_stored`
 */
export async function lockDown(
  hub: Hub,
  by: Actor,
  wanted: { mode: LockdownMode; minutes: number },
): Promise<Lockdown> {
  const lockdown = await hub.moderation.lockDown(by, wanted);
  const { mode, until } = lockdown;
  hub.announce(`Lockdown by ${by.name} until ${endMinute(until)} UTC: ${mode}.`);
  if (mode === "accounts-only") {
    const sentence = "Only accounts are admitted for now; come again later.";
    hub.distribution.disconnect(({ account }) => account === undefined, sentence, "kicked");
  }
  return lockdown;
}

/** Ends the lockdown, and tells all. @throws {Refusal} `no_lockdown`, `not_stored` */
export async function reopen(hub: Hub, by: Actor): Promise<void> {
  await hub.moderation.endLockdown(by);
  hub.announce("The lockdown is over.");
}

function sendBannedAway(hub: Hub, by: Person, { until, reason }: Pick<Ban, "reason"> & Terms): void {
  const sentence = `You were banned by ${by.name}${forHowLong(until)}${because(reason)}`;
  const hit = Array.from(hub.roster.members).filter(({ key }) => key !== by.key);
  for (const { account, name, role, since, listeners } of hit) {
    for (const listener of [...listeners]) {
      if (!hub.moderation.isBanned({ account, name, role, since, address: listener.address })) continue;
      listener.end(sentence, "kicked");
    }
  }
  hub.distribution.endWatches(
    ({ person }) => person.key !== by.key && hub.moderation.isBanned(person),
    sentence,
  );
}

/** Tells somebody, on all connections, what was done to them. */
function tell(hub: Hub, { key }: Target, text: string): void {
  for (const listener of hub.roster.findByKey(key)?.listeners ?? []) {
    listener.deliver({ type: "told", text, at: new Date() });
  }
}
