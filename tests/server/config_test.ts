import fc from "fast-check";
import assert from "node:assert/strict";
import { stringify } from "smol-toml";
import { ConfigError } from "../../server/config_error.ts";
import {
  changedAtRuntime,
  type Config,
  resolveConfig,
  resolveDataDir,
  resolveTokenDays,
  valuesOf,
  withSettings,
} from "../../server/config.ts";
import type { Sources } from "../../server/option_sources.ts";
import { options, optionsHelp } from "../../server/options.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const file = "/etc/parley.toml";

Deno.test("without any source all defaults hold", () => {
  assert.deepEqual(resolve({}), {
    tls: { host: "0.0.0.0", port: 6697, asked: false },
    plain: { host: "127.0.0.1", port: 6667, asked: false },
    https: { host: "0.0.0.0", port: 8443, asked: false },
    http: { host: "127.0.0.1", port: 5000, asked: false },
    configFile: undefined,
    dataDir: "/home/ann/.local/share/parley",
    certificate: undefined,
    given: [],
    serverName: "Parley",
    motd: "",
    signup: "open",
    guests: true,
    requireMfa: "none",
    passwordLogin: true,
    identityProviders: [],
    tokenDays: 30,
    keepDays: 90,
    log: undefined,
    workers: 0,
    limits: {
      lineBytes: 4096,
      rate: { burst: 20, perSecond: 5 },
      commandRate: { burst: 60, perSecond: 10 },
      bytesPerSecond: 65_536,
      outboxBytes: 262_144,
      outboxTotalBytes: 268_435_456,
      stallMs: 30_000,
      pingMs: 30_000,
      silentMs: 90_000,
      handshakeMs: 10_000,
      loginMs: 60_000,
      loginLines: 20,
      loginBytes: 16_384,
      loginTries: 5,
      maxConnections: 10_000,
      connectionsPerAddress: 64,
      newConnectionsPerMinute: 120,
      loginsPerMinute: 10,
      signupsPerHour: 5,
      signupsPerHourInAll: 60,
      bodyBytes: 65_536,
      headerMs: 10_000,
      bodyMs: 30_000,
    },
  });
});

for (
  const [flag, variable, key, serverName] of [
    [undefined, undefined, undefined, "Parley"],
    [undefined, undefined, "file", "file"],
    [undefined, "variable", undefined, "variable"],
    [undefined, "variable", "file", "variable"],
    ["flag", undefined, undefined, "flag"],
    ["flag", undefined, "file", "flag"],
    ["flag", "variable", undefined, "flag"],
    ["flag", "variable", "file", "flag"],
    [undefined, "", "file", "file"],
  ]
) {
  Deno.test(`of flag ${flag}, variable ${variable} and file ${key}, ${serverName} is taken`, () => {
    const config = resolve({
      args: flag === undefined ? [] : ["--name", flag],
      env: { PARLEY_NAME: variable },
      toml: key === undefined ? "" : `name = "${key}"`,
    });
    assert.equal(config.serverName, serverName);
  });
}

for (
  const [args, expected] of [
    [["--tls", "chat.example:443"], { tls: { host: "chat.example", port: 443, asked: true } }],
    [["--tls=[::1]:0"], { tls: { host: "::1", port: 0, asked: true } }],
    [["--tls", ":443"], { tls: { host: "0.0.0.0", port: 443, asked: true } }],
    [["--plain", "7000"], { plain: { host: "127.0.0.1", port: 7000, asked: true } }],
    [["--http", "127.0.0.1:5000"], { http: { host: "127.0.0.1", port: 5000, asked: true } }],
    [["--https", "OFF"], { https: "off" }],
    [["--data", "a dir"], { dataDir: "a dir" }],
    [["--cert", "c.pem", "--key=k.pem"], { certificate: { certFile: "c.pem", keyFile: "k.pem" } }],
    [["--name", " Ann's\u001b[2J \u202eplace\n"], { serverName: "Ann's[2J place" }],
    [["--name=--x=y--"], { serverName: "--x=y--" }],
    [["--name", "-"], { serverName: "-" }],
    [["--name", "😀".repeat(64)], { serverName: "😀".repeat(64) }],
    [["--motd", "\n Tea\u001b[2J\tat \u202efive.  \r\n\n*\n\n"], { motd: " Tea[2J\tat five.\n\n*" }],
    [["--motd="], { motd: "" }],
    [["--motd", " \n\t\n"], { motd: "" }],
    [["--motd", "😀".repeat(1_000)], { motd: "😀".repeat(1_000) }],
    [["--motd", "a\n".repeat(20)], { motd: "a\n".repeat(20).trim() }],
    [["--signup", "Invite"], { signup: "invite" }],
    [["--guests", "off"], { guests: false }],
    [["--token-days", "7"], { tokenDays: 7 }],
    [["--keep", "7d"], { keepDays: 7 }],
    [["--keep", "36500 D"], { keepDays: 36_500 }],
    [["--keep", "1"], { keepDays: 1 }],
    [["--keep", "Forever"], { keepDays: "forever" }],
    [["--log", "json"], { log: "json" }],
  ] as [string[], Partial<Config>][]
) {
  Deno.test(`${JSON.stringify(args)} is understood`, () => {
    assert.deepEqual(resolve({ args }), { ...resolve({}), ...expected });
  });
}

