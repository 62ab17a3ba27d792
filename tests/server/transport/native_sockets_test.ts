import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
  ok,
  strictEqual as equal,
} from "node:assert/strict";
import { type ConnectionEnds, NativeSockets } from "../../../server/transport/native_sockets.ts";
import { optionsOf } from "../../support/socket_options.ts";
import { certificateForLocalhost } from "./_tls.ts";
import { ask, closeWebSocket, openWebSocket, upgradeToEcho } from "./_web_socket.ts";

/** Elsewhere the system has not been tried; IPv6 is not on every machine. */
const onLinux = { ignore: Deno.build.os !== "linux" };
const withIpv6 = {
  ignore: onLinux.ignore || !Deno.networkInterfaces().some(({ address }) => address === "::1"),
};

Deno.test(
  "without --allow-ffi there are none, and the reason is told",
  { permissions: { ffi: false } },
  () => {
    const { sockets, missing } = NativeSockets.open();
    equal(sockets, undefined);
    match(missing ?? "", /^Cannot call the system on sockets: this takes --allow-ffi; .*[^.]$/);
  },
);

Deno.test("the limit of open files is told", onLinux, () => {
  using sockets = openSockets();
  ok(sockets.openFileLimit()! >= 64);
});

Deno.test("what a listener is tuned to, the connections inherit that it accepts", onLinux, async () => {
  using sockets = openSockets();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  equal(sockets.tuneListener(addressOf(listener), { stalledMs: 12_345 }), 1);
  using _client = await Deno.connect({ hostname: "127.0.0.1", port: addressOf(listener).port });
  using _accepted = await listener.accept();
  const [accepted] = sockets.connectionsOf(addressOf(listener));
  deepEqual(optionsOf(accepted!.fd), {
    noDelay: 1,
    keepAlive: 1,
    keepAliveAfterSeconds: 30,
    keepAliveEverySeconds: 10,
    keepAliveProbes: 3,
    stalledMs: 14_345,
  });
});

Deno.test("connections that were accepted before are tuned as well, and no others", onLinux, async () => {
  using sockets = openSockets();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using elsewhere = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  sockets.tuneListener(addressOf(elsewhere), { stalledMs: 30_000 });
  using _client = await Deno.connect({ hostname: "127.0.0.1", port: addressOf(listener).port });
  using _accepted = await listener.accept();
  using _otherClient = await Deno.connect({ hostname: "127.0.0.1", port: addressOf(elsewhere).port });
  using _otherAccepted = await elsewhere.accept();
  equal(sockets.tuneConnections(addressOf(listener), { stalledMs: 12_345 }), 1);
  const stalledMsAt = (listener: Deno.NetAddr) => optionsOf(sockets.connectionsOf(listener)[0]!.fd).stalledMs;
  deepEqual([stalledMsAt(addressOf(listener)), stalledMsAt(addressOf(elsewhere))], [14_345, 32_000]);
});

Deno.test("both of two listeners that share a port are tuned", onLinux, () => {
  using sockets = openSockets();
  using one = Deno.listen({ hostname: "127.0.0.1", port: 0, reusePort: true });
  using _other = Deno.listen({ hostname: "127.0.0.1", port: addressOf(one).port, reusePort: true });
  equal(sockets.tuneListener(addressOf(one)), 2);
});

Deno.test("where nobody listens nothing is tuned", onLinux, () => {
  using sockets = openSockets();
  equal(sockets.tuneListener({ transport: "tcp", hostname: "127.0.0.1", port: 1 }), 0);
});

Deno.test("a tuned listener ends a response that its client does not read", onLinux, async () => {
  using sockets = openSockets();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(new Uint8Array(32 * 1024 * 1024)),
  );
  equal(sockets.tuneListener(server.addr, { stalledMs: 300 }), 1);
  using client = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
  await client.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  await until(() => sockets.connectionsOf(server.addr).length === 1);
  await until(() => sockets.connectionsOf(server.addr).length === 0);
});

Deno.test("a listener's connections are listed as both ends see them, and no others", onLinux, async () => {
  using sockets = openSockets();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = addressOf(listener);
  using elsewhere = Deno.listen({ hostname: "127.0.0.2", port });
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  using _accepted = await listener.accept();
  using _otherClient = await Deno.connect({ hostname: "127.0.0.2", port });
  using _otherAccepted = await elsewhere.accept();
  deepEqual(sockets.connectionsOf(addressOf(listener)).map(ends), [
    { local: { ...client.remoteAddr }, remote: { ...client.localAddr } },
  ]);
});

