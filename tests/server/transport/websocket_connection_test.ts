import { deepStrictEqual as deepEqual, fail, ok, strictEqual as equal } from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import type { LeaveReason } from "../../../server/chat/event.ts";
import type { Receiver } from "../../../server/session/connection.ts";
import { Closer } from "../../../server/transport/closer.ts";
import { MessageTexts } from "../../../server/transport/_message_texts.ts";
import { NativeSockets } from "../../../server/transport/native_sockets.ts";
import { PostOffice } from "../../../server/transport/outbox.ts";
import { WebSocketConnection } from "../../../server/transport/websocket_connection.ts";
import { BareWebSocket, FRAME } from "./_bare_web_socket.ts";
import { closeWebSocket, openWebSocket } from "./_web_socket.ts";

const LIMITS = {
  lineBytes: 4_096, // of a typed line; in JSON it may be four times as long
  bytesPerSecond: 0,
  outboxBytes: 262_144,
  outboxTotalBytes: 1_048_576,
  stallMs: 30_000,
  idleSeconds: 60,
};

/** Elsewhere nothing ends a peer that does not read. */
const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("each text message is a line, and the end is told with its reason, once", async () => {
  await using host = Host.open();
  const peer = await openWebSocket(host.port);
  peer.send("one");
  peer.send("");
  peer.send('{\n  "type": "ping"\n}');
  deepEqual([await host.next(), await host.next(), await host.next()], ["one", "", '{\n  "type": "ping"\n}']);
  await closeWebSocket(peer);
  equal(await host.next(), "closed: quit");
  await host.over;
  deepEqual(host.rest, []);
});

Deno.test("a message in fragments is one line", async () => {
  await using host = Host.open();
  using peer = await BareWebSocket.open(host.port);
  await peer.sends(FRAME.text, "o", { final: false });
  await peer.sends(FRAME.continuation, "n", { final: false });
  await peer.sends(FRAME.continuation, "e");
  equal(await host.next(), "one");
});

Deno.test("the next line is told when the one before is dealt with", async () => {
  await using host = Host.open();
  const peer = await openWebSocket(host.port);
  const busy = host.isBusyWith("one");
  for (const text of ["one", "two", "three"]) peer.send(text);
  equal(await host.next(), "one");
  await eventually("all has come", () => host.receivedBytes === 11);
  deepEqual(host.rest, []);
  busy.resolve();
  deepEqual([await host.next(), await host.next()], ["two", "three"]);
  await closeWebSocket(peer);
});

Deno.test("a line is too long by its bytes, not by its characters", async () => {
  await using host = Host.open();
  const peer = await openWebSocket(host.port);
  const longest = "é".repeat(8_192);
  for (const text of [longest, `${longest}x`, "x".repeat(500_000), "next"]) peer.send(text);
  equal(await host.next(), longest);
  deepEqual([await host.next(), await host.next(), await host.next()], ["too long", "too long", "next"]);
  equal(host.receivedBytes, 16_384 + 16_385 + 500_000 + 4);
  await closeWebSocket(peer);
});

Deno.test("lines are handed on no faster than is allowed, and none is lost", async () => {
  const bytesPerSecond = 64 * 1_024;
  await using host = Host.open({ bytesPerSecond });
  const peer = await openWebSocket(host.port);
  const line = "x".repeat(1_024);
  const startedAt = performance.now();
  for (let count = 0; count < 128; count++) peer.send(line);
  for (let count = 0; count < 128; count++) equal(await host.next(), line);
  const tookMs = performance.now() - startedAt;
  // the first second's worth comes at once, and the last line is paid for afterwards
  const leastMs = (128 - 64 - 1) * 1_024 / bytesPerSecond * 1_000;
  ok(tookMs >= leastMs - 50, `${tookMs} ms for 128 KiB, at least ${leastMs} ms`);
  await closeWebSocket(peer);
});

Deno.test("who sends what is not taken is told why, and closed", async () => {
  const cases: [message: string | Uint8Array<ArrayBuffer>, code: number][] = [
    [new Uint8Array(1), 1003],
    ["x".repeat(1_048_577), 1009],
  ];
  for (const [message, code] of cases) {
    await using host = Host.open();
    const peer = await openWebSocket(host.port);
    peer.send(message);
    equal((await closing(peer)).code, code);
    equal(await host.next(), "closed: kicked");
  }
});

