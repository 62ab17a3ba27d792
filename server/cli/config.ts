import { resolveConfig, valuesOf, withSettings } from "../config.ts";
import { providerValues } from "../identity_options.ts";
import { KvSettingStore } from "../store/settings.ts";
import type { CliCommand } from "./command.ts";
import { recordsIn } from "./records.ts";
import { printError, printTable } from "./terminal.ts";

export const show: CliCommand = {
  words: ["config", "show"],
  takes: "",
  help: "Shows all options, their values and where these are from; a running server's flags aside.",
  flags: {},
  count: [0, 0],
  async run({ json, dataDir, sources }) {
    const base = resolveConfig(sources);
    await using records = await recordsIn(dataDir);
    const { config, unusable } = withSettings(base, await new KvSettingStore(records.database).all());
    const rows = valuesOf(config).map(({ flag, value, from }) => [
      `--${flag}`,
      json ? value : value.replaceAll("\n", " / "),
      from,
    ]);
    const providers = providerValues(config).map(({ key, value, from }) => [key, value, from]);
    printTable(["option", "value", "from"], [...rows, ...providers], { json });
    for (const [flag, problem] of unusable) {
      printError(`What admins have set for ${flag} is not used: ${problem}`);
    }
  },
};
