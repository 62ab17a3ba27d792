import type { CommandInfo } from "../../server/wire/web_types.ts";

/** What may be meant by what is being typed. */
export interface Completion {
  /** The part of the line that an option takes the place of. */
  readonly from: number;
  readonly to: number;
  readonly options: readonly Option[];
}

export interface Option {
  /** What is put in. */
  readonly text: string;
  /** How it is listed: `/kick <name> [why]`. */
  readonly label: string;
  readonly help: string;
}

/** What there is to choose from. */
export interface Known {
  readonly commands: readonly CommandInfo[];
  /** Of those who are here. */
  readonly names: readonly string[];
  /** Without their #. */
  readonly rooms: readonly string[];
}

/** How many options are shown at a time. */
const MOST_OPTIONS = 8;

/**
 * What may be meant where the caret stands: a command at the beginning of the line; a name or a room where a command
 * wants one, or behind an `@` or a `#`. With `asked`, by the Tab key, a name also where nothing says that it is one.
 */
export function complete(
  line: string,
  caret: number,
  known: Known,
  { asked = false } = {},
): Completion | undefined {
  const before = line.slice(0, caret);
  if (/^\/@\S/.test(before) && !before.includes(" ")) {
    return found(0, caret, namesLike(before.slice(2), known, "/@"));
  }
  const [, slash] = /^\/(?!\/)(\S*)$/.exec(before) ?? [];
  if (slash !== undefined) return found(0, caret, commandsLike(slash, known.commands));
  const word = /\S*$/.exec(before)![0];
  const from = caret - word.length;
  const wanted = wantedBy(before, known.commands);
  if (word.startsWith("@") && word.length > 1) {
    return found(from, caret, namesLike(word.slice(1), known, "@"));
  }
  if (wanted === "room" || (word.startsWith("#") && word.length > 1)) {
    return found(from, caret, roomsLike(word.replace(/^#/, ""), known));
  }
  if (wanted === "name" && (word !== "" || asked)) return found(from, caret, namesLike(word, known, ""));
  if (asked && word !== "") return found(from, caret, namesLike(word, known, ""));
  return undefined;
}

/** The command that a line begins with, once its name is complete. */
export function commandIn(line: string, commands: readonly CommandInfo[]): CommandInfo | undefined {
  const [, name] = /^\/(@|\S+)(?:\s|(?<=@))/.exec(line) ?? [];
  const lower = name?.toLowerCase();
  return commands.find((command) => command.name === lower || command.aliases.includes(lower ?? ""));
}

/** A line with an option put in, and where the caret stands then. */
export function completed(
  line: string,
  { from, to }: Completion,
  option: Option,
): [line: string, caret: number] {
  const rest = line.slice(to).replace(/^\s/, "");
  const start = `${line.slice(0, from)}${option.text} `;
  return [start + rest, start.length];
}

function found(from: number, to: number, options: readonly Option[]): Completion | undefined {
  return options.length === 0 ? undefined : { from, to, options: options.slice(0, MOST_OPTIONS) };
}

/** Names before aliases; what is typed in full comes first. */
function commandsLike(typed: string, commands: readonly CommandInfo[]): Option[] {
  const lower = typed.toLowerCase();
  const byName = commands.filter(({ name }) => name.startsWith(lower));
  const byAlias = commands.filter((command) =>
    !byName.includes(command) && command.aliases.some((alias) => alias.startsWith(lower))
  );
  const inOrder = lower === ""
    ? byName
    : byName.toSorted((one, other) => one.name.length - other.name.length);
  return [...inOrder, ...byAlias].map(({ name, usage, help }) => ({
    text: `/${name}`,
    label: `/${name} ${usage}`.trimEnd(),
    help,
  }));
}

/** What a command wants where its first word is being typed. */
function wantedBy(before: string, commands: readonly CommandInfo[]): "name" | "room" | undefined {
  const command = commandIn(before, commands);
  if (command === undefined || !/^\/(@|\S+)\s*\S*$/.test(before)) return undefined;
  if (/^\[?#<room>/.test(command.usage)) return "room";
  return /^[<[]name\b/.test(command.usage) ? "name" : undefined;
}

function namesLike(typed: string, { names }: Known, sign: string): Option[] {
  const lower = typed.toLowerCase();
  const like = names.filter((name) => name.toLowerCase().startsWith(lower));
  return like.slice(0, MOST_OPTIONS).map((name) => ({ text: sign + name, label: sign + name, help: "" }));
}

function roomsLike(typed: string, { rooms }: Known): Option[] {
  const lower = typed.toLowerCase();
  const like = rooms.filter((room) => room.startsWith(lower));
  return like.slice(0, MOST_OPTIONS).map((room) => ({ text: `#${room}`, label: `#${room}`, help: "" }));
}
