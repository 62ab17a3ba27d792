import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { BanRow } from "../../server/wire/admin_types.ts";
import { Confirm } from "../shared/Confirm.tsx";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { hasWords, wordsOf } from "../shared/ordering.ts";
import { type Column, Table } from "../shared/Table.tsx";
import { dateTime } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { Facts } from "./Facts.tsx";
import { pageOf, useListing } from "./listing.ts";
import { NewBan } from "./NewBan.tsx";
import { Rest } from "./Rest.tsx";
import "./sections.css";

const BANS_A_CALL = 500;
const BANS_AT_A_TIME = 5_000;

/** Who is kept out or silent, and for how long. */
export function Bans() {
  const api = useApi();
  const notice = useNotice();
  const search = useSignal("");
  const adding = useSignal(false);
  const open = useSignal<BanRow | undefined>(undefined);
  const listing = useListing(async (after) => {
    const { bans, more } = await api.bans({ after, limit: BANS_A_CALL });
    return pageOf(bans, { more, idOf: ({ id }) => id });
  }, { atATime: BANS_AT_A_TIME });
  const columns = useMemo(() => columnsWith((ban) => open.value = ban), []);
  const all = listing.rows.value;
  const rows = useMemo(() => found(all ?? [], search.value), [all, search.value]);
  function done(text: string): void {
    notice.tell(text);
    void listing.refresh();
  }
  return (
    <>
      <div class="toolbar">
        <input
          type="search"
          aria-label="Filter bans"
          placeholder="Filter by name, network, room, reason…"
          value={search.value}
          onInput={(event) => search.value = event.currentTarget.value}
        />
        <button type="button" class="primary" onClick={() => adding.value = true}>Ban or mute…</button>
      </div>
      <Notice said={notice.said} />
      {all !== undefined && (
        <Table
          label="Bans and mutes"
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          order={{ column: "at", way: "descending" }}
          empty={all.length === 0 ? "Nobody is banned or muted." : "No ban is like that."}
        />
      )}
      <Rest listing={listing} more="Show more bans" />
      {adding.value && <NewBan onDone={done} onClose={() => adding.value = false} />}
      {open.value !== undefined && (
        <Ban
          ban={open.value}
          onDone={done}
          onClose={() => open.value = undefined}
        />
      )}
    </>
  );
}

/** What is known of a ban, and the way to end it. */
function Ban(
  { ban, onDone, onClose }: { ban: BanRow; onDone: (text: string) => void; onClose: () => void },
) {
  const api = useApi();
  const { id, kind, target, room, reason, by, at } = ban;
  async function lift(): Promise<void> {
    const { message } = await api.liftBan(id);
    onDone(message);
  }
  return (
    <Confirm title={`Lift the ${kind} on ${target}?`} deed="Lift" onConfirm={lift} onClose={onClose}>
      <Facts
        facts={[
          ["Holds", room === null ? "on the whole server" : `in #${room}`],
          ["Until", endOf(ban)],
          ["Why", reason],
          ["By", `${by}, ${dateTime(at)}`],
        ]}
      />
    </Confirm>
  );
}

function columnsWith(onOpen: (ban: BanRow) => void): readonly Column<BanRow>[] {
  return [
    {
      name: "target",
      title: "Whom",
      rem: 9,
      sortBy: ({ target }) => target,
      draw: (ban) => <button type="button" class="handle" onClick={() => onOpen(ban)}>{ban.target}</button>,
      hint: ({ target }) => target,
    },
    { name: "kind", title: "Kind", rem: 4, sortBy: ({ kind }) => kind, draw: ({ kind }) => kind },
    { name: "who", title: "Who that is", rem: 6, sortBy: whoOf, draw: whoOf },
    {
      name: "room",
      title: "Where",
      rem: 7,
      sortBy: ({ room }) => room ?? "",
      draw: ({ room }) => room === null ? "everywhere" : `#${room}`,
    },
    {
      name: "until",
      title: "Until",
      rem: 10,
      sortBy: ({ until }) => until ?? "~", // after every year
      draw: endOf,
    },
    {
      name: "reason",
      title: "Why",
      rem: 11,
      sortBy: ({ reason }) => reason,
      draw: ({ reason }) => reason,
      hint: ({ reason }) => reason,
    },
    { name: "by", title: "By", rem: 6, sortBy: ({ by }) => by, draw: ({ by }) => by },
    {
      name: "at",
      title: "Since",
      rem: 10,
      sortBy: ({ at }) => at,
      draw: ({ at }) => dateTime(at),
    },
  ];
}

function endOf({ until }: BanRow): string {
  return until === null ? "for good" : dateTime(until);
}

function whoOf({ target_type }: BanRow): string {
  return target_type;
}

function found(bans: readonly BanRow[], search: string): readonly BanRow[] {
  const words = wordsOf(search);
  if (words.length === 0) return bans;
  return bans.filter(({ kind, target, room, reason, by }) =>
    hasWords(`${kind} ${target} ${room === null ? "" : `#${room}`} ${reason} ${by}`.toLowerCase(), words)
  );
}
