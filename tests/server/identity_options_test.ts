import { strict as assert } from "node:assert";
import { changedAtRuntime, type Config, resolveConfig } from "../../server/config.ts";
import { ConfigError } from "../../server/config_error.ts";
import { providerValues } from "../../server/identity_options.ts";
import type { Sources } from "../../server/option_sources.ts";

const file = "/etc/parley.toml";

/** The keys of a good row, as they are written. */
const GOOD = {
  name: '"corp"',
  issuer: '"https://login.corp.example"',
  client_id: '"parley"',
  client_secret: '"not for others"',
};

Deno.test("a row with no more than it must have", () => {
  assert.deepEqual(resolve({ toml: row() }).identityProviders, [{
    name: "corp",
    title: "corp",
    preset: undefined,
    issuer: "https://login.corp.example",
    clientId: "parley",
    clientSecret: "not for others",
    scopes: ["openid", "email", "profile"],
    allow: undefined,
    roleClaim: undefined,
  }]);
});

Deno.test("a row with all that it may have", () => {
  const toml = row({
    title: '"Our corp"',
    scopes: '["email", "groups"]',
    allow: '["@Example.org", "ann@corp.example"]',
    role_claim: '"https://corp.example/roles"',
  });
  const [{ title, scopes, allow, roleClaim } = assert.fail()] = resolve({ toml }).identityProviders;
  assert.deepEqual({ title, scopes, allow, roleClaim }, {
    title: "Our corp",
    scopes: ["openid", "email", "groups"],
    allow: ["@example.org", "ann@corp.example"],
    roleClaim: "https://corp.example/roles",
  });
});

for (
  const [preset, title, issuer, scopes] of [
    ["google", "Google", "https://accounts.google.com", ["openid", "email", "profile"]],
    ["github", "GitHub", "https://github.com", ["read:user", "user:email"]],
    ["facebook", "Facebook", "https://www.facebook.com", ["public_profile"]],
  ] as const
) {
  Deno.test(`of ${preset} title, issuer and scopes are known`, () => {
    const toml = row({ preset: `"${preset}"`, issuer: undefined });
    const [provider = assert.fail()] = resolve({ toml }).identityProviders;
    assert.deepEqual([provider.title, provider.issuer, provider.scopes], [title, issuer, scopes]);
  });
}

Deno.test("several rows stay in their order, beside other keys", () => {
  const toml = `name = "Castle"\n${row()}${row({ name: '"club"', issuer: '"http://127.0.0.1:4000/realm"' })}`;
  const { serverName, identityProviders } = resolve({ toml });
  assert.deepEqual([serverName, ...identityProviders.map(({ name }) => name)], ["Castle", "corp", "club"]);
});

Deno.test("a secret may come from the environment, which beats the file", () => {
  const env = { PARLEY_OIDC_CORP_CLIENT_SECRET: "by variable" };
  for (const client_secret of [GOOD.client_secret, undefined]) {
    const [provider] = resolve({ toml: row({ client_secret }), env }).identityProviders;
    assert.equal(provider!.clientSecret, "by variable");
  }
  const dashed = { PARLEY_OIDC_OUR_CORP_CLIENT_SECRET: "by variable" };
  const [provider] = resolve({ toml: row({ name: '"our-Corp"' }), env: dashed }).identityProviders;
  assert.equal(provider!.clientSecret, "by variable");
});

