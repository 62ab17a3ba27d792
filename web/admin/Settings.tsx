import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SettingRow } from "../../server/wire/admin_types.ts";
import { sentenceOf } from "../shared/sentence.ts";
import { useApi } from "./api.ts";
import { Setting } from "./Setting.tsx";
import { inGroups } from "./setting_words.ts";
import "./settings.css";

/** How the server is set up; what is changed here holds at once, and over a restart. */
export function Settings() {
  const api = useApi();
  const settings = useSignal<readonly SettingRow[]>([]);
  const failure = useSignal<string | undefined>(undefined);
  useEffect(() => {
    api.settings().then(
      (rows) => settings.value = rows,
      (error) => failure.value = sentenceOf(error),
    );
  }, []);
  async function change(flag: string, value: string | null): Promise<void> {
    settings.value = await api.changeSettings({ [flag]: value });
  }
  return (
    <>
      <p class="lead">
        What you change holds at once, and over a restart. The command line and the environment are stronger:
        what they say is fixed here.
      </p>
      <div role="alert">{failure.value !== undefined && <p class="error">{failure.value}</p>}</div>
      {inGroups(settings.value).map(({ name, settings }) => (
        <section key={name} class="settings">
          <h2>{name}</h2>
          {settings.map((setting) => (
            <Setting
              key={setting.flag}
              setting={setting}
              onChange={(value) => change(setting.flag, value)}
            />
          ))}
        </section>
      ))}
    </>
  );
}