for (
  const [arg, expected] of [
    ["--line-bytes=8KiB", { lineBytes: 8 * KiB }],
    ["--rate=1,2", { rate: { burst: 1, perSecond: 2 } }],
    ["--rate=off", { rate: "off" }],
    ["--command-rate=9, 3", { commandRate: { burst: 9, perSecond: 3 } }],
    ["--byte-rate=1 mib", { bytesPerSecond: MiB }],
    ["--byte-rate=off", { bytesPerSecond: 0 }],
    ["--outbox-bytes=65536", { outboxBytes: 64 * KiB }],
    ["--outbox-total-bytes=1MiB", { outboxTotalBytes: MiB }],
    ["--stall-seconds=1", { stallMs: 1000 }],
    ["--ping-seconds=4", { pingMs: 4000 }],
    ["--silent-seconds=12", { silentMs: 12_000 }],
    ["--handshake-seconds=2", { handshakeMs: 2000 }],
    ["--login-seconds=3", { loginMs: 3000 }],
    ["--login-lines=4", { loginLines: 4 }],
    ["--login-bytes=5000", { loginBytes: 5000 }],
    ["--login-tries=6", { loginTries: 6 }],
    ["--max-connections=7", { maxConnections: 7 }],
    ["--connections-per-address=8", { connectionsPerAddress: 8 }],
    ["--connections-per-address=off", { connectionsPerAddress: 0 }],
    ["--new-connections-per-minute=off", { newConnectionsPerMinute: 0 }],
    ["--logins-per-minute=off", { loginsPerMinute: 0 }],
    ["--signups-per-hour=off", { signupsPerHour: 0 }],
    ["--signups-per-hour-in-all=off", { signupsPerHourInAll: 0 }],
    ["--body-bytes=1KiB", { bodyBytes: KiB }],
    ["--header-seconds=9", { headerMs: 9000 }],
    ["--body-seconds=10", { bodyMs: 10_000 }],
  ] as [string, Partial<Config["limits"]>][]
) {
  Deno.test(`${arg} is understood`, () => {
    assert.deepEqual(resolve({ args: [arg] }).limits, { ...resolve({}).limits, ...expected });
  });
}

Deno.test("in the file numbers and booleans may be themselves, and limits a table", () => {
  const config = resolve({
    toml: `
      guests = false
      tls = false
      plain = 7000
      token-days = 7
      keep = 30
      stall-seconds = 5
      [limits]
      rate = "3,1"
      logins-per-minute = false
      outbox-bytes = 131_072
    `,
  });
  assert.equal(config.guests, false);
  assert.equal(config.tls, "off");
  assert.deepEqual(config.plain, { host: "127.0.0.1", port: 7000, asked: true });
  assert.equal(config.tokenDays, 7);
  assert.equal(config.keepDays, 30);
  assert.equal(config.limits.stallMs, 5000);
  assert.deepEqual(config.limits.rate, { burst: 3, perSecond: 1 });
  assert.equal(config.limits.loginsPerMinute, 0);
  assert.equal(config.limits.outboxBytes, 128 * KiB);
});

Deno.test("the file may be named by a variable, and a flag beats that", () => {
  const readFile = (path: string) => `name = "${path}"`;
  const env = { HOME: "/home/ann", PARLEY_CONFIG: "by variable" };
  assert.equal(resolveConfig({ args: [], env, readFile }).serverName, "by variable");
  assert.equal(resolveConfig({ args: ["--config", "by flag"], env, readFile }).serverName, "by flag");
});