Deno.test("who sends more than may wait is closed", async () => {
  const cases: [message: string, times: number][] = [["x".repeat(1_024), 300], ["", 4_200]];
  for (const [message, times] of cases) {
    await using host = Host.open();
    const peer = await openWebSocket(host.port);
    host.isBusyWith("hello");
    peer.send("hello");
    equal(await host.next(), "hello");
    for (let count = 0; count < times; count++) peer.send(message);
    await closing(peer); // the code may be lost, for much was sent after it
    equal(await host.next(), "closed: kicked", `${times} messages`);
  }
});

Deno.test("half of what may wait, sent at once, is taken", async () => {
  await using host = Host.open();
  const peer = await openWebSocket(host.port);
  const busy = host.isBusyWith("0");
  for (let count = 0; count < 2_000; count++) peer.send(`${count}`);
  await eventually("all has come", () => host.messages === 2_000);
  busy.resolve();
  for (let count = 0; count < 2_000; count++) equal(await host.next(), `${count}`);
  await closeWebSocket(peer);
});

Deno.test("each line is a message, however many are sent in one go", async () => {
  await using host = Host.open();
  const peer = await openWebSocket(host.port);
  const messages = reading(peer);
  const connection = await host.connected();
  connection.send(encode('{"type":"pong"}\n'));
  connection.send(encode('{"text":"é"}\n{"text":"\\n"}\n'));
  connection.send(encode("no ending"));
  connection.end("quit");
  await closing(peer);
  deepEqual(messages, ['{"type":"pong"}', '{"text":"é"}', '{"text":"\\n"}', "no ending"]);
  equal(await host.next(), "closed: quit");
});

Deno.test("to who takes lines together the last words are sent before the end", async () => {
  await using host = Host.open({ together: true });
  const peer = await openWebSocket(host.port);
  const messages = reading(peer);
  const connection = await host.connected();
  const startedAt = performance.now();
  for (const line of ["one\n", "two\nthree\n", "Goodbye.\n"]) connection.send(encode(line));
  connection.end("quit");
  equal((await closing(peer)).code, 1000);
  deepEqual(messages, ["one\ntwo\nthree\nGoodbye."]);
  ok(performance.now() - startedAt < 5_000);
  equal(await host.next(), "closed: quit");
});

Deno.test("who takes lines together and does not read is closed as too slow, too", onLinux, async () => {
  await using host = Host.open({ together: true, outboxBytes: 1_000_000 }); // of which eight times as much may be pushed
  using _peer = await BareWebSocket.open(host.port);
  stall(await host.connected());
  equal(await host.next(), "closed: too slow");
  await eventually("its socket is free", () => host.open === 0);
});

Deno.test("the peer is told by a code why the connection ends", async () => {
  const cases: [LeaveReason, number][] = [
    ["quit", 1000],
    ["shutdown", 1001],
    ["kicked", 1008],
    ["timeout", 1008],
    ["too slow", 1013],
  ];
  for (const [reason, code] of cases) {
    await using host = Host.open();
    const peer = await openWebSocket(host.port);
    (await host.connected()).end(reason);
    const event = await closing(peer);
    deepEqual([event.code, event.reason, event.wasClean], [code, reason, true]);
    equal(await host.next(), `closed: ${reason}`);
  }
});

Deno.test("the last words are read before the connection ends, whatever the peer says meanwhile", async () => {
  await using host = Host.open({ outboxBytes: 10_000_000 });
  using peer = await BareWebSocket.open(host.port);
  const connection = await host.connected();
  for (let count = 0; count < 500; count++) connection.send(encode("x".repeat(20_000) + "\n")); // past the kernel's buffers
  connection.send(encode("Goodbye.\n"));
  ok(connection.waitingBytes > 1_000_000);
  connection.end("shutdown");
  await peer.sends(FRAME.text, "not yet");
  for (let count = 0; count < 500; count++) equal((await peer.reads())?.payload.length, 20_000);
  equal(decode((await peer.reads())?.payload), "Goodbye.");
  equal((await peer.reads())?.kind, FRAME.close);
  equal(await host.next(), "closed: shutdown");
});

