import { openRecords, type Records } from "../app.ts";
import { DataDirectory } from "../store/data_directory.ts";
import { Log } from "../telemetry/log.ts";

/**
 * Opens the accounts and tokens of a data directory, whether or not a server runs on it.
 *
 * @param options.make Whether to make a directory that is not there, which otherwise is a slip in its name.
 * @throws {StoreError}
 */
export async function recordsIn(dataDir: string, { make = false } = {}): Promise<Records> {
  const directory = await (make ? DataDirectory.open(dataDir) : DataDirectory.find(dataDir));
  return await openRecords(directory, new Log("text", (bytes) => Deno.stderr.write(bytes)));
}
