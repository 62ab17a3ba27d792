import { useSignal } from "@preact/signals";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import type { Account, Entrance } from "./entrance.ts";
import { PasskeyButton } from "./PasskeyButton.tsx";

interface AgainProps {
  readonly entrance: Entrance;
  readonly account: Account;
  /** Whether a passkey does as well. */
  readonly byPasskey: boolean;
}

/** Asks whoever is signed in to show it once more, whenever the server wants that. */
export function Again({ entrance, account, byPasskey }: AgainProps) {
  const { confirmation } = entrance;
  const password = useSignal("");
  if (!confirmation.wanted.value) return null;
  const giveUp = () => confirmation.giveUp();
  if (!account.has_password) {
    return byPasskey
      ? (
        <Confirm
          title={TITLE}
          deed="Use a passkey"
          onConfirm={() => confirmation.byPasskey()}
          onClose={giveUp}
        >
          <p>{WHY}</p>
        </Confirm>
      )
      : (
        <Confirm title={TITLE} deed="Log out" onConfirm={() => entrance.logOut()} onClose={giveUp}>
          <p>It is long since you logged in. Log out and in again, and then do it anew.</p>
        </Confirm>
      );
  }
  async function confirm(): Promise<void> {
    await confirmation.byPassword(password.value);
    password.value = "";
  }
  return (
    <Confirm title={TITLE} deed="Go on" onConfirm={confirm} onClose={giveUp}>
      <p>{WHY}</p>
      <Field label={`Password of ${account.name}`}>
        <input
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={password.value}
          onInput={(event) => password.value = event.currentTarget.value}
        />
      </Field>
      {byPasskey && (
        <PasskeyButton
          label="Use a passkey"
          server={entrance.server.value!}
          onPress={() => confirmation.byPasskey()}
        />
      )}
    </Confirm>
  );
}

const TITLE = "Is it still you?";
const WHY =
  "It is long since you logged in. What you were doing goes on as soon as you have shown who you are.";
