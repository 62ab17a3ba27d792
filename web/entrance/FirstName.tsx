import { Field } from "../shared/Field.tsx";
import { takeFocus } from "../shared/take_focus.ts";
import { EntryForm } from "./EntryForm.tsx";
import type { Entrance, Standing } from "./entrance.ts";
import { InvitationField } from "./InvitationField.tsx";
import { recallInvitation } from "./memory.ts";

/** Asks somebody whom an identity provider knows, and who is here for the first time, what to be called. */
export function FirstName(
  { entrance, step: { title, suggested, asksInvitation } }: {
    entrance: Entrance;
    step: Extract<Standing, { is: "nameless" }>;
  },
) {
  const invitation = recallInvitation();
  return (
    <>
      <h2>Your name here</h2>
      <p>{title} knows you; this server does not yet. An account is made for you.</p>
      <EntryForm
        deed="Make the account"
        onSubmit={(read) => entrance.takeName(read("name"), read("invitation"))}
      >
        <Field label="Name in the chat" hint="2 to 32 letters, digits, _ - or .">
          <input
            name="name"
            value={suggested}
            autocomplete="nickname"
            autocapitalize="none"
            spellcheck={false}
            maxLength={32}
            required
            ref={takeFocus}
          />
        </Field>
        {(asksInvitation || invitation !== "") && (
          <InvitationField given={invitation} required={asksInvitation} />
        )}
      </EntryForm>
      <p class="aside">
        Have you an account already? Log in to it the other way, and link {title} there.{" "}
        <button type="button" class="link" onClick={() => entrance.leave()}>Begin anew</button>
      </p>
    </>
  );
}