Deno.test("a peer that does not agree to the end is closed soon after", onLinux, async () => {
  await using host = Host.open();
  using peer = await BareWebSocket.open(host.port);
  (await host.connected()).end("kicked");
  equal((await peer.reads())?.kind, FRAME.close);
  equal(await peer.reads(), undefined);
  equal(await host.next(), "closed: kicked");
  await eventually("its socket is free", () => host.open === 0);
});

Deno.test("a peer that does not read its last words is closed after a while", onLinux, async () => {
  await using host = Host.open({ outboxBytes: 10_000_000, outboxTotalBytes: 10_000_000 });
  using _peer = await BareWebSocket.open(host.port);
  const connection = await host.connected();
  stall(connection);
  connection.end("shutdown");
  const endedAt = performance.now();
  equal(await host.next(), "closed: shutdown");
  ok(performance.now() - endedAt < 7_000);
  await eventually("its socket is free", () => host.open === 0);
});

Deno.test("who lets too much pile up is closed as too slow, and its socket is freed", onLinux, async () => {
  await using host = Host.open();
  using _peer = await BareWebSocket.open(host.port);
  const connection = await host.connected();
  stall(connection);
  equal(await host.next(), "closed: too slow");
  await eventually("its socket is free", () => host.open === 0);
});

Deno.test("a write that makes no progress is given up", onLinux, async () => {
  await using host = Host.open({ outboxBytes: 10_000_000, outboxTotalBytes: 10_000_000, stallMs: 1_000 });
  using _peer = await BareWebSocket.open(host.port);
  stall(await host.connected());
  equal(await host.next(), "closed: timeout");
  await eventually("its socket is free", () => host.open === 0);
});

Deno.test("a peer that says goodbye, and does not read, is gone all the same", onLinux, async () => {
  await using host = Host.open({ outboxBytes: 10_000_000, outboxTotalBytes: 10_000_000, stallMs: 1_000 });
  using peer = await BareWebSocket.open(host.port);
  stall(await host.connected());
  await peer.sends(FRAME.close);
  equal(await host.next(), "closed: timeout");
  await eventually("its socket is free", () => host.open === 0);
});

Deno.test("a peer that answers no ping is closed, and one that does is not", async () => {
  await using host = Host.open({ idleSeconds: 0.4 });
  using peer = await BareWebSocket.open(host.port);
  for (let count = 0; count < 3; count++) {
    equal((await peer.reads())?.kind, FRAME.ping);
    await peer.sends(FRAME.pong);
  }
  deepEqual(host.rest, []);
  equal((await peer.reads())?.kind, FRAME.ping);
  equal((await peer.reads())?.kind, FRAME.close);
  equal(await peer.reads(), undefined);
  equal(await host.next(), "closed: timeout");
  await host.over;
  deepEqual(host.rest, []);
});

Deno.test("who vanishes has left", async () => {
  await using host = Host.open();
  const peer = await BareWebSocket.open(host.port);
  const connection = await host.connected();
  peer[Symbol.dispose]();
  equal(await host.next(), "closed: quit");
  connection.send(encode("too late\n"));
  connection.end("kicked");
});

Deno.test("what is no WebSocket any more has left", async () => {
  const cases: [what: string, kind: number, payload: Uint8Array<ArrayBuffer>][] = [
    ["invalid UTF-8", FRAME.text, Uint8Array.of(0xff, 0xfe)],
    ["a kind that nobody knows", 5, new Uint8Array(0)],
    ["a fragment of nothing", FRAME.continuation, new Uint8Array(0)],
    ["a ping that is too long", FRAME.ping, new Uint8Array(126)],
  ];
  for (const [what, kind, payload] of cases) {
    await using host = Host.open();
    using peer = await BareWebSocket.open(host.port);
    await peer.sends(kind, payload);
    equal(await host.next(), "closed: quit", what);
    await peer.readsToTheEnd();
  }
});