const address = "host:port with a port from 0 to 65535, or off";

for (
  const [args, sentence] of [
    [["--foo"], 'Unknown flag "--foo"; see parley help'],
    [["--plian", "off"], 'Unknown flag "--plian"; did you mean "--plain"?'],
    [["--TLS=off"], 'Unknown flag "--TLS"; did you mean "--tls"?'],
    [["--token_days", "3"], 'Unknown flag "--token_days"; did you mean "--token-days"?'],
    [["--password=hunter2"], 'Unknown flag "--password"; see parley help'],
    [["-tls", "off"], 'Unknown flag "-tls"; did you mean "--tls"?'],
    [["-x"], 'Unknown flag "-x"; see parley help'],
    [["--"], 'Unknown flag "--"; see parley help'],
    [["--\u001b[2J"], 'Unknown flag "--\\u{1b}[2J"; see parley help'],
    [["serve"], 'Unknown argument "serve"; see parley help'],
    [["name=Ann"], 'Unknown argument "name"; did you mean "--name"?'],
    [["--tls"], 'Flag "--tls" has no value; write --tls HOST:PORT|off'],
    [["--guests", "--log", "json"], 'Flag "--guests" has no value; write --guests on|off'],
    [["--tls", "off", "--tls=off"], 'Flag "--tls" is given more than once; once is allowed'],
    [["--tls", "9999999"], `Bad value "9999999" for --tls: ${address}`],
    [["--tls", "65536"], `Bad value "65536" for --tls: ${address}`],
    [["--tls", "localhost"], `Bad value "localhost" for --tls: ${address}`],
    [["--tls", "localhost:-1"], `Bad value "localhost:-1" for --tls: ${address}`],
    [["--tls", "::1:6697"], `Bad value "::1:6697" for --tls: ${address}`],
    [["--tls", "[]:6697"], `Bad value "[]:6697" for --tls: ${address}`],
    [["--tls", "[chat]:6697"], `Bad value "[chat]:6697" for --tls: ${address}`],
    [["--tls", "256.0.0.1:6697"], `Bad value "256.0.0.1:6697" for --tls: ${address}`],
    [["--tls", "*:6697"], `Bad value "*:6697" for --tls: ${address}`],
    [["--tls", "on"], `Bad value "on" for --tls: ${address}`],
    [["--https="], `Bad value "" for --https: ${address}`],
    [["--data="], 'Bad value "" for --data: a path'],
    [["--data", "a\nb"], 'Bad value "a\\u{a}b" for --data: a path'],
    [["--cert", "a\0b", "--key", "k"], 'Bad value "a\\u{0}b" for --cert: a path'],
    [["--cert", "c.pem"], "Cannot use --cert alone: --key is not given; give both or neither"],
    [["--key", "k.pem"], "Cannot use --key alone: --cert is not given; give both or neither"],
    [["--name", " \n "], 'Bad value " \\u{a} " for --name: one line of 1 to 64 characters'],
    [["--name", "x".repeat(65)], `Bad value "${"x".repeat(65)}" for --name: one line of 1 to 64 characters`],
    [
      ["--name", "x".repeat(999)],
      `Bad value "${"x".repeat(200)}…" for --name: one line of 1 to 64 characters`,
    ],
    [
      ["--motd", "x".repeat(1_001)],
      `Bad value "${"x".repeat(200)}…" for --motd: at most 20 lines, and 1000 characters in all`,
    ],
    [
      ["--motd", "\n1" + "\nx".repeat(20)],
      `Bad value "\\u{a}1${"\\u{a}x".repeat(20)}" for --motd: at most 20 lines, and 1000 characters in all`,
    ],
    [["--signup", "yes"], 'Bad value "yes" for --signup: open, invite or closed'],
    [["--guests", "true"], 'Bad value "true" for --guests: on or off'],
    [["--log", "xml"], 'Bad value "xml" for --log: text or json'],
    [["--token-days", "0"], 'Bad value "0" for --token-days: a whole number from 1 to 3650'],
    [["--token-days", "1.5"], 'Bad value "1.5" for --token-days: a whole number from 1 to 3650'],
    [["--token-days", "1e3"], 'Bad value "1e3" for --token-days: a whole number from 1 to 3650'],
    [["--token-days", "off"], 'Bad value "off" for --token-days: a whole number from 1 to 3650'],
    [["--keep", "0d"], 'Bad value "0d" for --keep: days from 1d to 36500d, or forever'],
    [["--keep", "36501d"], 'Bad value "36501d" for --keep: days from 1d to 36500d, or forever'],
    [["--keep", "-1d"], 'Bad value "-1d" for --keep: days from 1d to 36500d, or forever'],
    [["--keep", "2w"], 'Bad value "2w" for --keep: days from 1d to 36500d, or forever'],
    [["--keep", "off"], 'Bad value "off" for --keep: days from 1d to 36500d, or forever'],
    [["--line-bytes", "63"], 'Bad value "63" for --line-bytes: bytes from 64 to 16000'],
    [["--line-bytes", "64KiB"], 'Bad value "64KiB" for --line-bytes: bytes from 64 to 16000'],
    [["--line-bytes", "4k"], 'Bad value "4k" for --line-bytes: bytes from 64 to 16000'],
    [["--byte-rate", "1"], 'Bad value "1" for --byte-rate: bytes from 1KiB to 1024MiB, or off'],
    [["--stall-seconds", "0"], 'Bad value "0" for --stall-seconds: whole seconds from 1 to 3600'],
    [
      ["--rate", "20"],
      'Bad value "20" for --rate: burst and rate a second as in 20,5, each from 1 to 10000, or off',
    ],
    [
      ["--command-rate", "0,5"],
      'Bad value "0,5" for --command-rate: burst and rate a second as in 20,5, each from 1 to 10000, or off',
    ],
    [
      ["--logins-per-minute", "0"],
      'Bad value "0" for --logins-per-minute: a whole number from 1 to 100000, or off',
    ],
    [
      ["--outbox-total-bytes", "128KiB"],
      "Cannot use --outbox-total-bytes 128KiB: it must be no less than --outbox-bytes, which is 256KiB",
    ],
  ] as [string[], string][]
) {
  Deno.test(`${JSON.stringify(args).slice(0, 60)} is refused`, () => refuses({ args }, sentence));
}

