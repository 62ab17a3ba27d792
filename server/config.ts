/**
 * Every option once: flag, environment name, key in the file, default, check and line of help.
 *
 * A flag beats the environment, which beats the file, which beats the default. What is unknown or bad is refused
 * wherever it stands, even where something stronger beats it: it is not what the operator meant.
 */
import { parse, TomlDate, TomlError, type TomlTable, type TomlValue } from "smol-toml";
import {
  address,
  bytes,
  type Check,
  choice,
  count,
  days,
  KiB,
  lineOfText,
  MiB,
  onOff,
  orOff,
  path,
  rate,
  seconds,
} from "./_option_checks.ts";
import { nearMiss } from "./near_miss.ts";

/** What Parley runs with: resolved at the start and again on SIGHUP. */
export interface Config {
  /** Chat over TLS. */
  tls: ListenAddress | "off";
  /** Chat in the clear. */
  plain: ListenAddress | "off";
  https: ListenAddress | "off";
  http: ListenAddress | "off";
  dataDir: string;
  /** The operator's own; `undefined`: a self-signed one is made. */
  certificate: { certFile: string; keyFile: string } | undefined;
  /** As in `Welcome to <server name>.` */
  serverName: string;
  /** The message of the day; "" for none. */
  motd: string;
  /** Who may create an account: anybody, those who were invited, nobody. */
  signup: "open" | "invite" | "closed";
  guests: boolean;
  tokenDays: number;
  /** How many days messages are kept. */
  keepDays: number | "forever";
  log: "text" | "json";
  limits: Limits;
}

/** Where to listen. */
export interface ListenAddress {
  /** A name or an address, IPv6 without brackets. */
  host: string;
  /** 0 for any free one. */
  port: number;
  /** Whether the operator named it; where not, a taken port gives way to the next free one. */
  asked: boolean;
}

/** The contract's limits (2.2). Plain numbers that may be `off` are then 0. */
export interface Limits {
  lineBytes: number;
  /** Messages of one connection. */
  rate: Rate | "off";
  /** Commands of one connection. */
  commandRate: Rate | "off";
  /** Read from one connection. */
  bytesPerSecond: number;
  /** Waiting for one slow reader. */
  outboxBytes: number;
  /** Waiting for all slow readers together; never less than `outboxBytes`. */
  outboxTotalBytes: number;
  /** A write that makes no progress. */
  stallMs: number;
  /** Silence after which a program is asked for a sign of life, and after which it is given up. */
  pingMs: number;
  silentMs: number;
  /** TLS handshake. */
  handshakeMs: number;
  /** From the connection to the log-in. */
  loginMs: number;
  loginLines: number;
  loginBytes: number;
  /** Refused answers to the greeting, or to one of its questions, on one connection. */
  loginTries: number;
  maxConnections: number;
  connectionsPerAddress: number;
  newConnectionsPerMinute: number;
  /** Per address, and again per account and address together. */
  loginsPerMinute: number;
  /** Per address. */
  signupsPerHour: number;
  signupsPerHourInAll: number;
  /** HTTP: what follows the headers. */
  bodyBytes: number;
  headerMs: number;
  bodyMs: number;
}

/** So many at once, and so many a second after that. */
export interface Rate {
  burst: number;
  perSecond: number;
}

/** Where options come from. */
export interface Sources {
  /** What follows the command. */
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Reads the file that `--config` names; from the disk where nothing else is given. */
  readFile?: (path: string) => string;
  /** The system whose place for data is the default; the one that this runs on where nothing else is given. */
  platform?: { os: typeof Deno.build.os };
}

/** An option as the help and the manual show it. */
export interface Option {
  /** `--tls` */
  flag: string;
  /** `PARLEY_TLS` */
  env: string;
  /** `tls`; limits also stand in the table `[limits]`. Only `--config` has none. */
  key: string | undefined;
  /** `HOST:PORT|off` */
  takes: string;
  /** As the operator would write it; `undefined` where there is none, or it depends on the machine. */
  default: string | undefined;
  help: string;
}

