import { ACCOUNT_ROLES, type AccountRole, isAtLeast, mayActOn, type Role } from "../accounts/roles.ts";
import { readNetwork } from "../accounts/address.ts";
import { chatName } from "../accounts/names.ts";
import type { Ban, BanTarget } from "../chat/ban_list.ts";
import type { ListedBan } from "../chat/bans_in_force.ts";
import { readDuration } from "../chat/duration.ts";
import { notice } from "../chat/event.ts";
import { LOCKDOWN_MODES, type LockdownMode } from "../chat/lockdown.ts";
import { type Actor, targetOf } from "../chat/moderation.ts";
import type { Room } from "../chat/room.ts";
import { LOBBY } from "../chat/room_name.ts";
import { mayNot, notInRoomOther, userNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { command, type Context } from "./command.ts";
import { lookedAt } from "./rooms.ts";

/** How long somebody is mute where nothing else is said. */
const USUAL_MUTE_MS = 600_000;

/** How many deeds `/audit` shows, and at most. */
const USUAL_DEEDS = 20, MOST_DEEDS = 200;

/** Whom something is done to: somebody present, or an account that is away. */
interface Target {
  readonly key: string;
  readonly name: string;
  readonly role: Role;
  readonly account: string | undefined;
  /** Where a guest came from. */
  readonly address: string;
}

/** What is said about somebody. */
interface Sentence {
  readonly name: string;
  readonly ms: number | undefined;
  readonly why: string;
}

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
      `You were muted${where} by ${member.name} until ${minuteOf(until)} UTC${because(why)}`,
    );
    return notice(`${target.name} is muted${where} until ${minuteOf(until)} UTC.`);
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

export const announce = command({
  name: "announce",
  group: "Moderation",
  usage: "<text>",
  help: "Tells everybody something in the server's name.",
  role: "moderator",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  async run(context, { text }) {
    await context.hub.moderation.record(actor(context), { what: "announce", whom: "", why: text });
    context.hub.announce(text);
  },
});

export const op = command({
  name: "op",
  group: "Moderation",
  usage: "<name> [moderator|admin|member]",
  help: "Gives an account a role: moderator where nothing is said.",
  role: "admin",
  fromText: readRole,
  run: (context, { name, role }) => giveRole(context, name, role),
});

export const deop = command({
  name: "deop",
  group: "Moderation",
  usage: "<name>",
  help: "Takes that back.",
  role: "admin",
  fromText: (rest) => /^\S+$/.test(rest) ? { name: rest } : undefined,
  run: (context, { name }) => giveRole(context, name, "member"),
});

export const lockdown = command({
  name: "lockdown",
  group: "Moderation",
  usage: `[<minutes> ${LOCKDOWN_MODES.join("|")} | off]`,
  help: "Closes the server for a while to what is flooding it, or says what is closed.",
  role: "admin",
  fromText: readLockdown,
  async run(context, wanted) {
    const { hub, member } = context;
    const { moderation } = hub;
    if (wanted === "ask") {
      const now = moderation.lockdown;
      return notice(
        now === undefined
          ? "There is no lockdown."
          : `Lockdown ${now.mode} until ${minuteOf(now.until)} UTC.`,
      );
    }
    if (wanted === "off") {
      await moderation.endLockdown(actor(context));
      return hub.announce("The lockdown is over.");
    }
    const { mode, until } = await moderation.lockDown(actor(context), wanted);
    hub.announce(`Lockdown by ${member.name} until ${minuteOf(until)} UTC: ${mode}.`);
    if (mode === "accounts-only") sendGuestsAway(context);
  },
});

export const audit = command({
  name: "audit",
  group: "Moderation",
  usage: "[n]",
  help: "Shows what those with power have done, newest last.",
  role: "admin",
  fromText: (rest) =>
    rest === "" ? { count: USUAL_DEEDS } : /^\d{1,5}$/.test(rest) ? { count: Number(rest) } : undefined,
  async run({ audit }, { count }) {
    const deeds = await audit.latest(Math.max(1, Math.min(MOST_DEEDS, count)));
    const lines = deeds.reverse().map(({ at, who, what, whom, why, from }) =>
      `${minuteOf(at)} ${who} (${from}): ${[what, whom].join(" ").trim()}${why === "" ? "" : ` — ${why}`}`
    );
    return notice(...lines.length === 0 ? ["Nothing has been done yet."] : lines);
  },
});

function actor({ member, self }: Context): Actor {
  return { name: member.name, address: self.address };
}

