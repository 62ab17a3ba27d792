import { DatabaseSync } from "node:sqlite";

/** Something to be done to the file; each request is answered, in the order in which they came. */
export type ShredRequest =
  /** Comes before all others: it is opened when it is needed. */
  | { type: "open"; path: string }
  /** In the order of their bytes. */
  | { type: "delete"; keys: Uint8Array[] }
  | { type: "truncate" }
  | { type: "close" };

/**
 * To `delete` how many of the keys are dealt with, from the first on, and how many entries there were; to `truncate`
 * whether the log is empty; or why it was not done.
 */
export type ShredAnswer =
  | { dealtWith: number; deleted: number }
  | { empty: boolean }
  | { done: true }
  | { failure: string };

/** How long another writer is waited for. */
const BUSY_PATIENCE_MS = 4_000;

/**
 * How much is written anew on either side of what goes, in bytes and in entries: some pages of the file, since SQLite
 * leaves its shreds in the pages next to where an entry is. Beyond a thousand bytes or so an entry is not in the page.
 */
const NEARBY_BYTES = 12_000;
const NEARBY_ENTRIES = 100;
const MOST_BYTES_IN_PAGE = 1_000;

/** How many entries one transaction deletes at most, so that nobody waits for long. */
const MOST_PER_TRANSACTION = 200;

declare const self: {
  onmessage: (event: MessageEvent<ShredRequest>) => void;
  postMessage(answer: ShredAnswer): void;
};

let path = "";
let file: ShredFile | undefined;

self.onmessage = ({ data: request }) => {
  try {
    self.postMessage(answer(request));
  } catch (error) {
    self.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
};

function answer(request: ShredRequest): ShredAnswer {
  switch (request.type) {
    case "open":
      path = request.path;
      return { done: true };
    case "delete":
      return opened().delete(request.keys);
    case "truncate":
      return { empty: opened().truncate() };
    case "close":
      file?.[Symbol.dispose]();
      file = undefined;
      return { done: true };
  }
}

/** Tried at each request: the disk may have been full. */
function opened(): ShredFile {
  return file ??= new ShredFile(path);
}

/** An entry next to another one. */
interface Neighbour {
  readonly k: Uint8Array;
  readonly bytes: number;
}

/** The SQLite file of a Deno KV database, written to beside Deno KV: its table `kv` has a row for each entry. */
class ShredFile implements Disposable {
  #sqlite: DatabaseSync;
  #statements: ReturnType<typeof prepare>;

  constructor(path: string) {
    this.#sqlite = new DatabaseSync(path);
    this.#sqlite.exec("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY");
    this.#waitForOthers(true);
    this.#statements = prepare(this.#sqlite);
  }

  delete(keys: readonly Uint8Array[]): { dealtWith: number; deleted: number } {
    this.#sqlite.exec("BEGIN IMMEDIATE");
    try {
      const first = keys.findIndex((key) => this.#has(key));
      if (first === -1) {
        this.#sqlite.exec("COMMIT");
        return { dealtWith: keys.length, deleted: 0 };
      }
      const end = this.#endOfRun(keys, first);
      const run = keys.slice(first, end);
      const start = this.#edge(this.#statements.before.iterate(run[0]!), run[0]!);
      const stop = this.#edge(this.#statements.after.iterate(run.at(-1)!), run.at(-1)!);
      let deleted = 0;
      for (const key of run) deleted += Number(this.#statements.delete.run(key).changes);
      this.#writeAnew(start, stop);
      this.#sqlite.exec("COMMIT");
      return { dealtWith: end, deleted };
    } catch (error) {
      this.#sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  /**
   * Empties the write-ahead log, which else holds what was written for a long time. It waits for nobody: while it did,
   * nobody could write.
   */
  truncate(): boolean {
    this.#waitForOthers(false);
    try {
      this.#sqlite.prepare("PRAGMA wal_checkpoint(PASSIVE)").get(); // does most of the work and is in nobody's way
      return this.#sqlite.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
    } finally {
      this.#waitForOthers(true);
    }
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }

  #has(key: Uint8Array): boolean {
    return this.#statements.find.get(key) !== undefined;
  }

  /** Where those keys end that lie so close together that they go in one transaction. */
  #endOfRun(keys: readonly Uint8Array[], first: number): number {
    const most = Math.min(keys.length, first + MOST_PER_TRANSACTION);
    let end = first + 1;
    while (end < most) {
      const between = this.#statements.between.get(keys[end - 1]!, keys[end]!, NEARBY_ENTRIES);
      if (Number(between?.count) === NEARBY_ENTRIES) break;
      end++;
    }
    return end;
  }

  /** How far the neighbourhood of a key reaches in one direction. */
  #edge(neighbours: Iterable<unknown>, key: Uint8Array): Uint8Array {
    let edge = key;
    let bytes = 0;
    for (const neighbour of neighbours as Iterable<Neighbour>) {
      edge = neighbour.k;
      bytes += neighbour.bytes;
      if (bytes >= NEARBY_BYTES) break;
    }
    return edge;
  }

  /** Takes out all that is left in a part of the table and puts it back, byte for byte, into pages without a past. */
  #writeAnew(start: Uint8Array, stop: Uint8Array): void {
    const { copy, clear } = this.#statements;
    copy.run(start, stop);
    clear.run(start, stop);
    this.#sqlite.exec("INSERT INTO kv SELECT * FROM temp.nearby; DELETE FROM temp.nearby");
  }

  #waitForOthers(waits: boolean): void {
    this.#sqlite.exec(`PRAGMA busy_timeout = ${waits ? BUSY_PATIENCE_MS : 0}`);
  }
}

function prepare(sqlite: DatabaseSync) {
  sqlite.exec("CREATE TEMP TABLE nearby AS SELECT * FROM kv LIMIT 0");
  const neighbours = (where: string) =>
    sqlite.prepare(
      `SELECT k, min(length(k) + length(v), ${MOST_BYTES_IN_PAGE}) AS bytes FROM kv ${where} LIMIT ${NEARBY_ENTRIES}`,
    );
  return {
    find: sqlite.prepare("SELECT 1 FROM kv WHERE k = ?"),
    before: neighbours("WHERE k < ? ORDER BY k DESC"),
    after: neighbours("WHERE k > ? ORDER BY k"),
    between: sqlite.prepare(
      "SELECT count(*) AS count FROM (SELECT 1 FROM kv WHERE k > ? AND k < ? LIMIT ?)",
    ),
    delete: sqlite.prepare("DELETE FROM kv WHERE k = ?"),
    copy: sqlite.prepare("INSERT INTO temp.nearby SELECT * FROM kv WHERE k BETWEEN ? AND ?"),
    clear: sqlite.prepare("DELETE FROM kv WHERE k BETWEEN ? AND ?"),
  };
}
