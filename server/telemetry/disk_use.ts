/** What SQLite may have beside a database. */
const BESIDE = ["", "-wal", "-journal"];

/** How much room a database takes on the disk, with all that SQLite has beside it. */
export async function bytesOf(database: string): Promise<number> {
  const sizes = await Promise.all(BESIDE.map((ending) => sizeOf(database + ending)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await Deno.stat(file)).size;
  } catch {
    return 0; // there is none just now
  }
}
