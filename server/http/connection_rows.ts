import type { Connected, Sessions } from "../session/sessions.ts";
import type { ConnectionRow } from "../wire/admin_types.ts";

/** A connection as the admin page shows it. Deno does not tell of which version a TLS connection is. */
export function connectionRow(connection: Connected): ConnectionRow {
  const { id, address, since, how, present, waitingBytes } = connection;
  return {
    id,
    name: present?.name ?? "",
    account: present?.account ?? null,
    role: present?.role ?? "guest",
    by: present?.by ?? "",
    how,
    address,
    tls: "",
    since: since.toISOString(),
    room: present?.looksAt ?? "",
    messages: present?.messages ?? 0,
    waiting_bytes: waitingBytes,
  };
}

/** What has changed since the last look. */
export interface RowChanges {
  readonly changed: readonly ConnectionRow[];
  /** The ids of those that are gone. */
  readonly gone: readonly string[];
}

/** All connections as they were at the last look. */
export class ConnectionRows {
  #sessions: Iterable<Connected>;
  /** Id → row. */
  #rows = new Map<string, ConnectionRow>();

  constructor(sessions: Pick<Sessions, typeof Symbol.iterator>) {
    this.#sessions = sessions;
  }

  get all(): Iterable<ConnectionRow> {
    return this.#rows.values();
  }

  find(id: string): ConnectionRow | undefined {
    return this.#rows.get(id);
  }

  /** Looks at all of them anew. */
  look(): RowChanges {
    const before = this.#rows;
    this.#rows = new Map();
    const changed: ConnectionRow[] = [];
    for (const connection of this.#sessions) {
      const known = before.get(connection.id);
      const same = known !== undefined && isStill(known, connection);
      const row = same ? known : connectionRow(connection);
      this.#rows.set(row.id, row);
      if (!same) changed.push(row);
    }
    const gone = before.keys().filter((id) => !this.#rows.has(id)).toArray();
    return { changed, gone };
  }

  /** Forgets them, until somebody looks again. */
  clear(): void {
    this.#rows.clear();
  }
}

/** Whether a row still says how a connection is; by what may change, so that most of them need no new row. */
function isStill(row: ConnectionRow, { how, present, waitingBytes }: Connected): boolean {
  return row.waiting_bytes === waitingBytes && row.how === how &&
    row.name === (present?.name ?? "") && row.account === (present?.account ?? null) &&
    row.role === (present?.role ?? "guest") && row.by === (present?.by ?? "") &&
    row.room === (present?.looksAt ?? "") && row.messages === (present?.messages ?? 0);
}
