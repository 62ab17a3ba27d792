import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ConnectionRow } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Field } from "../shared/Field.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { useNow } from "../shared/now.ts";
import { type Column, Table } from "../shared/Table.tsx";
import { bytes, dateTime, duration } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { addressKey, found } from "./connection_rows.ts";
import { Facts } from "./Facts.tsx";
import { useLive } from "./live.ts";
import "./sections.css";

const MOST_SENTENCE_CHARACTERS = 200;

/** Everybody who is connected, as they come and go. */
export function Connections() {
  const api = useApi();
  const connections = useLive().connections.value;
  const search = useSignal("");
  const open = useSignal<ConnectionRow | undefined>(undefined);
  const notice = useNotice();
  const rows = useMemo(() => found(connections ?? [], search.value), [connections, search.value]);
  const columns = useMemo(() => columnsWith((row) => open.value = row), []);
  if (connections === undefined) return <p class="lead">Waiting for the server…</p>;
  return (
    <>
      <div class="toolbar">
        <input
          type="search"
          aria-label="Filter connections"
          placeholder="Filter by name, address, room…"
          value={search.value}
          onInput={(event) => search.value = event.currentTarget.value}
        />
        <p class="count">
          {connections.length.toLocaleString()} connected
          <span role="status">
            {search.value !== "" && `, ${rows.length.toLocaleString()} of them found`}
          </span>
        </p>
      </div>
      <Notice said={notice.said} />
      <Table
        label="Connections"
        columns={columns}
        rows={rows}
        keyOf={({ id }) => id}
        order={{ column: "since", way: "descending" }}
        empty={connections.length === 0 ? "Nobody is connected." : "No connection is like that."}
      />
      {open.value !== undefined && (
        <Connection
          row={open.value}
          onDisconnect={async (id, sentence) => {
            await api.disconnect(id, sentence);
            notice.tell(`${nameOf(open.value!)} has been disconnected.`);
          }}
          onClose={() => open.value = undefined}
        />
      )}
    </>
  );
}

/** What is known of a connection, and the way to end it. */
function Connection(
  { row, onDisconnect, onClose }: {
    row: ConnectionRow;
    onDisconnect: (id: string, sentence: string) => Promise<void>;
    onClose: () => void;
  },
) {
  const sentence = useSignal("");
  return (
    <Confirm
      title={`Disconnect ${nameOf(row)}?`}
      deed="Disconnect"
      danger
      onConfirm={() => onDisconnect(row.id, sentence.value.trim())}
      onClose={onClose}
    >
      <Facts
        facts={[
          ["Account", row.account === null ? row.role : `${row.role}, ${row.account}`],
          ["Came in by", row.by],
          ["Over", row.tls === "" ? row.how : `${row.how} (${row.tls})`],
          ["From", row.address],
          ["Since", dateTime(row.since)],
          ["Looks at", row.room && `#${row.room}`],
        ]}
      />
      <p>The connection closes at once, and only a ban keeps somebody from coming back.</p>
      <Field label="Last sentence, if you like" hint="Left empty, they read who has done it.">
        <input
          maxLength={MOST_SENTENCE_CHARACTERS}
          value={sentence.value}
          onInput={(event) => sentence.value = event.currentTarget.value}
        />
      </Field>
    </Confirm>
  );
}

function columnsWith(onOpen: (row: ConnectionRow) => void): readonly Column<ConnectionRow>[] {
  return [
    {
      name: "name",
      title: "Name",
      rem: 9.5,
      sortBy: ({ name }) => name,
      draw: (row) => <button type="button" class="handle" onClick={() => onOpen(row)}>{nameOf(row)}</button>,
      hint: nameOf,
    },
    {
      name: "account",
      title: "Account",
      rem: 6,
      sortBy: ({ role, account }) => `${role} ${account}`,
      draw: ({ role }) => role,
      hint: ({ account }) => account ?? "no account",
    },
    { name: "by", title: "Came in by", rem: 6.5, sortBy: ({ by }) => by, draw: ({ by }) => by || "–" },
    { name: "how", title: "Over", rem: 6.5, sortBy: ({ how }) => how, draw: ({ how }) => how },
    {
      name: "address",
      title: "Address",
      rem: 8.2,
      sortBy: ({ address }) => addressKey(address),
      draw: ({ address }) => address,
      hint: ({ address }) => address,
    },
    {
      name: "tls",
      title: "TLS",
      rem: 3.5,
      sortBy: ({ tls }) => tls,
      draw: ({ tls }) => tls.replace("TLSv", "") || "–",
    },
    {
      name: "room",
      title: "Room",
      rem: 6,
      sortBy: ({ room }) => room,
      draw: ({ room }) => room && `#${room}`,
    },
    {
      name: "since",
      title: "Since",
      rem: 6.3,
      sortBy: ({ since }) => since,
      draw: ({ since }) => <Since at={since} />,
      hint: ({ since }) => dateTime(since),
    },
    {
      name: "messages",
      title: "Messages",
      rem: 6,
      end: true,
      sortBy: ({ messages }) => messages,
      draw: ({ messages }) => messages.toLocaleString(),
    },
    {
      name: "waiting",
      title: "Waiting",
      rem: 5.3,
      end: true,
      sortBy: ({ waiting_bytes }) => waiting_bytes,
      draw: ({ waiting_bytes }) => waiting_bytes === 0 ? "–" : bytes(waiting_bytes),
    },
  ];
}

function Since({ at }: { at: string }) {
  return <>{duration(useNow() - Date.parse(at))}</>;
}

function nameOf({ name }: ConnectionRow): string {
  return name || "(at the entrance)";
}
