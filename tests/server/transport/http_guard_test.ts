import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import type { Hold } from "../../../server/transport/held_bytes.ts";
import { HttpGuard } from "../../../server/transport/http_guard.ts";
import { type NativeConnection, NativeSockets } from "../../../server/transport/native_sockets.ts";
import { certificateForLocalhost } from "./_tls.ts";
import { ask, closeWebSocket, openWebSocket, upgradeToEcho } from "./_web_socket.ts";

const MIB = 1_048_576;

const limits = { headerMs: 10_000, idleMs: 75_000, maxPerAddress: 2, maxConnections: 3 };

Deno.test("a client that sends no headers in time is answered 408 and ended", () => {
  using listener = new Listener();
  const silent = listener.connect("192.0.2.1", 40_001);
  listener.guard.check();
  listener.wait(9_999);
  listener.guard.check();
  deepEqual(listener.deeds, []);
  listener.wait(1);
  listener.guard.check();
  deepEqual(listener.deeds, [
    `answer ${silent.fd} HTTP/1.1 408 Request Timeout`,
    `end ${silent.fd}`,
    "192.0.2.1: headers late",
  ]);
});

Deno.test("the answer is whole HTTP and says what is asked of the client", () => {
  using listener = new Listener();
  listener.connect("192.0.2.1", 40_001);
  listener.guard.check();
  listener.wait(10_000);
  listener.guard.check();
  const [head, body] = listener.answers[0]!.split("\r\n\r\n");
  match(head!, /\r\nConnection: close\r\n/);
  match(head!, new RegExp(`\r\nContent-Length: ${body!.length}$`));
  deepEqual(JSON.parse(body!), { message: "The headers of a request must be sent within 10 s." });
});

Deno.test("on HTTPS a late client is ended without a word", () => {
  using listener = new Listener({ secure: true });
  const silent = listener.connect("192.0.2.1", 40_001);
  listener.guard.check();
  listener.wait(10_000);
  listener.guard.check();
  deepEqual(listener.deeds, [`end ${silent.fd}`, "192.0.2.1: headers late"]);
});

Deno.test("a request in progress keeps its connection, and the last to end starts the idle time", () => {
  using listener = new Listener();
  const { fd, remote } = listener.connect("192.0.2.1", 40_001);
  listener.guard.seen(remote);
  listener.guard.seen(remote);
  listener.wait(900_000);
  listener.guard.check();
  listener.guard.done(remote);
  listener.wait(900_000);
  listener.guard.check();
  listener.guard.done(remote);
  listener.wait(74_999);
  listener.guard.check();
  deepEqual(listener.deeds, []);
  listener.wait(1);
  listener.guard.check();
  deepEqual(listener.deeds, [`end ${fd}`, "192.0.2.1: idle"]);
});

Deno.test("the end of a request that was never seen changes nothing", () => {
  using listener = new Listener();
  const { fd, remote } = listener.connect("192.0.2.1", 40_001);
  listener.guard.done(remote);
  listener.guard.check();
  listener.guard.done(remote);
  listener.wait(10_000);
  listener.guard.check();
  deepEqual(listener.deeds.slice(1), [`end ${fd}`, "192.0.2.1: headers late"]);
});

Deno.test("a port that comes back after its connection has gone is another connection", () => {
  using listener = new Listener();
  const first = listener.connect("192.0.2.1", 40_001);
  listener.guard.seen(first.remote);
  listener.disconnect(first);
  listener.guard.check();
  const second = listener.connect("192.0.2.1", 40_001);
  listener.guard.check();
  listener.wait(10_000);
  listener.guard.check();
  deepEqual(listener.deeds.at(-2), `end ${second.fd}`);
});

Deno.test("a port that comes back after its connection was ended is another connection", () => {
  using listener = new Listener();
  const first = listener.connect("192.0.2.1", 40_001);
  listener.guard.check();
  listener.wait(10_000);
  listener.guard.check();
  listener.disconnect(first);
  listener.connect("192.0.2.1", 40_001);
  listener.wait(500);
  listener.guard.check();
  equal(listener.deeds.length, 3, "only the first was ended");
});