/** Why Parley does not start: one line that says what is wrong and what is allowed. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

interface Row<Value> {
  /** Without `--`: the key in the file. */
  flag: string;
  /** Goes through the check like everything else; without it the value is `undefined`. */
  default?: string;
  check: Check<Exclude<Value, undefined>>;
  help: string;
  /** Read once, at the start; what does not say so also changes on SIGHUP. */
  fixed?: true;
}

/** Field → its option, so that the compiler finds the forgotten one. */
type Rows<Values> = { [Field in keyof Values]: Row<Values[Field]> };

type AnyRow = Row<unknown>;
type AnyRows = Rows<Record<string, unknown>>;

type Listeners = Pick<Config, "tls" | "plain" | "https" | "http">;

const listenerRows: Rows<Listeners> = {
  tls: {
    flag: "tls",
    default: "0.0.0.0:6697",
    check: orOff(address("0.0.0.0"), "off"),
    help: "TLS chat",
    fixed: true,
  },
  plain: {
    flag: "plain",
    default: "127.0.0.1:6667",
    check: orOff(address("127.0.0.1"), "off"),
    help: "chat without TLS",
    fixed: true,
  },
  https: {
    flag: "https",
    default: "0.0.0.0:8443",
    check: orOff(address("0.0.0.0"), "off"),
    help: "HTTP API over TLS",
    fixed: true,
  },
  http: {
    flag: "http",
    default: "127.0.0.1:5000",
    check: orOff(address("127.0.0.1"), "off"),
    help: "HTTP API without TLS",
    fixed: true,
  },
};

interface ServerValues
  extends Pick<Config, "serverName" | "motd" | "signup" | "guests" | "tokenDays" | "keepDays" | "log"> {
  configFile: string | undefined;
  dataDir: string | undefined;
  certFile: string | undefined;
  keyFile: string | undefined;
}

const serverRows: Rows<ServerValues> = {
  configFile: { flag: "config", check: path("FILE"), help: "TOML with these names as keys" },
  dataDir: {
    flag: "data",
    check: path("DIR"),
    help: "where all data is, else the system's own place",
    fixed: true,
  },
  certFile: { flag: "cert", check: path("FILE"), help: "certificate chain in PEM, else self-signed" },
  keyFile: { flag: "key", check: path("FILE"), help: "its private key in PEM" },
  serverName: {
    flag: "name",
    default: "Parley",
    check: lineOfText(64),
    help: "what the server calls itself",
  },
  motd: { flag: "motd", default: "", check: lineOfText(1_000, 0), help: "message of the day" },
  signup: {
    flag: "signup",
    default: "open",
    check: choice("open", "invite", "closed"),
    help: "who may create an account",
  },
  guests: { flag: "guests", default: "on", check: onOff(), help: "whether guests may come in" },
  tokenDays: { flag: "token-days", default: "30", check: count(1, 3650), help: "how long a token is valid" },
  keepDays: { flag: "keep", default: "90d", check: days(36_500), help: "how long messages are kept" },
  log: {
    flag: "log",
    default: "text",
    check: choice("text", "json"),
    help: "how log lines look",
    fixed: true,
  },
};

/**
 * A line must fit, with its names and as JSON, in one value of Deno KV: 65,536 bytes, of which a character takes two as
 * soon as one in the line is beyond Latin-1, and a quotation mark twice as much. A longer line would be accepted and then
 * could not be kept.
 */
const maxLineBytes = 16_000;