for (
  const [env, sentence] of [
    [{ PARLEY_TLS: "9999999" }, `Bad value "9999999" for PARLEY_TLS: ${address}`],
    [{ PARLEY_TSL: "off" }, 'Unknown variable "PARLEY_TSL"; did you mean "PARLEY_TLS"?'],
    [{ PARLEY_TOKENDAYS: "3" }, 'Unknown variable "PARLEY_TOKENDAYS"; did you mean "PARLEY_TOKEN_DAYS"?'],
    [{ PARLEY_PORT: "6697" }, 'Unknown variable "PARLEY_PORT"; see parley help'],
    [{ PARLEY_tls: "off" }, 'Unknown variable "PARLEY_tls"; did you mean "PARLEY_TLS"?'],
    [{ PARLEY_CERT: "c" }, "Cannot use --cert alone: --key is not given; give both or neither"],
  ] as [Sources["env"], string][]
) {
  Deno.test(`${JSON.stringify(env)} is refused`, () => refuses({ env }, sentence));
}

Deno.test("what Kubernetes says about a service named parley is nobody's option", () => {
  const env = {
    PARLEY_SERVICE_HOST: "10.0.0.11",
    PARLEY_SERVICE_PORT: "6697",
    PARLEY_SERVICE_PORT_CHAT: "6697",
    PARLEY_PORT: "tcp://10.0.0.11:6697",
    PARLEY_PORT_6697_TCP: "tcp://10.0.0.11:6697",
    PARLEY_PORT_6697_TCP_ADDR: "10.0.0.11",
    PARLEY_WEB_SERVICE_HOST: "10.0.0.12",
    PARLEY_WEB_PORT: "tcp://10.0.0.12:8443",
  };
  assert.deepEqual(resolve({ env }), resolve({}));
});

