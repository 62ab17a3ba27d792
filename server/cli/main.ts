import { resolve } from "node:path";
import { resolveDataDir } from "../config.ts";
import { nearMiss } from "../near_miss.ts";
import { optionsHelp } from "../options.ts";
import { VERSION } from "../version.ts";
import { type CliCommand, readArguments, UsageError, usageOf } from "./command.ts";
import { isForOperator } from "./mistake.ts";
import { serve } from "./serve.ts";
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

function run(args: readonly string[]): void | Promise<void> {
  const [first] = args;
  if (first === "help" || args.some((word) => word === "--help" || word === "-h")) return print(help());
  if (first === "version" || first === "--version") return print(`parley ${VERSION}`);
  if (first === "serve") return serve(args.slice(1));
  if (first === undefined || first.startsWith("-")) return serve(args);
  const command = commands.find(({ words }) => words.every((word, index) => args[index] === word));
  if (command === undefined) throw unknownCommand(args);
  return runCommand(command, args.slice(command.words.length));
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

function unknownCommand([first = "", second]: readonly string[]): UsageError {
  const known = [...new Set(commands.map(({ words }) => words[0]!)), "serve", "version", "help"];
  const subcommands = commands.filter(({ words }) => words[0] === first).map(({ words }) => words[1]!);
  if (subcommands.length > 0) {
    const given = second === undefined || second.startsWith("-")
      ? `"parley ${first}" needs a word`
      : `Unknown command "parley ${first} ${second}"`;
    return new UsageError(`${given}: ${subcommands.join(", ")}`);
  }
  const near = nearMiss(first, known);
  return new UsageError(
    `Unknown command "${first}"${near === undefined ? "" : `; did you mean "${near}"?`}; see parley help`,
  );
}
