import { deepStrictEqual as deepEqual, ok, rejects, strictEqual as equal } from "node:assert/strict";
import { type Config, resolveConfig } from "../../server/config.ts";
import { options } from "../../server/options.ts";
import { Refusal } from "../../server/refusals.ts";
import { SettingsInForce } from "../../server/settings.ts";
import { Log } from "../../server/telemetry/log.ts";
import { MemoryAudit } from "../support/memory_audit.ts";
import { MemorySettings } from "../support/memory_settings.ts";

const ANN = { name: "Ann", address: "192.0.2.1" };

Deno.test("all that SIGHUP applies and that is no file may be set", async () => {
  const house = await House.open();
  const others = ["tls", "plain", "https", "http", "config", "data", "cert", "key", "log", "workers"];
  deepEqual(
    house.settings.list().map(({ flag }) => flag),
    options.map(({ flag }) => flag.slice(2)).filter((flag) => !others.includes(flag)),
  );
});

Deno.test("a setting is listed with what it takes, its value, and where that is from", async () => {
  const house = await House.open({
    args: ["--guests=off"],
    env: { PARLEY_NAME: "Café" },
    kept: { keep: "7d" },
  });
  const rows = new Map(house.settings.list().map((row) => [row.flag, row]));
  deepEqual(rows.get("guests"), {
    flag: "guests",
    group: "Server",
    help: "whether guests may come in",
    takes: "on|off",
    value: "off",
    default: "on",
    from: "flag",
    fixed: true,
  });
  const some = ["name", "keep", "motd", "rate"].map((flag) => {
    const { group, value, default: usual, from, fixed } = rows.get(flag)!;
    return [flag, group, value, usual, from, fixed];
  });
  deepEqual(some, [
    ["name", "Server", "Café", "Parley", "environment", true],
    ["keep", "Server", "7d", "90d", "settings", false],
    ["motd", "Server", "", "", "default", false],
    ["rate", "Limits", "20,5", "20,5", "default", false],
  ]);
});

Deno.test("what is changed holds at once for whoever holds the settings or their limits", async () => {
  const house = await House.open();
  const { current } = house.settings;
  const { limits } = current;
  await house.changes({ guests: "Off", keep: "7", "line-bytes": "8192", motd: " Tea \nat five.\n" });
  deepEqual([current.guests, current.keepDays, limits.lineBytes], [false, 7, 8_192]);
  deepEqual(Object.fromEntries(house.store.kept), {
    guests: "off",
    keep: "7d",
    "line-bytes": "8KiB",
    motd: " Tea\nat five.",
  });
  await house.changes({ guests: null, keep: null, "line-bytes": null });
  deepEqual([current.guests, current.keepDays, limits.lineBytes], [true, 90, 4_096]);
  deepEqual(Object.fromEntries(house.store.kept), { motd: " Tea\nat five." });
});

Deno.test("whoever wants to know is told which settings have changed, when they hold", async () => {
  const house = await House.open();
  const told: unknown[] = [];
  house.settings.onChange((changed) => told.push([...changed, house.settings.current.serverName]));
  await house.changes({ name: "Café", keep: "7d" });
  await house.changes({ keep: "7d", guests: "on" });
  house.settings.reload(resolveConfig({ args: [], env: HOME, readFile: () => "" }));
  deepEqual(told, [["--name", "--keep", "Café"], ["Café"], ["Café"]]);
});

for (
  const [wanted, code, sentence] of [
    [{ guests: "perhaps" }, "bad_setting", 'Bad value "perhaps" for guests: on or off.'],
    [{ "line-bytes": "1" }, "bad_setting", 'Bad value "1" for line-bytes: bytes from 64 to 16000.'],
    [{ name: "" }, "bad_setting", 'Bad value "" for name: one line of 1 to 64 characters.'],
    [
      { motd: "x\u001b\n".repeat(21) },
      "bad_setting",
      `Bad value "${"x\\u{1b}\\u{a}".repeat(21)}" for motd: at most 20 lines, and 1000 characters in all.`,
    ],
    [{ gusts: "off" }, "no_such_setting", 'There is no setting "gusts"; did you mean "guests"?'],
    [{ tls: "off" }, "no_such_setting", 'There is no setting "tls"; load the list again.'],
    [{ "--guests": "off" }, "no_such_setting", 'There is no setting "--guests"; did you mean "guests"?'],
    [
      { ["a\u001b".repeat(99)]: "off" },
      "no_such_setting",
      `There is no setting "${"a".repeat(63)}…"; load the list again.`,
    ],
    [{ ["__proto__"]: "off" }, "no_such_setting", 'There is no setting "__proto__"; load the list again.'],
    [
      { rate: "off" },
      "setting_fixed",
      "The setting rate is fixed by --rate; start the server without that to change it here.",
    ],
    [
      { rate: null },
      "setting_fixed",
      "The setting rate is fixed by --rate; start the server without that to change it here.",
    ],
    [
      { "token-days": "1" },
      "setting_fixed",
      "The setting token-days is fixed by PARLEY_TOKEN_DAYS; start the server without that to change it here.",
    ],
    [
      { "outbox-total-bytes": "128KiB" },
      "bad_setting",
      "Cannot use outbox-total-bytes 128KiB: it must be no less than outbox-bytes, which is 256KiB.",
    ],
  ] as [Record<string, string | null>, string, string][]
) {
  Deno.test(`${JSON.stringify(wanted).slice(0, 60)} is refused, and nothing is changed with it`, async () => {
    const house = await House.open({ args: ["--rate=9,9"], env: { PARLEY_TOKEN_DAYS: "9" } });
    const before = house.settings.list();
    for (const order of [{ keep: "7d", ...wanted }, { ...wanted, keep: "7d" }]) {
      await rejects(house.changes(order), new Refusal(code, sentence));
    }
    deepEqual(house.settings.list(), before);
    deepEqual([house.store.kept.size, (await house.audit.latest(9)).length], [0, 0]);
  });
}

