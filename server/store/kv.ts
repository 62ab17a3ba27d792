import { pause } from "../pause.ts";
import { notStored } from "../refusals.ts";
import type { CommitCounts } from "./counts.ts";
import { databaseNotUsable, schemaTooNew } from "./errors.ts";
import { PROBE_KEY, SCHEMA_KEY } from "./_keys.ts";
import { endExpiry } from "./_kv_expiry.ts";
import { Shredder } from "./_shredder.ts";

/** The layout of the keys and values; raised with every change that an older Parley could not read. */
export const SCHEMA = 2;

/**
 * How long something is tried while SQLite says that another process writes, and how long apart at first. SQLite itself
 * waits for up to 5 s at a try, in which nothing can be read either, and only sometimes says so at once.
 */
const BUSY_PATIENCE_MS = 4_000;
const BUSY_PAUSE_MS = 2;

/** How soon it is tried again to open a database that has broken off. */
const REOPEN_MS = 500;

/** What one commit holds; built by the caller, anew at each try. */
export type Change = (operation: Deno.AtomicOperation) => Deno.AtomicOperation;

/**
 * The database of one data directory: Deno KV on SQLite. The server writes from one isolate only; the commands
 * (`parley user`, …) write from processes of their own, and where the two meet SQLite says busy and one tries again.
 */
export class Database implements AsyncDisposable {
  /** What was found when it was opened; where it is lower than {@link SCHEMA}, it must be brought forward. */
  readonly schema: number;
  #kv: Deno.Kv;
  #path: string;
  /** There was a write-ahead log already. */
  #logFound: boolean;
  #failed: (error: unknown) => void;
  /** The last commit failed. */
  #refuses = false;
  #counts: CommitCounts | undefined;
  #shredder: Shredder;
  /** It has broken off, and is being opened anew. */
  #reopening: Promise<void> | undefined;
  #closing = new AbortController();

  private constructor(
    kv: Deno.Kv,
    { path, schema, logFound, failed, counts }: {
      path: string;
      schema: number;
      logFound: boolean;
      failed: (error: unknown) => void;
      counts: CommitCounts | undefined;
    },
  ) {
    this.#kv = kv;
    this.#path = path;
    this.schema = schema;
    this.#logFound = logFound;
    this.#failed = failed;
    this.#counts = counts;
    this.#shredder = new Shredder(path, failed);
  }

  /**
   * Opens a database file, made anew where there is none.
   *
   * @param failed Told why a commit failed, for the log; users are told no more than that it did.
   * @throws {StoreError} when it is damaged, or was written by a newer Parley.
   */
  static async open(
    path: string,
    failed: (error: unknown) => void,
    { counts }: { counts?: CommitCounts } = {},
  ): Promise<Database> {
    const logFound = await exists(`${path}-wal`);
    const { kv, schema } = await insist(() => openKv(path)).catch((error) => {
      throw databaseNotUsable(path, error);
    });
    const database = new Database(kv, { path, schema: schema ?? SCHEMA, logFound, failed, counts });
    if (schema === null) await database.commit((operation) => operation.set(SCHEMA_KEY, SCHEMA));
    if (schema !== null && schema > SCHEMA) {
      database.#kv.close();
      throw schemaTooNew(path, { found: schema, known: SCHEMA });
    }
    return database;
  }

  /** For reading, each time anew: after it has broken off it is another. Writing goes through {@link commit}. */
  get kv(): Deno.Kv {
    return this.#kv;
  }

