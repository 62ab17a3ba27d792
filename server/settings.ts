import type { Actor, AuditTrail } from "./accounts/audit_trail.ts";
import { changedAtRuntime, type Config, valuesOf, withSettings } from "./config.ts";
import { nearMiss } from "./near_miss.ts";
import type { Origin } from "./option_sources.ts";
import { type AnyRow, limitRows, options, settable, type Settings } from "./options.ts";
import { badSetting, noOtherWayIn, noSuchSetting, settingFixed } from "./refusals.ts";
import type { SettingStore } from "./setting_store.ts";
import type { Log } from "./telemetry/log.ts";
import type { SettingRow } from "./wire/admin_types.ts";
import { quotable } from "./wire/printable.ts";

interface SettingsParts {
  readonly store: SettingStore;
  readonly audit: AuditTrail;
  /** Whether there is an admin who comes in without a password as well. */
  readonly adminWithoutPassword: () => Promise<boolean>;
  /** For how many connections there are file descriptors. */
  readonly mostConnections: number;
  readonly log: Log;
}

/** Flag without `--` → value, as it would be written on the command line; null for what holds where it is not set. */
export type SettingChanges = ReadonlyMap<string, string | null>;

/**
 * What may change while the server runs: the operator changes it by SIGHUP, admins at any time.
 *
 * What admins change goes into the audit trail first, then into the store, and only then holds.
 */
export class SettingsInForce {
  /** One object, changed in place: whoever holds it, or its limits, reads it at each use. */
  readonly current: Settings;
  #parts: SettingsParts;
  /** What admins have set is in its place among the rest. */
  #config: Config;
  /** Flag → value: all that is stored, be it of use or not. */
  #stored: ReadonlyMap<string, string>;
  /** Flag → why what is stored is of no use. */
  #unusable: ReadonlyMap<string, string> = new Map();
  #onChange: (changed: readonly string[]) => void = () => {};
  /** The change that is being made, or was last. */
  #changing: Promise<void> = Promise.resolve();

  private constructor(config: Config, stored: ReadonlyMap<string, string>, parts: SettingsParts) {
    this.#parts = parts;
    this.#stored = stored;
    this.#config = config;
    this.current = settingsOf(config);
    this.reload(config);
  }

  /** Opens them with what the store holds. */
  static async open(config: Config, parts: SettingsParts): Promise<SettingsInForce> {
    return new SettingsInForce(config, await parts.store.all(), parts);
  }