const limitRows: Rows<Limits> = {
  lineBytes: { flag: "line-bytes", default: "4096", check: bytes(64, maxLineBytes), help: "longest line" },
  rate: {
    flag: "rate",
    default: "20,5",
    check: orOff(rate(10_000), "off"),
    help: "messages of a connection",
  },
  commandRate: {
    flag: "command-rate",
    default: "60,10",
    check: orOff(rate(10_000), "off"),
    help: "commands of a connection",
  },
  bytesPerSecond: {
    flag: "byte-rate",
    default: "64KiB",
    check: orOff(bytes(KiB, 1024 * MiB), 0),
    help: "read a second from a connection",
  },
  outboxBytes: {
    flag: "outbox-bytes",
    default: "256KiB",
    check: bytes(64 * KiB, 64 * MiB),
    help: "waiting for a slow reader",
  },
  outboxTotalBytes: {
    flag: "outbox-total-bytes",
    default: "256MiB",
    check: bytes(64 * KiB, 65_536 * MiB),
    help: "waiting for all of these",
  },
  stallMs: {
    flag: "stall-seconds",
    default: "30",
    check: seconds(1, 3600),
    help: "a write without progress",
  },
  pingMs: {
    flag: "ping-seconds",
    default: "30",
    check: seconds(1, 3600),
    help: "silence before JSON is pinged",
  },
  silentMs: {
    flag: "silent-seconds",
    default: "90",
    check: seconds(2, 7200),
    help: "silence that ends JSON",
  },
  handshakeMs: { flag: "handshake-seconds", default: "10", check: seconds(1, 300), help: "TLS handshake" },
  loginMs: { flag: "login-seconds", default: "60", check: seconds(1, 3600), help: "time to log in" },
  loginLines: { flag: "login-lines", default: "20", check: count(4, 1000), help: "lines before log-in" },
  loginBytes: {
    flag: "login-bytes",
    default: "16KiB",
    check: bytes(4 * KiB, MiB),
    help: "sent before log-in",
  },
  loginTries: { flag: "login-tries", default: "5", check: count(1, 100), help: "refusals on a connection" },
  maxConnections: {
    flag: "max-connections",
    default: "10000",
    check: count(1, 1_000_000),
    help: "open in all",
  },
  connectionsPerAddress: {
    flag: "connections-per-address",
    default: "64",
    check: orOff(count(1, 1_000_000), 0),
    help: "open at a time",
  },
  newConnectionsPerMinute: {
    flag: "new-connections-per-minute",
    default: "120",
    check: orOff(count(1, 1_000_000), 0),
    help: "per address",
  },
  loginsPerMinute: {
    flag: "logins-per-minute",
    default: "10",
    check: orOff(count(1, 100_000), 0),
    help: "per address, per account",
  },
  signupsPerHour: {
    flag: "signups-per-hour",
    default: "5",
    check: orOff(count(1, 100_000), 0),
    help: "per address",
  },
  signupsPerHourInAll: {
    flag: "signups-per-hour-in-all",
    default: "60",
    check: orOff(count(1, 100_000), 0),
    help: "of all addresses",
  },
  bodyBytes: {
    flag: "body-bytes",
    default: "64KiB",
    check: bytes(KiB, 16 * MiB),
    help: "HTTP request body",
  },
  headerMs: {
    flag: "header-seconds",
    default: "10",
    check: seconds(1, 300),
    help: "time to send HTTP headers",
  },
  bodyMs: { flag: "body-seconds", default: "30", check: seconds(1, 3600), help: "time to send an HTTP body" },
};

const groups: [title: string, rows: AnyRows][] = [
  ["Listeners", listenerRows],
  ["Server", serverRows],
  ["Limits", limitRows],
];

/** All options in the order of the help. */
export const options: readonly Option[] = groups.flatMap(([, rows]) => optionsOf(rows));

/**
 * Puts all sources together.
 *
 * @throws ConfigError
 */
export function resolveConfig(sources: Sources): Config {
  const given = collect(sources, allFlags());
  const { configFile: _, dataDir, certFile, keyFile, ...server } = readRows(serverRows, given);
  return {
    ...readListeners(given),
    ...server,
    dataDir: dataDir ?? platformDataDir(sources),
    certificate: pair(certFile, keyFile),
    limits: readLimits(given),
  };
}

/**
 * Where the data is, for the commands that work beside a server. They take `--data` and `--config` alone, but the
 * same environment and the same file; what these say about other options is not looked at.
 *
 * @throws ConfigError
 */
export function resolveDataDir(sources: Sources): string {
  const { dataDir, configFile } = serverRows;
  const given = collect(sources, [dataDir.flag, configFile.flag]);
  return readRow(dataDir, given) ?? platformDataDir(sources);
}

/**
 * How long a token is valid, for the commands that work beside a server; from where {@link resolveDataDir} takes it.
 *
 * @throws ConfigError
 */
export function resolveTokenDays(sources: Sources): number {
  const { dataDir, configFile, tokenDays } = serverRows;
  return readRow(tokenDays, collect(sources, [dataDir.flag, configFile.flag]));
}

