/**
 * What Parley runs with, put together from its sources.
 *
 * A flag beats the environment, which beats what admins have set, which beats the file, which beats the default. What is
 * unknown or bad is refused wherever the operator wrote it, even where something stronger beats it: it is not what was
 * meant. What admins have set was checked then; what has become bad since is left out.
 */
import { badValue, ConfigError } from "./config_error.ts";
import { readProviders } from "./identity_options.ts";
import type { ProviderOptions } from "./oauth/providers.ts";
import { collect, type Given, type Origin, ORIGINS, readRow, type Sources } from "./option_sources.ts";
import {
  type AnyRow,
  type Installation,
  installationRows,
  limitRows,
  type Limits,
  listenerRows,
  type Listeners,
  type Rows,
  settable,
  settingRows,
  type Settings,
} from "./options.ts";

/** What Parley runs with: resolved at the start and again on SIGHUP. */
export interface Config extends Listeners, Settings {
  configFile: string | undefined;
  dataDir: string;
  /** The operator's own; `undefined`: a self-signed one is made. */
  certificate: { certFile: string; keyFile: string } | undefined;
  log: Installation["log"];
  workers: Installation["workers"];
  /** By whom else people may come in; read once, at the start. */
  identityProviders: readonly ProviderOptions[];
  /** All that the sources say, the strongest first. */
  given: readonly Given[];
}

/** Flag without `--` → what admins have set, as it would be written on the command line. */
export type SetByAdmins = ReadonlyMap<string, string>;

/**
 * Puts all sources together.
 *
 * @throws ConfigError
 */
export function resolveConfig(sources: Sources): Config {
  const given = collect(sources);
  const { configFile, dataDir, certFile, keyFile, log, workers } = readRows(installationRows, given);
  const settings = readSettings(given);
  const clash = clashIn(settings.limits, (flag) => `--${flag}`);
  if (clash !== undefined) throw new ConfigError(clash);
  return {
    ...readListeners(given),
    ...settings,
    configFile,
    dataDir: dataDir ?? platformDataDir(sources),
    certificate: pair(certFile, keyFile),
    log,
    workers,
    identityProviders: readProviders(given, { path: configFile, modeOf: sources.modeOf ?? modeOf }),
    given,
  };
}

/**
 * Puts what admins have set in its place among the sources, instead of what they had set before.
 *
 * @returns Beside the configuration, what could not be used and was left out: its flag → why, without a full stop.
 */
export function withSettings(
  config: Config,
  set: SetByAdmins,
): { config: Config; unusable: ReadonlyMap<string, string> } {
  const unusable = new Map<string, string>();
  for (const [flag, value] of set) {
    const problem = problemWith(flag, value);
    if (problem !== undefined) unusable.set(flag, problem);
  }
  const usable = () => [...set].filter(([flag]) => !unusable.has(flag));
  const { limits } = readSettings(placed(config.given, usable()));
  const clash = clashIn(limits, (flag) => flag);
  if (clash !== undefined) {
    for (const [flag] of usable()) if (CLASHING.includes(flag)) unusable.set(flag, clash);
  }
  const given = placed(config.given, usable());
  return { config: { ...config, ...readSettings(given), given }, unusable };
}

/**
 * Where the data is, for the commands that work beside a server. They take `--data` and `--config` alone, but the
 * same environment and the same file; what these say about other options is not looked at.
 *
 * @throws ConfigError
 */
export function resolveDataDir(sources: Sources): string {
  const { dataDir, configFile } = installationRows;
  const given = collect(sources, [dataDir.flag, configFile.flag]);
  return readRow(dataDir, given) ?? platformDataDir(sources);
}

/**
 * How long a token is valid, for the commands that work beside a server; from where {@link resolveDataDir} takes it.
 *
 * @throws ConfigError
 */
export function resolveTokenDays(sources: Sources, set: SetByAdmins): number {
  const { dataDir, configFile } = installationRows;
  const { tokenDays } = settingRows;
  const given = collect(sources, [dataDir.flag, configFile.flag]);
  const usable = [...set].filter(([flag, value]) => problemWith(flag, value) === undefined);
  return readRow(tokenDays, placed(given, usable));
}

/**
 * Where the pages are, and by which certificate, for the commands that work beside a server; from where
 * {@link resolveDataDir} takes it.
 *
 * @throws ConfigError
 */
