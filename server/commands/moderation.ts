import { readNetwork } from "../accounts/address.ts";
import { chatName } from "../accounts/names.ts";
import { isAtLeast } from "../accounts/roles.ts";
import type { Ban, BanTarget } from "../chat/ban_list.ts";
import { notice } from "../chat/event.ts";
import { targetOf } from "../chat/moderation.ts";
import type { Room } from "../chat/room.ts";
import { LOBBY } from "../chat/room_name.ts";
import { mayNot, notInRoomOther, userNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { actor, checkModerator, checkPower, placeOfPower, type Target, targetNamed, tell } from "./_power.ts";
import {
  banLine,
  because,
  endMinute,
  endOf,
  forHowLong,
  nameOf,
  readNameAndWhy,
  readSentence,
  type Sentence,
} from "./_sentences.ts";
import { command, type Context } from "./command.ts";
import { lookedAt } from "./rooms.ts";

/** How long somebody is mute where nothing else is said. */
const USUAL_MUTE_MS = 600_000;

export const kick = command({
  name: "kick",
  group: "Moderation",
  usage: "<name> [why]",
  help: "Sends somebody out of the room that you look at; from #lobby, out of the chat.",
  fromText: readNameAndWhy,
  async run(context, { name, why }) {
    const room = lookedAt(context);
    const target = await targetNamed(context, name);
    checkPower(context, target, room);
    if (room.name === LOBBY) await kickFromChat(context, target, why);
    else await kickFromRoom(context, { target, room, why });
    return notice(`${target.name} was kicked.`);
  },
});

export const mute = command({
  name: "mute",
  group: "Moderation",
  usage: "<name> [10m] [why]",
  help: "Keeps somebody silent, for 10 minutes where nothing is said; room staff in their room.",
  fromText: readSentence,
  async run(context, { name, ms = USUAL_MUTE_MS, why }) {
    const { hub, member } = context;
    const target = await targetNamed(context, name);
    const room = placeOfPower(context, target);
    const until = new Date(Date.now() + ms);
    await hub.moderation.mute(actor(context), { target: targetOf(target), ...room, until, reason: why });
    const where = room.room === undefined ? "" : ` in #${room.room}`;
    tell(
      context,
      target,
      `You were muted${where} by ${member.name} until ${endMinute(until)} UTC${because(why)}`,
    );
    return notice(`${target.name} is muted${where} until ${endMinute(until)} UTC.`);
  },
});

export const unmute = command({
  name: "unmute",
  group: "Moderation",
  usage: "<name | number>",
  help: "Lets somebody speak again.",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  run: (context, { text }) => lift(context, "mute", text),
});

export const ban = command({
  name: "ban",
  group: "Moderation",
  usage: "<name | address | network> [1d] [why]",
  help: "Keeps somebody out, for good where nothing is said; room staff out of their room.",
  fromText: readSentence,
  async run(context, sentence) {
    const network = readNetwork(sentence.name);
    const isNetwork = network !== undefined && /[.:/]/.test(sentence.name);
    return await (isNetwork ? banNetwork(context, network, sentence) : banPerson(context, sentence));
  },
});

export const unban = command({
  name: "unban",
  group: "Moderation",
  usage: "<name | address | network | number>",
  help: "Lets somebody in again.",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  run: (context, { text }) => lift(context, "ban", text),
});

export const bans = command({
  name: "bans",
  group: "Moderation",
  usage: "",
  help: "Lists who is banned or muted; in a room of yours, there.",
  fromText: () => ({}),
  run(context) {
    const { hub, member } = context;
    const room = lookedAt(context);
    const everywhere = isAtLeast(member.role, "moderator") ? hub.moderation.list() : [];
    const here = room.isStaff(member) ? hub.moderation.list(undefined, room.name) : [];
    if (!isAtLeast(member.role, "moderator") && !room.isStaff(member)) throw mayNot();
    const lines = [...everywhere, ...here].map(banLine);
    return notice(
      lines.length === 0 ? "Nobody is banned or muted." : `In force (${lines.length}):`,
      ...lines,
    );
  },
});

async function kickFromChat(context: Context, target: Target, why: string): Promise<void> {
  const { hub, member } = context;
  const present = hub.roster.findByKey(target.key);
  if (present === undefined) throw userNotFound(target.name);
  await hub.moderation.record(actor(context), { what: "kick", whom: target.name, why });
  for (const listener of [...present.listeners]) {
    listener.end(`You were kicked by ${member.name}${because(why)}`, "kicked");
  }
}

async function kickFromRoom(
  context: Context,
  { target, room, why }: { target: Target; room: Room; why: string },
): Promise<void> {
  const { hub, member } = context;
  const present = hub.roster.findByKey(target.key);
  const rooms = present?.seats ?? await hub.places.roomsOf(target.key);
  if (!rooms.has(room.name)) throw notInRoomOther(target.name, room.name);
  await hub.moderation.record(actor(context), {
    what: "kick",
    whom: target.name,
    why: `#${room.name} ${why}`.trim(),
  });
  if (present === undefined) {
    await hub.places.takeAway(target.key, room.name);
    return hub.distribution.closeToWatches(room, target);
  }
  tell(context, target, `You were kicked from #${room.name} by ${member.name}${because(why)}`);
  await hub.part(present, room, { reason: "kicked", origin: "" }); // whoever kicks sees it, too
}

async function banPerson(context: Context, { name, ms, why }: Sentence) {
  const { hub, accounts } = context;
  const known = hub.roster.find(name) ?? await accounts.findByName(name);
  if (known === undefined) return await banAbsentGuest(context, { name, ms, why });
  const target = await targetNamed(context, name);
  const place = placeOfPower(context, target);
  const until = endOf(ms);
  await hub.moderation.ban(actor(context), { target: targetOf(target), ...place, ...until, reason: why });
  if (place.room === undefined) sendBannedAway(context, until.until, why);
  else await putOut(context, target, why);
  const where = place.room === undefined ? "" : ` from #${place.room}`;
  return notice(`${target.name} is banned${where}${forHowLong(until.until)}.`);
}

/** Out of the room that one looks at, if the target is in it at all. */
async function putOut(context: Context, target: Target, why: string): Promise<void> {
  const room = lookedAt(context);
  const present = context.hub.roster.findByKey(target.key);
  if (present?.isIn(room.name)) await kickFromRoom(context, { target, room, why });
  if (present === undefined) await context.hub.places.takeAway(target.key, room.name);
  context.hub.distribution.closeToWatches(room, target);
}

/**
 * Guests who are gone are known by their names alone, which end in four digits and are no account's.
 *
 * @throws {Refusal} `may_not`, `user_not_found`
 */
async function banAbsentGuest(context: Context, { name, ms, why }: Sentence) {
  checkModerator(context);
  if (!/[0-9]{4}$/.test(name) || await context.accounts.isHeld(name)) throw userNotFound(quotable(name));
  const target: BanTarget = { type: "guest", name: chatName(name), network: undefined };
  const until = endOf(ms);
  await context.hub.moderation.ban(actor(context), { target, ...until, reason: why });
  return notice(`Guests called ${target.name} are banned${forHowLong(until.until)}.`);
}

async function banNetwork(context: Context, network: string, { ms, why }: Sentence) {
  checkModerator(context);
  const until = endOf(ms);
  const target: BanTarget = { type: "network", network };
  await context.hub.moderation.ban(actor(context), { target, ...until, reason: why });
  sendBannedAway(context, until.until, why);
  return notice(`${network} is banned${forHowLong(until.until)}.`);
}

/** Ends the connections of all whom a ban hits now, but for whoever decided it. */
function sendBannedAway({ hub, member }: Context, until: Date | undefined, why: string): void {
  const sentence = `You were banned by ${member.name}${forHowLong(until)}${because(why)}`;
  const hit = Array.from(hub.roster.members).filter((other) => other !== member);
  for (const { account, name, role, listeners } of hit) {
    for (const listener of [...listeners]) {
      if (!hub.moderation.isBanned({ account, name, role, address: listener.address })) continue;
      listener.end(sentence, "kicked");
    }
  }
  hub.distribution.endWatches(
    ({ person }) => person.key !== member.key && hub.moderation.isBanned(person),
    sentence,
  );
}

async function lift(context: Context, kind: Ban["kind"], text: string) {
  const { hub, member } = context;
  const room = lookedAt(context);
  const everywhere = isAtLeast(member.role, "moderator");
  const here = room.name !== LOBBY && room.isStaff(member);
  if (!everywhere && !here) throw mayNot();
  const which = { text, room: room.name };
  const holdsHere = here && (!everywhere || hub.moderation.find(kind, which) !== undefined);
  const lifted = await hub.moderation.lift(actor(context), kind, holdsHere ? which : { text });
  return notice(`${nameOf(lifted.target)} is ${kind === "ban" ? "banned" : "muted"} no longer.`);
}