/**
 * The flags whose value SIGHUP changes, and those whose new value waits for a restart. Files that keep their name and
 * have new content, such as a renewed certificate, are not among them.
 */
export function changedAtRuntime(
  before: Config,
  after: Config,
): { applied: string[]; needRestart: string[] } {
  const [old, now] = [byField(before), byField(after)];
  const changed = groups.flatMap(([, rows]) => Object.entries(rows))
    .filter(([field]) => JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map(([, row]) => row);
  return {
    applied: changed.filter((row) => !row.fixed).map((row) => `--${row.flag}`),
    needRestart: changed.filter((row) => row.fixed).map((row) => `--${row.flag}`),
  };
}

/** What `parley help` says about options: at most 100 columns wide. */
export function optionsHelp(): string {
  const column = Math.max(...options.map(({ flag, takes }) => `${flag} ${takes}`.length)) + 2;
  const line = (option: Option) => {
    const aside = option.default === undefined ? option.env : `${option.default}; ${option.env}`;
    return `  ${`${option.flag} ${option.takes}`.padEnd(column)}${option.help} (${aside})`;
  };
  return [
    ...groups.flatMap(([title, rows]) => [title, ...optionsOf(rows).map(line), ""]),
    "In parentheses: the default, and the environment variable that sets it. A flag beats the",
    "environment, which beats the file, which beats the default. BYTES may end in KiB or MiB.",
  ].join("\n");
}

function optionsOf(rows: AnyRows): Option[] {
  return Object.values(rows).map((row) => ({
    flag: `--${row.flag}`,
    env: environmentName(row.flag),
    key: row === serverRows.configFile ? undefined : row.flag,
    takes: row.check.takes,
    default: row.default,
    help: row.help,
  }));
}

function environmentName(flag: string): string {
  return `PARLEY_${flag.toUpperCase().replaceAll("-", "_")}`;
}

function allFlags(): string[] {
  return groups.flatMap(([, rows]) => flagsOf(rows));
}

function flagsOf(rows: AnyRows): string[] {
  return Object.values(rows).map((row) => row.flag);
}

/** A value that somebody gave, not yet checked. */
interface Given {
  flag: string;
  value: unknown;
  /** As the operator knows it: `--tls`, `PARLEY_TLS` or `"tls" in parley.toml`. */
  place: string;
}

/** What the sources say, the strongest first. */
function collect(sources: Sources, flags: readonly string[]): Given[] {
  const given = [...fromArgs(sources.args, flags), ...fromEnvironment(sources.env)];
  const file = readRow(serverRows.configFile, given);
  if (file === undefined) return given;
  const { readFile = Deno.readTextFileSync } = sources;
  return [...given, ...fromFile(file, readFile)];
}

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
    given.push({ flag, value: value ?? valueAfter(place, rest.next().value), place });
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
  const flagOf = new Map(allFlags().map((flag) => [environmentName(flag), flag]));
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("PARLEY_") || !value || isServiceLink(name, value)) continue;
    const flag = flagOf.get(name);
    if (flag === undefined) {
      const meant = nearMiss(name.slice("PARLEY_".length), flagOf.values());
      throw unknown(`variable "${printable(name)}"`, meant && environmentName(meant));
    }
    given.push({ flag, value, place: name });
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

/** Limits stand beside the other keys or in the table `[limits]`. */
function fromFile(file: string, readFile: (path: string) => string): Given[] {
  const inFile = `in ${printable(file)}`;
  const { limits = {}, ...others } = readToml(file, readFile);
  if (!isTable(limits)) throw badValue(limits, `"limits" ${inFile}`, "a table of limits");
  const given: Given[] = [];
  const flagOf = flagsByKey();
  for (const [key, value] of [...Object.entries(others), ...prefixed("limits.", limits)]) {
    const flag = flagOf.get(key);
    if (flag === undefined) {
      const misplaced = key.replace(/^limits\./, ""); // TOML takes what stands below [limits] for a part of it
      const meant = flagOf.has(misplaced) ? misplaced : nearMiss(key, [...flagOf.keys(), "limits"]);
      throw unknown(`key "${printable(key)}" ${inFile}`, meant);
    }
    if (given.some((earlier) => earlier.flag === flag)) {
      throw new ConfigError(`Key "${flag}" ${inFile} is also given as "${key}"; once is allowed`);
    }
    given.push({ flag, value, place: `"${key}" ${inFile}` });
  }
  return given;
}

