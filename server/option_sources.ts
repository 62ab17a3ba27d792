import { parse, TomlDate, TomlError, type TomlTable, type TomlValue } from "smol-toml";
import { badValue, ConfigError, printable, unknown } from "./config_error.ts";
import { nearMiss } from "./near_miss.ts";
import { environmentName, installationRows, limitRows, options, type Row } from "./options.ts";

/** Where options come from. */
export interface Sources {
  /** What follows the command. */
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Reads the file that `--config` names; from the disk where nothing else is given. */
  readFile?: (path: string) => string;
  /** The permissions of that file; null where the system has none like these. */
  modeOf?: (path: string) => number | null;
  /** The system whose place for data is the default; the one that this runs on where nothing else is given. */
  platform?: { os: typeof Deno.build.os };
}

/** Where the value of an option is from; each beats those behind it. */
export const ORIGINS = ["flag", "environment", "settings", "file", "default"] as const;

export type Origin = (typeof ORIGINS)[number];

/** A value that somebody gave, not yet checked. */
export interface Given {
  flag: string;
  value: unknown;
  from: Exclude<Origin, "default">;
  /** As whoever gave it knows it: `--tls`, `PARLEY_TLS` or `"tls" in parley.toml`. */
  place: string;
}

/** What the tables of identity providers are called in the file, and they and their secrets among what is given. */
export const PROVIDERS_KEY = "oidc", PROVIDER_SECRET = "oidc-client-secret";

/** The variables that are secrets of identity providers. */
const SECRET_VARIABLE = /^PARLEY_OIDC_[A-Z\d_]+_CLIENT_SECRET$/;

/**
 * What the sources say, the strongest first.
 *
 * @param flags Those that may be on the command line, without `--`.
 * @throws ConfigError
 */
export function collect(sources: Sources, flags: readonly string[] = FLAGS): Given[] {
  const given = [...fromArgs(sources.args, flags), ...fromEnvironment(sources.env)];
  const file = readRow(installationRows.configFile, given);
  if (file === undefined) return given;
  const { readFile = Deno.readTextFileSync } = sources;
  return [...given, ...fromFile(file, readFile)];
}

/**
 * The strongest of what is given, or the default; all that is given must be good.
 *
 * @throws ConfigError
 */
export function readRow<Value>(row: Row<Value>, given: readonly Given[]): Value {
  const values = given.filter(({ flag }) => flag === row.flag).map(({ value, place }) => {
    const result = row.check.read.safeParse(value);
    if (!result.success) throw badValue(value, { place, allowed: row.check.allowed });
    return result.data;
  });
  if (values.length > 0) return values[0]!;
  return row.default === undefined ? undefined as Value : row.check.read.parse(row.default);
}

/** All of them, without `--`. */
const FLAGS = options.map(({ flag }) => flag.slice("--".length));

function fromArgs(args: readonly string[], flags: readonly string[]): Given[] {
  const given: Given[] = [];
  const rest = args.values();
  for (const arg of rest) {
    const [, flag, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (flag === undefined || !flags.includes(flag)) throw unknownArgument(arg, flags);
    const place = `--${flag}`;
    if (given.some((earlier) => earlier.flag === flag)) {
      throw new ConfigError(`Flag "${place}" is given more than once; once is allowed`);
    }
    given.push({ flag, value: value ?? valueAfter(place, rest.next().value), from: "flag", place });
  }
  return given;
}

function unknownArgument(arg: string, flags: readonly string[]): ConfigError {
  const [name = ""] = arg.split("=", 1); // what follows may be a secret
  const meant = nearMiss(name.replace(/^-+/, ""), flags);
  return unknown(`${name.startsWith("-") ? "flag" : "argument"} "${printable(name)}"`, meant && `--${meant}`);
}

function valueAfter(place: string, next: string | undefined): string {
  if (next !== undefined && !next.startsWith("--")) return next;
  const { takes } = options.find(({ flag }) => flag === place)!;
  throw new ConfigError(`Flag "${place}" has no value; write ${place} ${takes}`);
}

/** An empty variable counts as unset: that is how containers and scripts leave one out. */
function fromEnvironment(env: Sources["env"]): Given[] {
  const given: Given[] = [];
  const flagOf = new Map(FLAGS.map((flag) => [environmentName(flag), flag]));
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("PARLEY_") || !value || isServiceLink(name, value)) continue;
    const flag = SECRET_VARIABLE.test(name) ? PROVIDER_SECRET : flagOf.get(name);
    if (flag === undefined) {
      const meant = nearMiss(name.slice("PARLEY_".length), flagOf.values());
      throw unknown(`variable "${printable(name)}"`, meant && environmentName(meant));
    }
    given.push({ flag, value, from: "environment", place: name });
  }
  return given;
}

