import { openRecords, type Records } from "../records.ts";
import { DataDirectory } from "../store/data_directory.ts";
import { schemaTooOld } from "../store/errors.ts";
import { SCHEMA } from "../store/kv.ts";
import { Log } from "../telemetry/log.ts";

/**
 * Opens the accounts and tokens of a data directory, whether or not a server runs on it.
 *
 * @param options.make Whether to make a directory that is not there, which otherwise is a slip in its name.
 * @throws {StoreError} also where an older Parley has written it, which only a start brings forward.
 */
export async function recordsIn(dataDir: string, { make = false } = {}): Promise<Records> {
  const directory = await (make ? DataDirectory.open(dataDir) : DataDirectory.find(dataDir));
  await using opening = new AsyncDisposableStack();
  const records = opening.use(
    await openRecords(directory, new Log("text", (bytes) => Deno.stderr.write(bytes))),
  );
  const { schema } = records.database;
  if (schema < SCHEMA) throw schemaTooOld(dataDir, { found: schema, known: SCHEMA });
  opening.move();
  return records;
}
