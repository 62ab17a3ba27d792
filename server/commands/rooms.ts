import { isAtLeast } from "../accounts/roles.ts";
import { type Answer, notice } from "../chat/event.ts";
import { readDuration } from "../chat/duration.ts";
import type { Entered } from "../chat/hub.ts";
import type { Member, Person } from "../chat/member.ts";
import type { Room } from "../chat/room.ts";
import { LOBBY, roomName } from "../chat/room_name.ts";
import type { Invitation } from "../chat/room_store.ts";
import { lobbyStaysOpen, mayNot, notInRoom, userNotFound } from "../refusals.ts";
import { needed, roomField } from "../wire/json_input.ts";
import { quotable } from "../wire/printable.ts";
import { command, type Context, nothing, oneWord, type Outcome } from "./command.ts";
import { setKeepDays, setPrivate, setQuiet, topicFrom } from "./room_rules.ts";

const DAY_MS = 86_400_000;

/** How long an invitation is good for. */
const INVITED_MS = DAY_MS;

/** How many may be invited to one room at a time, and how many may be its moderators. */
const MOST_INVITED = 100;

export const join = command({
  name: "join",
  aliases: ["j"],
  group: "Rooms",
  usage: "#<room>",
  help: "Enters a room, or looks at one that you are in.",
  fromText: (rest) => ({ room: roomName(rest) }),
  fromJson: (fields) => ({ room: roomName(needed(roomField(fields, "room"), "room")) }),
  async run({ hub, member, self, answer }, { room }): Promise<Outcome> {
    await hub.join(member, room, {
      origin: self.id,
      seated: (entered) => answer(enteredBy(member, entered)),
    });
    return "answered";
  },
});

function enteredBy(member: Member, { room, recent }: Entered): Answer {
  const { topic, private: closed, quiet } = room.record;
  return {
    type: "entered",
    room: room.name,
    topic,
    names: room.names,
    private: closed,
    quiet,
    staff: room.isStaff(member),
    recent: recent.filter(({ from }) => !member.ignores(from)),
  };
}

export const leave = command({
  name: "leave",
  aliases: ["part"],
  group: "Rooms",
  usage: "[#<room>]",
  help: "Leaves a room; alone, the one that you look at.",
  fromText: (rest) => ({ room: rest === "" ? undefined : roomName(rest) }),
  fromJson: (fields) => ({ room: roomName(needed(roomField(fields, "room"), "room")) }),
  async run({ hub, member, self }, { room: name = self.looksAt }): Promise<Answer> {
    const room = hub.rooms.find(name);
    if (room === undefined) throw notInRoom(name);
    await self.allSaid();
    await hub.part(member, room, { reason: "quit", origin: self.id });
    return { type: "ack", id: undefined, note: `You have left #${name}.` };
  },
});

export const rooms = command({
  name: "rooms",
  group: "Rooms",
  usage: "",
  help: "Lists the rooms that you may enter.",
  fromText: nothing,
  fromJson: nothing,
  run: ({ hub, member }) => ({ type: "rooms", rooms: hub.rooms.listFor(member) }),
});

export const topic = command({
  name: "topic",
  group: "Rooms",
  usage: "[text]",
  help: "Says what the room is about, or changes that; /topic - takes it away.",
  fromText: (rest) => ({ text: topicFrom(rest) }),
  async run(context, { text }) {
    const room = lookedAt(context);
    if (text === "") return notice(topicOf(room));
    checkStaff(room, context.member);
    context.hub.moderation.checkMaySpeak(context.member, room.name);
    await context.self.allSaid();
    await context.hub.setTopic(room, text === "-" ? "" : text, context.member.name);
  },
});

export const makePrivate = command({
  name: "private",
  group: "Rooms",
  usage: "on|off",
  help: "Closes the room to all but its members and those invited, or opens it.",
  fromText: readSwitch,
  async run(context, { on }) {
    const room = lookedAt(context);
    if (room.name === LOBBY) throw lobbyStaysOpen();
    checkOwner(room, context.member);
    await setPrivate(context.hub, room, on);
  },
});

export const quiet = command({
  name: "quiet",
  group: "Rooms",
  usage: "on|off",
  help: "Lets only the room's staff speak, or everybody.",
  fromText: readSwitch,
  async run(context, { on }) {
    const room = lookedAt(context);
    checkStaff(room, context.member);
    await setQuiet(context.hub, room, on);
  },
});

