import { z } from "zod";
import { badSetting, noOtherWayIn, noSuchSetting, settingFixed } from "../../../refusals.ts";
import type { SettingRow } from "../../../wire/admin_types.ts";
import { memberRoute } from "../../route.ts";
import { shapeOf } from "../../shapes.ts";

const setting = shapeOf<SettingRow>("Setting", {
  flag: z.string().describe("That of the command line, without its dashes."),
  group: z.string().describe("Its heading."),
  help: z.string(),
  takes: z.string().describe("What it takes, as in the manual: `on|off`, `BYTES|off`."),
  value: z.string().describe("As it would be written on the command line."),
  default: z.string(),
  from: z.enum(["flag", "environment", "settings", "file", "default"]).describe(
    "Each beats those behind it.",
  ),
  fixed: z.boolean().describe("The command line or the environment says so."),
});

const answers = z.object({ settings: z.array(setting) });

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/settings",
  scope: "admin",
  role: "admin",
  summary: "What admins may change while the server runs, and where each value is from.",
  answers,
  run: ({ parts }) => ({ settings: parts.settingsInForce.list() }),
});

export const change = memberRoute({
  method: "PATCH",
  path: "/admin/api/settings",
  scope: "admin",
  role: "admin",
  summary:
    "Changes settings, all that are given or none; they hold at once, and after a restart. null goes back to the file's value, or the default.",
  body: z.record(z.string(), z.string().nullable()),
  badBody: 'The body is {"<flag>": "<value>", …}, with null for the value that holds where none is set here.',
  example: { body: { motd: "Tea at five.", "signups-per-hour-in-all": null } },
  answers,
  refuses: [
    noSuchSetting("gusts", "guests"),
    settingFixed("name", "--name"),
    noOtherWayIn(),
    badSetting('Bad value "maybe" for guests: on or off'),
  ],
  async run({ parts: { settingsInForce }, address, body }, { account }) {
    await settingsInForce.change(new Map(Object.entries(body)), { name: account.name, address });
    return { settings: settingsInForce.list() };
  },
});
