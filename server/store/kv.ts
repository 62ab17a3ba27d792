import { notStored } from "../refusals.ts";
import { schemaTooNew } from "./errors.ts";
import { SCHEMA_KEY } from "./_keys.ts";

/** The layout of the keys and values; raised with every change that an older Parley could not read. */
const SCHEMA = 1;

/** How often a commit is tried while SQLite says that another process writes, and how long apart at first. */
const BUSY_TRIES = 12;
const BUSY_PAUSE_MS = 2;

/** What one commit holds; built by the caller, anew at each try. */
export type Change = (operation: Deno.AtomicOperation) => Deno.AtomicOperation;

/**
 * The database of one data directory: Deno KV on SQLite. The server writes from one isolate only; the commands
 * (`parley user`, …) write from processes of their own, and where the two meet SQLite says busy and one tries again.
 */
export class Database implements AsyncDisposable {
  /** For reading. Writing goes through {@link commit}. */
  readonly kv: Deno.Kv;
  #failed: (error: unknown) => void;

  private constructor(kv: Deno.Kv, failed: (error: unknown) => void) {
    this.kv = kv;
    this.#failed = failed;
  }

  /**
   * Opens a database file, made anew where there is none.
   *
   * @param failed Told why a commit failed, for the log; users are told no more than that it did.
   * @throws {StoreError} when it was written by a newer Parley.
   */
  static async open(path: string, failed: (error: unknown) => void): Promise<Database> {
    const database = new Database(await Deno.openKv(path), failed);
    const { value: schema } = await database.kv.get<number>(SCHEMA_KEY);
    if (schema === null) await database.commit((operation) => operation.set(SCHEMA_KEY, SCHEMA));
    if (schema !== null && schema > SCHEMA) {
      database.kv.close();
      throw schemaTooNew(path, { found: schema, known: SCHEMA });
    }
    return database;
  }

  /**
   * Commits a change as a whole; answers false, and changes nothing, where one of its checks does not hold.
   *
   * @throws {Refusal} `not_stored`, when the disk is full or broken: nothing was changed.
   */
  async commit(change: Change): Promise<boolean> {
    for (let tries = 1;; tries++) {
      try {
        const { ok } = await change(this.kv.atomic()).commit();
        return ok;
      } catch (error) {
        if (!isBusy(error) || tries === BUSY_TRIES) {
          this.#failed(error);
          throw notStored();
        }
        await pause(BUSY_PAUSE_MS * 2 ** Math.min(tries, 7) * (0.5 + Math.random()));
      }
    }
  }

  /** Answers where the database does. */
  async probe(): Promise<void> {
    await this.kv.get(SCHEMA_KEY);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.kv.close();
    return Promise.resolve();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database (table )?is locked|busy/i.test(error.message);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
