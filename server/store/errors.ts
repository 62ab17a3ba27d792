/** The data directory cannot be used; the sentence is for the operator. */
export class StoreError extends Error {
  override name = "StoreError";
}

export function schemaTooNew(path: string, { found, known }: { found: number; known: number }): StoreError {
  return new StoreError(
    `Cannot open "${path}": it was written by a newer Parley (schema ${found}, this one knows ${known}); use that version`,
  );
}

export function directoryInUse(dir: string): StoreError {
  return new StoreError(
    `Cannot use data directory "${dir}": another Parley is serving from it; stop it or name another with --data`,
  );
}

export function directoryNotUsable(dir: string, reason: string): StoreError {
  return new StoreError(
    `Cannot use data directory "${dir}": ${reason}; make it writable or name another with --data`,
  );
}
