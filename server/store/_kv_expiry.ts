import { DatabaseSync } from "node:sqlite";

/**
 * Has entries last that Deno KV would delete by itself at their time: those that an earlier Parley has written. They stay
 * as they are, to the version, for whoever checks that nothing has changed.
 *
 * It is done in the SQLite file, where the column `expiration_ms` of the table `kv` is negative for what lasts, because
 * Deno KV tells nobody what expires, and would give what is written again a new version: a change would be received
 * twice. See https://github.com/denoland/denokv, `sqlite/backend.rs`. SQLite keeps the file that it has opened for this
 * as long as Deno KV has the database open, and uses it again the next time.
 *
 * @param most How many entries are changed: nobody can do anything meanwhile.
 * @returns How many there were of those.
 * @throws {Error} what SQLite says, at once where another is writing.
 */
export function endExpiry(path: string, most: number): number {
  using sqlite = new DatabaseSync(path);
  sqlite.exec("PRAGMA busy_timeout = 0; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0"); // waits for no disk
  const expiring = `SELECT k FROM kv WHERE expiration_ms >= 0 LIMIT ${most}`;
  if (sqlite.prepare(expiring).get() === undefined) return 0; // which asks for no lock
  return Number(sqlite.prepare(`UPDATE kv SET expiration_ms = -1 WHERE k IN (${expiring})`).run().changes);
}