Deno.test("those too many are told so, by address and in all", () => {
  using listener = new Listener();
  const connections = [
    listener.connect("192.0.2.1", 40_001),
    listener.connect("192.0.2.1", 40_002),
    listener.connect("192.0.2.1", 40_003),
    listener.connect("192.0.2.2", 40_001),
    listener.connect("192.0.2.3", 40_001),
  ];
  for (const { remote } of connections.slice(0, 2)) listener.guard.seen(remote);
  listener.guard.check();
  deepEqual(listener.deeds, [
    `answer ${connections[2]!.fd} HTTP/1.1 429 Too Many Requests`,
    `end ${connections[2]!.fd}`,
    "192.0.2.1: too many from its address",
    `answer ${connections[4]!.fd} HTTP/1.1 503 Service Unavailable`,
    `end ${connections[4]!.fd}`,
    "192.0.2.3: too many",
  ]);
});

Deno.test("a connection for whose requests too much is kept is ended at once, and no other", async () => {
  using listener = new Listener();
  const [greedy, other] = [listener.connect("192.0.2.1", 40_001), listener.connect("192.0.2.2", 40_001)];
  await listener.keeps(other, 60 * MIB);
  const { keepMore } = await listener.keeps(greedy, 40 * MIB);
  await listener.keeps(greedy, 24 * MIB);
  deepEqual(listener.deeds, []);
  await listener.keeps(greedy, 1);
  deepEqual(listener.deeds, [`end ${greedy.fd}`, "192.0.2.1: holds too much"]);
  keepMore(100 * MIB);
  keepMore(-100 * MIB);
  equal(listener.deeds.length, 2, "what still comes of its requests is of no account");
});

Deno.test("what was kept for a request is let go with it, and what was kept for a connection, too", async () => {
  using listener = new Listener();
  const [busy, gone] = [listener.connect("192.0.2.1", 40_001), listener.connect("192.0.2.2", 40_001)];
  for (let times = 0; times < 10; times++) await (await listener.keeps(busy, 60 * MIB)).isOver();
  await listener.keeps(gone, 60 * MIB);
  await listener.keeps(gone, 60 * MIB); // ended
  for (let host = 3; host < 7; host++) {
    await listener.keeps(listener.connect(`192.0.2.${host}`, 40_001), 60 * MIB);
  }
  deepEqual(listener.deeds, [`end ${gone.fd}`, "192.0.2.2: holds too much"]);
});

Deno.test("where all keep too much, the connection goes for which most is kept", async () => {
  using listener = new Listener();
  const connections = Array.from({ length: 8 }, (_, host) => listener.connect(`192.0.2.${host}`, 40_001));
  for (const [index, connection] of connections.entries()) {
    await listener.keeps(connection, index === 3 ? 44 * MIB : 30 * MIB);
  }
  deepEqual(listener.deeds, []);
  await listener.keeps(connections[0]!, 5 * MIB);
  deepEqual(listener.deeds, [`end ${connections[3]!.fd}`, "192.0.2.3: holds too much"]);
});

Deno.test("limits that change while the server runs hold from then on", () => {
  using listener = new Listener();
  const { fd } = listener.connect("192.0.2.1", 40_001);
  listener.guard.check();
  listener.limits.headerMs = 1000;
  listener.wait(1000);
  listener.guard.check();
  deepEqual(listener.deeds.slice(1), [`end ${fd}`, "192.0.2.1: headers late"]);
});

