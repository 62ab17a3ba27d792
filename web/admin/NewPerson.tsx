import { useSignal } from "@preact/signals";
import type { AccountRole } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import { useApi } from "./api.ts";
import type { Made } from "./Person.tsx";
import { RoleChoice } from "./RoleChoice.tsx";

/** Makes an account for somebody; the server makes up its password. */
export function NewPerson(
  { onDone, onClose }: {
    onDone: (text: string, made?: Made) => void;
    onClose: () => void;
  },
) {
  const api = useApi();
  const username = useSignal("");
  const name = useSignal("");
  const role = useSignal<AccountRole>("member");
  async function create(): Promise<void> {
    const { name: called, password } = await api.createPerson({
      username: username.value.trim(),
      name_account: name.value.trim() || username.value.trim(),
      role: role.value,
    });
    onDone(`${called} has an account now.`, password === null ? undefined : { name: called, password });
  }
  return (
    <Confirm title="New account" deed="Create" onConfirm={create} onClose={onClose}>
      <Field label="Username" hint="To log in with: an e-mail address, or 2 to 32 letters, digits, _ - or .">
        <input
          required
          autofocus
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={username.value}
          onInput={(event) => username.value = event.currentTarget.value}
        />
      </Field>
      <Field label="Name in chat" hint="What others see. The same as the username where nothing is said.">
        <input
          required={username.value.includes("@")}
          autocomplete="off"
          spellcheck={false}
          placeholder={username.value.includes("@") ? undefined : username.value.trim()}
          value={name.value}
          onInput={(event) => name.value = event.currentTarget.value}
        />
      </Field>
      <RoleChoice value={role.value} onChange={(chosen) => role.value = chosen} />
      <p class="hint">A password is made up, and shown to you once.</p>
    </Confirm>
  );
}
