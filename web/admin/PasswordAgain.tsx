import { useSignal } from "@preact/signals";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";

/** Asks whoever is signed in for the password again, which the server wants after some hours. */
export function PasswordAgain(
  { name, onPassword, onGiveUp }: {
    name: string;
    onPassword: (password: string) => Promise<void>;
    onGiveUp: () => void;
  },
) {
  const password = useSignal("");
  return (
    <Confirm
      title="Is it still you?"
      deed="Go on"
      onConfirm={() => onPassword(password.value)}
      onClose={onGiveUp}
    >
      <p>
        The password was last given more than 12 hours ago. What you were doing goes on as soon as you give it
        again.
      </p>
      <Field label={`Password of ${name}`}>
        <input
          type="password"
          autocomplete="current-password"
          required
          autofocus
          value={password.value}
          onInput={(event) => password.value = event.currentTarget.value}
        />
      </Field>
    </Confirm>
  );
}
