import { useSignal } from "@preact/signals";
import type { AccountRole, InvitationRow } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import { useApi } from "./api.ts";
import { RoleChoice } from "./RoleChoice.tsx";

const MOST_USES = 300;
const MOST_DAYS = 365;

/** Invites somebody, or several. */
export function NewInvitation(
  { onMade, onClose }: { onMade: (invitation: InvitationRow) => void; onClose: () => void },
) {
  const api = useApi();
  const role = useSignal<AccountRole>("member");
  const room = useSignal("");
  const uses = useSignal("1");
  const days = useSignal("7");
  async function invite(): Promise<void> {
    const where = room.value.trim().replace(/^#/, "");
    onMade(
      await api.invite({
        role: role.value,
        uses: Number(uses.value),
        days: Number(days.value),
        ...where === "" ? {} : { room: where },
      }),
    );
  }
  return (
    <Confirm title="Invite somebody" deed="Invite" onConfirm={invite} onClose={onClose}>
      <RoleChoice value={role.value} onChange={(chosen) => role.value = chosen} />
      <Field label="Room" hint="They are in it from the start. Left empty, in the lobby alone.">
        <input
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder="#dev"
          value={room.value}
          onInput={(event) => room.value = event.currentTarget.value}
        />
      </Field>
      <Field label="For how many people">
        <input
          type="number"
          required
          min={1}
          max={MOST_USES}
          step={1}
          value={uses.value}
          onInput={(event) => uses.value = event.currentTarget.value}
        />
      </Field>
      <Field label="Good for how many days">
        <input
          type="number"
          required
          min={1}
          max={MOST_DAYS}
          step={1}
          value={days.value}
          onInput={(event) => days.value = event.currentTarget.value}
        />
      </Field>
    </Confirm>
  );
}