Deno.test("connections are listed though no file can be opened any more", onLinux, async () => {
  const script = new URL("_few_files.ts", import.meta.url).pathname;
  const args = ["run", "--quiet", "--allow-all", script];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  equal(new TextDecoder().decode(stdout), "true 100 100\n");
});

Deno.test("what is sent past Deno arrives, and nothing is sent to who is gone", onLinux, async () => {
  using sockets = openSockets();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await Deno.connect({ hostname: "127.0.0.1", port: addressOf(listener).port });
  using _accepted = await listener.accept();
  const { fd } = sockets.connectionsOf(addressOf(listener))[0]!;
  equal(sockets.send(fd, new TextEncoder().encode("busy")), true);
  equal(sockets.shutdown(fd), true);
  equal(sockets.send(fd, new TextEncoder().encode("still busy")), false);
  equal(await new Response(client.readable).text(), "busy");
});

Deno.test(
  "what has come over a connection is counted, and nothing where there is none",
  onLinux,
  async () => {
    using sockets = openSockets();
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using client = await Deno.connect({ hostname: "127.0.0.1", port: addressOf(listener).port });
    using accepted = await listener.accept();
    const { fd } = sockets.connectionsOf(addressOf(listener))[0]!;
    equal(sockets.receivedBytes(fd), 0);
    await client.write(new Uint8Array(5_000));
    await accepted.read(new Uint8Array(10_000));
    equal(sockets.receivedBytes(fd), 5_000);
    equal(sockets.receivedBytes(1_000_000), undefined);
  },
);

const families: [name: string, listenOn: string, connectTo: string, options: { ignore: boolean }][] = [
  ["IPv4", "127.0.0.1", "127.0.0.1", onLinux],
  ["IPv4 on all addresses", "0.0.0.0", "127.0.0.1", onLinux],
  ["IPv6", "::1", "::1", withIpv6],
  ["IPv6 on all addresses", "::", "::1", withIpv6],
  ["IPv4 on a listener for both", "::", "127.0.0.1", withIpv6],
];

for (const [name, listenOn, connectTo, options] of families) {
  Deno.test(`of two connections the one that is meant is shut down: ${name}`, options, async () => {
    using sockets = openSockets();
    using listener = Deno.listen({ hostname: listenOn, port: 0 });
    const to = { hostname: connectTo, port: addressOf(listener).port };
    using meant = await Deno.connect(to);
    using meantAccepted = await listener.accept();
    using other = await Deno.connect(to);
    using otherAccepted = await listener.accept();
    equal(sockets.connectionsOf(addressOf(listener)).length, 2);
    equal(sockets.shutdownConnections([endsOf(meantAccepted)]), 1);
    equal(await meant.read(new Uint8Array(1)), null);
    await otherAccepted.write(new TextEncoder().encode("!"));
    equal(await other.read(new Uint8Array(1)), 1);
  });
}

for (const [name, listenOn, connectTo, options] of families) {
  Deno.test(`a connection is found by its listener's address as well: ${name}`, options, async () => {
    using sockets = openSockets();
    using listener = Deno.listen({ hostname: listenOn, port: 0 });
    const local = addressOf(listener);
    using client = await Deno.connect({ hostname: connectTo, port: local.port });
    using accepted = await listener.accept();
    equal(sockets.shutdownConnections([{ local, remote: endsOf(accepted).remote }]), 1);
    equal(await client.read(new Uint8Array(1)), null);
  });
}

Deno.test("connections that do not exist are not found", onLinux, () => {
  using sockets = openSockets();
  const local: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
  equal(sockets.shutdownConnections([{ local, remote: { ...local, port: 2 } }]), 0);
});

