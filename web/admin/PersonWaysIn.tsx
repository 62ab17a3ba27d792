import { Confirm } from "../shared/Confirm.tsx";
import { useApi } from "./api.ts";
import type { PersonProps } from "./Person.tsx";
import { counted } from "./words.ts";

/** Has the server make up another password. */
export function Password({ person: { id, name, connections, tokens }, onDone, onClose }: PersonProps) {
  const api = useApi();
  async function change(): Promise<void> {
    const { password } = await api.newPassword(id);
    onDone(`${name} has a new password.`, password === null ? undefined : { name, password });
  }
  return (
    <Confirm
      title={`A new password for ${name}?`}
      deed="New password"
      danger
      onConfirm={change}
      onClose={onClose}
    >
      <p>
        One is made up and shown to you once; the old one is good no longer. It ends{" "}
        {counted(connections, "connection")} and {counted(tokens, "token")}. This cannot be undone.
      </p>
    </Confirm>
  );
}

/** Lets somebody set a password without an admin who knows it. */
export function LinkPassword({ person: { id, name, codes }, onDone, onClose }: PersonProps) {
  const api = useApi();
  async function make(): Promise<void> {
    onDone(`There is a link for ${name}.`, { name, link: await api.linkPassword(id) });
  }
  return (
    <Confirm title={`A link for ${name}?`} deed="Make a link" onConfirm={make} onClose={onClose}>
      <p>
        It is shown to you once, and good once, for a day: whoever opens it sets the password of{" "}
        {name}, and all that came in by the old one ends. {codes && "A code is asked for as well."}
      </p>
    </Confirm>
  );
}

/** Lets somebody in who has lost what shows the codes. */
export function ResetCodes({ person: { id, name, passkeys }, onDone, onClose }: PersonProps) {
  const api = useApi();
  async function reset(): Promise<void> {
    await api.resetMfa(id);
    onDone(`${name} is asked for no code any more.`);
  }
  return (
    <Confirm
      title={`Take the codes of ${name} away?`}
      deed="Take away"
      danger
      onConfirm={reset}
      onClose={onClose}
    >
      <p>
        Be sure that it is {name}{" "}
        who asks. The password alone is enough then, until codes are switched on again. The recovery codes go
        as well{passkeys > 0 && `; ${counted(passkeys, "passkey")} stay`}.
      </p>
    </Confirm>
  );
}
