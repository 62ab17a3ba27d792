import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { BegunCodes } from "../../server/wire/web_types.ts";
import { CopyButton } from "../shared/CopyButton.tsx";
import { Field } from "../shared/Field.tsx";
import { takeFocus } from "../shared/take_focus.ts";
import { useDeed } from "./deed.ts";
import { EntryForm } from "./EntryForm.tsx";
import { Failure } from "./Failure.tsx";
import { QrCode } from "./QrCode.tsx";
import type { SecondFactors } from "./second_factors.ts";

/** Gives an authenticator app its secret, and takes the first code that it makes of it. */
export function SwitchOnCodes(
  { factors, onCodes }: { factors: SecondFactors; onCodes: (recoveryCodes: readonly string[]) => void },
) {
  const begun = useSignal<BegunCodes | undefined>(undefined);
  const { failure, attempt } = useDeed();
  useEffect(() => void attempt(async () => begun.value = await factors.begin()), []);
  if (begun.value === undefined) return <Failure why={failure.value} />;
  const { uri, secret } = begun.value;
  return (
    <>
      <p>
        Scan this with an authenticator app, or type the secret into it; then give the code that it shows.
      </p>
      <QrCode text={uri} label="QR code for an authenticator app" />
      <div class="shown-secret">
        <code tabIndex={0} aria-label="Secret">{inGroups(secret)}</code>
        <CopyButton text={secret} what="the secret" />
      </div>
      <EntryForm
        deed="Switch on codes"
        onSubmit={async (read) => onCodes(await factors.confirm(read("first code")))}
      >
        <Field label="First code" hint="Six digits; another one comes every half a minute.">
          <input
            name="first code"
            class="code"
            inputMode="numeric"
            autocomplete="one-time-code"
            pattern="[0-9 ]*"
            maxLength={7}
            required
            ref={takeFocus}
          />
        </Field>
      </EntryForm>
    </>
  );
}

/** As it is read out and typed: `JBSW Y3DP …`. */
function inGroups(secret: string): string {
  return secret.replace(/.{4}(?=.)/g, "$& ");
}
