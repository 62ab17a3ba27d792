import { openRecords, type Records } from "../app.ts";
import { DataDirectory } from "../store/data_directory.ts";
import { Log } from "../telemetry/log.ts";

/** Opens the accounts and tokens of a data directory, whether or not a server runs on it. */
export async function recordsIn(dataDir: string): Promise<Records> {
  const directory = await DataDirectory.open(dataDir);
  return await openRecords(directory, new Log("text", (bytes) => Deno.stderr.write(bytes)));
}
