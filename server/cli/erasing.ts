import { openChat } from "../chat_parts.ts";
import { pause } from "../pause.ts";
import type { Records } from "../records.ts";
import type { DataDirectory } from "../store/data_directory.ts";
import { KvErasureStore } from "../store/erasures.ts";
import { Log } from "../telemetry/log.ts";
import { Progress } from "./terminal.ts";

/** How long a running server is waited for, and how often that is looked at. */
const PATIENCE_MS = 10_000, LOOK_EVERY_MS = 100;

/**
 * Sees to it that what a deleted account has left behind is erased: by the server that runs or, where there is none,
 * here.
 *
 * @returns Whether it is; a server may take longer.
 */
export async function eraseWhatIsLeft(records: Records, account: string): Promise<boolean> {
  using directory = records.directory;
  if (!await directory.tryLock()) return await isErasedByServer(records, account);
  using progress = new Progress("messages");
  const log = new Log("text", (bytes) => Deno.stderr.write(bytes));
  await using chat = await openChat(records, log, { searchable: false });
  await chat.erasure.erase(account, (count) => progress.add(count));
  await removeSearchIndex(directory);
  return true;
}

async function isErasedByServer({ database }: Records, account: string): Promise<boolean> {
  const store = new KvErasureStore(database);
  const endsAtMs = performance.now() + PATIENCE_MS;
  while (await store.find(account) !== undefined) {
    if (performance.now() > endsAtMs) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}

/** The next server makes a new one, without what is gone; as it is derived, that is nobody's loss. */
async function removeSearchIndex({ search }: DataDirectory): Promise<void> {
  for (const end of ["", "-wal", "-shm"]) {
    await Deno.remove(search + end).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
