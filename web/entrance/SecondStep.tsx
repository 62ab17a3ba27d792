import { CodeField } from "./CodeField.tsx";
import { EntryForm } from "./EntryForm.tsx";
import type { Entrance, Standing } from "./entrance.ts";
import { PasskeyButton } from "./PasskeyButton.tsx";

/** Asks for the second factor. */
export function SecondStep(
  { entrance, step: { login, factors } }: {
    entrance: Entrance;
    step: Extract<Standing, { is: "owing" }>;
  },
) {
  const byCode = factors.includes("code");
  return (
    <>
      <h2>One more step</h2>
      {byCode && (
        <EntryForm deed="Go on" onSubmit={(read) => entrance.giveCode(login, read("code"))}>
          <CodeField />
        </EntryForm>
      )}
      {byCode && factors.length > 1 && <p class="or">or</p>}
      {factors.includes("passkey") && (
        <PasskeyButton
          label="Use your passkey"
          server={entrance.server.value!}
          onPress={() => entrance.usePasskey(login)}
        />
      )}
      <p class="aside">
        <button type="button" class="link" onClick={() => entrance.leave()}>Begin anew</button>
      </p>
    </>
  );
}