export function resolvePages(
  sources: Sources,
): Pick<Listeners, "https" | "http"> & Pick<Config, "certificate"> {
  const { dataDir, configFile, certFile, keyFile } = installationRows;
  const given = collect(sources, [dataDir.flag, configFile.flag]);
  return {
    https: readRow(listenerRows.https, given),
    http: readRow(listenerRows.http, given),
    certificate: pair(readRow(certFile, given), readRow(keyFile, given)),
  };
}

/** An option with its value. */
export interface OptionValue {
  /** Without `--`. */
  readonly flag: string;
  /** As it would be written; "" for none. */
  readonly value: string;
  readonly from: Origin;
}

/** All options in the order of the help. */
export function valuesOf(config: Config): OptionValue[] {
  const values = byField(config);
  return ALL_ROWS.map(([field, { flag, check }]) => ({
    flag,
    value: values[field] === undefined ? "" : check.write(values[field]),
    from: config.given.find((option) => option.flag === flag)?.from ?? "default",
  }));
}

/**
 * The flags whose value SIGHUP changes, and those whose new value waits for a restart, as do the tables `[[oidc]]`. Files
 * that keep their name and have new content, such as a renewed certificate, are not among them.
 */
export function changedAtRuntime(
  before: Config,
  after: Config,
): { applied: string[]; needRestart: string[] } {
  const [old, now] = [byField(before), byField(after)];
  const providers = JSON.stringify(old.identityProviders) !== JSON.stringify(now.identityProviders);
  const changed = ALL_ROWS
    .filter(([field]) => JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map(([, row]) => row);
  return {
    applied: changed.filter((row) => !row.fixed).map((row) => `--${row.flag}`),
    needRestart: [
      ...changed.filter((row) => row.fixed).map((row) => `--${row.flag}`),
      ...providers ? ["[[oidc]]"] : [],
    ],
  };
}

/** Field → its option. */
const ALL_ROWS: readonly [string, AnyRow][] = [listenerRows, installationRows, settingRows, limitRows]
  .flatMap((rows) => Object.entries<AnyRow>(rows));

/** All values side by side, as the rows name them. */
function byField({ limits, certificate, ...others }: Config): Record<string, unknown> {
  return { ...others, ...limits, ...certificate };
}

function readListeners(given: readonly Given[]): Listeners {
  const listeners = readRows(listenerRows, given);
  for (const [field, { flag }] of Object.entries(listenerRows)) {
    const listener = listeners[field as keyof Listeners];
    if (listener !== "off") listener.asked = given.some((option) => option.flag === flag);
  }
  return listeners;
}

function readSettings(given: readonly Given[]): Settings {
  return { ...readRows(settingRows, given), limits: readRows(limitRows, given) };
}

function readRows<Values>(rows: Rows<Values>, given: readonly Given[]): Values {
  const values = Object.entries<AnyRow>(rows).map(([field, row]) => [field, readRow(row, given)]);
  return Object.fromEntries(values) as Values;
}

/** Settings among what else is given, where they belong; earlier ones are left out. */
function placed(given: readonly Given[], set: Iterable<[flag: string, value: string]>): Given[] {
  const settings = Array.from(
    set,
    ([flag, value]): Given => ({ flag, value, from: "settings", place: flag }),
  );
  return [...given.filter(({ from }) => from !== "settings"), ...settings]
    .sort((one, other) => ORIGINS.indexOf(one.from) - ORIGINS.indexOf(other.from));
}

/** Why a setting cannot be used, whatever else is set. */
function problemWith(flag: string, value: string): string | undefined {
  const row = settable.get(flag);
  if (row === undefined) return "there is no such setting";
  if (row.check.read.safeParse(value).success) return undefined;
  return badValue(value, { place: flag, allowed: row.check.allowed }).message;
}

/** What {@link clashIn} looks at. */
const CLASHING = [limitRows.outboxBytes.flag, limitRows.outboxTotalBytes.flag];

/** Why limits cannot be used together. */
function clashIn(
  { outboxBytes, outboxTotalBytes }: Limits,
  named: (flag: string) => string,
): string | undefined {
  if (outboxTotalBytes >= outboxBytes) return undefined;
  const { flag, check } = limitRows.outboxTotalBytes;
  const other = limitRows.outboxBytes;
  return `Cannot use ${named(flag)} ${check.write(outboxTotalBytes)}: ` +
    `it must be no less than ${named(other.flag)}, which is ${other.check.write(outboxBytes)}`;
}

function modeOf(path: string): number | null {
  return Deno.statSync(path).mode;
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