Deno.test("the example of the README is understood", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const [, toml = ""] = /```toml\n(\[\[oidc\]\][^`]*)```/.exec(readme) ?? [];
  assert.deepEqual(resolve({ toml }).identityProviders.map(({ name }) => name), ["corp", "github"]);
});

const name = `"oidc.1.name" in ${file}: 1 to 32 letters, digits or -`;
const issuer = `"oidc.corp.issuer" in ${file}: an https address, or http on this machine`;
const id = `"oidc.corp.client_id" in ${file}: a text of 1 to 512 characters`;
const secret = `"oidc.corp.client_secret" in ${file}: a text of 1 to 1024 characters`;
const scopes = `"oidc.corp.scopes" in ${file}: a list of scopes, as in ["openid", "email"]`;
const allow = `"oidc.corp.allow" in ${file}: ` +
  'a list of e-mail addresses and domains, as in ["@example.org", "ann@corp.example"]';

for (
  const [change, sentence] of [
    [{ name: undefined }, `Missing key ${name}`],
    [{ name: '""' }, `Bad value "" for ${name}`],
    [{ name: '"my corp"' }, `Bad value "my corp" for ${name}`],
    [{ name: '"../admin"' }, `Bad value "../admin" for ${name}`],
    [{ name: '"-corp"' }, `Bad value "-corp" for ${name}`],
    [{ name: `"${"x".repeat(33)}"` }, `Bad value "${"x".repeat(33)}" for ${name}`],
    [{ name: "7" }, `Bad value "7" for ${name}`],
    [{ title: '""' }, `Bad value "" for "oidc.corp.title" in ${file}: one line of 1 to 64 characters`],
    [
      { preset: '"gitlab"' },
      `Bad value "gitlab" for "oidc.corp.preset" in ${file}: google, github or facebook`,
    ],
    [{ issuer: undefined }, `Missing key ${issuer}`],
    [{ issuer: '"login.corp.example"' }, `Bad value "login.corp.example" for ${issuer}`],
    [{ issuer: '"http://login.corp.example"' }, `Bad value "http://login.corp.example" for ${issuer}`],
    [
      { issuer: '"http://127.0.0.1.evil.example"' },
      `Bad value "http://127.0.0.1.evil.example" for ${issuer}`,
    ],
    [{ issuer: '"ftp://login.corp.example"' }, `Bad value "ftp://login.corp.example" for ${issuer}`],
    [{ issuer: '"https://a:b@corp.example"' }, `Bad value "https://a:b@corp.example" for ${issuer}`],
    [{ issuer: '"https://corp.example/?x"' }, `Bad value "https://corp.example/?x" for ${issuer}`],
    [{ issuer: '"https://corp.example/#x"' }, `Bad value "https://corp.example/#x" for ${issuer}`],
    [{ client_id: undefined }, `Missing key ${id}`],
    [{ client_id: '"a\\nb"' }, `Bad value "a\\u{a}b" for ${id}`],
    [{ client_secret: undefined }, `Missing key ${secret}`],
    [{ client_secret: '""' }, `Bad value for ${secret}`],
    [{ client_secret: "123456" }, `Bad value for ${secret}`],
    [{ client_secret: '["not for others"]' }, `Bad value for ${secret}`],
    [{ scopes: "[]" }, `Bad value [] for ${scopes}`],
    [{ scopes: '"openid"' }, `Bad value "openid" for ${scopes}`],
    [{ scopes: '["openid email"]' }, `Bad value ["openid email"] for ${scopes}`],
    [{ allow: "[]" }, `Bad value [] for ${allow}`],
    [{ allow: '["example.org"]' }, `Bad value ["example.org"] for ${allow}`],
    [{ allow: '["@"]' }, `Bad value ["@"] for ${allow}`],
    [{ allow: '["a@b@c"]' }, `Bad value ["a@b@c"] for ${allow}`],
    [{ allow: '["@exämple.org"]' }, `Bad value ["@exämple.org"] for ${allow}`],
    [
      { preset: '"facebook"', issuer: undefined, allow: '["@example.org"]' },
      `Cannot use "oidc.corp.allow" in ${file}: Facebook vouches for no e-mail address`,
    ],
    [
      { preset: '"github"', issuer: undefined, role_claim: '"roles"' },
      `Cannot use "oidc.corp.role_claim" in ${file}: GitHub has no claims`,
    ],
    [{ role_claim: "true" }, `Bad value "true" for "oidc.corp.role_claim" in ${file}: the name of a claim`],
    [{ isuer: '"x"' }, `Unknown key "oidc.corp.isuer" in ${file}; did you mean "issuer"?`],
    [
      { client_secert: '"x"' },
      `Unknown key "oidc.corp.client_secert" in ${file}; did you mean "client_secret"?`,
    ],
    [{ guests: "false" }, `Unknown key "oidc.corp.guests" in ${file}; see parley help`],
  ] as [Record<string, string | undefined>, string][]
) {
  Deno.test(`a row with ${JSON.stringify(change).slice(0, 60)} is refused`, () => {
    refuses({ toml: row(change) }, sentence);
  });
}

for (
  const [toml, sentence] of [
    [
      `${row()}${row({ issuer: '"https://other.example"' })}`,
      `Key "oidc.corp.name" in ${file} is given more than once; once is allowed`,
    ],
    [
      `${row()}${row({ name: '"CORP"', issuer: '"https://other.example"' })}`,
      `Key "oidc.CORP.name" in ${file} is given more than once; once is allowed`,
    ],
    [
      `${row()}${row({ name: '"club"', issuer: '"https://login.corp.example/"' })}`,
      `Cannot use "oidc.club.issuer" in ${file}: it is that of "corp"; one row is allowed for it`,
    ],
    [
      `[oidc]\nclient_secret = "x"`,
      `Bad value for "oidc" in ${file}: tables, each of which begins with [[oidc]]`,
    ],
    [`oidc = "x"`, `Bad value for "oidc" in ${file}: tables, each of which begins with [[oidc]]`],
    [`oidc = ["x"]`, `Bad value for "oidc" in ${file}: tables, each of which begins with [[oidc]]`],
    [`[[oidcs]]\nname = "x"`, `Unknown key "oidcs" in ${file}; did you mean "oidc"?`],
  ] as const
) {
  Deno.test(`the file ${JSON.stringify(toml).slice(0, 60)} is refused`, () => refuses({ toml }, sentence));
}

for (
  const [variable, value, sentence] of [
    [
      "PARLEY_OIDC_CROP_CLIENT_SECRET",
      "x",
      'Unknown variable "PARLEY_OIDC_CROP_CLIENT_SECRET"; did you mean "PARLEY_OIDC_CORP_CLIENT_SECRET"?',
    ],
    ["PARLEY_OIDC_CORP_CLIENT_ID", "x", 'Unknown variable "PARLEY_OIDC_CORP_CLIENT_ID"; see parley help'],
    [
      "PARLEY_OIDC_CORP_CLIENT_SECRET",
      "hid\nden",
      "Bad value for PARLEY_OIDC_CORP_CLIENT_SECRET: a text of 1 to 1024 characters",
    ],
  ] as const
) {
  Deno.test(`the variable ${variable} with ${JSON.stringify(value)} is refused`, () => {
    refuses({ toml: row(), env: { [variable]: value } }, sentence);
  });
}

Deno.test("no flag takes a secret", () => {
  for (const flag of ["--oidc=x", "--oidc-client-secret=x", "--oidc-corp-client-secret=x"]) {
    const sentence = `Unknown flag "${flag.split("=")[0]}"; see parley help`;
    refuses({ args: [flag], toml: row() }, sentence);
  }
});

for (
  const [mode, good] of [[0o600, true], [0o400, true], [0o100600, true], [null, true], [0o640, false], [
    0o604,
    false,
  ], [
    0o610,
    false,
  ], [0o644, false]] as const
) {
  Deno.test(`a file of mode ${mode?.toString(8)} with a secret is ${good ? "read" : "refused"}`, () => {
    const modeOf = () => mode;
    const sentence = `Cannot use client_secret in ${file}: others may read it; chmod 600 ${file}`;
    if (good) assert.equal(resolve({ toml: row(), modeOf }).identityProviders.length, 1);
    else refuses({ toml: row(), modeOf }, sentence);
  });
}

Deno.test("others may read a file without a secret", () => {
  const env = { PARLEY_OIDC_CORP_CLIENT_SECRET: "by variable" };
  const modeOf = () => 0o644;
  assert.equal(resolve({ toml: row({ client_secret: undefined }), env, modeOf }).identityProviders.length, 1);
  assert.equal(resolve({ toml: 'name = "x"', modeOf }).serverName, "x");
});

Deno.test("what is shown of a provider says where its secret is from, and not what it is", () => {
  const toml = row({ allow: '["@example.org"]' });
  const shown = providerValues(resolve({ toml }));
  assert.deepEqual(shown.map(({ key, value, from }) => `${key} ${value} ${from}`), [
    "oidc.corp.title corp file",
    "oidc.corp.issuer https://login.corp.example file",
    "oidc.corp.client_id parley file",
    "oidc.corp.client_secret (set) file",
    "oidc.corp.scopes openid email profile file",
    "oidc.corp.allow @example.org file",
  ]);
  const env = { PARLEY_OIDC_CORP_CLIENT_SECRET: "by variable" };
  const [{ value, from } = assert.fail()] = providerValues(resolve({ toml, env }))
    .filter(({ key }) => key.endsWith("secret"));
  assert.deepEqual([value, from], ["(set)", "environment"]);
});

Deno.test("a changed row waits for a restart, be it no more than its secret", () => {
  const before = resolve({ toml: row() });
  for (
    const toml of [
      "",
      row({ client_secret: '"another"' }),
      row() + row({ name: '"club"', preset: '"google"', issuer: undefined }),
    ]
  ) {
    assert.deepEqual(changedAtRuntime(before, resolve({ toml })).needRestart, ["[[oidc]]"]);
  }
  assert.deepEqual(changedAtRuntime(before, resolve({ toml: row() })).needRestart, []);
});

/** A row as the file has it; undefined leaves a key out. */
function row(change: Record<string, string | undefined> = {}): string {
  const keys = Object.entries({ ...GOOD, ...change }).filter(([, value]) => value !== undefined);
  return `[[oidc]]\n${keys.map(([key, value]) => `${key} = ${value}\n`).join("")}`;
}

function resolve(
  { args = [], env = {}, toml, modeOf = () => 0o600 }: Partial<Sources> & { toml: string },
): Config {
  return resolveConfig({
    args: [`--config=${file}`, ...args],
    env: { HOME: "/home/ann", ...env },
    readFile: () => toml,
    modeOf,
    platform: { os: "linux" },
  });
}

function refuses(sources: Parameters<typeof resolve>[0], sentence: string): void {
  assert.throws(() => resolve(sources), (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.message, sentence);
    return true;
  });
}
