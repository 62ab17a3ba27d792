import { deepStrictEqual as deepEqual, match, rejects, strictEqual as equal } from "node:assert/strict";
import { makeApi } from "../../../server/http/api.ts";
import type { ApiParts } from "../../../server/http/route.ts";
import { routes } from "../../../server/http/routes/table.ts";
import { HttpListener } from "../../../server/http/server.ts";
import { Counts } from "../../../server/telemetry/counts.ts";
import { Closer } from "../../../server/transport/closer.ts";
import { ConnectionLimit } from "../../../server/transport/connection_limit.ts";
import { NativeSockets } from "../../../server/transport/native_sockets.ts";
import { PostOffice } from "../../../server/transport/outbox.ts";
import { WebSocketDoor } from "../../../server/transport/websocket_door.ts";
import { BareWebSocket, FRAME } from "../transport/_bare_web_socket.ts";
import { certificateForLocalhost } from "../transport/_tls.ts";

const LIMITS = {
  pingMs: 30_000,
  lineBytes: 4_096,
  bytesPerSecond: 65_536,
  outboxBytes: 262_144,
  outboxTotalBytes: 1_048_576,
  stallMs: 30_000,
  maxConnections: 3,
  connectionsPerAddress: 0,
  newConnectionsPerMinute: 0,
  maxPerAddress: 0,
  headerMs: 300,
  idleMs: 300,
  bodyBytes: 65_536,
  bodyMs: 30_000,
  commandRate: "off" as const,
};

const ANYWHERE = { host: "127.0.0.1", port: 0, asked: true };

for (const how of ["HTTP", "HTTPS"] as const) {
  Deno.test(`a WebSocket over ${how} talks, and stays for longer than a request may`, async () => {
    await using site = await Site.open(how);
    using peer = await site.visitor({ headers: ["Authorization: Bearer abc"] });
    equal(await says(peer, "hello"), "abc: hello");
    for (let round = 0; round < 2; round++) await site.endsSilentOne();
    equal(await says(peer, "still there?"), "abc: still there?");
  });

  Deno.test(`who asks for a WebSocket over ${how} in another way is told why not`, async () => {
    await using site = await Site.open(how);
    const upgrade = { upgrade: "websocket", connection: "Upgrade" };
    const cases: [method: string, headers: Record<string, string>, status: number, message: RegExp][] = [
      ["GET", {}, 426, /^This address takes WebSockets only\. Connect to wss?:\/\/localhost:\d+\/ws with /],
      ["HEAD", {}, 426, /^$/],
      ["POST", {}, 405, /^This address takes GET, HEAD\.$/],
      [
        "GET",
        { origin: "https://elsewhere.example" },
        403,
        /^Requests from other sites' pages are not taken/,
      ],
      ["GET", { origin: "null" }, 403, /^Requests from other sites/],
      ["GET", { origin: site.url }, 426, /^This address/],
    ];
    for (const [method, headers, status, message] of cases) {
      const response = await site.fetch({ method, headers });
      const text = await response.text();
      equal(response.status, status, method);
      match(text === "" ? "" : JSON.parse(text).message, message);
      if (status === 426 && how === "HTTP") equal(response.headers.get("upgrade"), "websocket");
    }
    for (const headers of [upgrade, { ...upgrade, "sec-websocket-key": "x", "sec-websocket-version": "8" }]) {
      equal(await site.asks(headers), 426);
    }
  });
}

Deno.test("pages of the same origin are let in, others not, whatever else is right", async () => {
  await using site = await Site.open("HTTP");
  const host = `127.0.0.1:${site.port}`;
  using peer = await site.visitor({ headers: [`Origin: http://${host}`] });
  equal(await says(peer, "hello"), "undefined: hello");
  for (const origin of ["http://elsewhere.example", `http://${host}.elsewhere.example`, "null"]) {
    await rejects(site.visitor({ headers: [`Origin: ${origin}`] }), /HTTP\/1\.1 403 /);
  }
  equal(await says(peer, "alone?"), "undefined: alone?");
});

