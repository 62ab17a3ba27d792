/**
 * The identity providers of the file, `[[oidc]]`. Their secrets may come from the environment instead, and never from a
 * flag, which others on the machine can read.
 */
import { z } from "zod";
import { providerFields as fields, type ProviderKey as Key, type ProviderValue } from "./_provider_fields.ts";
import { badValue, ConfigError, printable, unknown } from "./config_error.ts";
import { nearMiss } from "./near_miss.ts";
import { OPENID_SCOPES, type Preset, presets, type ProviderOptions } from "./oauth/providers.ts";
import { type Given, PROVIDER_SECRET, PROVIDERS_KEY } from "./option_sources.ts";
import { environmentName } from "./options.ts";

/** What stands where a secret would. */
const SET = "(set)";

/** Others may not so much as read a file with these bits. */
const OTHERS = 0o077;

const KEYS = Object.keys(fields) as Key[];

/** A row of the file, with how to speak of its keys. */
interface Row {
  readonly values: Readonly<Record<string, unknown>>;
  /** `"oidc.corp.issuer" in parley.toml` */
  place(key: string): string;
}

/**
 * Reads the rows, and the secrets that belong to them.
 *
 * @param file.modeOf Its permissions; null where the system knows none.
 * @throws ConfigError
 */
export function readProviders(
  given: readonly Given[],
  file: { path: string | undefined; modeOf: (path: string) => number | null },
): ProviderOptions[] {
  const rows = rowsIn(given);
  if (rows.some(({ values }) => "client_secret" in values)) checkUnreadByOthers(file);
  const providers = rows.map((row) => readProvider(row, given));
  checkDistinct(providers, rows);
  for (const { place } of secretsIn(given)) {
    const variables = providers.map(({ name }) => secretVariable(name));
    if (!variables.includes(place)) {
      throw unknown(`variable "${printable(place)}"`, nearMiss(place, variables));
    }
  }
  return providers;
}

/** What `config show` says of them: all but their secrets. */
export function providerValues(
  { identityProviders, given }: { identityProviders: readonly ProviderOptions[]; given: readonly Given[] },
): { key: string; value: string; from: "file" | "environment" }[] {
  return identityProviders.flatMap(({ name, ...provider }) => {
    const byVariable = secretsIn(given).some(({ place }) => place === secretVariable(name));
    const values: Record<Exclude<Key, "name">, string | undefined> = {
      title: provider.title,
      preset: provider.preset,
      issuer: provider.issuer,
      client_id: provider.clientId,
      client_secret: SET,
      scopes: provider.scopes.join(" "),
      allow: provider.allow?.join(" "),
      role_claim: provider.roleClaim,
    };
    return Object.entries(values).flatMap(([key, value]) => {
      const from = key === "client_secret" && byVariable ? "environment" as const : "file" as const;
      return value === undefined ? [] : [{ key: `${PROVIDERS_KEY}.${name}.${key}`, value, from }];
    });
  });
}

/** None of what is refused here is shown: it may hold secrets. */
function rowsIn(given: readonly Given[]): Row[] {
  const tables = given.find(({ flag, from }) => flag === PROVIDERS_KEY && from === "file");
  if (tables === undefined) return [];
  const { value, place } = tables;
  const read = z.array(z.record(z.string(), z.unknown())).safeParse(value);
  if (!read.success) {
    throw new ConfigError(`Bad value for ${place}: tables, each of which begins with [[oidc]]`);
  }
  return read.data.map((values, index) => {
    const name = fields.name.read.safeParse(values.name).data ?? index + 1;
    return { values, place: (key) => place.replace(/^"oidc"/, () => `"${PROVIDERS_KEY}.${name}.${key}"`) };
  });
}

