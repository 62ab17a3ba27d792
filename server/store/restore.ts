import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BackupFile, type Manifest, momentInName, type SecretName, SECRETS } from "./_backup_file.ts";
import { KvFile } from "./_kv_file.ts";
import { giveToOwner } from "./_owner.ts";
import { DataDirectory } from "./data_directory.ts";
import {
  backupDamaged,
  cannotRestore,
  storeAnother,
  StoreError,
  storeInUse,
  storeNewer,
  storeUnreadable,
} from "./errors.ts";

/** What has come of a restore. */
export interface Restored {
  readonly manifest: Manifest;
  /** Names of the files in the data directory that what was there before has now. */
  readonly setAside: readonly string[];
}

/**
 * Puts a backup in place of what a data directory holds, which is set aside under other names. The directory is made
 * where there is none.
 *
 * @param options.force Also where the store there has what the backup has not.
 * @throws {StoreError} where a server runs on the directory, its store is newer or another's, or the file is no whole
 *   backup. Then the store is as it was.
 */
export async function restore(
  file: string,
  dir: string,
  { force = false, at = new Date() }: { force?: boolean; at?: Date } = {},
): Promise<Restored> {
  using backup = BackupFile.open(file);
  const damage = backup.findDamage();
  if (damage !== undefined) throw backupDamaged(file, damage);
  using directory = await DataDirectory.open(dir);
  await directory.lock();
  await giveToOwner(join(dir, "lock"), dir); // which may have been made just now
  const standing = compare(directory.database, backup.store);
  if (!force) requireOutdated(standing, { dir, file, madeAt: backup.manifest.at });
  try {
    const parts = await partsOf(backup, directory);
    await using leaving = new AsyncDisposableStack();
    for (const part of parts) leaving.defer(() => discard(part));
    for (const part of parts) await prepare(part, directory);
    if (standing !== "unreadable") settle(directory, file);
    return { manifest: backup.manifest, setAside: await replaceAll(parts, { directory, at }) };
  } catch (error) {
    throw error instanceof StoreError ? error : cannotRestore(file, { dir, error });
  }
}

/** What is there already, beside what was saved. */
type Standing = "none" | "older" | "newer" | "another" | "unreadable";

/** @throws {StoreError} where it has, or may have, what was not saved. */
function requireOutdated(
  standing: Standing,
  { dir, file, madeAt }: { dir: string; file: string; madeAt: Date },
): void {
  switch (standing) {
    case "none":
    case "older":
      return;
    case "newer":
      throw storeNewer(file, { dir, madeAt });
    case "another":
      throw storeAnother(file, dir);
    case "unreadable":
      throw storeUnreadable(file, dir);
  }
}

function compare(database: string, saved: KvFile): Standing {
  try {
    using present = KvFile.open(database);
    if (present.schema === undefined || isEmpty(present)) return "none";
    if (present.identity !== saved.identity) return "another";
    return present.lastCommit > saved.lastCommit ? "newer" : "older";
  } catch {
    return "unreadable";
  }
}

/** Whether nobody would miss it: Parley was started, and that was all. */
function isEmpty(store: KvFile): boolean {
  const { accounts, messages, directs } = store.count();
  return accounts + messages + directs === 0;
}

/**
 * Has SQLite put all of the database into its one file. What is damaged must be set aside as it is, file by file.
 *
 * @throws {StoreError} where somebody else has it open.
 */
function settle({ database, path: dir }: DataDirectory, file: string): void {
  try {
    using sqlite = new DatabaseSync(database);
    sqlite.exec("PRAGMA journal_mode = DELETE");
  } catch (error) {
    throw error instanceof Error && /locked|busy/.test(error.message) ? storeInUse(file, dir) : error;
  }
}

/** A file of the data directory that is to be replaced. */
interface Part {
  readonly path: string;
  /** Makes what is to take its place, under another name. */
  readonly write: (path: string) => Promise<void>;
}

/** The database last: once it is in its place, all is done. */
async function partsOf(backup: BackupFile, directory: DataDirectory): Promise<Part[]> {
  const parts: Part[] = [];
  for (const name of Object.keys(SECRETS) as SecretName[]) {
    const path = join(directory.path, name);
    const content = backup.secret(name);
    if (content === undefined || await holds(path, content)) continue;
    parts.push({ path, write: (path) => Deno.writeFile(path, content, { mode: SECRETS[name] }) });
  }
  return [...parts, { path: directory.database, write: (path) => backup.extract(path) }];
}

async function holds(path: string, content: Uint8Array): Promise<boolean> {
  try {
    const present = await Deno.readFile(path);
    return present.toHex() === content.toHex();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const unfinished = (path: string) => `${path}.restoring`;

async function prepare(part: Part, directory: DataDirectory): Promise<void> {
  await discard(part); // as a restore that was cut short may have left it
  const { path, write } = part;
  await write(unfinished(path));
  await giveToOwner(unfinished(path), directory.path);
  using file = await Deno.open(unfinished(path), { write: true });
  await file.sync();
}

async function discard({ path }: Part): Promise<void> {
  for (const file of [unfinished(path), `${unfinished(path)}-journal`]) {
    await Deno.remove(file).catch(() => {}); // it may not have come to be
  }
}

/** @returns The names that the files have now which were there. */
async function replaceAll(
  parts: readonly Part[],
  { directory, at }: { directory: DataDirectory; at: Date },
): Promise<string[]> {
  await removeSearchIndex(directory);
  const setAside: string[] = [];
  for (const { path } of parts) {
    for (const old of [`${path}-wal`, `${path}-shm`, path]) {
      const name = `${old}.before-restore-${momentInName(at)}`;
      if (await moveAside(old, name)) setAside.push(basename(name));
    }
    await Deno.rename(unfinished(path), path);
  }
  return setAside;
}

/** It is derived from the store, and made anew at the next start. */
async function removeSearchIndex({ path }: DataDirectory): Promise<void> {
  for await (const { name } of Deno.readDir(path)) {
    if (name.startsWith("search.sqlite")) await Deno.remove(join(path, name));
  }
}

/**
 * Gives a file another name; nothing is done where there is none, or nothing in it. It keeps its own name as well until
 * another file takes that, wherever the disk can do so: a server that finds no database makes one.
 */
async function moveAside(path: string, name: string): Promise<boolean> {
  try {
    if ((await Deno.stat(path)).size === 0) return false;
    if (/-(wal|shm)$/.test(path)) await Deno.rename(path, name);
    else await Deno.link(path, name).catch(() => Deno.rename(path, name));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
