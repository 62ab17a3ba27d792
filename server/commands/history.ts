import { encodeTime } from "ulid";
import { type Answer, notice } from "../chat/event.ts";
import { mayNot, noSuchMessage } from "../refusals.ts";
import {
  countField,
  type Fields,
  idField,
  needed,
  optionalWord,
  roomField,
  textField,
} from "../wire/json_input.ts";
import { command, nothing } from "./command.ts";
import { checkStaff, lookedAt } from "./rooms.ts";

/** How many messages are shown, and at most: to people, and to programs. */
const USUAL_LINES = 20, MOST_LINES = 200;
const USUAL_MESSAGES = 100, MOST_MESSAGES = 1_000;
const USUAL_FOUND = 20, MOST_FOUND = 100;

interface Asked {
  readonly room?: string | undefined;
  readonly with?: string | undefined;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A message that is meant: by its number in the room that one looks at, or by its id. */
type Which = { readonly number: number } | { readonly room: string; readonly id: string };

export const history = command({
  name: "history",
  group: "History",
  usage: "[#<room> | @<name>] [n] [before <time>]",
  help: "Shows what was said before, in the room or with somebody; a time is 14:02, 2026-01-31 or both, UTC.",
  fromText: readHistory,
  fromJson: readRequest,
  async run({ archive, member, self }, { room, with: other, ...range }): Promise<Answer> {
    return other === undefined
      ? await archive.ofRoom(member, room ?? self.looksAt, range)
      : await archive.with(member, other, range);
  },
});

export const conversations = command({
  name: "conversations",
  group: "History",
  usage: "",
  help: "Shows with whom you have written of late, and what was written last.",
  fromText: nothing,
  fromJson: nothing,
  run: ({ archive, member }) => archive.conversations(member),
});

export const search = command({
  name: "search",
  group: "History",
  usage: "<words>",
  help: "Finds what was said with all these words, where you may read.",
  fromText: (rest) => rest === "" ? undefined : { words: rest, limit: USUAL_FOUND },
  fromJson: (fields) => ({
    words: textField(fields, "words"),
    limit: countField(fields, "limit", { most: MOST_FOUND, usual: USUAL_FOUND }),
  }),
  run: ({ archive, member }, { words, limit }) => archive.search(member, words, limit),
});

export const missed = command({
  name: "missed",
  group: "History",
  usage: "",
  help: "Shows what was said in your rooms while you were away.",
  fromText: nothing,
  async run({ archive, member, self }): Promise<Answer | void> {
    const { parts, left } = await archive.readMissed(member);
    if (parts.length === 0 && left.length === 0) return notice("You have missed nothing.");
    for (const part of parts) self.show(part);
    if (left.length > 0) return { type: "missed", rooms: left };
  },
});

export const remove = command({
  name: "delete",
  group: "Moderation",
  textOnly: true,
  usage: "<number>",
  help: "Deletes a message of the room, your own or as its staff; /ids on shows the numbers.",
  fromText: (rest): Which | undefined => /^\d{1,9}$/.test(rest) ? { number: Number(rest) } : undefined,
  fromJson: (fields): Which => ({
    room: needed(roomField(fields, "room"), "room"),
    id: needed(idField(fields, "id"), "id"),
  }),
  async run(context, which) {
    const { hub, archive, member, self } = context;
    const room = "id" in which ? hub.rooms.seenBy(member, which.room) : lookedAt(context);
    if (!member.isIn(room.name)) throw mayNot();
    const message = await archive.find(room, which);
    const own = message?.author !== undefined && message.author === member.account;
    if (!own) checkStaff(room, member);
    if (message === undefined) throw noSuchMessage();
    const by = { name: member.name, address: self.address };
    const deed = { what: "delete", whom: message.from, why: `#${room.name}` } as const;
    if (!own) await hub.moderation.record(by, deed);
    await hub.unsay(room, message.id, member.name);
  },
});

/** @throws {Refusal} `bad_request` */
function readRequest(fields: Fields): Asked {
  const other = optionalWord(fields, "with");
  return {
    room: other === undefined ? needed(roomField(fields, "room"), "room") : undefined,
    with: other,
    before: idField(fields, "before"),
    after: idField(fields, "after"),
    limit: countField(fields, "limit", { most: MOST_MESSAGES, usual: USUAL_MESSAGES }),
  };
}

function readHistory(rest: string): Asked | undefined {
  const [, place, count, time] = /^(?:([#@]\S+)\s*)?(?:(\d{1,6})\s*)?(?:before\s+(\S.*))?$/iu.exec(rest) ??
    [];
  if (rest !== "" && place === undefined && count === undefined && time === undefined) return undefined;
  const at = time === undefined ? undefined : readTime(time.trim());
  if (time !== undefined && at === undefined) return undefined;
  return {
    room: place?.startsWith("#") ? place : undefined,
    with: place?.startsWith("@") ? place.slice(1) : undefined,
    before: at && encodeTime(at.getTime(), 10) + "0".repeat(16),
    limit: Math.min(MOST_LINES, Math.max(1, Number(count ?? USUAL_LINES))),
  };
}

/** A moment, UTC: a time of the last 24 hours, the beginning of a day, or both together. */
function readTime(text: string, now = new Date()): Date | undefined {
  const [, day, time] = /^(?:(\d{4}-\d{2}-\d{2})(?:[ T]|$))?(\d{1,2}:\d{2})?$/.exec(text) ?? [];
  if (day === undefined && time === undefined) return undefined;
  const at = new Date(`${day ?? now.toISOString().slice(0, 10)}T${(time ?? "00:00").padStart(5, "0")}Z`);
  if (Number.isNaN(at.getTime()) || at.getTime() < 0) return undefined;
  return day === undefined && at > now ? new Date(at.getTime() - 86_400_000) : at;
}