/** Key as it may be written in the file → flag. */
function flagsByKey(): Map<string, string> {
  const keys = options.flatMap(({ key }) => key ?? []);
  return new Map([
    ...keys.map((key) => [key, key] as const),
    ...flagsOf(limitRows).map((flag) => [`limits.${flag}`, flag] as const),
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

function readListeners(given: readonly Given[]): Listeners {
  const listeners = readRows(listenerRows, given);
  for (const [field, { flag }] of Object.entries(listenerRows)) {
    const listener = listeners[field as keyof Listeners];
    if (listener !== "off") listener.asked = given.some((option) => option.flag === flag);
  }
  return listeners;
}

function readLimits(given: readonly Given[]): Limits {
  const limits = readRows(limitRows, given);
  if (limits.outboxTotalBytes < limits.outboxBytes) {
    throw new ConfigError(
      `Cannot use --outbox-total-bytes ${limits.outboxTotalBytes}: ` +
        `it must be no less than --outbox-bytes, which is ${limits.outboxBytes}`,
    );
  }
  return limits;
}

function readRows<Values>(rows: Rows<Values>, given: readonly Given[]): Values {
  const values = Object.entries<AnyRow>(rows).map(([field, row]) => [field, readRow(row, given)]);
  return Object.fromEntries(values) as Values;
}

/** The strongest of what is given, or the default; all that is given must be good. */
function readRow<Value>(row: Row<Value>, given: readonly Given[]): Value {
  const values = given.filter(({ flag }) => flag === row.flag).map(({ value, place }) => {
    const result = row.check.read.safeParse(value);
    if (!result.success) throw badValue(value, place, row.check.allowed);
    return result.data;
  });
  if (values.length > 0) return values[0]!;
  return row.default === undefined ? undefined as Value : row.check.read.parse(row.default);
}

/** A certificate is no use without its key, nor the key without it. */
function pair(certFile: string | undefined, keyFile: string | undefined): Config["certificate"] {
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile === keyFile) return undefined;
  const [given, missing] = certFile === undefined ? ["--key", "--cert"] : ["--cert", "--key"];
  throw new ConfigError(`Cannot use ${given} alone: ${missing} is not given; give both or neither`);
}

/** The place that the system has for the data of programs. */
function platformDataDir({ env, platform = Deno.build }: Sources): string {
  if (platform.os === "windows") {
    if (env.LOCALAPPDATA) return `${env.LOCALAPPDATA}\\parley`;
    throw noPlaceForData("LOCALAPPDATA is not set");
  }
  if (platform.os === "darwin") {
    if (env.HOME) return `${env.HOME}/Library/Application Support/parley`;
    throw noPlaceForData("HOME is not set");
  }
  // A relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  if (env.XDG_DATA_HOME?.startsWith("/")) return `${env.XDG_DATA_HOME}/parley`;
  if (env.HOME) return `${env.HOME}/.local/share/parley`;
  throw noPlaceForData("neither XDG_DATA_HOME nor HOME is set");
}

function noPlaceForData(why: string): ConfigError {
  return new ConfigError(`Cannot find a place for the data: ${why}; set it or give --data DIR`);
}

/** All values side by side, as the rows name them. */
function byField({ limits, certificate, ...others }: Config): Record<string, unknown> {
  return { ...others, ...limits, ...certificate };
}

function unknown(what: string, meant: string | undefined): ConfigError {
  const hint = meant === undefined ? "see parley help" : `did you mean "${meant}"?`;
  return new ConfigError(`Unknown ${what}; ${hint}`);
}

function badValue(value: unknown, place: string, allowed: string): ConfigError {
  const shown = typeof value === "object"
    ? printable(JSON.stringify(value))
    : `"${printable(String(value))}"`;
  return new ConfigError(`Bad value ${shown} for ${place}: ${allowed}`);
}

/** Fit for one line of a terminal: no control characters, and not for ever. */
function printable(text: string): string {
  const start = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return start.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