  /**
   * Commits a change as a whole; answers false, and changes nothing, where one of its checks does not hold.
   *
   * @throws {Refusal} `not_stored`, when the disk is full or broken: nothing was changed.
   */
  async commit(change: Change): Promise<boolean> {
    const beganAtMs = performance.now();
    try {
      const { ok } = await insist(() => change(this.#kv.atomic()).commit());
      this.#counts?.committed(performance.now() - beganAtMs);
      this.#refuses = false;
      return ok;
    } catch (error) {
      this.#refuses = true;
      this.#failed(error);
      this.#reopenAfter(error);
      throw notStored();
    }
  }

  /**
   * Deletes entries so that nothing of them can be read in the files of the database any more, as `delete` would let it:
   * at once in the main one, and some seconds later in its log. A part may be deleted where it is refused.
   *
   * @param keys Of texts without NUL.
   * @param options.thorough Without it, what has stood elsewhere before may still be read there; it takes half as long.
   * @returns How many entries there were.
   * @throws {Refusal} `not_stored`
   */
  async shred(keys: readonly Deno.KvKey[], { thorough = true } = {}): Promise<number> {
    if (keys.length === 0) return 0;
    try {
      return await this.#shredder.delete(keys.map((key) => key.map(String)), { thorough });
    } catch (error) {
      this.#failed(error);
      throw notStored();
    }
  }

  /**
   * Has some of those entries last that Deno KV would delete by itself at their time, as an earlier Parley wanted it.
   *
   * @returns How many; 0 where there are no more of them.
   * @throws {Refusal} `not_stored`
   */
  async makeLasting(most: number): Promise<number> {
    try {
      return await insist(() => Promise.try(endExpiry, this.#path, most));
    } catch (error) {
      this.#failed(error);
      throw notStored();
    }
  }

  /** Empties the log that a crash has left, if it has: what was shredded may be in it. For the server at its start. */
  emptyOldLog(): void {
    if (this.#logFound) this.#shredder.emptyLog();
  }

  /**
   * Answers where the database does, and takes what is to be kept: where it took the last of it, that is not tried again.
   *
   * @throws {Refusal} `not_stored`
   */
  async probe(): Promise<void> {
    await this.get(SCHEMA_KEY);
    if (this.#refuses) await this.commit((operation) => operation.set(PROBE_KEY, true));
  }

  /** Reads an entry. Where the database is found to have broken off by that, it is there again soon. */
  async get(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<unknown>> {
    try {
      return await this.#kv.get(key);
    } catch (error) {
      this.#reopenAfter(error);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#reopening;
    await this.#shredder[Symbol.asyncDispose]();
    closeQuietly(this.#kv);
  }

  /**
   * Deno KV has a thread of its own, and deletes there now and then what has expired. Nothing does that was written by this
   * Parley, but what an earlier one has written does until it is made lasting. Where it cannot be deleted, as on a full
   * disk, the thread ends (denokv_sqlite, `collect_expired`), and the database says for ever that it is closed.
   */
  #reopenAfter(error: unknown): void {
    if (!isClosed(error) || this.#closing.signal.aborted) return;
    this.#reopening ??= this.#reopen().finally(() => this.#reopening = undefined);
  }

  async #reopen(): Promise<void> {
    closeQuietly(this.#kv);
    while (!this.#closing.signal.aborted) {
      try {
        this.#kv = (await openKv(this.#path)).kv;
        return;
      } catch (error) {
        this.#failed(error);
        await pause(REOPEN_MS, this.#closing.signal);
      }
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false; // or it cannot be seen, of which SQLite will have more to say
  }
}

async function openKv(path: string): Promise<{ kv: Deno.Kv; schema: number | null }> {
  const kv = await Deno.openKv(path);
  try {
    return { kv, schema: (await kv.get<number>(SCHEMA_KEY)).value };
  } catch (error) {
    kv.close();
    throw error;
  }
}

function closeQuietly(kv: Deno.Kv): void {
  try {
    kv.close();
  } catch {
    // it was, in a way of its own
  }
}

/** Tries again for as long as SQLite says that another process is at work, within reason. */
async function insist<Result>(deed: () => Promise<Result>): Promise<Result> {
  const patienceEndsMs = performance.now() + BUSY_PATIENCE_MS;
  for (let tries = 1;; tries++) {
    try {
      return await deed();
    } catch (error) {
      if (!isBusy(error) || performance.now() > patienceEndsMs) throw error;
      await pause(BUSY_PAUSE_MS * 2 ** Math.min(tries, 7) * (0.5 + Math.random()));
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database (table )?is locked|busy/i.test(error.message);
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && /database is closed|bad resource/i.test(error.message);
}