Deno.test("a real server ends silent clients and keeps those that are at something", onLinux(), async () => {
  await using server = serve({});
  const { port } = server.address;
  const silent = await Deno.connect({ port });
  const partial = await Deno.connect({ port });
  await partial.write(new TextEncoder().encode("GET / HT"));
  const slow = fetch(`http://127.0.0.1:${port}/slow`);
  const socket = await openWebSocket(port);

  match(await new Response(silent.readable).text(), /^HTTP\/1\.1 408 .*"message":"The headers/s);
  match(await new Response(partial.readable).text(), /^HTTP\/1\.1 408 .*"message":"The headers/s);
  equal(server.sockets.connectionsOf(server.address).length, 2);

  server.finishSlow();
  equal(await (await slow).text(), "done");
  equal(await ask(socket, "there?"), "still there?");
  await closeWebSocket(socket);
});

Deno.test("a real server ends half-open handshakes and silent clients of HTTPS", onLinux(), async () => {
  const tls = await certificateForLocalhost();
  await using server = serve(tls);
  const { port } = server.address;
  using halfOpen = await Deno.connect({ port });
  using truncated = await Deno.connect({ port });
  await truncated.write(Uint8Array.of(0x16, 3, 1, 2, 0, 1)); // the beginning of a ClientHello
  using silent = await Deno.connectTls({ hostname: "localhost", port, caCerts: [tls.cert] });
  await silent.handshake();
  equal(await halfOpen.read(new Uint8Array(1)), null);
  equal(await truncated.read(new Uint8Array(1)), null);
  equal(await silent.read(new Uint8Array(1)).catch(() => null), null);
});

/** A listener in imagination: its connections, a clock, and what the guard does. */
class Listener implements Disposable {
  readonly limits = { ...limits };
  readonly guard: HttpGuard;
  /** In the order in which they were done, answers by their first line. */
  readonly deeds: string[] = [];
  readonly answers: string[] = [];
  #connections = new Set<NativeConnection>();
  #nextFd = 10;
  #nowMs = 5_000;

  constructor({ secure = false } = {}) {
    this.guard = new HttpGuard({
      sockets: {
        connectionsOf: () => [...this.#connections],
        send: (fd, bytes) => this.#send(fd, new TextDecoder().decode(bytes)),
        shutdown: (fd) => this.deeds.push(`end ${fd}`) > 0,
      },
      address: { transport: "tcp", hostname: "0.0.0.0", port: 80 },
      secure,
      limits: this.limits,
      limitKey: (hostname) => hostname,
      ended: ({ hostname }, why) => this.deeds.push(`${hostname}: ${why}`),
      intervalMs: 1_000_000,
      now: () => this.#nowMs,
    });
  }

  [Symbol.dispose](): void {
    this.guard.stop();
  }

  connect(hostname: string, port: number): NativeConnection {
    const connection: NativeConnection = {
      fd: this.#nextFd++,
      local: { transport: "tcp", hostname: "192.0.2.80", port: 80 },
      remote: { transport: "tcp", hostname, port },
    };
    this.#connections.add(connection);
    return connection;
  }

  disconnect(connection: NativeConnection): void {
    this.#connections.delete(connection);
  }

  wait(ms: number): void {
    this.#nowMs += ms;
  }

  /** A request comes for which so many bytes are kept, until it is over. */
  async keeps({ remote }: NativeConnection, bytes: number) {
    const { promise: completed, resolve } = Promise.withResolvers<void>();
    let keepMore: Hold = () => {};
    const answer = this.guard.watching((_request, _info, hold) => {
      hold(bytes);
      keepMore = hold;
      return new Response();
    });
    await answer(new Request("http://localhost/"), { remoteAddr: remote, completed });
    const isOver = async () => {
      resolve();
      await new Promise((done) => setTimeout(done)); // the guard has heard of it
    };
    return { keepMore, isOver };
  }

  #send(fd: number, text: string): boolean {
    this.answers.push(text);
    this.deeds.push(`answer ${fd} ${text.split("\r\n")[0]}`);
    return true;
  }
}

function onLinux(): { ignore: boolean } {
  return { ignore: Deno.build.os !== "linux" };
}

/** A guarded `Deno.serve` with little patience. It answers `/slow` when told to, and echoes on WebSockets. */
function serve(tls: { cert: string; key: string } | Record<never, never>) {
  const { sockets, missing } = NativeSockets.open();
  if (sockets === undefined) throw new Error(missing);
  const slow = Promise.withResolvers<void>();
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, ...tls },
    (request, info) => handler(request, info),
  );
  const guard = new HttpGuard({
    sockets,
    address: server.addr,
    secure: "cert" in tls,
    limits: { ...limits, headerMs: 300, idleMs: 100, maxConnections: 100 },
    limitKey: () => undefined,
    intervalMs: 50,
  });
  const handler = guard.watching(async (request) => {
    if (!request.url.endsWith("/slow")) return upgradeToEcho(request, "still");
    await slow.promise;
    return new Response("done");
  });
  return {
    address: server.addr,
    sockets,
    finishSlow: () => slow.resolve(),
    async [Symbol.asyncDispose]() {
      slow.resolve();
      guard.stop();
      await server.shutdown();
      sockets[Symbol.dispose]();
    },
  };
}
