import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { InvitationRow } from "../../server/wire/admin_types.ts";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { hasWords, wordsOf } from "../shared/ordering.ts";
import { type Column, Table } from "../shared/Table.tsx";
import { date, dateTime } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { Invitation } from "./Invitation.tsx";
import { stateOf } from "./invitation_words.ts";
import { useListing } from "./listing.ts";
import { NewInvitation } from "./NewInvitation.tsx";
import { Rest } from "./Rest.tsx";
import "./sections.css";

/** Who may make an account, and who has come by which invitation. */
export function Invitations() {
  const api = useApi();
  const notice = useNotice();
  const search = useSignal("");
  const adding = useSignal(false);
  const open = useSignal<InvitationRow | undefined>(undefined);
  const listing = useListing(
    async () => ({ rows: await api.invitations(), next: undefined }),
    { atATime: Infinity },
  );
  const columns = useMemo(() => columnsWith((invitation) => open.value = invitation), []);
  const all = listing.rows.value;
  const rows = useMemo(() => found(all ?? [], search.value), [all, search.value]);
  function made(invitation: InvitationRow): void {
    adding.value = false;
    open.value = invitation;
    void listing.refresh();
  }
  function revoked({ code }: InvitationRow): void {
    notice.tell(`The invitation ${code} is revoked.`);
    void listing.refresh();
  }
  return (
    <>
      <div class="toolbar">
        <input
          type="search"
          aria-label="Filter invitations"
          placeholder="Filter by code, name, room…"
          value={search.value}
          onInput={(event) => search.value = event.currentTarget.value}
        />
        <button type="button" class="primary" onClick={() => adding.value = true}>Invite…</button>
      </div>
      <Notice said={notice.said} />
      {all !== undefined && (
        <Table
          label="Invitations"
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          order={{ column: "made", way: "descending" }}
          empty={all.length === 0 ? "Nobody has been invited yet." : "No invitation is like that."}
        />
      )}
      <Rest listing={listing} more="Show more invitations" />
      {adding.value && <NewInvitation onMade={made} onClose={() => adding.value = false} />}
      {open.value !== undefined && (
        <Invitation
          invitation={open.value}
          onRevoked={revoked}
          onClose={() => open.value = undefined}
        />
      )}
    </>
  );
}

function columnsWith(onOpen: (invitation: InvitationRow) => void): readonly Column<InvitationRow>[] {
  return [
    {
      name: "code",
      title: "Code",
      rem: 10,
      sortBy: ({ code }) => code,
      draw: (invitation) => (
        <button type="button" class="handle" onClick={() => onOpen(invitation)}>{invitation.code}</button>
      ),
    },
    { name: "state", title: "State", rem: 5.5, sortBy: stateOf, draw: stateOf },
    { name: "role", title: "Role", rem: 6, sortBy: ({ role }) => role, draw: ({ role }) => role },
    { name: "room", title: "Room", rem: 6, sortBy: roomOf, draw: roomOf, hint: roomOf },
    {
      name: "used",
      title: "Used",
      rem: 5.5,
      end: true,
      sortBy: ({ used_by }) => used_by.length,
      draw: ({ used_by, uses }) => `${used_by.length} of ${uses}`,
    },
    { name: "came", title: "Who came", rem: 10, sortBy: namesIn, draw: namesIn, hint: namesIn },
    { name: "by", title: "By", rem: 6, sortBy: ({ by }) => by, draw: ({ by }) => by },
    {
      name: "made",
      title: "Made",
      rem: 7,
      sortBy: ({ created_at }) => created_at,
      draw: ({ created_at }) => date(created_at),
      hint: ({ created_at }) => dateTime(created_at),
    },
    {
      name: "ends",
      title: "Ends",
      rem: 7,
      sortBy: ({ expires_at }) => expires_at,
      draw: ({ expires_at }) => date(expires_at),
      hint: ({ expires_at }) => dateTime(expires_at),
    },
  ];
}

function roomOf({ room }: InvitationRow): string {
  return room === null ? "" : `#${room}`;
}

function namesIn({ used_by }: InvitationRow): string {
  return used_by.map(({ name }) => name).join(", ");
}

function found(invitations: readonly InvitationRow[], search: string): readonly InvitationRow[] {
  const words = wordsOf(search);
  if (words.length === 0) return invitations;
  return invitations.filter((invitation) => {
    const { code, role, by } = invitation;
    const texts = [code, stateOf(invitation), role, roomOf(invitation), namesIn(invitation), by];
    return hasWords(texts.join(" ").toLowerCase(), words);
  });
}