/**
 * Kubernetes tells every pod where a service named `parley` is: `PARLEY_SERVICE_HOST=10.0.0.11`,
 * `PARLEY_PORT=tcp://10.0.0.11:6697`, `PARLEY_PORT_6697_TCP_ADDR=10.0.0.11`. The operator did not write these.
 */
function isServiceLink(name: string, value: string): boolean {
  return /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name) ||
    (name.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(value));
}

/** Limits stand beside the other keys or in the table `[limits]`; identity providers are tables `[[oidc]]`. */
function fromFile(file: string, readFile: (path: string) => string): Given[] {
  const inFile = `in ${printable(file)}`;
  const { limits = {}, [PROVIDERS_KEY]: providers, ...others } = readToml(file, readFile);
  if (!isTable(limits)) {
    throw badValue(limits, { place: `"limits" ${inFile}`, allowed: "a table of limits" });
  }
  const given: Given[] = providers === undefined
    ? []
    : [{ flag: PROVIDERS_KEY, value: providers, from: "file", place: `"${PROVIDERS_KEY}" ${inFile}` }];
  const flagOf = flagsByKey();
  for (const [key, value] of [...Object.entries(others), ...prefixed("limits.", limits)]) {
    const flag = flagOf.get(key);
    if (flag === undefined) {
      const misplaced = key.replace(/^limits\./, ""); // TOML takes what stands below [limits] for a part of it
      const meant = flagOf.has(misplaced)
        ? misplaced
        : nearMiss(key, [...flagOf.keys(), "limits", PROVIDERS_KEY]);
      throw unknown(`key "${printable(key)}" ${inFile}`, meant);
    }
    if (given.some((earlier) => earlier.flag === flag)) {
      throw new ConfigError(`Key "${flag}" ${inFile} is also given as "${key}"; once is allowed`);
    }
    given.push({ flag, value, from: "file", place: `"${key}" ${inFile}` });
  }
  return given;
}

/** Key as it may be written in the file → flag. */
function flagsByKey(): Map<string, string> {
  const keys = options.flatMap(({ key }) => key ?? []);
  return new Map([
    ...keys.map((key) => [key, key] as const),
    ...Object.values(limitRows).map(({ flag }) => [`limits.${flag}`, flag] as const),
  ]);
}

function prefixed(prefix: string, table: TomlTable): [key: string, value: TomlValue][] {
  return Object.entries(table).map(([key, value]) => [prefix + key, value]);
}

function readToml(file: string, readFile: (path: string) => string): TomlTable {
  const text = readText(file, readFile);
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n", 1)[0]!.replace(/^Invalid TOML document: |\.$/g, "");
    throw new ConfigError(
      `Cannot read ${printable(file)}: line ${error.line}, column ${error.column}: ${reason}`,
      { cause: error },
    );
  }
}

function readText(file: string, readFile: (path: string) => string): string {
  try {
    return readFile(file);
  } catch (error) {
    throw new ConfigError(`Cannot read ${printable(file)}: ${whyUnreadable(error)}`, { cause: error });
  }
}

function whyUnreadable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return "it is not a readable file";
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof TomlDate);
}
