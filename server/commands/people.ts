import { chatName } from "../accounts/names.ts";
import { type Answer, notice } from "../chat/event.ts";
import { LOBBY, roomName } from "../chat/room_name.ts";
import { roomField } from "../wire/json_input.ts";
import type { Member } from "../chat/member.ts";
import { notIgnored, tooManyIgnored, userNotFound } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { command, type Context, oneWord } from "./command.ts";

/** How many people one may ignore. */
const MOST_IGNORED = 100;

export const who = command({
  name: "u",
  aliases: ["who", "names"],
  group: "People",
  usage: "[#<room>]",
  help: "Says who is online.",
  json: "who",
  fromText: (rest) => ({ room: rest === "" ? LOBBY : roomName(rest) }),
  fromJson: (fields) => ({ room: roomField(fields, "room") ?? LOBBY }),
  run({ hub, member }, { room }) {
    const { name, names } = hub.rooms.seenBy(member, room);
    return { type: "roster", room: name, names };
  },
});

export const whois = command({
  name: "whois",
  group: "People",
  usage: "<name>",
  help: "Says who somebody is.",
  fromText: oneWord,
  async run({ hub, accounts }, { word }) {
    const member = hub.roster.find(word);
    if (member !== undefined) return notice(...portrait(member));
    const account = await accounts.findByName(word);
    if (account === undefined) throw userNotFound(quotable(word));
    return notice(`${account.name} is offline. Role: ${account.role}.`);
  },
});

export const away = command({
  name: "away",
  group: "People",
  usage: "[text]",
  help: "Says that you are away, and why; again, or talking, takes it back.",
  fromText: (rest) => ({ text: quotable(rest, 200) }),
  run({ member }, { text }) {
    const back = text === "" && member.away !== undefined;
    member.away = back ? undefined : text;
    if (back) return notice("You are back.");
    return notice(text === "" ? "You are away." : `You are away: ${text}`);
  },
});

export const ignore = command({
  name: "ignore",
  group: "People",
  usage: "[name]",
  help: "Hides what somebody says; alone, lists whom you ignore.",
  json: "ignored",
  fromText: (rest) => ({ name: rest }),
  fromJson: () => ({ name: "" }),
  async run(context, { name }): Promise<Answer> {
    const { ignored } = context.member;
    if (name === "") return { type: "ignored", names: [...ignored.values()] };
    const found = await namedBy(context, name);
    if (ignored.size >= MOST_IGNORED) throw tooManyIgnored(MOST_IGNORED);
    context.hub.roster.ignore(context.member, found);
    await keepIgnored(context);
    return notice(`You no longer see what ${found} says. /unignore ${found} takes it back.`);
  },
});

export const unignore = command({
  name: "unignore",
  group: "People",
  usage: "<name>",
  help: "Shows again what somebody says.",
  fromText: oneWord,
  async run(context, { word }) {
    const name = context.hub.roster.unignore(context.member, word);
    if (name === undefined) throw notIgnored(quotable(word));
    await keepIgnored(context);
    return notice(`You see again what ${name} says.`);
  },
});

function portrait(member: Member): string[] {
  const connections = Array.from(member.listeners, (listener) => listener.how).join(", ");
  const since = member.since.toISOString().slice(0, 16).replace("T", " ");
  const lines = [`${member.name} is online since ${since} UTC (${connections}). Role: ${member.role}.`];
  if (member.away !== undefined) lines.push(member.away === "" ? "Away." : `Away: ${member.away}`);
  return lines;
}

/** @throws {Refusal} `user_not_found` */
async function namedBy({ hub, accounts }: Context, name: string): Promise<string> {
  const found = hub.roster.find(name)?.name ?? (await accounts.findByName(name))?.name;
  if (found === undefined) throw userNotFound(quotable(name));
  return chatName(found);
}

/** An account's list outlives the connection. */
async function keepIgnored({ accounts, member }: Context): Promise<void> {
  if (member.account !== undefined) await accounts.setIgnored(member.account, member.ignored.values());
}
