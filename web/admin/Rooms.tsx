import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { AdminRoomRow } from "../../server/wire/admin_types.ts";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { useNow } from "../shared/now.ts";
import { hasWords, wordsOf } from "../shared/ordering.ts";
import { type Column, Table } from "../shared/Table.tsx";
import { ago, dateTime } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { pageOf, useListing } from "./listing.ts";
import { Rest } from "./Rest.tsx";
import { Room } from "./Room.tsx";
import "./sections.css";

const ROOMS_A_CALL = 500;
const ROOMS_AT_A_TIME = 5_000;

/** All rooms, private ones among them, and what may be done about them. */
export function Rooms() {
  const api = useApi();
  const notice = useNotice();
  const search = useSignal("");
  const open = useSignal<AdminRoomRow | undefined>(undefined);
  const listing = useListing(async (after) => {
    const { rooms, more } = await api.rooms({ after, limit: ROOMS_A_CALL });
    return pageOf(rooms, { more, idOf: ({ name }) => name });
  }, { atATime: ROOMS_AT_A_TIME });
  const columns = useMemo(() => columnsWith((room) => open.value = room), []);
  const all = listing.rows.value;
  const rows = useMemo(() => found(all ?? [], search.value), [all, search.value]);
  return (
    <>
      <div class="toolbar">
        <input
          type="search"
          aria-label="Filter rooms"
          placeholder="Filter by name, topic, owner…"
          value={search.value}
          onInput={(event) => search.value = event.currentTarget.value}
        />
      </div>
      <Notice said={notice.said} />
      {all !== undefined && (
        <Table
          label="Rooms"
          columns={columns}
          rows={rows}
          keyOf={({ name }) => name}
          empty="No room is like that."
        />
      )}
      <Rest listing={listing} more="Show more rooms" />
      {open.value !== undefined && (
        <Room
          room={open.value}
          onDone={(text) => {
            open.value = undefined;
            notice.tell(text);
            void listing.refresh();
          }}
          onClose={() => open.value = undefined}
        />
      )}
    </>
  );
}

function columnsWith(onOpen: (room: AdminRoomRow) => void): readonly Column<AdminRoomRow>[] {
  return [
    {
      name: "name",
      title: "Room",
      rem: 9,
      sortBy: ({ name }) => name,
      draw: (room) => <button type="button" class="handle" onClick={() => onOpen(room)}>#{room.name}</button>,
      hint: ({ name }) => `#${name}`,
    },
    {
      name: "topic",
      title: "Topic",
      rem: 14,
      sortBy: ({ topic }) => topic,
      draw: ({ topic }) => topic,
      hint: ({ topic }) => topic,
    },
    {
      name: "kind",
      title: "Kind",
      rem: 7,
      sortBy: kindOf,
      draw: kindOf,
    },
    {
      name: "owner",
      title: "Owner",
      rem: 7,
      sortBy: ({ owner }) => owner ?? "",
      draw: ({ owner }) => owner ?? "–",
    },
    {
      name: "present",
      title: "Present",
      rem: 5,
      end: true,
      sortBy: ({ present }) => present,
      draw: ({ present }) => present.toLocaleString(),
    },
    {
      name: "members",
      title: "Members",
      rem: 5.5,
      end: true,
      sortBy: ({ members }) => members,
      draw: ({ members }) => members.toLocaleString(),
    },
    {
      name: "keep",
      title: "Kept for",
      rem: 5.5,
      end: true,
      sortBy: ({ keep_days }) => keep_days ?? Infinity,
      draw: ({ keep_days }) => keep_days === null ? "–" : `${keep_days} d`,
    },
    {
      name: "last",
      title: "Last message",
      rem: 7.5,
      sortBy: ({ last_at }) => last_at ?? "",
      draw: ({ last_at }) => last_at === null ? "–" : <Ago at={last_at} />,
      hint: ({ last_at }) => last_at === null ? "" : dateTime(last_at),
    },
  ];
}

function Ago({ at }: { at: string }) {
  return <>{ago(at, useNow())}</>;
}

function kindOf({ private: isPrivate, quiet }: AdminRoomRow): string {
  return [...isPrivate ? ["private"] : [], ...quiet ? ["quiet"] : []].join(", ");
}

function found(rooms: readonly AdminRoomRow[], search: string): readonly AdminRoomRow[] {
  const words = wordsOf(search);
  if (words.length === 0) return rooms;
  return rooms.filter((room) =>
    hasWords(`#${room.name} ${room.topic} ${room.owner ?? ""} ${kindOf(room)}`.toLowerCase(), words)
  );
}