for (
  const [toml, sentence] of [
    ["tls = 9999999", `Bad value "9999999" for "tls" in ${file}: ${address}`],
    ["tls = true", `Bad value "true" for "tls" in ${file}: ${address}`],
    ['tls = ["a", "b"]', `Bad value ["a","b"] for "tls" in ${file}: ${address}`],
    ["[tls]\nport = 1", `Bad value {"port":1} for "tls" in ${file}: ${address}`],
    ["name = 7", `Bad value "7" for "name" in ${file}: one line of 1 to 64 characters`],
    ["data = false", `Bad value "false" for "data" in ${file}: a path`],
    [
      "token-days = 1979-05-27",
      `Bad value "1979-05-27" for "token-days" in ${file}: a whole number from 1 to 3650`,
    ],
    ["token-days = inf", `Bad value "Infinity" for "token-days" in ${file}: a whole number from 1 to 3650`],
    ["limits = 3", `Bad value "3" for "limits" in ${file}: a table of limits`],
    [
      "[limits]\nline-bytes = 1",
      `Bad value "1" for "limits.line-bytes" in ${file}: bytes from 64 to 16000`,
    ],
    ["foo = 1", `Unknown key "foo" in ${file}; see parley help`],
    ["token_days = 1", `Unknown key "token_days" in ${file}; did you mean "token-days"?`],
    ["[limit]\nrate = 'off'", `Unknown key "limit" in ${file}; did you mean "limits"?`],
    ["[limits]\nrtae = 'off'", `Unknown key "limits.rtae" in ${file}; did you mean "limits.rate"?`],
    ["[limits]\nname = 'x'", `Unknown key "limits.name" in ${file}; did you mean "name"?`],
    ["[__proto__]\nrate = 'off'", `Unknown key "__proto__" in ${file}; see parley help`],
    ["config = 'x'", `Unknown key "config" in ${file}; see parley help`],
    [
      "rate = 'off'\n[limits]\nrate = 'off'",
      `Key "rate" in ${file} is also given as "limits.rate"; once is allowed`,
    ],
    ["name = 'x'\ntls = ", `Cannot read ${file}: line 2, column 7: invalid value`],
  ] as const
) {
  Deno.test(`the file ${JSON.stringify(toml)} is refused`, () => refuses({ toml }, sentence));
}

Deno.test("what is bad is refused even where something stronger beats it", () => {
  refuses(
    { args: ["--guests", "on"], env: { PARLEY_GUESTS: "maybe" } },
    'Bad value "maybe" for PARLEY_GUESTS: on or off',
  );
});

Deno.test("a file that cannot be read is refused with the reason", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const missing = `${dir}/none.toml`;
    for (
      const [path, reason] of [[missing, "there is no such file"], [
        dir,
        "it is not a readable file",
      ]] as const
    ) {
      refusal(
        () => resolveConfig({ args: ["--config", path], env: { HOME: "/home/ann" } }),
        `Cannot read ${path}: ${reason}`,
      );
    }
    await Deno.writeTextFile(missing, '\ufeffname = "with a byte order mark"');
    const config = resolveConfig({ args: ["--config", missing], env: { HOME: "/home/ann" } });
    assert.equal(config.serverName, "with a byte order mark");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a file that may not be read is refused with the reason", () => {
  const readFile = () => {
    throw new Deno.errors.PermissionDenied("os error 13");
  };
  refusal(
    () => resolveConfig({ args: ["--config", file], env: { HOME: "/home/ann" }, readFile }),
    `Cannot read ${file}: permission denied`,
  );
});

for (
  const [os, env, expected] of [
    ["linux", { HOME: "/home/ann" }, "/home/ann/.local/share/parley"],
    ["linux", { HOME: "/home/ann", XDG_DATA_HOME: "/data" }, "/data/parley"],
    ["linux", { HOME: "/home/ann", XDG_DATA_HOME: "relative" }, "/home/ann/.local/share/parley"],
    ["linux", { HOME: "/home/ann", XDG_DATA_HOME: "" }, "/home/ann/.local/share/parley"],
    ["freebsd", { HOME: "/home/ann" }, "/home/ann/.local/share/parley"],
    ["darwin", { HOME: "/Users/ann" }, "/Users/ann/Library/Application Support/parley"],
    ["windows", { LOCALAPPDATA: "C:\\Users\\ann\\AppData\\Local" }, "C:\\Users\\ann\\AppData\\Local\\parley"],
    ["windows", { PARLEY_DATA: "D:\\parley" }, "D:\\parley"],
    ["linux", { PARLEY_DATA: "/srv/parley" }, "/srv/parley"],
  ] as [typeof Deno.build.os, Record<string, string>, string][]
) {
  Deno.test(`on ${os} with ${JSON.stringify(env)} the data is in ${expected}`, () => {
    const sources = { args: [], env, platform: { os } };
    assert.equal(resolveConfig(sources).dataDir, expected);
    assert.equal(resolveDataDir(sources), expected);
  });
}

