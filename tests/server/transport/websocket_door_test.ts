import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import type { Connection } from "../../../server/session/connection.ts";
import { Counts } from "../../../server/telemetry/counts.ts";
import { Closer } from "../../../server/transport/closer.ts";
import { ConnectionLimit } from "../../../server/transport/connection_limit.ts";
import { NativeSockets } from "../../../server/transport/native_sockets.ts";
import { PostOffice } from "../../../server/transport/outbox.ts";
import { WebSocketDoor } from "../../../server/transport/websocket_door.ts";
import { BareWebSocket, FRAME } from "./_bare_web_socket.ts";
import { closeWebSocket, openWebSocket } from "./_web_socket.ts";

const LIMITS = {
  pingMs: 30_000,
  lineBytes: 4_096,
  bytesPerSecond: 65_536,
  outboxBytes: 262_144,
  outboxTotalBytes: 1_048_576,
  stallMs: 30_000,
  maxConnections: 2,
  connectionsPerAddress: 1,
  newConnectionsPerMinute: 0,
};

const LOCAL: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 0 };

Deno.test("a visitor gets a session, which learns of the token and of what is said", async () => {
  await using house = House.open();
  const peer = await openWebSocket(house.port);
  peer.send("hello");
  await eventually("it is heard", () => house.told.length === 2);
  await closeWebSocket(peer);
  await eventually("it is seen off", () => house.told.length === 3);
  deepEqual(house.told, ["token: abc", "hello", "closed: quit"]);
});

Deno.test("who asks for several lines in one message is told that they come so, and nobody else", async () => {
  const cases: [asked: string[], answered: string | undefined][] = [
    [[], undefined],
    [["Sec-WebSocket-Protocol: chat"], undefined],
    [["Sec-WebSocket-Protocol: parley.lines2, Parley.lines"], undefined],
    [["Sec-WebSocket-Protocol: parley.lines"], "parley.lines"],
    [["Sec-WebSocket-Protocol: chat,parley.lines"], "parley.lines"],
    [["Sec-WebSocket-Protocol: parley.lines , chat"], "parley.lines"],
    [["Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: parley.lines"], "parley.lines"],
  ];
  await using house = House.open();
  for (const [headers, answered] of cases) {
    const peer = await BareWebSocket.open(house.port, { headers });
    equal(peer.protocol, answered, headers.join());
    await house.says("one\n", "two\n");
    const messages = answered === undefined ? ["one", "two"] : ["one\ntwo"];
    for (const message of messages) equal(new TextDecoder().decode((await peer.reads())?.payload), message);
    peer[Symbol.dispose]();
    await eventually("it is seen off", () => house.told.at(-1) === "closed: quit");
  }
});

Deno.test("visitors count as connections until they leave", async () => {
  await using house = House.open();
  const peers = [await openWebSocket(house.port), await openWebSocket(house.port)];
  equal(house.limit.admit("127.0.0.1")?.code, "server_full");
  const refused = await fetch(`http://127.0.0.1:${house.port}/`);
  deepEqual([refused.status, await refused.text()], [503, "server_full"]);
  for (const peer of peers) await closeWebSocket(peer);
  await eventually("there is room again", () => house.limit.admit("127.0.0.1") === undefined);
});

Deno.test("one that is not let in, or asks for no WebSocket, takes no place", async () => {
  await using house = House.open();
  house.limit.admit("192.0.2.1");
  const remote: Deno.NetAddr = { ...LOCAL, hostname: "192.0.2.1" };
  const visit = { ends: { local: LOCAL, remote }, token: undefined };
  throws(() => house.door.accept(new Request("http://localhost/"), visit), { code: "too_many_connections" });
  house.limit.release("192.0.2.1");
  for (let count = 0; count < 3; count++) {
    throws(() => house.door.accept(new Request("http://localhost/"), visit), TypeError);
  }
  equal(house.limit.admit("192.0.2.1"), undefined);
});

Deno.test("at the end all are told, and nobody is let in any more", async () => {
  await using house = House.open();
  const polite = await openWebSocket(house.port);
  const messages: string[] = [];
  polite.onmessage = ({ data }) => messages.push(data);
  const closed = new Promise<CloseEvent>((resolve) => polite.onclose = resolve);
  using silent = await BareWebSocket.open(house.port);
  house.door.close();
  equal(await (await fetch(`http://127.0.0.1:${house.port}/`)).text(), "shutting_down");
  const startedAt = performance.now();
  await house.door.endAll("Server is shutting down.", 5_000);
  ok(performance.now() - startedAt < 2_000, "not waited for longer than they take");
  deepEqual([messages, (await closed).code], [["Server is shutting down."], 1001]);
  equal((await silent.reads())?.kind, FRAME.text);
  equal((await silent.reads())?.kind, FRAME.close);
  deepEqual(house.told.slice(-2), ["closed: shutdown", "closed: shutdown"]);
});

Deno.test("at the end nobody is waited for longer than is said", async () => {
  await using house = House.open();
  using _silent = await BareWebSocket.open(house.port); // takes half a second to be closed
  const startedAt = performance.now();
  await house.door.endAll("Server is shutting down.", 50);
  ok(performance.now() - startedAt < 400);
});

Deno.test("where nobody is, the end is at once", async () => {
  await using house = House.open();
  await house.door.endAll("Server is shutting down.", 60_000);
});

Deno.test("a message without end is cut off before it fills the memory", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using house = House.open();
  using peer = await BareWebSocket.open(house.port);
  await peer.sends(FRAME.text, "x".repeat(2_000_000), { final: false });
  await peer.readsToTheEnd();
  await eventually("it is seen off", () => house.told.at(-1) === "closed: kicked");
});

/** A server with a door, whose sessions write down what they are told. */
class House implements AsyncDisposable {
  readonly told: string[] = [];
  readonly limit = new ConnectionLimit(LIMITS);
  readonly door: WebSocketDoor;
  #sockets = NativeSockets.open().sockets;
  #closer = new Closer(this.#sockets);
  #post = new PostOffice(LIMITS);
  #latest: Connection | undefined;
  #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor() {
    this.door = new WebSocketDoor({
      post: this.#post,
      closer: this.#closer,
      limit: this.limit,
      sockets: this.#sockets,
      limits: LIMITS,
      counts: new Counts().doors.WebSocket,
      begin: (connection, token) => {
        this.told.push(`token: ${token}`);
        this.#latest = connection;
        return {
          received() {},
          line: (text) => void this.told.push(text),
          lineTooLong() {},
          settled: () => Promise.resolve(),
          closed: (reason) => this.told.push(`closed: ${reason}`),
          end(sentence, reason) {
            connection.send(new TextEncoder().encode(`${sentence}\n`));
            connection.end(reason);
          },
        };
      },
    });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request, { remoteAddr }) => {
        try {
          const ends = { local: this.#server.addr, remote: remoteAddr };
          return this.door.accept(request, { ends, token: "abc" });
        } catch (error) {
          return new Response((error as { code: string }).code, { status: 503 });
        }
      },
    );
  }

  static open(): House {
    return new House();
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Sends lines to the latest visitor, all in one go. */
  async says(...lines: readonly string[]): Promise<void> {
    await eventually("it is in", () => this.told.at(-1)?.startsWith("token: ") === true);
    for (const line of lines) this.#latest!.send(new TextEncoder().encode(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.door.endAll("The test is over.", 1_000);
    await this.#server.shutdown();
    this.door[Symbol.dispose]();
    this.#closer[Symbol.dispose]();
    this.#post[Symbol.dispose]();
    this.#sockets?.[Symbol.dispose]();
  }
}