Deno.test("an upgrade that never ends is given up", async () => {
  using post = new PostOffice(LIMITS);
  using closer = new Closer(undefined);
  let closed = 0;
  const socket = { readyState: WebSocket.CONNECTING, bufferedAmount: 0, close: () => closed++ };
  const address = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const connection = new WebSocketConnection(
    socket as unknown as WebSocket,
    { program: "a program", ends: { local: address, remote: address } },
    { post, closer, texts: new MessageTexts(), limits: LIMITS },
  );
  await connection.read(() => fail("there is nobody to receive anything"));
  equal(closed, 1);
});

type HostOptions = typeof LIMITS & { together: boolean };

/** A server with one connection under test, and what its receiver is told. */
class Host implements AsyncDisposable {
  readonly rest: string[] = [];
  receivedBytes = 0;
  messages = 0;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #sockets = NativeSockets.open().sockets;
  #closer = new Closer(this.#sockets);
  #post: PostOffice;
  #told = Promise.withResolvers<void>();
  #connected = Promise.withResolvers<WebSocketConnection>();
  #over = Promise.withResolvers<void>();
  #busyWith: { line: string; done: PromiseWithResolvers<void> } | undefined;

  private constructor({ together, ...limits }: HostOptions) {
    this.#post = new PostOffice(limits);
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(
      options,
      (request, { remoteAddr }) => this.#upgrade(request, remoteAddr, { ...limits, together }),
    );
  }

  static open(options: Partial<HostOptions> = {}): Host {
    return new Host({ ...LIMITS, together: false, ...options });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** How many sockets the server has open. */
  get open(): number {
    return this.#sockets?.connectionsOf(this.#server.addr).length ?? 0;
  }

  /** Settles when there is nothing more to read. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  connected(): Promise<WebSocketConnection> {
    return this.#connected.promise;
  }

  /** The next thing that the connection tells. */
  async next(): Promise<string> {
    while (this.rest.length === 0) {
      this.#told = Promise.withResolvers();
      await this.#told.promise;
    }
    return this.rest.shift()!;
  }

  /** From now on the receiver is busy with such a line until it is let go on. */
  isBusyWith(line: string): PromiseWithResolvers<void> {
    this.#busyWith = { line, done: Promise.withResolvers() };
    return this.#busyWith.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { fd } of this.#sockets?.connectionsOf(this.#server.addr) ?? []) this.#sockets?.shutdown(fd);
    await this.#server.shutdown();
    await this.#over.promise;
    this.#closer[Symbol.dispose]();
    this.#post[Symbol.dispose]();
    this.#sockets?.[Symbol.dispose]();
  }

  #upgrade(request: Request, remote: Deno.NetAddr, { together, ...limits }: HostOptions): Response {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: limits.idleSeconds });
    const connection = new WebSocketConnection(socket, {
      program: "a program",
      ends: { local: this.#server.addr, remote },
      together,
    }, {
      post: this.#post,
      closer: this.#closer,
      texts: new MessageTexts(),
      limits,
    });
    void connection.read(() => this.#receiver(connection)).then(this.#over.resolve);
    return response;
  }

  #receiver(connection: WebSocketConnection): Receiver {
    this.#connected.resolve(connection);
    return {
      received: (bytes) => {
        this.receivedBytes += bytes;
        this.messages++;
      },
      line: (text) => {
        this.#tell(text);
        if (text === this.#busyWith?.line) return this.#busyWith.done.promise;
      },
      lineTooLong: () => this.#tell("too long"),
      settled: () => Promise.resolve(),
      closed: (reason: LeaveReason) => this.#tell(`closed: ${reason}`),
    };
  }

  #tell(what: string): void {
    this.rest.push(what);
    this.#told.resolve();
  }
}

/** Sends as much as the kernel does not take off our hands, and some more. */
function stall(connection: WebSocketConnection): void {
  for (let count = 0; count < 120; count++) connection.send(encode("x".repeat(60_000) + "\n"));
  ok(connection.waitingBytes > 0);
}

/** The messages that come, as they come. */
function reading(peer: WebSocket): string[] {
  const messages: string[] = [];
  peer.onmessage = ({ data }) => messages.push(data);
  return messages;
}

function closing(peer: WebSocket): Promise<CloseEvent> {
  return new Promise((resolve) => peer.onclose = resolve);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
