import { useSignal } from "@preact/signals";
import type { InvitationRow } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Dialog } from "../shared/Dialog.tsx";
import { dateTime } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { Facts } from "./Facts.tsx";
import { stateOf } from "./invitation_words.ts";
import { Secret } from "./Secret.tsx";
import { counted } from "./words.ts";

interface InvitationProps {
  readonly invitation: InvitationRow;
  readonly onRevoked: (invitation: InvitationRow) => void;
  readonly onClose: () => void;
}

/** How an invitation is passed on, who has come by it, and the way to end it. */
export function Invitation(props: InvitationProps) {
  const revoking = useSignal(false);
  const { invitation, onClose } = props;
  if (revoking.value) return <Revoke {...props} />;
  const { code, url, role, room, uses, used_by, by, created_at, expires_at, open } = invitation;
  return (
    <Dialog title={`Invitation ${code}`} onClose={onClose}>
      {open && (
        <>
          <p>Send the link, or the code to whoever comes by a terminal and types it there.</p>
          <Secret name="Link" text={url} />
          <Secret name="Code" hint="asked for by /signup <username>" text={code} />
        </>
      )}
      <Facts
        facts={[
          ["State", stateOf(invitation)],
          ["For", `${counted(uses, role)}${room === null ? "" : `, in #${room} from the start`}`],
          ["Until", dateTime(expires_at)],
          ["By", `${by}, ${dateTime(created_at)}`],
          ["Who came", used_by.length === 0 ? "" : <Arrivals key="came" used={used_by} />],
        ]}
      />
      <div class="actions">
        {open && <button type="button" class="danger" onClick={() => revoking.value = true}>Revoke…</button>}
        <button type="button" class="primary" onClick={onClose}>Close</button>
      </div>
    </Dialog>
  );
}

function Arrivals({ used }: { used: InvitationRow["used_by"] }) {
  return (
    <ul class="arrivals">
      {used.map(({ name, at }) => (
        <li key={name}>
          {name} <span class="hint">{dateTime(at)}</span>
        </li>
      ))}
    </ul>
  );
}

function Revoke({ invitation, onRevoked, onClose }: InvitationProps) {
  const api = useApi();
  const { id, code } = invitation;
  async function revoke(): Promise<void> {
    await api.revokeInvitation(id);
    onRevoked(invitation);
  }
  return (
    <Confirm title={`Revoke ${code}?`} deed="Revoke" danger onConfirm={revoke} onClose={onClose}>
      <p>Nobody comes by it any more; who has come stays. This cannot be undone.</p>
    </Confirm>
  );
}
