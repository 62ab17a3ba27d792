import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { AccountRole, PasswordLink, PersonRow } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Dialog } from "../shared/Dialog.tsx";
import { dateTime } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { Choice } from "./Choice.tsx";
import { Facts } from "./Facts.tsx";
import { LinkPassword, Password, ResetCodes } from "./PersonWaysIn.tsx";
import { RoleChoice } from "./RoleChoice.tsx";
import { counted, waysInOf } from "./words.ts";

/** What is shown once: how somebody comes in. */
export type Made =
  | { readonly name: string; readonly password: string }
  | { readonly name: string; readonly link: PasswordLink };

export interface PersonProps {
  readonly person: PersonRow;
  /** Something was done, and what. */
  readonly onDone: (text: string, made?: Made) => void;
  readonly onClose: () => void;
}

type Act = "role" | "password" | "link" | "codes" | "log out" | "disable" | "delete";

const SAID = [
  { value: "keep", title: "Keep what they said", text: "In rooms it stays, as that of a deleted user." },
  { value: "erase", title: "Erase what they said", text: "It goes from all rooms as well." },
] as const;

/** One person's account: what is known of it, and what may be done about it. */
export function Person(props: PersonProps) {
  const act = useSignal<Act | undefined>(undefined);
  switch (act.value) {
    case undefined:
      return <Overview {...props} onAct={(chosen) => act.value = chosen} />;
    case "role":
      return <Role {...props} />;
    case "password":
      return <Password {...props} />;
    case "link":
      return <LinkPassword {...props} />;
    case "codes":
      return <ResetCodes {...props} />;
    case "log out":
      return <LogOut {...props} />;
    case "disable":
      return <Disable {...props} />;
    case "delete":
      return <Delete {...props} />;
  }
}

function Overview({ person, onAct, onClose }: PersonProps & { onAct: (act: Act) => void }) {
  const { name, username, role, disabled, created_at, connections, tokens } = person;
  return (
    <Dialog title={name} onClose={onClose}>
      <Facts
        facts={[
          ["Username", username],
          ["Role", role],
          ["State", disabled ? "disabled" : ""],
          ["Made", dateTime(created_at)],
          ["Comes in by", waysInOf(person)],
          ["Connected", counted(connections, "connection")],
          ["Tokens", counted(tokens, "live token")],
        ]}
      />
      <ul class="acts">
        <Deed title="Change role…" onPress={() => onAct("role")}>What they may do.</Deed>
        <Deed title="New password…" onPress={() => onAct("password")}>Made up, and shown to you.</Deed>
        <Deed title="Link for a new password…" onPress={() => onAct("link")}>
          They set one that you do not know.
        </Deed>
        {person.codes && (
          <Deed title="Take the codes away…" onPress={() => onAct("codes")}>
            For who has lost the app and the recovery codes.
          </Deed>
        )}
        <Deed title="Log out everywhere…" onPress={() => onAct("log out")}>
          Ends connections and tokens.
        </Deed>
        <Deed title={disabled ? "Enable…" : "Disable…"} onPress={() => onAct("disable")}>
          {disabled ? "They may come in again." : "Nobody comes in by it until it is enabled."}
        </Deed>
        <Deed title="Delete…" onPress={() => onAct("delete")}>For good.</Deed>
      </ul>
      <div class="actions">
        <button type="button" onClick={onClose}>Close</button>
      </div>
    </Dialog>
  );
}

function Deed(
  { title, onPress, children }: { title: string; onPress: () => void; children: ComponentChildren },
) {
  return (
    <li>
      <button type="button" onClick={onPress}>{title}</button>
      <span class="hint">{children}</span>
    </li>
  );
}

function Role({ person: { id, name, role }, onDone, onClose }: PersonProps) {
  const api = useApi();
  const chosen = useSignal<AccountRole>(role);
  async function change(): Promise<void> {
    await api.changePerson(id, { role: chosen.value });
    onDone(`${name} is ${chosen.value === "admin" ? "an admin" : `a ${chosen.value}`} now.`);
  }
  return (
    <Confirm title={`What may ${name} do?`} deed="Change role" onConfirm={change} onClose={onClose}>
      <RoleChoice value={chosen.value} onChange={(role) => chosen.value = role} />
    </Confirm>
  );
}

function LogOut({ person: { id, name, connections, tokens }, onDone, onClose }: PersonProps) {
  const api = useApi();
  async function logOut(): Promise<void> {
    await api.logOutPerson(id);
    onDone(`${name} is logged out everywhere.`);
  }
  return (
    <Confirm
      title={`Log ${name} out everywhere?`}
      deed="Log out everywhere"
      danger
      onConfirm={logOut}
      onClose={onClose}
    >
      <p>
        This ends {counted(connections, "connection")} and{" "}
        {counted(tokens, "token")}, those of programs among them. The password stays as it is. This cannot be
        undone.
      </p>
    </Confirm>
  );
}

function Disable({ person: { id, name, disabled, connections }, onDone, onClose }: PersonProps) {
  const api = useApi();
  async function change(): Promise<void> {
    await api.changePerson(id, { disabled: !disabled });
    onDone(`${name} is ${disabled ? "enabled" : "disabled"}.`);
  }
  return (
    <Confirm
      title={disabled ? `Enable ${name}?` : `Disable ${name}?`}
      deed={disabled ? "Enable" : "Disable"}
      danger={!disabled}
      onConfirm={change}
      onClose={onClose}
    >
      <p>
        {disabled
          ? "The account is good again, with the password it had."
          : `This ends ${
            counted(connections, "connection")
          } at once, and nobody comes in by this account until ` +
            "it is enabled again. What it has said stays, and so does its name."}
      </p>
    </Confirm>
  );
}

function Delete({ person: { id, name }, onDone, onClose }: PersonProps) {
  const api = useApi();
  const said = useSignal<"keep" | "erase">("keep");
  async function remove(): Promise<void> {
    const { message } = await api.deletePerson(id, said.value);
    onDone(message);
  }
  return (
    <Confirm title={`Delete ${name}?`} deed="Delete" danger onConfirm={remove} onClose={onClose}>
      <p>
        The account goes with its tokens and its private messages. Nobody will ever have this name again. This
        cannot be undone.
      </p>
      <Choice
        label="What they said in rooms"
        options={SAID}
        value={said.value}
        onChange={(way) => said.value = way}
      />
    </Confirm>
  );
}