Deno.test(
  "half-open TLS handshakes let go of their sockets, which close() alone leaves open",
  onLinux,
  async () => {
    using sockets = openSockets();
    using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...await certificateForLocalhost() });
    const silent = await connect(listener, 8);
    const handshakes = silent.accepted.map((conn) => conn.handshake().catch(() => {}));
    const open = silent.accepted.map((conn) => socketOf(sockets, conn));
    silent.accepted[0]!.close();
    equal(sockets.shutdownConnections(silent.accepted.map(endsOf)), 8, "the closed one is still open");
    for (const conn of silent.accepted.slice(1)) conn.close();
    await Promise.all(handshakes);
    await until(() => open.every(({ isOpen }) => !isOpen()));
    for (const client of silent.clients) client.close();
  },
);

Deno.test("writes that a peer does not read let go of their sockets", onLinux, async () => {
  using sockets = openSockets();
  const tls = await certificateForLocalhost();
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...tls });
  const { port } = addressOf(listener);
  const accepting = listener.accept();
  using _client = await Deno.connectTls({ hostname: "localhost", port, caCerts: [tls.cert] });
  const accepted = await accepting;
  let bytesWritten = 0;
  const writing = (async () => {
    for (;;) bytesWritten += await accepted.write(new Uint8Array(65_536));
  })().catch(() => {});
  await until(standsStill(() => bytesWritten));
  const { isOpen } = socketOf(sockets, accepted);
  equal(sockets.shutdownConnections([endsOf(accepted)]), 1);
  accepted.close();
  await writing;
  await until(() => !isOpen());
});

Deno.test("a listener shut down gives way to the next, and its WebSockets stay", onLinux, async () => {
  using sockets = openSockets();
  const old = serveEcho("old", 0);
  const ended = old.finished.then(() => "finished", () => "failed");
  const socket = await openWebSocket(old.addr.port);
  equal(await ask(socket, "before"), "old before");

  const oldListeners = sockets.listenersOn(old.addr);
  await using _new = serveEcho("new", old.addr.port);
  equal(sockets.shutdownListeners(old.addr, oldListeners), 1);
  equal(sockets.shutdownListeners(old.addr, oldListeners), 0, "it listens no more");
  equal(await ended, "failed");

  equal(await ask(socket, "after"), "old after");
  const newSocket = await openWebSocket(old.addr.port);
  equal(await ask(newSocket, "hello"), "new hello");
  await Promise.all([closeWebSocket(socket), closeWebSocket(newSocket)]);
  await old.shutdown(); // lets go of the rest
});

function openSockets(): NativeSockets {
  const { sockets, missing } = NativeSockets.open();
  return sockets ?? failWith(missing!);
}

function failWith(message: string): never {
  throw new Error(message);
}

function addressOf(listener: Deno.Listener<Deno.Conn>): Deno.NetAddr {
  return listener.addr as Deno.NetAddr;
}

function endsOf(conn: Deno.Conn): ConnectionEnds {
  return { local: conn.localAddr as Deno.NetAddr, remote: conn.remoteAddr as Deno.NetAddr };
}

function ends({ local, remote }: ConnectionEnds): ConnectionEnds {
  return { local, remote };
}

async function connect(listener: Deno.TlsListener, count: number) {
  const clients: Deno.Conn[] = [];
  const accepted: Deno.TlsConn[] = [];
  for (let i = 0; i < count; i++) {
    clients.push(await Deno.connect({ hostname: "127.0.0.1", port: addressOf(listener).port }));
    accepted.push(await listener.accept());
  }
  return { clients, accepted };
}

/** The socket under a connection, as the system knows it; the number alone might come back with another one. */
function socketOf(sockets: NativeSockets, conn: Deno.Conn): { isOpen: () => boolean } {
  const { local, remote } = endsOf(conn);
  const found = sockets.connectionsOf(local).find((each) => each.remote.port === remote.port);
  const link = `/proc/self/fd/${found?.fd}`;
  const socket = Deno.readLinkSync(link);
  notEqual(socket, "");
  return { isOpen: () => linkTarget(link) === socket };
}

function linkTarget(link: string): string | undefined {
  try {
    return Deno.readLinkSync(link);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether a number has stayed the same over ten looks. */
function standsStill(read: () => number): () => boolean {
  let last = -1;
  let looks = 0;
  return () => {
    looks = read() === last ? looks + 1 : 0;
    last = read();
    return looks > 10;
  };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) failWith("it has not come true within 10 s");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function serveEcho(name: string, port: number): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port, reusePort: true, onListen() {} };
  return Deno.serve(options, (request) => upgradeToEcho(request, name));
}
