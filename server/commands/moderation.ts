import { isAtLeast } from "../accounts/roles.ts";
import type { Ban, BanTarget } from "../chat/ban_list.ts";
import { notice } from "../chat/event.ts";
import { targetOf } from "../chat/moderation.ts";
import type { Room } from "../chat/room.ts";
import { LOBBY } from "../chat/room_name.ts";
import { mayNot, userNotFound } from "../refusals.ts";
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
import * as measures from "./measures.ts";
import { actor, checkMayLift, checkModerator, checkPower, type Target, targetNamed } from "./power.ts";
import { lookedAt } from "./rooms.ts";

export const kick = command({
  name: "kick",
  group: "Moderation",
  usage: "<name> [why]",
  help: "Sends somebody out of the room that you look at; from #lobby, out of the chat.",
  fromText: readNameAndWhy,
  async run(context, { name, why }) {
    const room = lookedAt(context);
    const target = await targetNamed(context, name);
    checkPower(context.member, target, room);
    if (room.name === LOBBY) await kickFromChat(context, target, why);
    else await measures.kickFrom(context.hub, actor(context), { target, room, why });
    return notice(`${target.name} was kicked.`);
  },
});

export const mute = command({
  name: "mute",
  group: "Moderation",
  usage: "<name> [10m] [why]",
  help: "Keeps somebody silent, for 10 minutes where nothing is said; room staff in their room.",
  fromText: readSentence,
  async run(context, { name, ms = measures.USUAL_MUTE_MS, why }) {
    const target = await targetNamed(context, name);
    const room = roomOfPower(context, target);
    const until = new Date(Date.now() + ms);
    await measures.mute(context.hub, actor(context), { target, room, until, reason: why });
    const where = room === undefined ? "" : ` in #${room.name}`;
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
    const network = measures.networkNamed(sentence.name);
    return await (network === undefined
      ? banPerson(context, sentence)
      : banNetwork(context, network, sentence));
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

async function banPerson(context: Context, { name, ms, why }: Sentence) {
  const { hub, accounts } = context;
  const known = hub.roster.find(name) ?? await accounts.findByName(name);
  if (known === undefined) return await banAbsentGuest(context, { name, ms, why });
  const target = await targetNamed(context, name);
  const room = roomOfPower(context, target);
  const until = endOf(ms);
  const terms = { ...until, reason: why };
  if (room === undefined) await measures.ban(hub, actor(context), { target: targetOf(target), ...terms });
  else await measures.banFrom(hub, actor(context), { target, room, ...terms });
  const where = room === undefined ? "" : ` from #${room.name}`;
  return notice(`${target.name} is banned${where}${forHowLong(until.until)}.`);
}

/** @throws {Refusal} `may_not`, `user_not_found` */
async function banAbsentGuest(context: Context, { name, ms, why }: Sentence) {
  checkModerator(context.member);
  const target = await measures.absentGuest(context.accounts, name);
  const until = endOf(ms);
  await measures.ban(context.hub, actor(context), { target, ...until, reason: why });
  return notice(`Guests called ${target.name} are banned${forHowLong(until.until)}.`);
}

async function banNetwork(context: Context, network: string, { ms, why }: Sentence) {
  checkModerator(context.member);
  const until = endOf(ms);
  const target: BanTarget = { type: "network", network };
  await measures.ban(context.hub, actor(context), { target, ...until, reason: why });
  return notice(`${network} is banned${forHowLong(until.until)}.`);
}

/** The one room where somebody's word on a target holds; undefined for everywhere. @throws {Refusal} `may_not` */
function roomOfPower(context: Context, target: Target): Room | undefined {
  const room = lookedAt(context);
  checkPower(context.member, target, room);
  return isAtLeast(context.member.role, "moderator") ? undefined : room;
}

async function lift(context: Context, kind: Ban["kind"], text: string) {
  const { hub, accounts, member } = context;
  const room = lookedAt(context);
  const everywhere = isAtLeast(member.role, "moderator");
  const here = room.name !== LOBBY && room.isStaff(member);
  if (!everywhere && !here) throw mayNot();
  const which = { text, room: room.name };
  const holdsHere = here && (!everywhere || hub.moderation.find(kind, which) !== undefined);
  const wanted = holdsHere ? which : { text };
  const ban = hub.moderation.find(kind, wanted);
  if (ban !== undefined) await checkMayLift(member, ban, accounts);
  const lifted = await hub.moderation.lift(actor(context), kind, wanted);
  return notice(`${nameOf(lifted.target)} is ${kind === "ban" ? "banned" : "muted"} no longer.`);
}
