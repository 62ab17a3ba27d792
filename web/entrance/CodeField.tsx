import { useSignal } from "@preact/signals";
import { Field } from "../shared/Field.tsx";
import { takeFocus } from "../shared/take_focus.ts";

/** For a code of an app, or a recovery code in its place; the form finds it as `code`. */
export function CodeField({ hint }: { hint?: string }) {
  const recovery = useSignal(false);
  return (
    <>
      {recovery.value
        ? (
          <Field key="recovery" label="Recovery code" hint="Each of them is good once.">
            <input
              name="code"
              class="code"
              placeholder="BCDF-GHJK-LMNP-QRST"
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              required
              autofocus
              ref={takeFocus}
            />
          </Field>
        )
        : (
          <Field key="code" label="Code" hint={hint ?? "The six digits that your authenticator app shows."}>
            <input
              name="code"
              class="code"
              inputMode="numeric"
              autocomplete="one-time-code"
              pattern="[0-9 ]*"
              maxLength={7}
              required
              ref={takeFocus}
            />
          </Field>
        )}
      <p class="aside">
        <button type="button" class="link" onClick={() => recovery.value = !recovery.value}>
          {recovery.value ? "Use a code of the app" : "Use a recovery code"}
        </button>
      </p>
    </>
  );
}
