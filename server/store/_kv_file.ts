import { backup, DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { deserialize } from "node:v8";
import { ACCOUNTS, DIRECTS, MESSAGES, ROOMS, SCHEMA_KEY, SIGNING_KEY, TOKENS, WAITING } from "./_keys.ts";
import { sqliteKey } from "./_sqlite_key.ts";

/** How much of a store there is. */
export interface Counts {
  readonly accounts: number;
  readonly rooms: number;
  readonly messages: number;
  /** Private messages, each once, though both sides have it. */
  readonly directs: number;
  readonly tokens: number;
}

/**
 * How many pages are copied before they are brought to the disk. Were all brought there together in the end, a server
 * beside could commit nothing for as long as that takes.
 */
const PAGES_AT_ONCE = 500;

/** How long somebody is waited for who has the file to himself for a moment. */
const BUSY_PATIENCE_MS = 5_000;

/**
 * The SQLite file of a Deno KV database as it is at one moment, read without Deno KV: beside a server that writes to it,
 * or a copy that must stay as it is.
 *
 * Its table `kv` has a row for each entry: `k` is the key, encoded so that the bytes sort as the keys do, `v` the value,
 * of which `v_encoding` says whether V8 has written it or whether it is bytes. `data_version` tells the last commit. See
 * https://github.com/denoland/denokv, `sqlite/backend.rs` and `proto/codec.rs`.
 */
export class KvFile implements Disposable {
  #sqlite: DatabaseSync;

  private constructor(sqlite: DatabaseSync) {
    this.#sqlite = sqlite;
  }

  /** @throws {Error} what SQLite says where it is no database. */
  static open(path: string): KvFile {
    const file = new KvFile(new DatabaseSync(path, { readOnly: true }));
    try {
      file.#sqlite.exec(`PRAGMA busy_timeout = ${BUSY_PATIENCE_MS}; BEGIN`);
      file.hasTable("kv"); // the transaction begins with the first look
      return file;
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  hasTable(name: string): boolean {
    return this.select("SELECT 1 FROM sqlite_schema WHERE name = ?", name) !== undefined;
  }

  /** The first row of what is asked for in SQL. */
  select(query: string, ...given: (string | Uint8Array)[]): Record<string, SQLOutputValue> | undefined {
    return this.#sqlite.prepare(query).get(...given);
  }

  /** Undefined where no Parley has been at work. */
  get schema(): number | undefined {
    const stored = this.hasTable("kv") ? this.#value(SCHEMA_KEY) : undefined;
    return stored === undefined ? undefined : deserialize(stored);
  }

  /** What a store has from its beginning, and no two have in common; in hex. */
  get identity(): string | undefined {
    return this.#value(SIGNING_KEY)?.toHex();
  }

  /** Rises with every commit. */
  get lastCommit(): number {
    return Number(this.select("SELECT version FROM data_version WHERE k = 0")?.version);
  }

  count(): Counts {
    return {
      accounts: this.#count(ACCOUNTS),
      rooms: this.#count(ROOMS),
      messages: this.#count(MESSAGES),
      directs: this.#countDirects(),
      tokens: this.#count(TOKENS),
    };
  }

  /** The first thing that SQLite finds wrong with the file. */
  findDamage(): string | undefined {
    const found = String(this.select("PRAGMA integrity_check(1)")?.integrity_check);
    return found === "ok" ? undefined : found.split("\n").at(-1); // after a heading
  }

  /**
   * Copies it all, as it was when it was opened, into a new file that only its owner may read. Writers go on meanwhile,
   * and as it is one read transaction they cannot make it begin anew. (`VACUUM INTO` would be the same, but Deno grants
   * it only to whom it grants everything.)
   */
  async copyTo(path: string): Promise<void> {
    using target = await Deno.open(path, { createNew: true, write: true, mode: 0o600 });
    await backup(this.#sqlite, path, { rate: PAGES_AT_ONCE, progress: () => target.syncDataSync() });
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }

  #value(key: readonly string[]): Uint8Array | undefined {
    return this.select("SELECT v FROM kv WHERE k = ?", sqliteKey(key))?.v as Uint8Array | undefined;
  }

  #count(prefix: readonly string[]): number {
    const found = this.select("SELECT count(*) AS found FROM kv WHERE k > ? AND k < ?", ...under(prefix));
    return Number(found?.found);
  }

  /** What both sides have, and what waits, is the same where it ends in the same id. */
  #countDirects(): number {
    const ids = `SELECT substr(k, -${ID_BYTES}) AS id FROM kv WHERE k > ? AND k < ?`;
    const query = `SELECT count(*) AS found FROM (${ids} UNION ${ids})`;
    return Number(this.select(query, ...under(DIRECTS), ...under(WAITING))?.found);
  }
}

/** A ULID at the end of a key. */
const ID_BYTES = 27;

/** Between what all keys under a prefix lie. */
function under(prefix: readonly string[]): [Uint8Array, Uint8Array] {
  const start = sqliteKey(prefix);
  return [start, Uint8Array.of(...start, 0xff)];
}
