import { resolve } from "node:path";
import { resolveDataDir } from "../config.ts";
import { nearMiss } from "../near_miss.ts";
import { optionsHelp } from "../options.ts";
import { VERSION } from "../version.ts";
import { type CliCommand, readArguments, UsageError, usageOf } from "./command.ts";
import { isForOperator } from "./mistake.ts";
import { commands } from "./table.ts";
import { print, printError } from "./terminal.ts";

/** What `parley` does with what follows it. What goes wrong is one sentence, and exit status 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    printError(`parley: ${isForOperator(error) ? error.message : `a defect: ${Deno.inspect(error)}`}`);
    Deno.exit(1);
  }
}

/** The same, but what goes wrong is thrown. */
export async function run(args: readonly string[]): Promise<void> {
  const [first] = args;
  if (first === "help" || args.some((word) => word === "--help" || word === "-h")) return print(help());
  if (first === "version" || first === "--version") return print(`parley ${VERSION}`);
  if (first === "serve") return await serve(args.slice(1));
  if (first === undefined || first.startsWith("-")) return await serve(args);
  const command = commandIn(args);
  if (command === undefined) throw unknownCommand(args);
  await runCommand(command, args.slice(command.words.length));
}

/** The server itself is most of what there is to load, and no other command needs it. */
async function serve(args: readonly string[]): Promise<void> {
  const server = await import("./serve.ts");
  await server.serve(args);
}

async function runCommand(command: CliCommand, rest: readonly string[]): Promise<void> {
  const { args, flags, common } = readArguments(command, rest);
  const sources = { args: common, env: Deno.env.toObject() };
  const dataDir = resolve(resolveDataDir(sources));
  await command.run({ args, flags, json: rest.includes("--json"), dataDir, sources });
}

function help(): string {
  const rows = [
    ["parley [serve]", "Serves; the options are below."],
    ...commands.map((command) => [usageOf(command), command.help]),
    ["parley version", "Says which version this is."],
    ["parley help", "Says this."],
  ];
  return [
    `Parley ${VERSION}: a chat server in one file. People join with openssl s_client, netcat or a browser.`,
    "",
    "Commands. They take --data, --config and --json as well, and may run beside a server:",
    ...rows.map(([usage, line]) => `  ${usage}\n      ${line}`),
    "",
    "Options of serve",
    "",
    optionsHelp(),
  ].join("\n");
}

/** Of several that the words begin with, the one that takes most of them: `invite list` is not `invite`. */
function commandIn(args: readonly string[]): CliCommand | undefined {
  return commands.filter(({ words }) => words.every((word, index) => args[index] === word))
    .toSorted((one, other) => other.words.length - one.words.length)[0];
}

function unknownCommand(args: readonly string[]): UsageError {
  const beginning = knownBeginning(args);
  const given = args[beginning.length] ?? "";
  if (beginning.length === 0) {
    const near = nearMiss(given, [...wordsAfter([]), "serve", "version", "help"]);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return new UsageError(`Unknown command "${given}"${hint}; see parley help`);
  }
  const known = `parley ${beginning.join(" ")}`;
  const problem = given === "" || given.startsWith("-")
    ? `"${known}" needs a word`
    : `Unknown command "${known} ${given}"`;
  return new UsageError(`${problem}: ${wordsAfter(beginning).join(", ")}`);
}

/** As many words as some command begins with. */
function knownBeginning(args: readonly string[]): readonly string[] {
  const length = args.findIndex((word, index) => !wordsAfter(args.slice(0, index)).includes(word));
  return length === -1 ? args : args.slice(0, length);
}

/** The words that may follow others, in the order of the help. */
function wordsAfter(beginning: readonly string[]): string[] {
  const following = commands.filter(({ words }) => beginning.every((word, index) => words[index] === word))
    .flatMap(({ words }) => words[beginning.length] ?? []);
  return [...new Set(following)];
}
