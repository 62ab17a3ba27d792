import { join } from "node:path";
import { momentInName } from "./_backup_file.ts";
import { MIGRATION_KEY, SCHEMA_KEY } from "./_keys.ts";
import { toSchema2 } from "./_schema_2.ts";
import { backUp } from "./backup.ts";
import type { DataDirectory } from "./data_directory.ts";
import { notBroughtForward, StoreError } from "./errors.ts";
import { type Database, SCHEMA } from "./kv.ts";

/** How often it is told how far one has come. */
const TELL_EVERY_MS = 2_000;

/** Schema → what makes the next one of it. Each passes over what it has done already, for it may have been cut short. */
const STEPS: ReadonlyMap<number, (database: Database, progressed: (count: number) => void) => Promise<void>> =
  new Map([
    [1, toSchema2],
  ]);

/** What happens, and about what, for the log. */
export type Tell = (event: string, fields: Readonly<Record<string, string | number>>) => void;

/**
 * Brings the store of an older Parley forward, after a backup of it in the `backups` folder of the data directory. It is
 * done once, by the server that has locked the directory, before anything else is read. Where it is cut short, the next
 * start goes on.
 *
 * @throws {StoreError}
 */
export async function bringForward(
  directory: DataDirectory,
  database: Database,
  tell: Tell,
): Promise<void> {
  const { schema } = database;
  if (schema >= SCHEMA) return;
  const backup = await backUpOnce(directory, database);
  const startedMs = performance.now();
  tell("the data is of an older Parley and is brought forward", { from: schema, to: SCHEMA, backup });
  const progress = new Progress(tell);
  try {
    for (let from = schema; from < SCHEMA; from++) await takeStep(database, { from, progress });
  } catch (error) {
    throw notBroughtForward(directory.path, error);
  }
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  tell("the data has been brought forward", { entries: progress.entries, seconds });
}

async function takeStep(
  database: Database,
  { from, progress }: { from: number; progress: Progress },
): Promise<void> {
  await STEPS.get(from)!(database, (count) => progress.add(count));
  await database.commit((operation) => {
    operation.set(SCHEMA_KEY, from + 1);
    return from + 1 === SCHEMA ? operation.delete(MIGRATION_KEY) : operation;
  });
}

/** Where a start before this one was cut short, its backup is the one that holds the store as it was. */
async function backUpOnce(directory: DataDirectory, database: Database): Promise<string> {
  const { value: made } = await database.kv.get<string>(MIGRATION_KEY);
  if (made !== null) return made;
  const folder = join(directory.path, "backups");
  const at = new Date();
  const file = join(folder, `schema-${database.schema}-${momentInName(at)}.sqlite`);
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await backUp(directory, file, { at });
    await database.commit((operation) => operation.set(MIGRATION_KEY, file));
    return file;
  } catch (error) {
    throw error instanceof StoreError ? error : notBroughtForward(directory.path, error);
  }
}

/** Counts what has been done, and tells it now and then. */
class Progress {
  entries = 0;
  #tell: Tell;
  #toldMs = performance.now();

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  add(count: number): void {
    this.entries += count;
    if (performance.now() - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = performance.now();
    this.#tell("the data is being brought forward", { entries: this.entries });
  }
}