/** @throws {Refusal} `user_not_found` */
async function targetNamed({ hub, accounts }: Context, name: string): Promise<Target> {
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
function checkPower({ member }: Context, target: Target, room: Room): void {
  if (target.key === member.key) throw mayNot();
  if (isAtLeast(member.role, "moderator") && mayActOn(member.role, target.role)) return;
  const overTarget = room.isOwner(member) || !room.record.moderators.includes(target.key);
  const mayHere = room.name !== LOBBY && room.isStaff(member) && overTarget && !room.isOwner(target);
  if (!mayHere || isAtLeast(target.role, "moderator")) throw mayNot();
}

/** Where somebody's word on a target holds: everywhere, or in the room alone. @throws {Refusal} `may_not` */
function placeOfPower(context: Context, target: Target): { room?: string } {
  const room = lookedAt(context);
  checkPower(context, target, room);
  return isAtLeast(context.member.role, "moderator") ? {} : { room: room.name };
}

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
  const { hub, member, self } = context;
  const present = hub.roster.findByKey(target.key);
  if (present !== undefined && !present.isIn(room.name)) throw notInRoomOther(target.name, room.name);
  await hub.moderation.record(actor(context), {
    what: "kick",
    whom: target.name,
    why: `#${room.name} ${why}`.trim(),
  });
  if (present === undefined) {
    if (!await hub.places.takeAway(target.key, room.name)) throw notInRoomOther(target.name, room.name);
    return hub.closeToWatches(room, target);
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
  context.hub.closeToWatches(room, target);
}

/** Guests who are gone are known by their names alone. */
async function banAbsentGuest(context: Context, { name, ms, why }: Sentence) {
  checkModerator(context);
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
  hub.endWatches(({ person }) => person.key !== member.key && hub.moderation.isBanned(person), sentence);
}

function sendGuestsAway({ hub }: Context): void {
  for (const { guest, listeners } of [...hub.roster.members]) {
    if (!guest) continue;
    for (const listener of [...listeners]) {
      listener.end("Only accounts are admitted for now; come again later.", "kicked");
    }
  }
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

async function giveRole(context: Context, name: string, role: AccountRole) {
  const { hub, accounts, member } = context;
  const account = await accounts.findByName(name);
  if (account === undefined) throw userNotFound(quotable(name));
  if (account.id === member.account) throw mayNot();
  await hub.moderation.record(actor(context), { what: "role", whom: account.name, why: role });
  await accounts.setRole(account.id, role);
  return notice(`${account.name} is ${role === "admin" ? "an admin" : `a ${role}`} now.`);
}

/** Tells somebody, on all connections, what was done to them. */
function tell({ hub }: Context, { key }: Target, text: string): void {
  for (const listener of hub.roster.findByKey(key)?.listeners ?? []) {
    listener.deliver({ type: "told", text, at: new Date() });
  }
}

/** @throws {Refusal} `may_not` */
function checkModerator({ member }: Context): void {
  if (!isAtLeast(member.role, "moderator")) throw mayNot();
}

function readNameAndWhy(rest: string): { name: string; why: string } | undefined {
  const [, name, why = ""] = /^(\S+)(?:\s+(.+))?$/su.exec(rest) ?? [];
  return name === undefined ? undefined : { name, why };
}

/** A name, and then how long and why, both of which may be missing. */
function readSentence(rest: string): Sentence | undefined {
  const read = readNameAndWhy(rest);
  if (read === undefined) return undefined;
  const [, first = "", others = ""] = /^(\S*)\s*(.*)$/su.exec(read.why) ?? [];
  const ms = readDuration(first);
  return { name: read.name, ms, why: ms === undefined ? read.why : others };
}

function readRole(rest: string): { name: string; role: AccountRole } | undefined {
  const [name, role = "moderator", ...more] = rest.split(/\s+/);
  const known = ACCOUNT_ROLES.find((other) => other === role.toLowerCase());
  return !name || known === undefined || more.length > 0 ? undefined : { name, role: known };
}

function readLockdown(rest: string): "ask" | "off" | { minutes: number; mode: LockdownMode } | undefined {
  if (rest === "") return "ask";
  if (rest.toLowerCase() === "off") return "off";
  const [, minutes, word] = /^(\d{1,6})\s+(\S+)$/.exec(rest) ?? [];
  const mode = LOCKDOWN_MODES.find((other) => other === word?.toLowerCase());
  return mode === undefined ? undefined : { minutes: Number(minutes), mode };
}

function endOf(ms: number | undefined): { until?: Date } {
  return ms === undefined ? {} : { until: new Date(Date.now() + ms) };
}

function banLine({ number, kind, target, room, until, reason, by }: ListedBan): string {
  const where = room === undefined ? "" : ` in #${room}`;
  const how = kind === "ban" ? "banned" : "muted";
  return `  ${number}  ${nameOf(target)} is ${how}${where}${forHowLong(until)} by ${by}${because(reason)}`;
}

function nameOf(target: BanTarget): string {
  switch (target.type) {
    case "account":
      return target.name;
    case "guest":
      return `the guest ${target.name}`;
    case "network":
      return target.network;
  }
}

function forHowLong(until: Date | undefined): string {
  return until === undefined ? "" : ` until ${minuteOf(until)} UTC`;
}

function because(why: string): string {
  return why === "" ? "." : `: ${why}`;
}

function minuteOf(at: Date): string {
  return at.toISOString().slice(0, 16).replace("T", " ");
}
