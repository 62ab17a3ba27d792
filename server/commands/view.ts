import { notice } from "../chat/event.ts";
import { unknownCommand } from "../refusals.ts";
import { quotable } from "../wire/printable.ts";
import { isAtLeast } from "../accounts/roles.ts";
import { type Command, command, type Context, nothing } from "./command.ts";

export const timestamps = command({
  name: "timestamps",
  group: "View",
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
  usage: "on|off",
  help: "Colours names.",
  fromText: readSwitch,
  run({ self }, { on }) {
    self.look({ color: on });
    return notice(`Colours are ${on ? "on" : "off"}.`);
  },
});

export const limits = command({
  name: "limits",
  group: "View",
  usage: "",
  help: "Says your limits and what is left of them.",
  fromText: nothing,
  run: ({ self }) => notice(...self.limits()),
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
