import { useSignal } from "@preact/signals";
import { isCodeWanted } from "../shared/call.ts";
import { Field } from "../shared/Field.tsx";
import { takeFocus } from "../shared/take_focus.ts";
import { CodeField } from "./CodeField.tsx";
import { EntryForm } from "./EntryForm.tsx";
import type { Entrance } from "./entrance.ts";

/** Lets somebody set a password by the link that an admin gave. */
export function NewPassword({ entrance, link }: { entrance: Entrance; link: string }) {
  const codeWanted = useSignal(false);
  async function set(read: (field: string) => string): Promise<void> {
    const password = read("password");
    if (password !== read("again")) throw new Error("The two passwords differ.");
    try {
      await entrance.setPassword(link, { password, code: read("code") });
    } catch (error) {
      if (!isCodeWanted(error)) throw error;
      codeWanted.value = true;
    }
  }
  return (
    <>
      <h2>A new password</h2>
      <p class="hint">Whatever is logged in to your account ends when you set it.</p>
      <EntryForm deed="Set the password" onSubmit={set}>
        <Field label="New password" hint="8 characters at least.">
          <input
            name="password"
            type="password"
            autocomplete="new-password"
            minLength={8}
            required
            ref={takeFocus}
          />
        </Field>
        <Field label="Password again">
          <input name="again" type="password" autocomplete="new-password" required />
        </Field>
        {codeWanted.value && <CodeField />}
      </EntryForm>
      <p class="aside">
        <button type="button" class="link" onClick={() => void entrance.look()}>Not now</button>
      </p>
    </>
  );
}