export const invite = command({
  name: "invite",
  group: "Rooms",
  usage: "<name>",
  help: "Invites somebody to the room, for 24 hours.",
  fromText: oneWord,
  async run(context, { word }) {
    const room = lookedAt(context);
    checkStaff(room, context.member);
    context.hub.moderation.checkMaySpeak(context.member, room.name);
    const guest = await personNamed(context, word);
    const by = context.member.name;
    const invitation: Invitation = { key: guest.key, by, until: new Date(Date.now() + INVITED_MS) };
    await room.change((record) => ({
      ...record,
      invitations: [...record.invitations.filter((other) => isOpen(other, guest.key)), invitation].slice(
        -MOST_INVITED,
      ),
    }));
    tellInvited(context, guest.key, room);
    return notice(`${guest.name} is invited to #${room.name} for 24 hours.`);
  },
});

export const mod = command({
  name: "mod",
  group: "Rooms",
  usage: "<name>",
  help: "Makes somebody a moderator of the room.",
  fromText: oneWord,
  async run(context, { word }) {
    const room = lookedAt(context);
    checkOwner(room, context.member);
    const { key, name } = await personNamed(context, word);
    await room.change((record) => ({
      ...record,
      moderators: [...record.moderators.filter((other) => other !== key), key].slice(-MOST_INVITED),
    }));
    context.hub.note(room, `${name} is a moderator of the room now.`);
  },
});

export const unmod = command({
  name: "unmod",
  group: "Rooms",
  usage: "<name>",
  help: "Takes that back.",
  fromText: oneWord,
  async run(context, { word }) {
    const room = lookedAt(context);
    checkOwner(room, context.member);
    const { key, name } = await personNamed(context, word);
    if (!room.record.moderators.includes(key)) return notice(`${name} is no moderator of #${room.name}.`);
    await room.change((record) => ({
      ...record,
      moderators: record.moderators.filter((other) => other !== key),
    }));
    context.hub.note(room, `${name} is no moderator of the room any more.`);
  },
});

export const keep = command({
  name: "keep",
  group: "Rooms",
  usage: "[<days>d|default]",
  help: "Says how long the room's messages are kept, or shortens that.",
  fromText: (rest) => rest === "" ? { days: "ask" as const } : readKeep(rest.toLowerCase()),
  async run(context, { days }) {
    const room = lookedAt(context);
    if (days !== "ask") {
      checkOwner(room, context.member);
      await setKeepDays(room, days, context.settings);
    }
    return notice(keptFor(room, context));
  },
});

/** The room that one looks at. */
export function lookedAt({ hub, self, member }: Context): Room {
  return hub.rooms.seenBy(member, self.looksAt);
}

/** @throws {Refusal} `may_not` for all but the room's staff. */
export function checkStaff(room: Room, person: Person): void {
  if (!room.isStaff(person)) throw mayNot();
}

/** The lobby belongs to the admins, who may do what owners may. @throws {Refusal} `may_not` */
function checkOwner(room: Room, person: Person): void {
  if (room.isOwner(person) || (isAtLeast(person.role, "admin") && room.isStaff(person))) return;
  throw mayNot();
}

/**
 * Somebody present, or an account that is away.
 *
 * @throws {Refusal} `user_not_found`
 */
async function personNamed({ hub }: Context, name: string): Promise<{ key: string; name: string }> {
  const person = await hub.correspondence.find(name);
  if (person === undefined) throw userNotFound(quotable(name));
  return person;
}

function isOpen(invitation: Invitation, than: string): boolean {
  return invitation.key !== than && invitation.until > new Date();
}

function tellInvited({ hub, member }: Context, key: string, room: Room): void {
  const invited = hub.roster.findByKey(key);
  if (invited === undefined || invited.ignores(member.name)) return;
  const text = `${member.name} invites you to #${room.name}: /join #${room.name}`;
  for (const listener of invited.listeners) {
    listener.deliver({ type: "told", text, at: new Date() });
  }
}

function topicOf({ name, record }: Room): string {
  return record.topic === "" ? `#${name} has no topic.` : `The topic of #${name}: ${record.topic}`;
}

function keptFor({ name, record }: Room, { settings }: Context): string {
  const ofServer = settings.keepDays === "forever" ? Infinity : settings.keepDays; // it may be less than it was
  const days = Math.min(record.keepDays ?? Infinity, ofServer);
  return `Messages in #${name} are kept ${days === Infinity ? "for ever" : `for ${days} days`}.`;
}

function readKeep(text: string): { days: number | undefined } | undefined {
  if (text === "default") return { days: undefined };
  const ms = readDuration(text);
  return ms === undefined || ms < DAY_MS ? undefined : { days: Math.floor(ms / DAY_MS) };
}

function readSwitch(rest: string): { on: boolean } | undefined {
  const word = rest.toLowerCase();
  return word === "on" || word === "off" ? { on: word === "on" } : undefined;
}
