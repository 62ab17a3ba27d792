import type { ServerInfo } from "../../server/wire/web_types.ts";
import { Field } from "../shared/Field.tsx";
import { EntryForm } from "./EntryForm.tsx";
import { hindranceHere, wordsAbout } from "./passkey_hindrance.ts";
import type { SecondFactors } from "./second_factors.ts";

/** Adds a passkey under a name; where that cannot be, says why. */
export function AddPasskey(
  { factors, server, small = false, onAdded }: {
    factors: SecondFactors;
    server: ServerInfo;
    /** It is one of several things that can be done. */
    small?: boolean;
    onAdded: (name: string) => void;
  },
) {
  const hindrance = hindranceHere(server);
  async function add(read: (field: string) => string): Promise<void> {
    const name = read("passkey").trim();
    await factors.addPasskey(name);
    onAdded(name);
  }
  return (
    <>
      {hindrance !== undefined && <p class="hint">{wordsAbout(hindrance)}</p>}
      {hindrance === "certificate" && (
        <p class="hint">If you have told this browser to trust it, try all the same.</p>
      )}
      {(hindrance === undefined || hindrance === "certificate") && (
        <EntryForm deed="Add a passkey" small={small} onSubmit={add}>
          <Field label="Name of the passkey" hint="Such as the device that keeps it.">
            <input name="passkey" maxLength={64} autocomplete="off" required />
          </Field>
        </EntryForm>
      )}
    </>
  );
}
