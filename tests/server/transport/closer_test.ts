import { ok, rejects, strictEqual as equal } from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { Closer } from "../../../server/transport/closer.ts";
import { NativeSockets } from "../../../server/transport/native_sockets.ts";
import { certificateForLocalhost } from "./_tls.ts";

/** Elsewhere the system has not been tried. */
const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("connections whose handshake never comes are closed and their sockets freed", onLinux, async () => {
  await using host = await Host.open();
  using closer = new Closer(host.sockets);
  const silent: { conn: Deno.Conn }[] = [];
  while (silent.length < 20) silent.push(await host.isVisited());
  const handshakes = silent.map(({ conn }) => (conn as Deno.TlsConn).handshake());
  equal(host.open, 20);
  for (const { conn } of silent) closer.close(conn, { stuck: true });
  for (const handshake of handshakes) await rejects(handshake);
  await eventually("all sockets are free", () => host.open === 0);
});

Deno.test("a connection whose write waits for its peer is closed and its socket freed", onLinux, async () => {
  await using host = await Host.open();
  using closer = new Closer(host.sockets);
  const [stalled, talking] = [await host.isVisitedOverTls(), await host.isVisitedOverTls()];
  const writes = writesUntilStuck(stalled.conn);
  await writes.stuck;
  closer.close(stalled.conn, { stuck: true });
  await writes.over;
  await eventually("its socket is free", () => host.open === 1);

  const hello = new TextEncoder().encode("hello");
  await talking.conn.write(hello);
  const read = await talking.peer.read(new Uint8Array(10));
  equal(read, hello.length, "the other connection is as it was");
  closer.close(talking.conn, { stuck: false });
  await eventually("both sockets are free", () => host.open === 0);
});

Deno.test("what is closed already, or twice, or by the peer, is closed", onLinux, async () => {
  await using host = await Host.open();
  using closer = new Closer(host.sockets);
  const [closed, twice, gone] = [await host.isVisited(), await host.isVisited(), await host.isVisited()];
  closed.conn.close();
  closer.close(closed.conn, { stuck: true });
  closer.close(closed.conn, { stuck: false });
  closer.close(twice.conn, { stuck: true });
  closer.close(twice.conn, { stuck: true });
  closer.close(twice.conn, { stuck: false });
  gone.peer.close();
  closer.close(gone.conn, { stuck: true });
  await eventually("all sockets are free", () => host.open === 0);
});

Deno.test(
  "at the end what was gathered is closed, and what comes later is closed at once",
  onLinux,
  async () => {
    await using host = await Host.open();
    const closer = new Closer(host.sockets);
    const [gathered, later] = [await host.isVisited(), await host.isVisited()];
    closer.close(gathered.conn, { stuck: true });
    closer[Symbol.dispose]();
    await rejects(gathered.conn.write(new Uint8Array(1)), Deno.errors.BadResource);
    closer.close(later.conn, { stuck: true });
    await rejects(later.conn.write(new Uint8Array(1)), Deno.errors.BadResource);
  },
);

Deno.test("where the platform lacks the means, connections are closed as far as Deno does it", async () => {
  await using host = await Host.open();
  using closer = new Closer(undefined);
  const { conn, peer } = await host.isVisited();
  const handshake = rejects((conn as Deno.TlsConn).handshake());
  closer.close(conn, { stuck: true });
  await rejects(conn.write(new Uint8Array(1)), Deno.errors.BadResource);
  peer.close(); // until then the socket stays
  await handshake;
});

/** A TLS listener, and those who visit it. */
class Host implements AsyncDisposable {
  readonly sockets: NativeSockets | undefined;
  #cert: string;
  #listener: Deno.TlsListener;
  #conns: Deno.Conn[] = [];

  private constructor(cert: string, listener: Deno.TlsListener) {
    this.#cert = cert;
    this.#listener = listener;
    this.sockets = NativeSockets.open().sockets;
  }

  static async open(): Promise<Host> {
    const { cert, key } = await certificateForLocalhost();
    return new Host(cert, Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }));
  }

  /** How many of its connections have a socket. */
  get open(): number {
    return this.sockets!.connectionsOf(this.#listener.addr as Deno.NetAddr).length;
  }

  /** By somebody who says nothing. */
  isVisited(): Promise<{ conn: Deno.Conn; peer: Deno.Conn }> {
    return this.#welcome(Deno.connect(this.#address));
  }

  async isVisitedOverTls(): Promise<{ conn: Deno.Conn; peer: Deno.Conn }> {
    const visit = this.#welcome(Deno.connectTls({ ...this.#address, caCerts: [this.#cert] }));
    const both = await visit;
    await Promise.all([
      (both.conn as Deno.TlsConn).handshake(),
      (both.peer as Deno.TlsConn).handshake(),
    ]);
    return both;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) closeIfOpen(conn);
    this.sockets?.[Symbol.dispose]();
    return Promise.resolve();
  }

  get #address(): { hostname: string; port: number } {
    return { hostname: "127.0.0.1", port: this.#listener.addr.port };
  }

  async #welcome(coming: Promise<Deno.Conn>): Promise<{ conn: Deno.Conn; peer: Deno.Conn }> {
    const [conn, peer] = await Promise.all([this.#listener.accept(), coming]);
    this.#conns.push(conn, peer);
    return { conn, peer };
  }
}

/** Writes until no write ends any more. */
function writesUntilStuck(conn: Deno.Conn): { stuck: Promise<void>; over: Promise<void> } {
  const chunk = new Uint8Array(65_536);
  const { promise: stuck, resolve } = Promise.withResolvers<void>();
  const over = (async () => {
    for (let count = 0; count < 1_000; count++) {
      const timer = setTimeout(resolve, 300);
      try {
        await conn.write(chunk);
      } catch {
        return; // closed, as it should be
      } finally {
        clearTimeout(timer);
      }
    }
    ok(false, "the write never got stuck");
  })();
  return { stuck, over };
}

function closeIfOpen(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // closed already
  }
}
