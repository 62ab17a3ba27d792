import { useSignal } from "@preact/signals";
import type { NewTokenRow } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import { accountCalled, AccountField } from "./AccountField.tsx";
import { useApi } from "./api.ts";
import { Choice } from "./Choice.tsx";
import { isNarrow, type Purpose, scopeOf } from "./scope.ts";

const MOST_LABEL_CHARACTERS = 64;
const MOST_DAYS = 3_650;

const PURPOSES = [
  { value: "chat", title: "Chatting", text: "All that the account may do, but for these pages." },
  { value: "admin", title: "Administering", text: "That as well; the account has to be an admin’s." },
  { value: "read", title: "Reading rooms", text: "And nothing else." },
  { value: "post", title: "Posting in rooms", text: "Without reading them." },
  { value: "read and post", title: "Reading and posting", text: "In rooms, over HTTP." },
] as const satisfies readonly { value: Purpose; title: string; text: string }[];

/** Issues a token for somebody's account. */
export function NewToken(
  { onIssued, onClose }: { onIssued: (token: NewTokenRow) => void; onClose: () => void },
) {
  const api = useApi();
  const account = useSignal("");
  const label = useSignal("");
  const purpose = useSignal<Purpose>("chat");
  const rooms = useSignal("");
  const days = useSignal("30");
  async function issue(): Promise<void> {
    const { id } = await accountCalled(api, account.value);
    onIssued(
      await api.issueToken({
        account: id,
        label: label.value.trim(),
        scope: scopeOf(purpose.value, rooms.value),
        days: Number(days.value),
      }),
    );
  }
  return (
    <Confirm title="New token" deed="Issue" onConfirm={issue} onClose={onClose}>
      <AccountField label="For whom" value={account.value} onChange={(name) => account.value = name} />
      <Field label="Label" hint="So that it is known again: where it is used.">
        <input
          required
          maxLength={MOST_LABEL_CHARACTERS}
          autocomplete="off"
          placeholder="backup script"
          value={label.value}
          onInput={(event) => label.value = event.currentTarget.value}
        />
      </Field>
      <Choice
        label="Good for"
        options={PURPOSES}
        value={purpose.value}
        onChange={(chosen) => purpose.value = chosen}
      />
      {isNarrow(purpose.value) && (
        <Field label="In which rooms" hint="With a space between.">
          <input
            required
            pattern=".*[^#,\s].*"
            autocomplete="off"
            spellcheck={false}
            placeholder="#lobby #builds"
            value={rooms.value}
            onInput={(event) => rooms.value = event.currentTarget.value}
          />
        </Field>
      )}
      <Field label="Good for how many days">
        <input
          type="number"
          required
          min={1}
          max={MOST_DAYS}
          step={1}
          value={days.value}
          onInput={(event) => days.value = event.currentTarget.value}
        />
      </Field>
      <p class="hint">It is shown to you once.</p>
    </Confirm>
  );
}