for (
  const [os, missing] of [
    ["linux", "neither XDG_DATA_HOME nor HOME is set"],
    ["darwin", "HOME is not set"],
    ["windows", "LOCALAPPDATA is not set"],
  ] as const
) {
  Deno.test(`on ${os} the place for the data must be given where ${missing}`, () => {
    refusal(
      () => resolveConfig({ args: [], env: {}, platform: { os } }),
      `Cannot find a place for the data: ${missing}; set it or give --data DIR`,
    );
  });
}

Deno.test("commands find the data where the server does", () => {
  const readFile = () => 'data = "by file"\nline-bytes = 1';
  const env = { HOME: "/home/ann", PARLEY_CONFIG: file, PARLEY_TLS: "bad, but not looked at" };
  assert.equal(resolveDataDir({ args: [], env, readFile }), "by file");
  assert.equal(resolveDataDir({ args: ["--data=by flag"], env, readFile }), "by flag");
});

Deno.test("commands take no other flag, and no name that nobody knows", () => {
  const env = { HOME: "/home/ann" };
  refusal(
    () => resolveDataDir({ args: ["--tls", "off"], env }),
    'Unknown flag "--tls"; see parley help',
  );
  refusal(
    () => resolveDataDir({ args: ["--dta", "x"], env }),
    'Unknown flag "--dta"; did you mean "--data"?',
  );
  refusal(
    () => resolveDataDir({ args: [], env: { ...env, PARLEY_DTA: "x" } }),
    'Unknown variable "PARLEY_DTA"; did you mean "PARLEY_DATA"?',
  );
});

for (
  const [args, applied, needRestart] of [
    [[], [], []],
    [["--name", "New", "--guests", "off", "--signup=closed"], ["--name", "--signup", "--guests"], []],
    [["--cert", "c", "--key", "k"], ["--cert", "--key"], []],
    [["--rate", "off", "--token-days", "1"], ["--token-days", "--rate"], []],
    [["--tls", "1", "--plain", "off", "--https", "2", "--http=3"], [], [
      "--tls",
      "--plain",
      "--https",
      "--http",
    ]],
    [["--data", "x", "--log", "json", "--stall-seconds", "9"], ["--stall-seconds"], ["--data", "--log"]],
    [["--tls", "0.0.0.0:6697"], [], ["--tls"]], // from now on a taken port would end the start
  ] as [string[], string[], string[]][]
) {
  Deno.test(`after ${JSON.stringify(args)} SIGHUP applies ${applied.length} options`, () => {
    assert.deepEqual(changedAtRuntime(resolve({}), resolve({ args })), { applied, needRestart });
  });
}

Deno.test("the help names every flag and every variable once, in at most 100 columns", () => {
  const help = optionsHelp();
  for (const { flag, env } of options) {
    assert.equal(help.match(new RegExp(`${flag}(?![\\w-])`, "g"))?.length, 1, flag);
    assert.equal(help.match(new RegExp(`${env}(?!\\w)`, "g"))?.length, 1, env);
  }
  for (const line of help.split("\n")) assert.ok(line.length <= 100, line);
  assert.match(help, /^ {2}--tls HOST:PORT\|off +TLS chat \(0\.0\.0\.0:6697; PARLEY_TLS\)$/m);
});

Deno.test("every option has its own flag, variable and key, and only five have no default", () => {
  for (const field of ["flag", "env", "key"] as const) {
    assert.equal(new Set(options.map((option) => option[field])).size, options.length, field);
  }
  assert.deepEqual(
    options.filter((option) => option.default === undefined).map(({ flag }) => flag),
    ["--config", "--data", "--cert", "--key", "--log"],
  );
});

Deno.test("every default is written as the value that it stands for is shown", () => {
  const values = new Map(valuesOf(resolveWhole({})).map(({ flag, value }) => [`--${flag}`, value]));
  for (const { flag, default: written } of options) {
    if (written !== undefined) assert.equal(values.get(flag), written, flag);
  }
});

