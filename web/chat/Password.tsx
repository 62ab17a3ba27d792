import { isCodeWanted } from "../shared/call.ts";
import { Field } from "../shared/Field.tsx";
import type { useNotice } from "../shared/Notice.tsx";
import { useSignal } from "@preact/signals";
import { CodeField } from "../entrance/CodeField.tsx";
import { EntryForm } from "../entrance/EntryForm.tsx";
import { useChatting } from "./chatting.ts";
import { Section } from "./Section.tsx";

/** Changes one's password, or sets the first one of somebody who came in otherwise. */
export function Password({ notice }: { notice: ReturnType<typeof useNotice> }) {
  const { own, account } = useChatting().session;
  const codeWanted = useSignal(false);
  const times = useSignal(0); // how often it was changed: the form begins anew with each
  const hasPassword = account?.has_password ?? true;
  const deed = hasPassword ? "Change the password" : "Set a password";
  async function change(read: (field: string) => string): Promise<void> {
    try {
      await own.changePassword({ current: read("current"), password: read("password"), code: read("code") });
    } catch (error) {
      if (!isCodeWanted(error)) throw error;
      codeWanted.value = true;
      return;
    }
    times.value++;
    notice.tell(
      hasPassword
        ? "Your password is changed, and you are logged out everywhere else."
        : "Your password is set.",
    );
  }
  return (
    <Section title="Password">
      {!hasPassword && <p class="hint">You have none yet, and come in by other ways.</p>}
      <EntryForm key={times.value} deed={deed} small onSubmit={change}>
        {hasPassword && (
          <Field label="Current password">
            <input name="current" type="password" autocomplete="current-password" required />
          </Field>
        )}
        <Field label="New password" hint="8 characters at least.">
          <input name="password" type="password" autocomplete="new-password" minLength={8} required />
        </Field>
        {(codeWanted.value || own.factors.info.value?.codes) && <CodeField />}
      </EntryForm>
    </Section>
  );
}
