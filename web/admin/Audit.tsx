import { useComputed, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { AuditRow } from "../../server/wire/admin_types.ts";
import { clock, date } from "../shared/time.ts";
import { type AuditFilter, auditUrl, useApi } from "./api.ts";
import "./audit.css";
import { byDay } from "./days.ts";
import { Download } from "./Download.tsx";
import { useListing } from "./listing.ts";
import { Rest } from "./Rest.tsx";

const ENTRIES_AT_A_TIME = 100;

/** What those with power have done, the newest first. */
export function Audit() {
  const api = useApi();
  const who = useSignal("");
  const what = useSignal("");
  const search = useSignal("");
  const wanted = useComputed<AuditFilter>(() => ({
    who: who.value.trim(),
    what: what.value.trim(),
    search: search.value.trim(),
  }));
  const filter = wanted.value;
  const listing = useListing(async (before) => {
    const { entries, next } = await api.audit({ ...wanted.value, before, limit: ENTRIES_AT_A_TIME });
    return { rows: entries, next: next ?? undefined };
  }, { atATime: ENTRIES_AT_A_TIME, by: JSON.stringify(filter) });
  const entries = listing.rows.value;
  return (
    <>
      <div class="toolbar">
        <Word
          label="Who"
          field="who"
          value={who.value}
          entries={entries ?? []}
          onChange={(text) => who.value = text}
        />
        <Word
          label="What"
          field="what"
          value={what.value}
          entries={entries ?? []}
          onChange={(text) => what.value = text}
        />
        <input
          type="search"
          aria-label="Search the trail"
          placeholder="Search in everything…"
          value={search.value}
          onInput={(event) => search.value = event.currentTarget.value}
        />
        <span class="export">
          Export: <Download url={auditUrl(filter, "csv")}>CSV</Download>{" "}
          <Download url={auditUrl(filter, "jsonl")}>JSON lines</Download>
        </span>
      </div>
      {entries !== undefined && <Entries entries={entries} />}
      {entries?.length === 0 && <p class="lead">{nothing(filter, listing.more.value)}</p>}
      <Rest listing={listing} more="Show older entries" />
    </>
  );
}

function nothing(filter: AuditFilter, more: boolean): string {
  if (more) return "Nothing like that is among the newest entries.";
  return Object.values(filter).every((text) => text === "")
    ? "Nothing has been done yet."
    : "Nothing like that was done.";
}

/** What is in one field of the entries; suggests what was seen there. */
function Word(
  { label, field, value, entries, onChange }: {
    label: string;
    field: "who" | "what";
    value: string;
    entries: readonly AuditRow[];
    onChange: (text: string) => void;
  },
) {
  const id = useId();
  const seen = [...new Set(entries.map((entry) => entry[field]))].sort();
  return (
    <label class="word">
      <span>{label}</span>
      <input
        list={id}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={id}>{seen.map((word) => <option key={word} value={word} />)}</datalist>
    </label>
  );
}

function Entries({ entries }: { entries: readonly AuditRow[] }) {
  return (
    <div class="trail">
      {byDay(entries, date).map(({ name, entries }) => (
        <section key={name}>
          <h2>{name}</h2>
          <ol>{entries.map((entry) => <Entry key={entry.id} entry={entry} />)}</ol>
        </section>
      ))}
    </div>
  );
}

function Entry({ entry: { at, who, what, whom, why, from } }: { entry: AuditRow }) {
  return (
    <li>
      <time dateTime={at} title={at}>{clock(at, { seconds: true })}</time> <strong>{who}</strong>{" "}
      <span>
        {what} {whom !== "" && <strong>{whom}</strong>} {why !== "" && <q>{why}</q>}
      </span>{" "}
      <span class="hint">from {from}</span>
    </li>
  );
}
