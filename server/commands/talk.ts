import type { Answer } from "../chat/event.ts";
import { badDirectFormat, nobodyWrote, notInRoom } from "../refusals.ts";
import { flagField, needed, roomField, textField, wordField } from "../wire/json_input.ts";
import { quotable } from "../wire/printable.ts";
import { checkLength, command, type Context } from "./command.ts";

interface Saying {
  readonly text: string;
  readonly action?: boolean;
  /** As typed; the room that one looks at where none is named. */
  readonly room?: string | undefined;
}

/** Says something in a room. */
export async function say(
  { hub, member, self }: Context,
  { text, action = false, room = self.looksAt }: Saying,
): Promise<Answer> {
  const place = hub.rooms.seenBy(member, room);
  if (!member.isIn(place.name)) throw notInRoom(place.name);
  const saying = hub.say(member, place, { text, action, origin: self.id });
  member.away = undefined; // at once: the next line may say that one is away
  const { id } = await saying;
  return { type: "ack", id };
}

export const sayIn = command({
  name: "say",
  group: "Talking",
  speaks: true,
  usage: "<text>",
  help: "Says something in the room that you look at, as a line without a command does.",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  fromJson: (fields): Saying => ({
    text: textField(fields, "text"),
    action: flagField(fields, "action"),
    room: needed(roomField(fields, "room"), "room"),
  }),
  run: (context, saying) => {
    checkLength(context, saying.text);
    return say(context, saying);
  },
});

export const direct = command({
  name: "@",
  aliases: ["msg"],
  group: "Talking",
  speaks: true,
  usage: "<name> <message>",
  help: "Writes to one person; an account that is away gets it on return.",
  json: "direct",
  fromText: readDirect,
  fromJson: (fields) => ({ to: wordField(fields, "to"), text: textField(fields, "text") }),
  run: (context, { to, text }) => write(context, to, text),
});

export const reply = command({
  name: "r",
  group: "Talking",
  speaks: true,
  usage: "<message>",
  help: "Answers the last private message.",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  run(context, { text }) {
    const { lastCorrespondent } = context.member;
    if (lastCorrespondent === undefined) throw nobodyWrote();
    return write(context, lastCorrespondent, text);
  },
});

export const me = command({
  name: "me",
  group: "Talking",
  speaks: true,
  usage: "<text>",
  help: "Says what you do: /me waves.",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  run: (context, { text }) => say(context, { text, action: true }),
});

function readDirect(rest: string): { to: string; text: string } {
  const [, to, text] = /^(\S+)\s+(.+)$/su.exec(rest) ?? [];
  if (to === undefined || text === undefined) throw badDirectFormat();
  return { to: quotable(to), text };
}

async function write(context: Context, to: string, text: string): Promise<Answer> {
  checkLength(context, text);
  const { direct, waits, away } = await context.hub.direct(context.member, to, {
    text,
    origin: context.self.id,
  });
  return { type: "ack", id: direct.id, ...noteOn(direct.to, { waits, away }) };
}

/** What a sender is told beside that it was sent. */
export function noteOn(
  name: string,
  { waits, away }: { waits: boolean; away: string | undefined },
): { note?: string } {
  if (waits) return { note: `${name} is offline and will get it on return.` };
  if (away === undefined) return {};
  return { note: away === "" ? `${name} is away.` : `${name} is away: ${away}` };
}
