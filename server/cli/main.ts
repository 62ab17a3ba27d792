import { CertificateError } from "../certificates/certificate.ts";
import { ConfigError, optionsHelp, resolveDataDir } from "../config.ts";
import { nearMiss } from "../near_miss.ts";
import { Refusal } from "../refusals.ts";
import { StoreError } from "../store/errors.ts";
import { ListenError } from "../transport/ports.ts";
import { VERSION } from "../version.ts";
import { type CliCommand, readArguments, UsageError, usageOf } from "./command.ts";
import { serve } from "./serve.ts";
import { commands } from "./table.ts";
import { print, printError } from "./terminal.ts";

/** What `parley` does with what follows it. What goes wrong is one sentence, and exit status 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    if (!EXPECTED.some((kind) => error instanceof kind)) throw error;
    printError(`parley: ${(error as Error).message}`);
    Deno.exit(1);
  }
}

/** Errors whose message is a sentence for the operator. */
const EXPECTED = [CertificateError, ConfigError, ListenError, Refusal, StoreError, UsageError];

function run(args: readonly string[]): void | Promise<void> {
  const [first, second] = args;
  if (first === undefined || (first.startsWith("-") && !META.has(first))) return serve(args);
  switch (first) {
    case "serve":
      return serve(args.slice(1));
    case "version":
    case "--version":
      return print(`parley ${VERSION}`);
    case "help":
    case "--help":
    case "-h":
      return print(help());
  }
  const command = commands.find(({ words }) => words[0] === first && words[1] === second);
  if (command === undefined) throw unknownCommand(args);
  return runCommand(command, args.slice(command.words.length));
}

const META = new Set(["--version", "--help", "-h"]);

async function runCommand(command: CliCommand, rest: readonly string[]): Promise<void> {
  const { args, flags, common } = readArguments(command, rest);
  const dataDir = resolveDataDir({ args: common, env: Deno.env.toObject() });
  await command.run({ args, flags, json: rest.includes("--json"), dataDir });
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
    const given = second === undefined
      ? `"parley ${first}" needs a word`
      : `Unknown command "parley ${first} ${second}"`;
    return new UsageError(`${given}: ${subcommands.join(", ")}`);
  }
  const near = nearMiss(first, known);
  return new UsageError(
    `Unknown command "${first}"${near === undefined ? "" : `; did you mean "${near}"?`}; see parley help`,
  );
}
