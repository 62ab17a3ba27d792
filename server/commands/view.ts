import { notice } from "../chat/event.ts";
import { badUsage, unknownCommand } from "../refusals.ts";
import { roomField, textField } from "../wire/json_input.ts";
import { readLine } from "../wire/text_input.ts";
import { quotable } from "../wire/printable.ts";
import { isAtLeast } from "../accounts/roles.ts";
import { checkLength, type Command, command, type Context, nothing, type Outcome } from "./command.ts";

export const timestamps = command({
  name: "timestamps",
  group: "View",
  textOnly: true,
  usage: "on|off",
  help: "Leads lines by their time, UTC.",
  fromText: readSwitch,
  run({ self }, { on }) {
    self.look({ timestamps: on });
    return notice(`Timestamps are ${on ? "on (UTC)" : "off"}.`);
  },
});

export const color = command({
  name: "color",
  aliases: ["colour"],
  group: "View",
  textOnly: true,
  usage: "on|off",
  help: "Colours names.",
  fromText: readSwitch,
  run({ self }, { on }) {
    self.look({ color: on });
    return notice(`Colours are ${on ? "on" : "off"}.`);
  },
});

export const ids = command({
  name: "ids",
  group: "View",
  textOnly: true,
  usage: "on|off",
  help: "Leads messages by their numbers, for /delete.",
  fromText: readSwitch,
  run({ self }, { on }) {
    self.look({ ids: on });
    return notice(`Numbers are ${on ? "on" : "off"}.`);
  },
});

export const json = command({
  name: "json",
  group: "View",
  textOnly: true,
  usage: "",
  help: "Goes on in JSON mode, for programs.",
  fromText: nothing,
  run: ({ self }) => self.speakJson(),
});

export const ping = command({
  name: "ping",
  group: "View",
  usage: "",
  help: "Asks the server for a sign of life.",
  fromText: nothing,
  fromJson: nothing,
  run: () => ({ type: "pong" }),
});

/** JSON mode: whatever can be typed. It may be `/me`, so that its pace is that of messages. */
export const typed = command({
  name: "command",
  group: "View",
  textOnly: true,
  speaks: true,
  usage: "/<command>",
  help: "Does what a command does; for programs, which have no other way to some of them.",
  fromText: (rest) => ({ text: rest, room: undefined }),
  fromJson: (fields) => ({ text: textField(fields, "text"), room: roomField(fields, "room") }),
  run: typeIn,
});

export const limits = command({
  name: "limits",
  group: "View",
  usage: "",
  help: "Says your limits and what is left of them.",
  fromText: nothing,
  run: ({ self }) => notice(...self.limits()),
});

export const motd = command({
  name: "motd",
  group: "View",
  usage: "",
  help: "Shows the message of the day.",
  fromText: nothing,
  run: ({ settings }) => notice(settings.motd || "There is no message of the day."),
});

export const help = command({
  name: "help",
  group: "View",
  usage: "[command]",
  help: "Lists the commands, or explains one.",
  fromText: (rest) => ({ name: rest.replace(/^[/.]/, "").toLowerCase() }),
  run: (context, { name }) => notice(...name === "" ? overview(context) : [explanation(context, name)]),
});

function readSwitch(rest: string): { on: boolean } | undefined {
  const word = rest.toLowerCase();
  return word === "on" || word === "off" ? { on: word === "on" } : undefined;
}

/** @throws {Refusal} `line_too_long`, `bad_usage`, `no_such_room`, and what the command refuses */
function typeIn(
  context: Context,
  { text, room }: { text: string; room: string | undefined },
): Outcome | Promise<Outcome> {
  const { commands, hub, member, self } = context;
  checkLength(context, text);
  const request = readLine(text);
  if (request.type !== "command") throw badUsage("/command /<command>");
  if (commands.find(request.name)?.name === typed.name) throw badUsage("/command /<command>");
  if (room !== undefined) self.looksAt = hub.rooms.seenBy(member, room).name;
  return commands.execute(context, request);
}

/** The commands that one may use, under their headings. */
function overview({ commands, member }: Context): string[] {
  const mine = commands.rows.filter((row) => isAtLeast(member.role, row.role ?? "guest"));
  const width = Math.max(...mine.map((row) => signature(row).length));
  const groups = Map.groupBy(mine, (row) => row.group);
  const lines = Array.from(groups, ([group, rows]) => [
    `${group}:`,
    ...rows.map((row) => `  ${signature(row).padEnd(width)}  ${row.help}`),
  ]);
  return [...lines.flat(), "A line that begins with // is said with one /. /help <command> explains one."];
}

/** @throws {Refusal} `unknown_command` */
function explanation({ commands }: Context, name: string): string {
  const row = commands.find(name);
  if (row === undefined) throw unknownCommand(quotable(name, 32));
  const aliases = (row.aliases ?? []).map((alias) => `/${alias}`).join(", ");
  return `${signature(row)}: ${row.help}${aliases === "" ? "" : ` Also ${aliases}.`}`;
}

function signature(row: Command): string {
  return `/${row.name} ${row.usage}`.trimEnd();
}
