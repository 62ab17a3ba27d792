import type { ServerInfo } from "../../server/wire/web_types.ts";
import { EntryForm } from "../entrance/EntryForm.tsx";
import { InvitationField } from "../entrance/InvitationField.tsx";
import { Field } from "../shared/Field.tsx";
import { takeFocus } from "../shared/take_focus.ts";
import type { WantedAccount } from "./session.ts";

interface SignUpProps {
  readonly server: ServerInfo;
  /** What a link has brought; undefined for nothing. */
  readonly invitation: string | undefined;
  readonly onSignUp: (wanted: WantedAccount) => Promise<void>;
}

/** Makes an account, for who stands at the door and for a guest who is in. */
export function SignUp({ server, invitation, onSignUp }: SignUpProps) {
  const isAsked = server.signup === "invite";
  async function signUp(read: (field: string) => string): Promise<void> {
    if (read("password") !== read("again")) throw new Error("The two passwords differ.");
    const username = read("username");
    await onSignUp({
      username,
      name: read("name") || username,
      password: read("password"),
      invitation: read("invitation").trim(),
    });
  }
  return (
    <EntryForm deed="Make the account" onSubmit={signUp}>
      {(isAsked || invitation !== undefined) && (
        <InvitationField given={invitation ?? ""} required={isAsked} />
      )}
      <Field label="Username" hint="To log in with; an e-mail address will do.">
        <input name="username" autocomplete="username" autocapitalize="none" required ref={takeFocus} />
      </Field>
      <Field
        label="Name in the chat"
        hint="2 to 32 letters, digits, _ - or . If left empty, what you log in with."
      >
        <input name="name" autocomplete="nickname" autocapitalize="none" />
      </Field>
      <Field label="Password" hint="8 characters at least.">
        <input name="password" type="password" autocomplete="new-password" minLength={8} required />
      </Field>
      <Field label="Password again">
        <input name="again" type="password" autocomplete="new-password" required />
      </Field>
    </EntryForm>
  );
}