  /** All that admins may set, in the order of the help. */
  list(): SettingRow[] {
    const values = new Map(valuesOf(this.#inForce).map((option) => [option.flag, option]));
    return options.flatMap(({ key = "", group, help, takes, default: usual = "" }) => {
      if (!settable.has(key)) return [];
      const { value, from } = values.get(key)!;
      return { flag: key, group, help, takes, value, default: usual, from, fixed: isFixed(from) };
    });
  }

  /**
   * Sets all of these, or none.
   *
   * @throws {Refusal} `no_such_setting`, `setting_fixed`, `bad_setting`, `no_other_way_in`, `not_stored`
   */
  change(wanted: SettingChanges, by: Actor): Promise<void> {
    const done = this.#changing.then(() => this.#change(wanted, by)); // in turn: each is checked against all before it
    this.#changing = done.catch(() => {});
    return done;
  }

  /**
   * Takes over what the operator has changed; what admins have set stays in its place.
   *
   * @returns As {@link changedAtRuntime} does.
   */
  reload(config: Config): { applied: string[]; needRestart: string[] } {
    const changed = this.#takeOver(config);
    for (const [setting, because] of this.#unusable) {
      this.#parts.log.warn("what admins have set cannot be used", { setting, because });
    }
    this.#warnOfTooFewFiles();
    return changed;
  }

  /** Whom to tell which flags have changed, each with its `--`, as soon as that holds. Must not throw. */
  onChange(receive: (changed: readonly string[]) => void): void {
    this.#onChange = receive;
  }

  async #change(wanted: SettingChanges, by: Actor): Promise<void> {
    const { audit, store, log } = this.#parts;
    const stored = new Map(this.#stored);
    for (const [flag, value] of wanted) {
      const row = this.#changeable(flag);
      if (value === null) stored.delete(flag);
      else stored.set(flag, normalized(row, value));
    }
    const { config, unusable } = withSettings(this.#config, stored);
    for (const [flag, problem] of unusable) {
      if (wanted.has(flag) || !this.#unusable.has(flag)) throw badSetting(problem);
    }
    await this.#checkAdminsComeIn(config);
    const changes = new Map(
      Array.from(wanted.keys(), (flag) => [flag, stored.get(flag) ?? null] as const)
        .filter(([flag, value]) => value !== (this.#stored.get(flag) ?? null)),
    );
    if (changes.size === 0) return;
    for (const [whom, value] of changes) {
      await audit.add({ ...deed(value), whom, who: by.name, from: by.address });
    }
    await store.change(changes);
    this.#stored = stored;
    const { applied } = this.#takeOver(this.#config);
    log.info("settings changed", { by: by.name, changed: applied.join(" ") || "nothing" });
    if (changes.has(limitRows.maxConnections.flag)) this.#warnOfTooFewFiles();
  }

  /** Whoever switches passwords off here must be able to switch them on again. @throws {Refusal} `no_other_way_in` */
  async #checkAdminsComeIn({ passwordLogin }: Config): Promise<void> {
    if (passwordLogin || !this.current.passwordLogin) return;
    if (!await this.#parts.adminWithoutPassword()) throw noOtherWayIn();
  }

  /** @throws {Refusal} `no_such_setting`, `setting_fixed` */
  #changeable(flag: string): AnyRow {
    const row = settable.get(flag);
    if (row === undefined) throw noSuchSetting(quotable(flag), nearMiss(flag, settable.keys()));
    const strongest = this.#config.given.find((option) => option.flag === flag);
    if (strongest !== undefined && isFixed(strongest.from)) throw settingFixed(flag, strongest.place);
    return row;
  }

  #takeOver(wanted: Config): { applied: string[]; needRestart: string[] } {
    const before = { ...this.#inForce, limits: { ...this.current.limits } };
    const { config, unusable } = withSettings(wanted, this.#stored);
    const { limits, ...others } = settingsOf(config);
    const maxConnections = Math.min(limits.maxConnections, this.#parts.mostConnections);
    Object.assign(this.current.limits, limits, { maxConnections });
    Object.assign(this.current, others);
    this.#config = config;
    this.#unusable = unusable;
    const changed = changedAtRuntime(before, this.#inForce);
    this.#onChange(changed.applied);
    return changed;
  }

  /** The configuration with what holds of it now. */
  get #inForce(): Config {
    return { ...this.#config, ...this.current };
  }

  #warnOfTooFewFiles(): void {
    const connections = this.current.limits.maxConnections;
    if (connections === this.#config.limits.maxConnections) return;
    this.#parts.log.warn("the system allows too few open files for --max-connections", { connections });
  }
}

function settingsOf(
  { serverName, motd, signup, guests, requireMfa, passwordLogin, tokenDays, keepDays, limits }: Config,
): Settings {
  return {
    serverName,
    motd,
    signup,
    guests,
    requireMfa,
    passwordLogin,
    tokenDays,
    keepDays,
    limits: { ...limits },
  };
}

/** The operator's word at the start holds until the next start. */
function isFixed(from: Origin): boolean {
  return from === "flag" || from === "environment";
}

/** As it is shown; what is no good is left as it is. */
function normalized({ check }: AnyRow, value: string): string {
  const read = check.read.safeParse(value);
  return read.success ? check.write(read.data) : value;
}

/** For the audit trail, where each deed is one line. */
function deed(value: string | null): { what: string; why: string } {
  return value === null ? { what: "unset", why: "" } : { what: "set", why: value.replaceAll("\n", " / ") };
}
