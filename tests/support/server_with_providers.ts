import { startServer, type TestServer } from "./start_server.ts";

/**
 * Starts a server that has these identity providers, and waits until it has looked at them.
 *
 * @param rows As the file has them.
 */
export async function serverWithProviders(rows: string, ...flags: string[]): Promise<TestServer> {
  const file = await Deno.makeTempFile({ prefix: "parley-", suffix: ".toml" }); // nobody else may read it
  try {
    await Deno.writeTextFile(file, rows);
    return await startServer(`--config=${file}`, "--logins-per-minute=off", ...flags);
  } finally {
    await Deno.remove(file);
  }
}
