/**
 * Every option once: flag, default, check and line of help. What it is called in the environment and in the file follows
 * from the flag.
 */
import { MFA_POLICIES, type MfaPolicy } from "./accounts/mfa.ts";
import {
  address,
  bytes,
  type Check,
  choice,
  count,
  days,
  KiB,
  lineOfText,
  linesOfText,
  MiB,
  onOff,
  orAuto,
  orOff,
  path,
  rate,
  seconds,
} from "./_option_checks.ts";

/** Where Parley listens. */
export interface Listeners {
  /** Chat over TLS. */
  tls: ListenAddress | "off";
  /** Chat in the clear. */
  plain: ListenAddress | "off";
  https: ListenAddress | "off";
  http: ListenAddress | "off";
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

/** What is between the operator and this machine. */
export interface Installation {
  configFile: string | undefined;
  dataDir: string | undefined;
  certFile: string | undefined;
  keyFile: string | undefined;
  /** `undefined`: text at a terminal; elsewhere the start as text, which people look for, and what follows as JSON. */
  log: "text" | "json" | undefined;
  /** How many workers have the sockets of those who chat; with 0 the main isolate has them. */
  workers: number | "auto";
}

/** What may change while the server runs: by SIGHUP, and at any time by admins. */
export interface Settings {
  /** As in `Welcome to <server name>.` */
  serverName: string;
  /** The message of the day, of a few lines; "" for none. */
  motd: string;
  /** Who may create an account: anybody, those who were invited, nobody. */
  signup: "open" | "invite" | "closed";
  guests: boolean;
  /** Who must have a second factor. */
  requireMfa: MfaPolicy;
  /** Whether a password lets anybody in. */
  passwordLogin: boolean;
  tokenDays: number;
  /** How many days messages are kept. */
  keepDays: number | "forever";
  limits: Limits;
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

/** How an option is given, and what it may be. */
export interface Row<Value> {
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
export type Rows<Values> = { [Field in keyof Values]: Row<Values[Field]> };

export type AnyRow = Row<unknown>;

export const listenerRows: Rows<Listeners> = {
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

/** Past this the isolate that has the chat itself is long what they all wait for. */
const MOST_WORKERS = 64;

export const installationRows: Rows<Installation> = {
  configFile: { flag: "config", check: path("FILE"), help: "TOML with these names as keys" },
  dataDir: {
    flag: "data",
    check: path("DIR"),
    help: "where all data is, else the system's own place",
    fixed: true,
  },
  certFile: { flag: "cert", check: path("FILE"), help: "certificate chain in PEM, else self-signed" },
  keyFile: { flag: "key", check: path("FILE"), help: "its private key in PEM" },
  log: {
    flag: "log",
    check: choice("text", "json"),
    help: "how log lines look, else text at a terminal only",
    fixed: true,
  },
  workers: {
    flag: "workers",
    default: "0",
    check: orAuto(count(0, MOST_WORKERS)),
    help: "further cores for those who chat",
    fixed: true,
  },
};

export const settingRows: Rows<Omit<Settings, "limits">> = {
  serverName: {
    flag: "name",
    default: "Parley",
    check: lineOfText(64),
    help: "what the server calls itself",
  },
  motd: {
    flag: "motd",
    default: "",
    check: linesOfText({ lines: 20, characters: 1_000 }),
    help: "message of the day, shown after the log-in",
  },
  signup: {
    flag: "signup",
    default: "open",
    check: choice("open", "invite", "closed"),
    help: "who may create an account",
  },
  guests: { flag: "guests", default: "on", check: onOff(), help: "whether guests may come in" },
  requireMfa: {
    flag: "require-mfa",
    default: "none",
    check: choice(...MFA_POLICIES),
    help: "who must have a second factor",
  },
  passwordLogin: {
    flag: "password-login",
    default: "on",
    check: onOff(),
    help: "whether one logs in by password",
  },
  tokenDays: { flag: "token-days", default: "30", check: count(1, 3650), help: "how long a token is valid" },
  keepDays: { flag: "keep", default: "90d", check: days(36_500), help: "how long messages are kept" },
};

/**
 * A line must fit, with its names and as JSON, in one value of Deno KV: 65,536 bytes, of which a character takes two as
 * soon as one in the line is beyond Latin-1, and a quotation mark twice as much. A longer line would be accepted and then
 * could not be kept.
 */
const maxLineBytes = 16_000;

export const limitRows: Rows<Limits> = {
  lineBytes: { flag: "line-bytes", default: "4KiB", check: bytes(64, maxLineBytes), help: "longest line" },
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

/** Flag without `--` → the option, of all that admins may set. */
export const settable: ReadonlyMap<string, AnyRow> = new Map(
  [...Object.values<AnyRow>(settingRows), ...Object.values<AnyRow>(limitRows)].map((row) => [row.flag, row]),
);

/** An option as the help, the manual and the admin page show it. */
export interface Option {
  /** Its heading. */
  group: string;
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

/** All options in the order of the help. */
export const options: readonly Option[] = [
  ...optionsOf("Listeners", listenerRows),
  ...optionsOf("Server", { ...installationRows, ...settingRows }),
  ...optionsOf("Limits", limitRows),
];

/** What `parley help` says about options: at most 100 columns wide. */
export function optionsHelp(): string {
  const column = Math.max(...options.map(({ flag, takes }) => `${flag} ${takes}`.length)) + 2;
  const line = (option: Option) => {
    const aside = option.default ? `${option.default}; ${option.env}` : option.env;
    return `  ${`${option.flag} ${option.takes}`.padEnd(column)}${option.help} (${aside})`;
  };
  const groups = Map.groupBy(options, ({ group }) => group);
  return [
    ...Array.from(groups, ([title, options]) => [title, ...options.map(line), ""]).flat(),
    "In parentheses: the default, and the environment variable that sets it. A flag beats the",
    "environment, which beats what admins have set, which beats the file, which beats the default.",
    "BYTES may end in KiB or MiB.",
  ].join("\n");
}

export function environmentName(flag: string): string {
  return `PARLEY_${flag.toUpperCase().replaceAll("-", "_")}`;
}

function optionsOf(group: string, rows: Rows<Record<string, unknown>>): Option[] {
  return Object.values(rows).map((row) => ({
    group,
    flag: `--${row.flag}`,
    env: environmentName(row.flag),
    key: row === installationRows.configFile ? undefined : row.flag,
    takes: row.check.takes,
    default: row.default,
    help: row.help,
  }));
}
