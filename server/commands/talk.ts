import { type Answer, notice } from "../chat/event.ts";
import type { Hub } from "../chat/hub.ts";
import type { Member } from "../chat/member.ts";
import { badDirectFormat, nobodyWrote } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { command, type Context } from "./command.ts";

/** Says something to the room that one looks at. */
export async function say({ hub, member, self }: Context, text: string, action = false): Promise<void> {
  member.away = undefined;
  await hub.lobby.say(member, { text, action, origin: self.id });
}

export const direct = command({
  name: "@",
  aliases: ["msg"],
  group: "Talking",
  speaks: true,
  usage: "<name> <message>",
  help: "Writes to one person; an account that is away gets it on return.",
  fromText: readDirect,
  run: ({ hub, member }, { to, text }) => write({ hub, member }, to, text),
});

export const reply = command({
  name: "r",
  group: "Talking",
  speaks: true,
  usage: "<message>",
  help: "Answers the last private message.",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  run({ hub, member }, { text }) {
    if (member.lastCorrespondent === undefined) throw nobodyWrote();
    return write({ hub, member }, member.lastCorrespondent, text);
  },
});

export const me = command({
  name: "me",
  group: "Talking",
  speaks: true,
  usage: "<text>",
  help: "Says what you do: /me waves.",
  fromText: (rest) => rest === "" ? undefined : { text: rest },
  run: (context, { text }) => say(context, text, true),
});

function readDirect(rest: string): { to: string; text: string } {
  const [, to, text] = /^(\S+)\s+(.+)$/su.exec(rest) ?? [];
  if (to === undefined || text === undefined) throw badDirectFormat();
  return { to: quotable(to), text };
}

async function write(
  { hub, member }: { hub: Hub; member: Member },
  to: string,
  text: string,
): Promise<Answer | void> {
  const { direct, kept, away } = await hub.direct(member, to, text);
  if (kept) return notice(`${direct.to} is offline and will get it on return.`);
  if (away !== undefined) {
    return notice(away === "" ? `${direct.to} is away.` : `${direct.to} is away: ${away}`);
  }
}
