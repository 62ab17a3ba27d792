import type { SettingRow } from "../../server/wire/admin_types.ts";

/** The settings of one group, in the order of the manual. */
export interface SettingGroup {
  readonly name: string;
  readonly settings: readonly SettingRow[];
}

export function inGroups(settings: readonly SettingRow[]): readonly SettingGroup[] {
  const groups = Map.groupBy(settings, ({ group }) => group);
  return Array.from(groups, ([name, settings]) => ({ name, settings }));
}

/** The words that a setting may be, where it is one of a few: `on|off` → on, off; undefined for `BYTES|off`. */
export function choicesOf(takes: string): readonly string[] | undefined {
  const words = takes.split("|");
  return words.length > 1 && words.every((word) => /^[a-z-]+$/.test(word)) ? words : undefined;
}

/** What stands for a value in the manual → what one writes. */
const TAKEN: Readonly<Record<string, string>> = {
  "BURST,RATE": "burst and rate a second, as in 20,5",
  BYTES: "bytes, as in 64KiB",
  DAYSd: "days, as in 90d",
  LINES: "a few lines of text",
  N: "a whole number",
  SECONDS: "seconds",
  TEXT: "a line of text",
};

/** What a setting takes, in words: `BYTES|off` → `bytes, as in 64KiB, or off`. */
export function takenInWords(takes: string): string {
  return takes.split("|").map((word) => TAKEN[word] ?? word).join(", or ");
}

/** Where the value is from, in words. */
export function originOf(from: SettingRow["from"]): string {
  switch (from) {
    case "flag":
      return "Fixed by the command line";
    case "environment":
      return "Fixed by the environment";
    case "settings":
      return "Set here";
    case "file":
      return "From the configuration file";
    case "default":
      return "The default";
  }
}

/** A value as it is shown; an empty one has no look of its own. */
export function shownValue(value: string): string {
  return value === "" ? "nothing" : value;
}

/** `what the server calls itself` → `What the server calls itself` */
export function asTitle(help: string): string {
  return help.charAt(0).toUpperCase() + help.slice(1);
}
