import { join } from "node:path";
import { BackupFile, type Manifest, type SecretName, SECRETS } from "./_backup_file.ts";
import { type Counts, KvFile } from "./_kv_file.ts";
import { giveToOwner } from "./_owner.ts";
import type { DataDirectory } from "./data_directory.ts";
import {
  backupExists,
  backupNotWhole,
  cannotBackUp,
  databaseNotUsable,
  noDataIn,
  schemaTooNew,
  StoreError,
} from "./errors.ts";
import { SCHEMA } from "./kv.ts";

export type { Manifest } from "./_backup_file.ts";
export type { Counts } from "./_kv_file.ts";

/** Tells of the last backup, in the data directory. */
const LAST_BACKUP = "last_backup.json";

/** What is told of a backup. */
export interface Backup {
  readonly at: Date;
  readonly file: string;
  readonly counts: Counts;
}

/**
 * Copies all that makes a server what it is into one file, whether or not it is running, opens that and counts what is in
 * it. The file gets its name when all this is done. `last_backup.json` in the data directory tells of it afterwards.
 *
 * @param file Absolute path of a file that does not exist.
 * @throws {StoreError} Then nothing is left of it.
 */
export async function backUp(
  directory: DataDirectory,
  file: string,
  { at = new Date() }: { at?: Date } = {},
): Promise<Manifest> {
  await requireAbsent(file);
  const unfinished = `${file}.${crypto.randomUUID().slice(0, 8)}.unfinished`;
  try {
    await write(directory, unfinished, at);
    const manifest = prove(directory, { file, unfinished });
    await requireAbsent(file);
    await Deno.rename(unfinished, file);
    await remember(directory, { at, file, counts: manifest.counts });
    return manifest;
  } catch (error) {
    await discard(unfinished);
    throw error instanceof StoreError ? error : cannotBackUp(file, error);
  }
}

/** The backup that was made, opened and counted last; undefined where there is none, or nothing is known of it. */
export async function lastBackup({ path }: DataDirectory): Promise<Backup | undefined> {
  try {
    const { at, file, counts } = JSON.parse(await Deno.readTextFile(join(path, LAST_BACKUP)));
    return { at: new Date(at), file, counts };
  } catch {
    return undefined; // it may be in the way of being written, or have been tampered with
  }
}

async function requireAbsent(file: string): Promise<void> {
  try {
    await Deno.lstat(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw cannotBackUp(file, error);
  }
  throw backupExists(file);
}

async function write(directory: DataDirectory, path: string, at: Date): Promise<void> {
  using store = openStore(directory);
  const { schema } = store;
  if (schema === undefined) throw noDataIn(directory.path);
  if (schema > SCHEMA) throw schemaTooNew(directory.database, { found: schema, known: SCHEMA });
  await BackupFile.write(path, { store, secrets: await readSecrets(directory), schema, at });
}

function prove(
  { path: dir }: DataDirectory,
  { file, unfinished }: { file: string; unfinished: string },
): Manifest {
  using written = BackupFile.open(unfinished);
  const damage = written.findDamage();
  if (damage !== undefined) throw backupNotWhole(file, { dir, damage });
  return written.manifest;
}

function openStore({ database }: DataDirectory): KvFile {
  try {
    return KvFile.open(database);
  } catch (error) {
    throw databaseNotUsable(database, error);
  }
}

async function readSecrets({ path }: DataDirectory): Promise<Map<SecretName, Uint8Array>> {
  const secrets = new Map<SecretName, Uint8Array>();
  for (const name of Object.keys(SECRETS) as SecretName[]) {
    try {
      secrets.set(name, await Deno.readFile(join(path, name)));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return secrets;
}

/** A backup is one, even where the disk of the server is too full to tell of it. */
async function remember(directory: DataDirectory, backup: Backup): Promise<void> {
  const path = join(directory.path, LAST_BACKUP);
  try {
    await Deno.writeTextFile(`${path}.new`, JSON.stringify(backup, null, 2) + "\n", { mode: 0o600 });
    await giveToOwner(`${path}.new`, directory.path);
    await Deno.rename(`${path}.new`, path);
  } catch {
    await discard(`${path}.new`);
  }
}

/** Removes what is unfinished, and what SQLite may have left beside it. */
async function discard(path: string): Promise<void> {
  for (const file of [path, `${path}-journal`]) {
    await Deno.remove(file).catch(() => {}); // it may not have come to be
  }
}