Deno.test("admins do not switch off passwords where none of them could come in any more; the operator may", async () => {
  const noWay = new Refusal(
    "no_other_way_in",
    "No admin could come in any more: one of them needs a passkey or a linked identity first.",
  );
  const house = await House.open({ kept: { "password-login": "on" }, toml: "password-login = false" });
  for (const value of ["off", "OFF", null]) {
    await rejects(house.changes({ guests: "off", "password-login": value }), noWay);
  }
  deepEqual([house.settings.current.passwordLogin, house.settings.current.guests], [true, true]);
  equal((await house.audit.latest(9)).length, 0);

  const shut = await House.open({ args: ["--password-login=off"] });
  await shut.changes({ guests: "off" });
  equal(shut.settings.current.passwordLogin, false);

  const other = await House.open({ admins: "by passkey as well" });
  await other.changes({ "password-login": "off" });
  equal(other.settings.current.passwordLogin, false);
  await other.changes({ motd: "Tea at five." });
});

Deno.test("limits that go only together are set together, and taken back together", async () => {
  const house = await House.open();
  await house.changes({ "outbox-bytes": "1MiB", "outbox-total-bytes": "2MiB" });
  await house.changes({ "outbox-total-bytes": "1MiB" });
  const clash = new Refusal(
    "bad_setting",
    "Cannot use outbox-total-bytes 1MiB: it must be no less than outbox-bytes, which is 2MiB.",
  );
  await rejects(house.changes({ "outbox-bytes": "2MiB" }), clash);
  const { limits } = house.settings.current;
  deepEqual([limits.outboxBytes, limits.outboxTotalBytes], [1_048_576, 1_048_576]);
  await house.changes({ "outbox-bytes": null, "outbox-total-bytes": null });
  equal(house.store.kept.size, 0);
});

Deno.test("a setting is not taken back where what would hold then does not go with another", async () => {
  const house = await House.open();
  await house.changes({ "outbox-bytes": "64MiB", "outbox-total-bytes": "512MiB" });
  house.settings.reload(resolveConfig({
    args: ["--config=parley.toml"],
    env: HOME,
    readFile: () => "outbox-total-bytes = '1MiB'",
  }));
  await rejects(
    house.changes({ "outbox-total-bytes": null }),
    /^Refusal: Cannot use outbox-total-bytes 1MiB: /,
  );
  equal(house.settings.current.limits.outboxTotalBytes, 512 * 1_048_576);
});

Deno.test("of two changes at once, each good by itself and bad together, the first holds", async () => {
  const house = await House.open();
  await house.changes({ "outbox-total-bytes": "2MiB" });
  const [first, second] = await Promise.allSettled([
    house.changes({ "outbox-bytes": "2MiB" }),
    house.changes({ "outbox-total-bytes": "1MiB" }),
  ]);
  deepEqual([first.status, second.status], ["fulfilled", "rejected"]);
  deepEqual(Object.fromEntries(house.store.kept), { "outbox-bytes": "2MiB", "outbox-total-bytes": "2MiB" });
});

Deno.test("each change is in the audit trail on one line, and what changes nothing is not", async () => {
  const house = await House.open();
  await house.changes({ motd: "Tea\nat five.", guests: "off" });
  await house.changes({ motd: "Tea\nat five.  ", guests: "OFF" });
  await house.changes({ guests: null, keep: null });
  deepEqual(
    (await house.audit.latest(9)).reverse().map(({ id: _, at: __, ...deed }) => deed),
    [
      { who: "Ann", what: "set", whom: "motd", why: "Tea / at five.", from: "192.0.2.1" },
      { who: "Ann", what: "set", whom: "guests", why: "off", from: "192.0.2.1" },
      { who: "Ann", what: "unset", whom: "guests", why: "", from: "192.0.2.1" },
    ],
  );
});

