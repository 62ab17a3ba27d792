/** The data directory cannot be used; the sentence is for the operator. */
export class StoreError extends Error {
  override name = "StoreError";
}

export function schemaTooNew(path: string, { found, known }: { found: number; known: number }): StoreError {
  return new StoreError(
    `Cannot open "${path}": it was written by a newer Parley (schema ${found}, this one knows ${known}); use that version`,
  );
}

/** Also what V8 cannot read because a newer one has written it. */
export function databaseNotUsable(path: string, error: unknown): StoreError {
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

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission denied";
  }
  if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory) {
    return "something on its path is not a directory";
  }
  return error instanceof Error ? error.message : String(error);
}
