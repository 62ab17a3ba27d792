/**
 * Gives a file to whom the directory belongs: root may do the work for the account that Parley runs as, which could not
 * read it otherwise.
 */
export async function giveToOwner(file: string, directory: string): Promise<void> {
  if (Deno.uid() !== 0) return;
  const { uid, gid } = await Deno.stat(directory);
  await Deno.chown(file, uid, gid);
}
