import { resolve } from "node:path";
import { backUp, type Counts } from "../store/backup.ts";
import { DataDirectory } from "../store/data_directory.ts";
import { SCHEMA } from "../store/kv.ts";
import { restore } from "../store/restore.ts";
import type { CliCommand } from "./command.ts";
import { print } from "./terminal.ts";

export const make: CliCommand = {
  words: ["backup"],
  takes: "FILE",
  help: "Writes all that makes the server what it is into one file, and checks that; keep it to yourself.",
  flags: {},
  count: [1, 1],
  async run({ args, json, dataDir }) {
    const file = resolve(args[0]!);
    using directory = await DataDirectory.find(dataDir);
    const { at, counts, schema, version } = await backUp(directory, file);
    const { size: bytes } = await Deno.stat(file);
    if (json) return print(JSON.stringify({ file, at, version, schema, bytes, counts }, null, 2));
    print(`Backed up to "${file}" (${sizeText(bytes)}): ${countsText(counts)}.`);
  },
};

export const putBack: CliCommand = {
  words: ["restore"],
  takes: "FILE",
  help: "Puts a backup in place of the data, while no server runs; what was there is set aside.",
  flags: { force: "" },
  count: [1, 1],
  async run({ args, flags, json, dataDir }) {
    const file = resolve(args[0]!);
    const { manifest, setAside } = await restore(file, dataDir, { force: flags.has("force") });
    const { at, counts, schema, version } = manifest;
    if (json) {
      return print(JSON.stringify({ file, at, version, schema, counts, set_aside: setAside }, null, 2));
    }
    print(`Restored what Parley ${version} had on ${inWords(at)}: ${countsText(counts)}.`);
    if (schema < SCHEMA) print("It is of an older Parley: the next start brings it forward.");
    if (setAside.length > 0) print(`What was there before is still in "${dataDir}": ${setAside.join(", ")}.`);
  },
};

function countsText({ accounts, rooms, messages, directs, tokens }: Counts): string {
  return [
    counted(accounts, "account"),
    counted(rooms, "room"),
    counted(messages, "message"),
    counted(directs, "private message"),
    counted(tokens, "token"),
  ].join(", ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** `1.2 MiB` */
function sizeText(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1_024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** `2026-11-22 05:09:12 UTC` */
function inWords(date: Date): string {
  return date.toISOString().replace(/^(.+)T(.+)\.\d+Z$/, "$1 $2 UTC");
}
