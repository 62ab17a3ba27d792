import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import type { SettingRow } from "../../server/wire/admin_types.ts";
import { sentenceOf } from "../shared/sentence.ts";
import { asTitle, choicesOf, originOf, shownValue, takenInWords } from "./setting_words.ts";

/** What came of the last change. */
type Outcome = { readonly good: boolean; readonly text: string } | undefined;

/** One setting, changed where it stands. */
export function Setting(
  { setting, onChange }: { setting: SettingRow; onChange: (value: string | null) => Promise<void> },
) {
  const { flag, help, takes, value, default: usual, from, fixed } = setting;
  const id = useId();
  const typed = useSignal(value);
  const busy = useSignal(false);
  const outcome = useSignal<Outcome>(undefined);
  useEffect(() => void (typed.value = value), [value]);
  const form = useRef<HTMLFormElement>(null);
  const changed = typed.value !== value;
  async function apply(wanted: string | null): Promise<void> {
    busy.value = true;
    try {
      await onChange(wanted);
      outcome.value = { good: true, text: "Done: it holds from now on." };
    } catch (error) {
      outcome.value = { good: false, text: sentenceOf(error) };
    } finally {
      busy.value = false;
      form.current?.querySelector<HTMLElement>("input, select, textarea")?.focus(); // its button may go
    }
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (changed) void apply(typed.value);
  }
  function type(text: string): void {
    typed.value = text;
    outcome.value = undefined;
  }
  return (
    <form ref={form} class="setting" onSubmit={submit}>
      <label for={id}>
        <code>{flag}</code>
      </label>
      {fixed ? <output id={id} class="fixed">{shownValue(value)}</output> : (
        <Value
          id={id}
          setting={setting}
          typed={typed.value}
          failed={outcome.value?.good === false}
          onType={type}
        />
      )}
      <div class="deeds">
        {changed && (
          <>
            <button type="submit" class="small primary" disabled={busy.value}>Save</button>
            <button type="button" class="small plain" onClick={() => type(value)}>Undo</button>
          </>
        )}
        {!changed && from === "settings" && !fixed && (
          <button
            type="button"
            class="small"
            disabled={busy.value}
            onClick={() => apply(null)}
          >
            Back to default
          </button>
        )}
      </div>
      <p class="origin hint" id={`${id}-about`}>
        {asTitle(help)}
        {choicesOf(takes) === undefined && `: ${takenInWords(takes)}`}. {originOf(from)}
        {from !== "default" && (
          <>
            ; the default is <code>{shownValue(usual)}</code>
          </>
        )}.
      </p>
      <div role="status" class="outcome">
        {outcome.value && (
          <p class={outcome.value.good ? "done" : "error"} id={`${id}-outcome`}>{outcome.value.text}</p>
        )}
      </div>
    </form>
  );
}

function Value(
  { id, setting: { takes }, typed, failed, onType }: {
    id: string;
    setting: SettingRow;
    typed: string;
    failed: boolean;
    onType: (text: string) => void;
  },
) {
  const attributes = {
    id,
    "aria-describedby": failed ? `${id}-outcome ${id}-about` : `${id}-about`,
    "aria-invalid": failed ? true : undefined,
    onInput: (event: { currentTarget: { value: string } }) => onType(event.currentTarget.value),
  };
  const choices = choicesOf(takes);
  if (choices !== undefined) {
    return (
      <select {...attributes} value={typed}>
        {choices.map((word) => <option key={word} value={word}>{word}</option>)}
      </select>
    );
  }
  if (takes === "LINES") return <textarea {...attributes} rows={3} value={typed} />;
  return <input {...attributes} autocomplete="off" spellcheck={false} value={typed} />;
}
