import { ok, strictEqual as equal } from "node:assert/strict";
import { type ClientHttp2Session, connect } from "node:http2";
import { call } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";
import { pause } from "../../server/pause.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const MIB = 1_048_576;

Deno.test("whoever asks for the largest files hundreds of times and reads none of them fills no memory", async () => {
  await using server = await startServer(...UNLIMITED);
  const { text } = await call(server, "/docs");
  const [, script] = /src="([^"]+\.js)"/.exec(text)!;
  const { text: content } = await call(server, script!);
  for (const path of [script!, "/openapi.json"]) {
    const before = Deno.memoryUsage().rss;
    await using reader = await Http2Client.connect(server);
    await reader.asks(path, 200);
    const taken = Deno.memoryUsage().rss - before;
    ok(taken < 100 * MIB, `${path} takes ${taken / MIB} MiB`); // the script alone, 200 times, has more than 250
  }
  equal((await call(server, script!)).text, content, "others are served meanwhile");
});

Deno.test("whoever sends body after body and none to its end is ended when they fill the memory, and nobody else", async () => {
  await using server = await startServer(...UNLIMITED, "--body-bytes=1MiB");
  await server.hasAccount("ann");
  await using other = await Http2Client.connect(server);
  await using sender = await Http2Client.connect(server);
  sender.begins("/login", { times: 80, body: new Uint8Array(MIB - 1) });
  await eventually("the end of its connection", () => sender.ended);
  equal(other.ended, false);
  await other.asks("/healthz", 1);
  const { text } = await call(server, "/metrics");
  ok(text.includes('parley_connections_refused_total{transport="https",reason="held_too_much"} 1\n'));
});

Deno.test("a body that comes byte by byte fills no memory", async () => {
  await using server = await startServer(...UNLIMITED);
  const { hostname, port } = server.parley.addresses.http!;
  const before = Deno.memoryUsage().external;
  const senders = await Promise.all(Array.from({ length: 20 }, () => Deno.connect({ hostname, port })));
  const send = (text: string) =>
    Promise.all(senders.map((sender) => sender.write(new TextEncoder().encode(text))));
  await send("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n");
  for (let byte = 0; byte < 500; byte++) {
    await send("x");
    await pause(1); // so that each is read by itself
  }
  const taken = Deno.memoryUsage().external - before;
  for (const sender of senders) sender.close();
  ok(taken < 200 * MIB, `${taken / MIB} MiB`); // 640 MiB, if a buffer were kept for each
});

/** A client over HTTP/2 that reads no content. */
class Http2Client implements AsyncDisposable {
  ended = false;
  #session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.#session = session;
    session.on("error", () => {});
    session.on("close", () => this.ended = true);
  }

  static async connect(server: TestServer): Promise<Http2Client> {
    const { certificate, addresses: { https } } = server.parley;
    const session = connect(`https://localhost:${https!.port}`, {
      ca: certificate.certPem,
      settings: { initialWindowSize: 0 },
    });
    const reader = new Http2Client(session);
    await new Promise((resolve) => session.once("remoteSettings", resolve));
    return reader;
  }

  /** Asks so many times at once, and waits for the headers of all answers. */
  async asks(path: string, times: number): Promise<void> {
    await Promise.all(Array.from({ length: times }, () =>
      new Promise((resolve, reject) => {
        const stream = this.#session.request({ ":path": path });
        stream.on("response", resolve);
        stream.on("error", reject);
      })));
  }

  /** Begins to send so many bodies at once, and leaves it at that. */
  begins(path: string, { times, body }: { times: number; body: Uint8Array }): void {
    for (let count = 0; count < times; count++) {
      const stream = this.#session.request({ ":path": path, ":method": "POST" }, { endStream: false });
      stream.on("error", () => {});
      stream.write(body);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended) return;
    const closed = new Promise((resolve) => this.#session.once("close", resolve));
    this.#session.destroy();
    await closed;
  }
}