for (const part of ["audit", "store"] as const) {
  Deno.test(`where the ${part} refuses a change, nothing has changed`, async () => {
    const house = await House.open();
    house[part].failing = true;
    await rejects(house.changes({ guests: "off", keep: "7d" }), { code: "not_stored" });
    deepEqual([house.settings.current.guests, house.settings.current.keepDays], [true, 90]);
    equal(house.store.kept.size, 0);
    house[part].failing = false;
    await house.changes({ guests: "off" });
    equal(house.settings.current.guests, false);
  });
}

Deno.test("what the store holds of a newer Parley is told to the operator, and keeps nothing from working", async () => {
  const house = await House.open({ kept: { guests: "sometimes", "tea-time": "5", name: "Café" } });
  deepEqual([house.settings.current.guests, house.settings.current.serverName], [true, "Café"]);
  deepEqual(house.warnings(), [
    { setting: "guests", because: 'Bad value "sometimes" for guests: on or off' },
    { setting: "tea-time", because: "there is no such setting" },
  ]);
  await house.changes({ keep: "7d" });
  equal(house.store.kept.get("tea-time"), "5", "it is there for the newer one");
  await rejects(house.changes({ guests: "sometimes" }), { code: "bad_setting" });
  await house.changes({ guests: "off" });
  equal(house.settings.current.guests, false);
});

Deno.test("SIGHUP leaves what admins have set in its place, and tells what has changed all the same", async () => {
  const house = await House.open({ toml: "name = 'Before'\nkeep = '7d'", kept: { name: "Set" } });
  const { current } = house.settings;
  deepEqual(house.reloads("name = 'After'\nkeep = '8d'\ntls = 'off'"), {
    applied: ["--keep"],
    needRestart: ["--tls"],
  });
  deepEqual([current.serverName, current.keepDays], ["Set", 8]);
  await house.changes({ name: null });
  equal(current.serverName, "After");
});

Deno.test("there are no more connections than files, whoever wants them", async () => {
  const house = await House.open({ mostConnections: 500 });
  const { limits } = house.settings.current;
  equal(limits.maxConnections, 500);
  await house.changes({ "max-connections": "501" });
  equal(limits.maxConnections, 500);
  equal(house.settings.list().find(({ flag }) => flag === "max-connections")!.value, "500");
  await house.changes({ "max-connections": "499" });
  equal(limits.maxConnections, 499);
  house.reloads("");
  deepEqual(house.warnings(), [{ connections: 500 }, { connections: 500 }]);
});

Deno.test("every setting can be set to what it is, and back", async () => {
  const house = await House.open();
  const before = house.settings.list();
  for (const { flag, value } of before) await house.changes({ [flag]: value });
  deepEqual(house.settings.list(), before.map((row) => ({ ...row, from: "settings" })));
  for (const { flag } of before) await house.changes({ [flag]: null });
  deepEqual(house.settings.list(), before);
  ok(before.length > 25);
});

const HOME = { HOME: "/home/ann" };

/** Settings of a server that does not run. */
class House {
  private constructor(
    readonly settings: SettingsInForce,
    readonly store: MemorySettings,
    readonly audit: MemoryAudit,
    readonly logged: string[],
  ) {}

  static async open(
    { args = [], env = {}, toml, kept = {}, mostConnections = Infinity, admins = "by password" }: {
      args?: string[];
      env?: Record<string, string>;
      toml?: string;
      kept?: Record<string, string>;
      mostConnections?: number;
      /** How they come in. */
      admins?: "by password" | "by passkey as well";
    } = {},
  ): Promise<House> {
    const [store, audit, logged] = [new MemorySettings(kept), new MemoryAudit(), [] as string[]];
    const log = new Log("json", (bytes) => {
      logged.push(new TextDecoder().decode(bytes).trim());
      return Promise.resolve(bytes.length);
    });
    const config = configOf({ args, env, toml });
    const adminWithoutPassword = () => Promise.resolve(admins === "by passkey as well");
    const parts = { store, audit, adminWithoutPassword, mostConnections, log };
    const settings = await SettingsInForce.open(config, parts);
    return new House(settings, store, audit, logged);
  }

  changes(wanted: Readonly<Record<string, string | null>>): Promise<void> {
    return this.settings.change(new Map(Object.entries(wanted)), ANN);
  }

  /** The operator has written this into the file. */
  reloads(toml: string) {
    return this.settings.reload(configOf({ toml }));
  }

  /** What the log warns of, in short. */
  warnings(): unknown[] {
    const events = this.logged.map((line) => JSON.parse(line)).filter(({ level }) => level === "warn");
    return events.map(({ at: _, level: __, event: ___, ...fields }) => fields);
  }
}

function configOf(
  { args = [], env = {}, toml }: { args?: string[]; env?: Record<string, string>; toml?: string | undefined },
): Config {
  return resolveConfig({
    args: toml === undefined ? args : [...args, "--config=parley.toml"],
    env: { ...HOME, ...env },
    readFile: () => toml ?? "",
  });
}
