/** How many files are opened with a Worker: six by Deno as it starts it, and some by its modules and by what it opens itself. */
export const FILES_OF_WORKER = 12;

/** What can be opened always, and holds nothing. */
const NOTHING = "/dev/null";

/**
 * Starts a Worker. Where the process may open too few files for that, Deno (2.9.6) would end the whole process instead
 * of failing, so this is looked at before.
 *
 * @throws {Error} where it cannot be started just now
 */
export function startWorker(module: URL): Worker {
  if (!mayStartWorker()) throw new Error("Cannot start a worker: the process may open no more files");
  return new Worker(module, { type: "module" });
}

/** Whether a Worker could be started. It holds until the event loop runs again: then others may have taken the files. */
export function mayStartWorker(): boolean {
  if (Deno.build.os === "windows") return true; // it does not count them
  using files = new DisposableStack();
  try {
    for (let count = 0; count < FILES_OF_WORKER; count++) files.use(Deno.openSync(NOTHING));
    return true;
  } catch {
    return false;
  }
}
