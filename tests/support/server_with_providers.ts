import { startServer, type TestServer } from "./start_server.ts";

/**
 * Starts a server that has these identity providers; log-ins are not limited, unless a flag says so.
 *
 * @param rows As the file has them.
 */
export async function serverWithProviders(rows: string, ...flags: string[]): Promise<TestServer> {
  const file = await Deno.makeTempFile({ prefix: "parley-", suffix: ".toml" }); // nobody else may read it
  try {
    await Deno.writeTextFile(file, rows);
    const limited = flags.some((flag) => flag.startsWith("--logins-per-minute="));
    return await startServer(`--config=${file}`, ...limited ? [] : ["--logins-per-minute=off"], ...flags);
  } finally {
    await Deno.remove(file);
  }
}
