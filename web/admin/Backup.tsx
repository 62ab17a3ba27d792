import { useSignal } from "@preact/signals";
import type { BackupRow } from "../../server/wire/admin_types.ts";
import { Notice, useNotice } from "../shared/Notice.tsx";
import { useNow } from "../shared/now.ts";
import { type Column, Table } from "../shared/Table.tsx";
import { ago, bytes, dateTime, duration } from "../shared/time.ts";
import { backupUrl, useApi } from "./api.ts";
import { Download } from "./Download.tsx";
import { useListing } from "./listing.ts";
import { useLive } from "./live.ts";
import { Rest } from "./Rest.tsx";
import "./sections.css";

const COLUMNS: readonly Column<BackupRow>[] = [
  {
    name: "file",
    title: "File",
    rem: 16,
    sortBy: ({ file }) => file,
    draw: ({ file }) => (
      <Download url={backupUrl(file)} name={file} label={`Download ${file}`}>{file}</Download>
    ),
    hint: ({ file }) => file,
  },
  { name: "at", title: "Made", rem: 10, sortBy: ({ at }) => at, draw: ({ at }) => dateTime(at) },
  {
    name: "bytes",
    title: "Size",
    rem: 5,
    end: true,
    sortBy: (backup) => backup.bytes,
    draw: (backup) => bytes(backup.bytes),
  },
];

/** Copies of all that makes the server what it is. */
export function Backup() {
  const api = useApi();
  const notice = useNotice();
  const since = useSignal<number | undefined>(undefined);
  const listing = useListing(async () => ({ rows: await api.backups(), next: undefined }), { atATime: 1 });
  async function make(): Promise<void> {
    if (since.value !== undefined) return;
    since.value = Date.now();
    try {
      const { file, bytes: size } = await api.makeBackup();
      notice.tell(`${file} is made, opened and counted: ${bytes(size)}.`);
      void listing.refresh();
    } catch (error) {
      notice.fail(error);
    } finally {
      since.value = undefined;
    }
  }
  const rows = listing.rows.value;
  return (
    <>
      <p class="lead">
        A backup is one file with everything: accounts, messages, settings, keys and the certificate. Keep it
        where nobody else can read it. <code>parley restore FILE</code> makes a server of it.
      </p>
      <Verified />
      <div class="toolbar">
        <button type="button" class="primary" aria-disabled={since.value !== undefined} onClick={make}>
          Make a backup
        </button>
        {since.value !== undefined && <Progress since={since.value} />}
      </div>
      <Notice said={notice.said} />
      {rows !== undefined && (
        <Table
          label="Backups"
          columns={COLUMNS}
          rows={rows}
          keyOf={({ file }) => file}
          empty="None was made here yet."
        />
      )}
      <Rest listing={listing} more="Show more backups" />
    </>
  );
}

function Verified() {
  const now = useNow();
  const backup = useLive().status.value?.last_backup;
  if (backup === undefined) return null;
  if (backup === null) {
    return (
      <p>
        <span class="marked">No backup was made and verified yet.</span>
      </p>
    );
  }
  return (
    <p>
      The last one that was verified: <strong>{ago(backup.at, now)}</strong>,{" "}
      {backup.messages.toLocaleString()} messages in <code>{backup.file}</code>.
    </p>
  );
}

function Progress({ since }: { since: number }) {
  return (
    <span class="row" role="status">
      <progress aria-label="Making a backup" />
      <span aria-live="off">Copying, opening and counting: {duration(Math.max(0, useNow() - since))}</span>
    </span>
  );
}
