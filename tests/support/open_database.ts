import { join } from "node:path";
import { Database } from "../../server/store/kv.ts";

/** A database in a folder of its own, for one test. */
export interface OpenDatabase extends AsyncDisposable {
  readonly database: Database;
  /** Why commits failed. */
  readonly failures: unknown[];
  /** Opens the same file once more, as another process would. */
  openAgain(): Promise<Database>;
}

/** Opens a database for one test; closed, and deleted, with all that was opened of it. */
export async function openDatabase(): Promise<OpenDatabase> {
  await using opening = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "parley-" });
  opening.defer(() => Deno.remove(dir, { recursive: true }));
  const failures: unknown[] = [];
  const open = () => Database.open(join(dir, "parley.db"), (error) => failures.push(error));
  const database = opening.use(await open());
  const opened = opening.move();
  return {
    database,
    failures,
    openAgain: async () => opened.use(await open()),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
