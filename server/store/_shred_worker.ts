import { DatabaseSync } from "node:sqlite";

/** Something to be done to the file; each request is answered, in the order in which they came. */
export type ShredRequest =
  /** Comes before all others: the file is opened when it is needed. */
  | { type: "open"; path: string }
  /** Takes keys in the order of their bytes, and deals with as many of them as may go at once, from the first on. */
  | { type: "delete"; keys: Uint8Array[]; thorough: boolean }
  | { type: "truncate" }
  | { type: "close" };

/** What each request is answered. */
export interface ShredAnswers {
  open: Done;
  /** How many keys were dealt with, and how many entries there were of them. */
  delete: { dealtWith: number; deleted: number };
  /** Whether the log is empty now: somebody may be reading it. */
  truncate: { empty: boolean };
  close: Done;
}

type Done = Record<never, never>;

export type ShredAnswer = ShredAnswers[keyof ShredAnswers] | { failure: string };

/** How long another writer is waited for. */
const BUSY_PATIENCE_MS = 4_000;

/**
 * How much is written anew on either side of what goes, in bytes and in entries: some pages of the file, since SQLite
 * leaves its shreds in the pages next to where an entry is. Beyond a thousand bytes or so an entry is not in the page.
 */
const NEARBY_BYTES = 16_000;
const NEARBY_ENTRIES = 150;
const MOST_BYTES_IN_PAGE = 1_000;

/** A file of no more pages is written anew as a whole: the uppermost page of a tree keeps shreds longer than the others. */
const FEW_PAGES = 256;

/** What one transaction deletes at most, so that nobody waits for long. */
const MOST_PER_TRANSACTION = 200;
const MOST_BYTES_PER_TRANSACTION = 262_144;

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
      return {};
    case "delete":
      return opened().delete(request.keys, request);
    case "truncate":
      return { empty: opened().truncate() };
    case "close":
      file?.[Symbol.dispose]();
      file = undefined;
      return {};
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

  delete(keys: readonly Uint8Array[], { thorough }: { thorough: boolean }): ShredAnswers["delete"] {
    this.#sqlite.exec("BEGIN IMMEDIATE");
    try {
      const done = this.#deleteSome(keys, thorough);
      this.#sqlite.exec("COMMIT");
      return done;
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK"); // where the disk is full, SQLite has done so itself
      throw error;
    }
  }

  /**
   * Empties the write-ahead log, which else holds what was written for a long time. It waits for nobody: while it did,
   * nobody could write.
   *
   * @returns Whether it is empty: somebody may be reading it.
   */
  truncate(): boolean {
    this.#waitForOthers(false);
    try {
      this.#sqlite.prepare("PRAGMA wal_checkpoint(PASSIVE)").get(); // does most of the work and is in nobody's way
      return this.#sqlite.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
    } catch (error) {
      if (error instanceof Error && /locked|busy/i.test(error.message)) return false;
      throw error;
    } finally {
      this.#waitForOthers(true);
    }
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }

  #deleteSome(keys: readonly Uint8Array[], thorough: boolean): ShredAnswers["delete"] {
    const first = keys.findIndex((key) => this.#sizeOf(key) !== undefined);
    if (first === -1) return { dealtWith: keys.length, deleted: 0 };
    if (!thorough) return this.#deleteRun(keys, { first, near: false });
    const small = Number(this.#statements.pages.get()?.page_count) <= FEW_PAGES;
    const done = this.#deleteRun(keys, { first, near: !small });
    this.#writeAnew(small ? undefined : this.#edges(keys[first]!, keys[done.dealtWith - 1]!));
    return done;
  }

  #deleteRun(keys: readonly Uint8Array[], run: { first: number; near: boolean }): ShredAnswers["delete"] {
    const end = this.#endOfRun(keys, run);
    let deleted = 0;
    for (const key of keys.slice(run.first, end)) deleted += Number(this.#statements.delete.run(key).changes);
    return { dealtWith: end, deleted };
  }

  /** In bytes; undefined where there is no such entry. */
  #sizeOf(key: Uint8Array): number | undefined {
    const found = this.#statements.find.get(key);
    return found && Number(found.bytes);
  }

  /** Where those keys end that go in one transaction: as many as it may delete or, of those, who lie close together. */
  #endOfRun(keys: readonly Uint8Array[], { first, near }: { first: number; near: boolean }): number {
    const most = Math.min(keys.length, first + MOST_PER_TRANSACTION);
    let end = first + 1;
    let bytes = this.#sizeOf(keys[first]!) ?? 0;
    while (end < most) {
      bytes += this.#sizeOf(keys[end]!) ?? 0;
      if (bytes > MOST_BYTES_PER_TRANSACTION) break;
      if (near && !this.#areNear(keys[end - 1]!, keys[end]!)) break;
      end++;
    }
    return end;
  }

  #areNear(key: Uint8Array, next: Uint8Array): boolean {
    return Number(this.#statements.between.get(key, next, NEARBY_ENTRIES)?.count) < NEARBY_ENTRIES;
  }

  #edges(first: Uint8Array, last: Uint8Array): [Uint8Array, Uint8Array] {
    const { before, after } = this.#statements;
    return [this.#edge(before.iterate(first), first), this.#edge(after.iterate(last), last)];
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

  /**
   * Takes out what there is between two keys, or all, and puts it back, byte for byte, into pages without a past. SQLite
   * empties a page when nothing is left in it, but the uppermost one only when it is told to delete all.
   */
  #writeAnew(edges: readonly Uint8Array[] | undefined): void {
    const between = edges === undefined ? "" : "WHERE k BETWEEN ? AND ?";
    this.#sqlite.prepare(`INSERT INTO temp.nearby SELECT * FROM kv ${between}`).run(...edges ?? []);
    this.#sqlite.prepare(`DELETE FROM kv ${between}`).run(...edges ?? []);
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
    find: sqlite.prepare("SELECT length(v) AS bytes FROM kv WHERE k = ?"),
    before: neighbours("WHERE k < ? ORDER BY k DESC"),
    after: neighbours("WHERE k > ? ORDER BY k"),
    between: sqlite.prepare(
      "SELECT count(*) AS count FROM (SELECT 1 FROM kv WHERE k > ? AND k < ? LIMIT ?)",
    ),
    delete: sqlite.prepare("DELETE FROM kv WHERE k = ?"),
    pages: sqlite.prepare("PRAGMA page_count"),
  };
}
