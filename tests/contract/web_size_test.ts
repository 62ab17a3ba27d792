/** How much the web chat is before anything is said in it. */
import { ok } from "node:assert/strict";
import { get } from "node:http";
import { startServer, type TestServer } from "../support/start_server.ts";

const MOST_BYTES = 60_000;

Deno.test("the chat comes in 60 kB, with its script, its style and its icon", async () => {
  await using server = await startServer();
  const page = await (await server.http("/")).text();
  const parts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
  const sizes = await Promise.all(["/", ...parts].map((path) => bytesSent(server, path)));
  const sum = sizes.reduce((sum, bytes) => sum + bytes, 0);
  ok(parts.length === 3 && sum <= MOST_BYTES, `${parts.length} parts, ${sum} bytes`);
});

/** So many come over the wire to a browser that can unpack them. */
function bytesSent(server: TestServer, path: string): Promise<number> {
  const { port } = server.parley.addresses.http!;
  const headers = { host: "localhost", "accept-encoding": "br" };
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Uint8Array) => bytes += chunk.length);
      response.on("end", () => resolve(bytes));
    });
    request.on("error", reject);
  });
}
