import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { SettingRow } from "../../../server/wire/admin_types.ts";
import { choicesOf, inGroups, originOf } from "../../../web/admin/setting_words.ts";

function setting(flag: string, group: string): SettingRow {
  return {
    flag,
    group,
    help: "",
    takes: "N",
    value: "1",
    default: "1",
    from: "default",
    fixed: false,
  };
}

for (
  const [takes, choices] of [
    ["on|off", ["on", "off"]],
    ["open|invite|closed", ["open", "invite", "closed"]],
    ["BYTES|off", undefined],
    ["DAYSd|forever", undefined],
    ["BURST,RATE|off", undefined],
    ["N", undefined],
    ["TEXT", undefined],
  ] as const
) {
  Deno.test(`what takes ${takes} is ${choices === undefined ? "typed" : "chosen"}`, () => {
    deepEqual(choicesOf(takes), choices);
  });
}

Deno.test("settings stand in their groups, in the order in which they came", () => {
  const groups = inGroups([setting("name", "Server"), setting("rate", "Limits"), setting("motd", "Server")]);
  deepEqual(groups.map(({ name, settings }) => [name, ...settings.map(({ flag }) => flag)]), [
    ["Server", "name", "motd"],
    ["Limits", "rate"],
  ]);
});

Deno.test("every origin of a value has words of its own", () => {
  const origins = ["flag", "environment", "settings", "file", "default"] as const;
  equal(new Set(origins.map(originOf)).size, origins.length);
});
