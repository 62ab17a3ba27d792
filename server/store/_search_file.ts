import { DatabaseSync } from "node:sqlite";

/** The layout of the tables and the making of the tokens; a file of another version is made anew. */
const VERSION = 1;

/**
 * `place` are rooms and people; `said` are the messages, with the room, or the two people, of each; `held` what each
 * place has, to forget it by. `word` gives the numbers of the messages for the fingerprint of a place and a word.
 * `doomed` is what is still to be forgotten; `fact` has the key of the fingerprints, the id up to which everything is
 * here, and how many messages were forgotten and added since `word` was swept.
 */
const TABLES = `
  CREATE TABLE place (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE said (number INTEGER PRIMARY KEY, id TEXT NOT NULL, place INTEGER NOT NULL, other INTEGER);
  CREATE TABLE held (place INTEGER, said INTEGER, PRIMARY KEY (place, said)) WITHOUT ROWID;
  CREATE TABLE doomed (place INTEGER NOT NULL, up_to INTEGER NOT NULL);
  CREATE TABLE fact (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE VIRTUAL TABLE word USING fts5(
    prints, content='', contentless_delete=1, detail=none, tokenize='ascii'
  );
  INSERT INTO fact VALUES ('key', hex(randomblob(16))), ('known', ''), ('unswept', 0), ('unmerged', 0);
  PRAGMA user_version = ${VERSION};
`;

/**
 * Opens the file of the search index; one that is missing, damaged or of another version is made anew.
 *
 * @param options.anew Make it anew in any case.
 */
export function openSearchFile(path: string, { anew }: { anew: boolean }): DatabaseSync {
  const found = anew || !exists(path) ? undefined : openFile(path);
  return found ?? makeFile(path);
}

/** Whether an error says that the file is not, or no longer, what SQLite has written. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && /malformed|not a database|corrupt/i.test(error.message);
}

/** Undefined where it cannot be used. */
function openFile(path: string): DatabaseSync | undefined {
  const sqlite = new DatabaseSync(path);
  try {
    const { user_version: version } = sqlite.prepare("PRAGMA user_version").get()!;
    if (version === VERSION) return configured(sqlite);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  sqlite.close();
}

/** SQLite gives the files that it puts beside this one the same mode. */
function makeFile(path: string): DatabaseSync {
  for (const end of ["", "-wal", "-shm", "-journal"]) if (exists(path + end)) Deno.removeSync(path + end);
  Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  const sqlite = configured(new DatabaseSync(path));
  sqlite.exec(`BEGIN; ${TABLES} COMMIT;`);
  return sqlite;
}

function configured(sqlite: DatabaseSync): DatabaseSync {
  sqlite.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA secure_delete = ON;
    PRAGMA busy_timeout = 2000;
    PRAGMA cache_size = -8192;
  `);
  return sqlite;
}

function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
