import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import type { PersonRow } from "../../server/wire/admin_types.ts";
import { Field } from "../shared/Field.tsx";
import { type AdminApi, useApi } from "./api.ts";

const MOST_SUGGESTED = 10;

/** How many accounts a call is asked for where one is looked for. */
const MOST_A_CALL = 500;

/** How long somebody types on before names are suggested. */
const SETTLE_MS = 150;

/** Whose account is meant, by name or username; suggests as one types. */
export function AccountField(
  { label, value, onChange }: { label: string; value: string; onChange: (name: string) => void },
) {
  const api = useApi();
  const id = useId();
  const suggested = useSignal<readonly PersonRow[]>([]);
  useEffect(() => {
    const search = value.trim();
    if (search === "") return;
    const timer = setTimeout(async () => {
      const found = await api.people({ search, limit: MOST_SUGGESTED }).catch(() => undefined);
      if (found !== undefined) suggested.value = found.people; // without them one types the whole name
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return (
    <Field label={label} hint="A name in chat, or a username.">
      <input
        required
        autofocus
        list={id}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={id}>
        {suggested.value.map(({ id, name, username }) => <option key={id} value={username}>{name}</option>)}
      </datalist>
    </Field>
  );
}

/** The account of this name or username. @throws where there is none. */
export async function accountCalled(api: AdminApi, name: string): Promise<PersonRow> {
  const search = name.trim();
  const fold = search.toLowerCase();
  let after: string | undefined;
  do {
    const { people, more } = await api.people({ search, after, limit: MOST_A_CALL });
    const found = people.find((person) =>
      [person.username, person.name].some((own) => own.toLowerCase() === fold)
    );
    if (found !== undefined) return found;
    after = more ? people.at(-1)?.id : undefined;
  } while (after !== undefined);
  throw new Error(`There is no account called ${search}.`);
}
