import type { Accounts } from "../accounts/accounts.ts";
import type { Account } from "../accounts/account_store.ts";
import { ACCOUNT_ROLES, type AccountRole } from "../accounts/roles.ts";
import type { Sources } from "../option_sources.ts";
import { nearMiss } from "../near_miss.ts";

/** A mistake in how a command was called; the sentence says what is right. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A command of the binary, such as `parley user add`. */
export interface CliCommand {
  /** One to three: `["backup"]`, `["user", "add"]`. Those of another may go on from them: `invite`, `invite list`. */
  readonly words: readonly string[];
  /** What must follow, `<username>`; "" for nothing. */
  readonly takes: string;
  /** One line. */
  readonly help: string;
  /** Flags of its own, beside `--data`, `--config` and `--json`: name → what it takes ("" for nothing). */
  readonly flags: Readonly<Record<string, string>>;
  /** How many arguments: at least, at most. */
  readonly count: readonly [least: number, most: number];
  readonly run: (given: Given) => Promise<void>;
}

/** What a command was given. */
export interface Given {
  readonly args: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
  /** As programs read it, not people. */
  readonly json: boolean;
  /** Absolute path. */
  readonly dataDir: string;
  /** Where the options of serve come from, for commands that go by one of them. */
  readonly sources: Sources;
}

/** The words of a command and of its arguments as a person types them. */
export function usageOf({ words, takes, flags }: CliCommand): string {
  const options = Object.entries(flags).map(([flag, value]) => ` [--${flag}${value && ` ${value}`}]`).join(
    "",
  );
  return `parley ${words.join(" ")}${takes && ` ${takes}`}${options}`;
}

/** Tells the flags of a command, and those that all take, from its arguments. */
export function readArguments(
  command: CliCommand,
  rest: readonly string[],
): { args: string[]; flags: Map<string, string>; common: string[] } {
  const args: string[] = [];
  const flags = new Map<string, string>();
  const common: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index]!;
    if (!word.startsWith("--")) {
      args.push(word);
      continue;
    }
    const [flag = "", inline] = word.slice(2).split(/=(.*)/s);
    const takes = flag === "json" ? "" : COMMON_FLAGS.includes(flag) ? "VALUE" : command.flags[flag];
    if (takes === undefined) throw unknownFlag(command, flag);
    const value = takes === "" ? "" : inline ?? valueIn(rest[++index]);
    if (value === undefined) throw new UsageError(`--${flag} needs a value; use ${usageOf(command)}`);
    if (COMMON_FLAGS.includes(flag)) common.push(`--${flag}=${value}`);
    else flags.set(flag, value);
  }
  const [least, most] = command.count;
  if (args.length < least || args.length > most) throw new UsageError(`Use ${usageOf(command)}`);
  return { args, flags, common };
}

/**
 * The account of a username or name.
 *
 * @throws {UsageError}
 */
export async function accountNamed(accounts: Accounts, handle: string): Promise<Account> {
  const account = await accounts.findByHandle(handle);
  if (account === undefined) throw new UsageError(`There is no account "${handle}"; see parley user list`);
  return account;
}

/** @throws {UsageError} */
export function readRole(given: string): AccountRole {
  const role = ACCOUNT_ROLES.find((known) => known === given.toLowerCase());
  if (role === undefined) throw new UsageError(`Unknown role "${given}": ${ACCOUNT_ROLES.join(", ")}`);
  return role;
}

/**
 * A number from 1 on that a flag takes.
 *
 * @throws {UsageError}
 */
export function readNumber(given: string, { flag, most }: { flag: string; most: number }): number {
  const number = Number(given);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new UsageError(`Bad value "${given}" for --${flag}: a whole number from 1 to ${most}`);
}

/** Flags that every command but serve takes. */
const COMMON_FLAGS = ["data", "config"];

/** What follows a flag, unless it is the next flag. */
function valueIn(word: string | undefined): string | undefined {
  return word?.startsWith("--") ? undefined : word;
}

function unknownFlag(command: CliCommand, flag: string): UsageError {
  const near = nearMiss(flag, [...Object.keys(command.flags), ...COMMON_FLAGS, "json"]);
  const hint = near === undefined ? "" : `; did you mean "--${near}"?`;
  return new UsageError(`Unknown flag "--${flag}"${hint || `; use ${usageOf(command)}`}`);
}