Deno.test("who comes when the server is full is told so instead of being upgraded", async () => {
  await using site = await Site.open("HTTP", { maxConnections: 1 });
  using _peer = await site.visitor();
  await rejects(site.visitor(), /HTTP\/1\.1 503 [^]*"message":"Server is full\. Its limit is 1 connections/);
});

Deno.test("a certificate that changes leaves WebSockets as they are", async () => {
  await using site = await Site.open("HTTPS");
  using peer = await site.visitor();
  await site.changesCertificate();
  equal(await says(peer, "still there?"), "undefined: still there?");
  using later = await site.visitor();
  equal(await says(later, "hello"), "undefined: hello");
});

Deno.test("at the end visitors are told before the listener closes, and nobody else is let in", async () => {
  await using site = await Site.open("HTTP");
  using peer = await site.visitor();
  site.listener.stopListening();
  await rejects(site.visitor(), Deno.errors.ConnectionRefused);
  equal(await says(peer, "still there?"), "undefined: still there?");
  await site.ends();
  equal(await readsText(peer), "Server is shutting down.");
  const { kind, payload } = (await peer.reads())!;
  deepEqual([kind, new DataView(payload.buffer).getUint16(payload.byteOffset)], [FRAME.close, 1001]);
});

/** The API on a listener, with sessions that answer each line with itself, led by the token. */
class Site implements AsyncDisposable {
  readonly listener: HttpListener;
  readonly defects: unknown[] = [];
  #tls: boolean;
  #keys: { certPem: string; keyPem: string };
  #sockets = NativeSockets.open().sockets;
  #closer = new Closer(this.#sockets);
  #post = new PostOffice(LIMITS);
  #counts = new Counts();
  #door: WebSocketDoor;
  #client: Deno.HttpClient;

  private constructor(tls: boolean, keys: { certPem: string; keyPem: string }, limits: typeof LIMITS) {
    this.#tls = tls;
    this.#keys = keys;
    this.#client = Deno.createHttpClient({ caCerts: [keys.certPem] });
    this.#door = new WebSocketDoor({
      post: this.#post,
      closer: this.#closer,
      limit: new ConnectionLimit(limits),
      sockets: this.#sockets,
      limits,
      counts: this.#counts.doors.WebSocket,
      begin: (connection, token) => {
        const send = (text: string) => connection.send(new TextEncoder().encode(`${text}\n`));
        return {
          received() {},
          line: (text) => send(`${token}: ${text}`),
          lineTooLong() {},
          settled: () => Promise.resolve(),
          closed() {},
          end(sentence, reason) {
            send(sentence);
            connection.end(reason);
          },
        };
      },
    });
    const settings = { serverName: "Parley", motd: "", tokenDays: 30, limits };
    const hub = { moderation: { checkAddress() {} } };
    const parts = { settings, hub, webSockets: this.#door } as unknown as ApiParts; // all that these calls need
    const defect = (error: unknown) => void this.defects.push(error);
    const handle = makeApi(routes, { parts, counts: this.#counts.http, defects: defect }).fetch;
    const report = { acceptFails() {}, acceptsAgain() {}, defect };
    const httpParts = {
      handle,
      sockets: this.#sockets,
      limits: { ...limits, maxConnections: 100 },
      report,
      counts: this.#counts.doors,
    };
    this.listener = tls
      ? HttpListener.openTls(ANYWHERE, httpParts, keys)
      : HttpListener.openPlain(ANYWHERE, httpParts);
  }

  static async open(how: "HTTP" | "HTTPS", limits: Partial<typeof LIMITS> = {}): Promise<Site> {
    const { cert, key } = await certificateForLocalhost();
    return new Site(how === "HTTPS", { certPem: cert, keyPem: key }, { ...LIMITS, ...limits });
  }

  get port(): number {
    return this.listener.address.port;
  }

  get url(): string {
    return `${this.#tls ? "https" : "http"}://localhost:${this.port}`;
  }

  visitor({ headers = [] }: { headers?: readonly string[] } = {}): Promise<BareWebSocket> {
    return BareWebSocket.open(this.port, { cert: this.#tls ? this.#keys.certPem : undefined, headers });
  }

  fetch(init: RequestInit): Promise<Response> {
    return fetch(`${this.url}/ws`, { ...init, client: this.#client });
  }

  /** Asks with headers that `fetch` does not send, and answers the status. */
  async asks(headers: Record<string, string>): Promise<number> {
    using conn = this.#tls
      ? await Deno.connectTls({ hostname: "localhost", port: this.port, caCerts: [this.#keys.certPem] })
      : await Deno.connect({ port: this.port });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const request = `GET /ws HTTP/1.1\r\nHost: localhost\r\n${lines.join("")}\r\n`;
    await conn.write(new TextEncoder().encode(request));
    const answer = new Uint8Array(1_000);
    await conn.read(answer);
    return Number(new TextDecoder().decode(answer).split(" ")[1]);
  }

  /** Waits until the listener has looked for those who have been at nothing for too long, and ended one. */
  async endsSilentOne(): Promise<void> {
    const silent = await Deno.connect({ port: this.port });
    await new Response(silent.readable).arrayBuffer();
  }

  async changesCertificate(): Promise<void> {
    const { cert, key } = await certificateForLocalhost();
    this.#keys = { certPem: cert, keyPem: key };
    this.listener.useCertificate(this.#keys);
  }

  /** As the server does it. */
  async ends(): Promise<void> {
    this.listener.stopListening();
    this.#door.close();
    await this.#door.endAll("Server is shutting down.", 1_000);
    await this.listener.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ends();
    deepEqual(this.defects, []);
    this.#client.close();
    this.#door[Symbol.dispose]();
    this.#closer[Symbol.dispose]();
    this.#post[Symbol.dispose]();
    this.#sockets?.[Symbol.dispose]();
  }
}

/** Says something and answers what comes back. */
async function says(peer: BareWebSocket, text: string): Promise<string> {
  await peer.sends(FRAME.text, text);
  return await readsText(peer);
}

async function readsText(peer: BareWebSocket): Promise<string> {
  return new TextDecoder().decode((await peer.reads())?.payload);
}