for (const { flag, env, key, default: written } of options) {
  if (written === undefined || key === undefined) continue;
  Deno.test(`the default of ${flag} may be given as flag, variable and key`, () => {
    const expected = resolve({ args: [flag, written] });
    assert.deepEqual(resolve({ env: { [env]: written } }), expected);
    assert.deepEqual(resolve({ toml: stringify({ [key]: written }) }), expected);
  });
}

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(...options.flatMap((option) => [option.default ?? "x", option.flag, option.env])),
  fc.stringMatching(/^[-\d:.,[\]KMiBof]{0,12}$/),
);

Deno.test("a text means the same as flag, variable and key", () => {
  const option = fc.constantFrom(...options.filter(({ key }) => key !== undefined));
  fc.assert(fc.property(option, anyText, ({ flag, env, key }, text) => {
    fc.pre(text !== "" && text.isWellFormed());
    const outcomes = [
      outcome({ args: [`${flag}=${text}`] }),
      outcome({ env: { [env]: text } }),
      outcome({ toml: stringify({ [key!]: text }) }),
    ];
    const places = [flag, env, `"${key}" in ${file}`];
    const [expected, ...others] = outcomes.map((said, i) => said.replace(` for ${places[i]}: `, " for it: "));
    for (const other of others) assert.equal(other, expected);
  }));
});

Deno.test("a value as it is shown means the same when it is given", () => {
  const option = fc.constantFrom(
    ...options.filter(({ key }) => key !== undefined && key !== "cert" && key !== "key"),
  );
  fc.assert(
    fc.property(option, anyText, ({ flag }, text) => {
      const args = [`${flag}=${text}`];
      fc.pre(outcome({ args }).startsWith("{"));
      const { value } = valuesOf(resolveWhole({ args })).find((option) => `--${option.flag}` === flag)!;
      assert.deepEqual(resolve({ args: [`${flag}=${value}`] }), resolve({ args }));
    }),
    { numRuns: 1000, maxSkipsPerRun: 1000 },
  );
});

const NO_SETTINGS = new Map<string, string>();

for (
  const [flag, variable, setting, key, name, from] of [
    [undefined, undefined, undefined, undefined, "Parley", "default"],
    [undefined, undefined, undefined, "file", "file", "file"],
    [undefined, undefined, "setting", undefined, "setting", "settings"],
    [undefined, undefined, "setting", "file", "setting", "settings"],
    [undefined, "variable", "setting", "file", "variable", "environment"],
    [undefined, "variable", undefined, undefined, "variable", "environment"],
    ["flag", undefined, "setting", "file", "flag", "flag"],
    ["flag", "variable", "setting", undefined, "flag", "flag"],
    ["flag", "variable", undefined, "file", "flag", "flag"],
  ] as const
) {
  Deno.test(`of flag ${flag}, variable ${variable}, setting ${setting} and file ${key}, ${name} is taken`, () => {
    const base = resolveWhole({
      args: flag === undefined ? [] : ["--name", flag],
      env: { PARLEY_NAME: variable },
      toml: key === undefined ? "" : `name = "${key}"`,
    });
    const set = setting === undefined ? NO_SETTINGS : new Map([["name", setting]]);
    const { config, unusable } = withSettings(base, set);
    assert.equal(config.serverName, name);
    assert.equal(valuesOf(config).find((option) => option.flag === "name")!.from, from);
    assert.deepEqual(unusable, new Map());
    const without = withSettings(config, NO_SETTINGS).config;
    assert.deepEqual(without, base, "a setting that is taken back leaves nothing behind");
  });
}

Deno.test("what admins have set is read as it would be on the command line, limits as well", () => {
  const set = new Map([["guests", "off"], ["keep", "7d"], ["rate", "1,2"], ["byte-rate", "off"]]);
  const { config, unusable } = withSettings(resolveWhole({ toml: "[limits]\nrate = '9,9'" }), set);
  assert.deepEqual([config.guests, config.keepDays, config.limits.bytesPerSecond], [false, 7, 0]);
  assert.deepEqual(config.limits.rate, { burst: 1, perSecond: 2 });
  assert.equal(unusable.size, 0);
});

Deno.test("what admins have set and is of no use any more is left out, with the reason", () => {
  const set = new Map([["guests", "perhaps"], ["colour", "red"], ["tls", "off"], ["name", "Set"]]);
  const { config, unusable } = withSettings(resolveWhole({}), set);
  assert.deepEqual([config.guests, config.serverName], [true, "Set"]);
  assert.deepEqual(
    unusable,
    new Map([
      ["guests", 'Bad value "perhaps" for guests: on or off'],
      ["colour", "there is no such setting"],
      ["tls", "there is no such setting"],
    ]),
  );
});

