import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { PersonRow } from "../../server/wire/admin_types.ts";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { type Column, Table } from "../shared/Table.tsx";
import { date, dateTime } from "../shared/time.ts";
import { useApi } from "./api.ts";
import { pageOf, useListing } from "./listing.ts";
import { NewPassword } from "./NewPassword.tsx";
import { NewPerson } from "./NewPerson.tsx";
import { PasswordLinkShown } from "./PasswordLinkShown.tsx";
import { type Made, Person } from "./Person.tsx";
import { Rest } from "./Rest.tsx";
import "./sections.css";
import { waysInOf } from "./words.ts";

const PEOPLE_AT_A_TIME = 200;

/** What stands before the list. */
type Open = "nothing" | "new person" | PersonRow;

/** Who has an account, and what may be done about it. */
export function People() {
  const api = useApi();
  const notice = useNotice();
  const search = useSignal("");
  const open = useSignal<Open>("nothing");
  const made = useSignal<Made | undefined>(undefined);
  const listing = useListing(async (after) => {
    const { people, more } = await api.people({
      search: search.value.trim(),
      after,
      limit: PEOPLE_AT_A_TIME,
    });
    return pageOf(people, { more, idOf: ({ id }) => id });
  }, { atATime: PEOPLE_AT_A_TIME, by: search.value });
  const columns = useMemo(() => columnsWith((person) => open.value = person), []);
  const close = () => open.value = "nothing";
  const forget = () => made.value = undefined;
  function done(text: string, shown?: Made): void {
    close();
    notice.tell(text);
    made.value = shown;
    void listing.refresh();
  }
  const rows = listing.rows.value;
  return (
    <>
      <div class="toolbar">
        <input
          type="search"
          aria-label="Search people"
          placeholder="Search by name or username…"
          value={search.value}
          onInput={(event) => search.value = event.currentTarget.value}
        />
        <button type="button" class="primary" onClick={() => open.value = "new person"}>
          New account…
        </button>
      </div>
      <Notice said={notice.said} />
      {rows !== undefined && (
        <Table
          label="People"
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          empty={search.value === "" ? "Nobody has an account yet." : "Nobody is called that."}
        />
      )}
      <Rest listing={listing} more="Show more people" />
      {open.value === "new person" && <NewPerson onDone={done} onClose={close} />}
      {typeof open.value === "object" && <Person person={open.value} onDone={done} onClose={close} />}
      {made.value !== undefined && (
        "password" in made.value
          ? <NewPassword {...made.value} onClose={forget} />
          : <PasswordLinkShown {...made.value} onClose={forget} />
      )}
    </>
  );
}

function columnsWith(onOpen: (person: PersonRow) => void): readonly Column<PersonRow>[] {
  return [
    {
      name: "name",
      title: "Name",
      rem: 9,
      sortBy: ({ name }) => name,
      draw: (person) => (
        <button type="button" class="handle" onClick={() => onOpen(person)}>{person.name}</button>
      ),
      hint: ({ name }) => name,
    },
    {
      name: "username",
      title: "Username",
      rem: 11,
      sortBy: ({ username }) => username,
      draw: ({ username }) => username,
      hint: ({ username }) => username,
    },
    { name: "role", title: "Role", rem: 6, sortBy: ({ role }) => role, draw: ({ role }) => role },
    {
      name: "disabled",
      title: "State",
      rem: 5.5,
      sortBy: ({ disabled }) => Number(disabled),
      draw: ({ disabled }) => disabled ? <span class="marked">disabled</span> : "",
    },
    {
      name: "connections",
      title: "Connections",
      rem: 6.5,
      end: true,
      sortBy: ({ connections }) => connections,
      draw: ({ connections }) => connections === 0 ? "–" : connections.toLocaleString(),
    },
    {
      name: "tokens",
      title: "Tokens",
      rem: 5,
      end: true,
      sortBy: ({ tokens }) => tokens,
      draw: ({ tokens }) => tokens === 0 ? "–" : tokens.toLocaleString(),
    },
    {
      name: "ways",
      title: "Comes in by",
      rem: 9,
      sortBy: waysInOf,
      draw: waysInOf,
      hint: waysInOf,
    },
    {
      name: "made",
      title: "Made",
      rem: 7,
      sortBy: ({ created_at }) => created_at,
      draw: ({ created_at }) => date(created_at),
      hint: ({ created_at }) => dateTime(created_at),
    },
  ];
}
