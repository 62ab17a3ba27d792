import { Refusal } from "../refusals.ts";

/** The data directory cannot be used; the sentence is for the operator. */
export class StoreError extends Error {
  override name = "StoreError";
}

export function schemaTooNew(path: string, { found, known }: { found: number; known: number }): StoreError {
  return new StoreError(
    `Cannot open "${path}": it was written by a newer Parley (schema ${found}, this one knows ${known}); use that version`,
  );
}

export function schemaTooOld(dir: string, { found, known }: { found: number; known: number }): StoreError {
  return new StoreError(
    `The data in "${dir}" is that of an older Parley (schema ${found}, this one has ${known}); ` +
      "start parley on it once, which brings it forward",
  );
}

/** What was brought forward so far is kept. */
export function notBroughtForward(dir: string, error: unknown): StoreError {
  const reason = error instanceof Refusal ? "the disk did not take it, as the log says" : reasonOf(error);
  return new StoreError(
    `Cannot bring the data in "${dir}" forward: ${reason}; put that right, and the next start goes on`,
    { cause: error },
  );
}

/** Also what V8 cannot read because a newer one has written it. On a full disk nothing is damaged: it only cannot be opened. */
export function databaseNotUsable(path: string, error: unknown): StoreError {
  if (isDiskFull(error) || isDiskFailure(error)) {
    const advice = "make room on its disk or, if there is, see whether that is failing";
    return new StoreError(`Cannot open "${path}": ${reasonOf(error)}; ${advice}`, { cause: error });
  }
  return new StoreError(
    `Cannot open "${path}": ${reasonOf(error)}, so it is damaged or a newer Parley has written it; ` +
      "restore it from a backup, or use that version",
    { cause: error },
  );
}

export function directoryInUse(dir: string): StoreError {
  return new StoreError(
    `Cannot use data directory "${dir}": another Parley is serving from it; stop it or name another with --data`,
  );
}

export function directoryNotUsable(dir: string, error: unknown): StoreError {
  return new StoreError(
    `Cannot use data directory "${dir}": ${reasonOf(error)}; make it writable or name another with --data`,
    { cause: error },
  );
}

export function noDataIn(dir: string): StoreError {
  return new StoreError(`There is no data of a Parley in "${dir}"; name its directory with --data`);
}

export function cannotBackUp(file: string, error: unknown): StoreError {
  const advice = isDiskFull(error) ? "make room there" : "name another file";
  return new StoreError(`Cannot back up to "${file}": ${reasonOf(error)}; ${advice}`, { cause: error });
}

export function backupNotWhole(file: string, { dir, damage }: { dir: string; damage: string }): StoreError {
  return new StoreError(
    `Cannot back up to "${file}": what was written is damaged (${damage}), for the data in "${dir}" is, or a disk; ` +
      "nothing was kept of it",
  );
}

export function backupExists(file: string): StoreError {
  return new StoreError(`Cannot back up to "${file}": there is such a file already; name another file`);
}

export function backupNotReadable(file: string, error: unknown): StoreError {
  return new StoreError(`Cannot restore "${file}": ${reasonOf(error)}; check its path`, { cause: error });
}

export function notABackup(file: string): StoreError {
  return new StoreError(
    `Cannot restore "${file}": it is no backup of a Parley; name a file that parley backup has written`,
  );
}

export function backupTooNew(file: string, { found, known }: { found: number; known: number }): StoreError {
  return new StoreError(
    `Cannot restore "${file}": a newer Parley has written it (schema ${found}, this one knows ${known}); use that version`,
  );
}

export function backupDamaged(file: string, damage: string): StoreError {
  return new StoreError(`Cannot restore "${file}": it is damaged (${damage}); take another backup`);
}

export function storeNewer(file: string, { dir, madeAt }: { dir: string; madeAt: Date }): StoreError {
  return new StoreError(
    `Cannot restore "${file}": the data in "${dir}" has changed since that was written (${madeAt.toISOString()}); ` +
      "--force sets it aside",
  );
}

export function storeAnother(file: string, dir: string): StoreError {
  return new StoreError(
    `Cannot restore "${file}": the data in "${dir}" is that of another server; --force sets it aside`,
  );
}

export function storeUnreadable(file: string, dir: string): StoreError {
  return new StoreError(
    `Cannot restore "${file}": the data in "${dir}" is damaged and may be newer; --force sets it aside`,
  );
}

export function storeInUse(file: string, dir: string): StoreError {
  return new StoreError(
    `Cannot restore "${file}": another command is at work on the data in "${dir}"; try again when it has ended`,
  );
}

export function cannotRestore(file: string, { dir, error }: { dir: string; error: unknown }): StoreError {
  const advice = isDiskFull(error) ? "make room" : "make it writable or name another with --data";
  return new StoreError(`Cannot restore "${file}" in "${dir}": ${reasonOf(error)}; ${advice}`, {
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  if (isDiskFull(error)) return "the disk is full";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission denied";
  }
  if (error instanceof Deno.errors.NotFound) return "there is no such file or directory";
  if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
    return "something on its path is not a directory";
  }
  return error instanceof Error ? error.message : String(error);
}

/** What SQLite says when it could not make one of its files, for want of room for example. */
function isDiskFailure(error: unknown): boolean {
  return error instanceof Error && /disk i\/o error|unable to open database file/i.test(error.message);
}

/** As the file system says it, and as SQLite does. */
function isDiskFull(error: unknown): boolean {
  return error instanceof Error &&
    /no space left|disk is full|disk quota|file too large/i.test(error.message);
}