for (
  const [set, toml, left] of [
    [{ "outbox-bytes": "1MiB", "outbox-total-bytes": "1MiB" }, "", ["1MiB", "1MiB"]],
    [{ "outbox-bytes": "1MiB", "outbox-total-bytes": "512KiB" }, "", ["256KiB", "256MiB"]],
    [{ "outbox-bytes": "1MiB" }, "outbox-total-bytes = '512KiB'", ["256KiB", "512KiB"]],
    [{ "outbox-total-bytes": "64KiB" }, "", ["256KiB", "256MiB"]],
  ] as [Record<string, string>, string, [string, string]][]
) {
  Deno.test(`of ${JSON.stringify(set)} over a file ${JSON.stringify(toml)}, ${left} is left`, () => {
    const { config, unusable } = withSettings(resolveWhole({ toml }), new Map(Object.entries(set)));
    const values = new Map(valuesOf(config).map(({ flag, value }) => [flag, value]));
    assert.deepEqual([values.get("outbox-bytes"), values.get("outbox-total-bytes")], left);
    for (const why of unusable.values()) {
      assert.match(
        why,
        /^Cannot use outbox-total-bytes .+: it must be no less than outbox-bytes, which is .+B$/,
      );
    }
  });
}

Deno.test("a token of the command line is valid as long as admins have set, unless the environment says otherwise", () => {
  const set = new Map([["token-days", "7"], ["guests", "perhaps"]]);
  const home = { HOME: "/home/ann" };
  assert.equal(resolveTokenDays({ args: [], env: home }, set), 7);
  assert.equal(resolveTokenDays({ args: [], env: { ...home, PARLEY_TOKEN_DAYS: "3" } }, set), 3);
  assert.equal(resolveTokenDays({ args: [], env: home }, new Map([["token-days", "0"]])), 30);
});

Deno.test("whatever is given, the answer is a config or one line", () => {
  const name = fc.oneof(fc.constantFrom(...options.map(({ flag }) => flag)), anyText);
  const args = fc.array(
    fc.oneof(name, anyText, fc.tuple(name, anyText).map(([flag, value]) => `${flag}=${value}`)),
    { maxLength: 6 },
  );
  const variable = fc.oneof(
    fc.constantFrom(...options.map(({ env }) => env)),
    anyText.map((text) => `PARLEY_${text}`),
  );
  const env = fc.dictionary(variable, fc.option(anyText, { nil: undefined }), { maxKeys: 3 });
  const key = fc.oneof(fc.constantFrom("limits", ...options.flatMap(({ key }) => key ?? [])), anyText);
  const value = fc.oneof(anyText, fc.boolean(), fc.double(), fc.integer(), fc.array(anyText));
  const table = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value, { maxKeys: 3 })), {
    maxKeys: 3,
  });
  const toml = fc.oneof(anyText, table.map((table) => stringify(table)));
  fc.assert(
    fc.property(fc.record({ args, env, toml }), (sources) => {
      const said = outcome(sources);
      assert.doesNotMatch(said, /[\p{Cc}\u2028\u2029]/u);
    }),
    { numRuns: 2000 },
  );
});

interface Given {
  args?: readonly string[];
  env?: Sources["env"];
  /** What stands in the file. */
  toml?: string;
}

/** What comes of it, but for where it is from. */
function resolve(given: Given): Config {
  return { ...resolveWhole(given), configFile: undefined, given: [] };
}

function resolveWhole({ args = [], env = {}, toml }: Given): Config {
  return resolveConfig({
    args: toml === undefined ? args : [...args, "--config", file],
    env: { HOME: "/home/ann", ...env },
    readFile: () => toml ?? "",
    platform: { os: "linux" },
  });
}

function refuses(given: Given, sentence: string): void {
  refusal(() => resolve(given), sentence);
}

function refusal(deed: () => unknown, sentence: string): void {
  assert.throws(deed, (error) => {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.message, sentence);
    return true;
  });
}

/** The config, or the line that refuses it; anything else is thrown. */
function outcome(given: Given): string {
  try {
    return JSON.stringify(resolve(given));
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
