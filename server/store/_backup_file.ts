import { DatabaseSync } from "node:sqlite";
import { VERSION } from "../version.ts";
import { type Counts, KvFile } from "./_kv_file.ts";
import { backupDamaged, backupNotReadable, backupTooNew, notABackup, StoreError } from "./errors.ts";
import { SCHEMA } from "./kv.ts";

/** What is beside the database and makes it the same server: name → mode. A server may have none of it. */
export const SECRETS = { "key.pem": 0o600, "cert.pem": 0o644 } as const;

export type SecretName = keyof typeof SECRETS;

/** What a backup says of itself. */
export interface Manifest {
  readonly schema: number;
  /** Of the Parley that has written it. */
  readonly version: string;
  /** The moment of which it is. */
  readonly at: Date;
  readonly counts: Counts;
}

/**
 * A backup: the file of a Deno KV database with two more tables, `parley_backup` with its manifest in JSON, and
 * `parley_secret` with files of the data directory. Whoever has it can be the server.
 */
export class BackupFile implements Disposable {
  readonly manifest: Manifest;
  /** What was in its database. */
  readonly store: KvFile;

  private constructor(manifest: Manifest, store: KvFile) {
    this.manifest = manifest;
    this.store = store;
  }

  /**
   * Makes a backup of a store; whether it has succeeded is to be seen when it is opened.
   *
   * @param path Where there is no file yet.
   * @param options.schema That of the store.
   */
  static async write(
    path: string,
    { store, secrets, schema, at }: {
      store: KvFile;
      secrets: ReadonlyMap<SecretName, Uint8Array>;
      schema: number;
      at: Date;
    },
  ): Promise<void> {
    await store.copyTo(path);
    using sqlite = new DatabaseSync(path);
    sqlite.exec("PRAGMA journal_mode = DELETE"); // one file that can be read where nothing can be written
    sqlite.exec(`
      BEGIN;
      CREATE TABLE parley_backup (manifest TEXT NOT NULL);
      CREATE TABLE parley_secret (name TEXT PRIMARY KEY, content BLOB NOT NULL);
    `);
    const manifest: Manifest = { schema, version: VERSION, at, counts: store.count() };
    sqlite.prepare("INSERT INTO parley_backup VALUES (?)").run(JSON.stringify(manifest));
    for (const [name, content] of secrets) {
      sqlite.prepare("INSERT INTO parley_secret VALUES (?, ?)").run(name, content);
    }
    sqlite.exec("COMMIT");
  }

  /** @throws {StoreError} where it is no backup, cannot be read, or is of a newer Parley. */
  static open(path: string): BackupFile {
    try {
      if (!Deno.statSync(path).isFile) throw notABackup(path);
      Deno.openSync(path).close(); // SQLite would not say why it cannot
      using opening = new DisposableStack();
      const store = opening.use(KvFile.open(path));
      const manifest = readManifest(store, path);
      if (manifest.schema > SCHEMA) throw backupTooNew(path, { found: manifest.schema, known: SCHEMA });
      opening.move();
      return new BackupFile(manifest, store);
    } catch (error) {
      throw asStoreError(path, error);
    }
  }

  /** Whether it is whole: by SQLite's own check, and by counting what is in it. Says what is wrong. */
  findDamage(): string | undefined {
    try {
      const damage = this.store.findDamage();
      if (damage !== undefined) return damage;
      const found = Object.entries(this.store.count());
      const whole = found.every(([what, count]) => this.manifest.counts[what as keyof Counts] === count);
      return whole ? undefined : "not all that was counted is in it";
    } catch (error) {
      return (error as Error).message;
    }
  }

  secret(name: SecretName): Uint8Array | undefined {
    return this.store.select("SELECT content FROM parley_secret WHERE name = ?", name)?.content as
      | Uint8Array
      | undefined;
  }

  /** Makes a database as it was, without what is the backup's own. */
  async extract(path: string): Promise<void> {
    await this.store.copyTo(path);
    using sqlite = new DatabaseSync(path);
    sqlite.exec("PRAGMA secure_delete = ON; DROP TABLE parley_backup; DROP TABLE parley_secret");
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

/** Part of a file's name: `2026-11-22T05-09-12.345Z`. */
export function momentInName(at: Date): string {
  return at.toISOString().replaceAll(":", "-");
}

function readManifest(store: KvFile, path: string): Manifest {
  if (!store.hasTable("parley_backup")) throw notABackup(path);
  const written = JSON.parse(String(store.select("SELECT manifest FROM parley_backup")?.manifest));
  return { ...written, at: new Date(written.at) };
}

function asStoreError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { message } = error as Error;
  if (/not a database/.test(message)) return notABackup(path);
  return /malformed|corrupt|JSON/.test(message)
    ? backupDamaged(path, message)
    : backupNotReadable(path, error);
}