function readProvider(row: Row, given: readonly Given[]): ProviderOptions {
  for (const key of Object.keys(row.values)) {
    if (!(KEYS as string[]).includes(key)) {
      throw unknown(`key ${row.place(printable(key))}`, nearMiss(key, KEYS));
    }
  }
  const name = needed(row, "name");
  const presetName = optional(row, "preset");
  const preset = presetName && presets[presetName];
  const scopes = optional(row, "scopes") ?? preset?.scopes ?? OPENID_SCOPES;
  return {
    name,
    title: optional(row, "title") ?? preset?.title ?? name,
    preset: presetName,
    issuer: optional(row, "issuer") ?? preset?.issuer ?? needed(row, "issuer"),
    clientId: needed(row, "client_id"),
    clientSecret: secretFrom(given, name) ?? needed(row, "client_secret"),
    scopes: preset?.plain || scopes.includes("openid") ? scopes : ["openid", ...scopes],
    allow: allowFor(row, preset),
    roleClaim: roleClaimFor(row, preset),
  };
}

/** @throws ConfigError */
function optional<Name extends Key>(row: Row, key: Name): ProviderValue<Name> | undefined {
  const value = row.values[key];
  if (value === undefined) return undefined;
  const { allowed, read } = fields[key];
  const checked = read.safeParse(value);
  const place = row.place(key);
  if (!checked.success) {
    throw key === "client_secret"
      ? new ConfigError(`Bad value for ${place}: ${allowed}`)
      : badValue(value, { place, allowed });
  }
  return checked.data as ProviderValue<Name>;
}

/** @throws ConfigError */
function needed<Name extends Key>(row: Row, key: Name): ProviderValue<Name> {
  const value = optional(row, key);
  if (value !== undefined) return value;
  throw new ConfigError(`Missing key ${row.place(key)}: ${fields[key].allowed}`);
}

function allowFor(row: Row, preset: Preset | undefined): readonly string[] | undefined {
  const allow = optional(row, "allow");
  if (allow === undefined || preset === undefined || preset.vouchesForAddresses) return allow;
  throw new ConfigError(`Cannot use ${row.place("allow")}: ${preset.title} vouches for no e-mail address`);
}

function roleClaimFor(row: Row, preset: Preset | undefined): string | undefined {
  const roleClaim = optional(row, "role_claim");
  if (roleClaim === undefined || !preset?.plain) return roleClaim;
  throw new ConfigError(`Cannot use ${row.place("role_claim")}: ${preset.title} has no claims`);
}

/** One name, one button; one issuer, one answer to who somebody is. */
function checkDistinct(providers: readonly ProviderOptions[], rows: readonly Row[]): void {
  for (const [index, { name, issuer }] of providers.entries()) {
    for (const earlier of providers.slice(0, index)) {
      if (earlier.name.toLowerCase() === name.toLowerCase()) {
        throw new ConfigError(`Key ${rows[index]!.place("name")} is given more than once; once is allowed`);
      }
      if (new URL(earlier.issuer).href === new URL(issuer).href) {
        const place = rows[index]!.place("issuer");
        throw new ConfigError(
          `Cannot use ${place}: it is that of "${earlier.name}"; one row is allowed for it`,
        );
      }
    }
  }
}

/** @throws ConfigError */
function checkUnreadByOthers({ path = "", modeOf }: Parameters<typeof readProviders>[1]): void {
  const mode = modeOf(path);
  if (mode === null || (mode & OTHERS) === 0) return;
  const file = printable(path);
  throw new ConfigError(`Cannot use client_secret in ${file}: others may read it; chmod 600 ${file}`);
}

function secretsIn(given: readonly Given[]): Given[] {
  return given.filter(({ flag, from }) => flag === PROVIDER_SECRET && from === "environment");
}

/** @throws ConfigError */
function secretFrom(given: readonly Given[], name: string): string | undefined {
  const secret = secretsIn(given).find(({ place }) => place === secretVariable(name));
  if (secret === undefined) return undefined;
  const { allowed, read } = fields.client_secret;
  const checked = read.safeParse(secret.value);
  if (!checked.success) throw new ConfigError(`Bad value for ${secret.place}: ${allowed}`);
  return checked.data;
}

function secretVariable(name: string): string {
  return environmentName(`oidc-${name}-client-secret`);
}
