import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { Person } from "../../support/person.ts";
import type { LeaveReason } from "../../../server/chat/event.ts";
import type { Receiver } from "../../../server/session/connection.ts";
import { Closer } from "../../../server/transport/closer.ts";
import { LineConnection } from "../../../server/transport/line_connection.ts";
import { LinesInTurn } from "../../../server/transport/lines_in_turn.ts";
import { PostOffice } from "../../../server/transport/outbox.ts";

const PEER = { how: "plain", program: "netcat" };

const LIMITS = {
  lineBytes: 4_096,
  bytesPerSecond: 0,
  outboxBytes: 262_144,
  outboxTotalBytes: 1_048_576,
  stallMs: 30_000,
};

/** What a receiver does that waits for nothing but lines. */
const deaf = { received() {}, lineTooLong() {}, settled: () => Promise.resolve() };

Deno.test("lines are told as they come, and the end with its reason, once", async () => {
  await using wire = await Wire.open();
  await wire.peer.sends("one\ntw");
  equal(await wire.next(), "one");
  await wire.peer.sends("o\r\n\nx");
  equal(await wire.next(), "two");
  equal(await wire.next(), "");
  await wire.peer.vanishes();
  equal(await wire.next(), "closed: quit");
  await wire.over;
  deepEqual(wire.rest, [], "what has no line ending was no line, and the end is told once");
});

Deno.test("the next line is told when the one before is dealt with", async () => {
  await using wire = await Wire.open();
  const busy = wire.isBusyWith("one");
  await wire.peer.sends("one\ntwo\n");
  equal(await wire.next(), "one");
  await wire.peer.sends("three\n");
  await wire.connection.send(encode("read?\n"));
  await wire.peer.reads("read?"); // by now the lines would have been told as well
  deepEqual(wire.rest, []);
  busy.resolve();
  equal(await wire.next(), "two");
  equal(await wire.next(), "three");
});

Deno.test("a line that is too long is told once, and those after it are lines again", async () => {
  await using wire = await Wire.open();
  await wire.peer.sends("x".repeat(10_000));
  equal(await wire.next(), "too long");
  await wire.peer.sends("y".repeat(10_000) + "\nnext\n");
  equal(await wire.next(), "next");
});

Deno.test("every byte is counted, whether or not it makes a line", async () => {
  await using wire = await Wire.open();
  await wire.peer.sends("x".repeat(5_000) + "\nnext\n12");
  equal(await wire.next(), "too long");
  equal(await wire.next(), "next");
  await wire.peer.sends("3\n");
  equal(await wire.next(), "123");
  equal(wire.receivedBytes, 5_000 + 6 + 4);
});

Deno.test("bytes are read no faster than is allowed, and none is lost", async () => {
  const bytesPerSecond = 64 * 1_024;
  await using wire = await Wire.open({ bytesPerSecond });
  const line = "x".repeat(1_023) + "\n";
  const startedAt = performance.now();
  const sent = wire.peer.sends(line.repeat(160));
  for (let count = 0; count < 160; count++) equal(await wire.next(), line.slice(0, -1));
  const tookMs = performance.now() - startedAt;
  await sent;
  // the first second's worth comes at once, and the last read of 16 KiB is paid for afterwards
  const leastMs = (160 - 64 - 16) * 1_024 / bytesPerSecond * 1_000;
  ok(tookMs >= leastMs - 50, `${tookMs} ms for 160 KiB, at least ${leastMs} ms`);
});

Deno.test("who is waited for because of the bytes read may be closed all the same", async () => {
  await using wire = await Wire.open({ bytesPerSecond: 1_024 });
  await wire.peer.sends("x\n".repeat(8_192)); // 16 s worth
  equal(await wire.next(), "x");
  wire.connection.end("kicked");
  const endedAt = performance.now();
  equal(await wire.nextOther("x"), "closed: kicked");
  await wire.over;
  const tookMs = performance.now() - endedAt;
  ok(tookMs < 10_000, `${tookMs} ms`);
});

Deno.test("the last words are read before the connection ends", async () => {
  await using wire = await Wire.open();
  wire.connection.send(encode("x".repeat(200_000) + "\n"));
  wire.connection.send(encode("Goodbye.\n"));
  wire.connection.end("quit");
  equal((await wire.peer.readsLine()).length, 200_000);
  await wire.peer.reads("Goodbye.");
  equal(await wire.peer.readsToTheEnd(), "");
  await wire.peer.vanishes();
  equal(await wire.next(), "closed: quit");
});

Deno.test("a peer that does not hang up is closed soon after the last words", async () => {
  await using wire = await Wire.open();
  wire.connection.send(encode("Goodbye.\n"));
  wire.connection.end("shutdown");
  equal(await wire.peer.readsToTheEnd(), "Goodbye.\n");
  equal(await wire.next(), "closed: shutdown"); // the peer's own half is open still
});

Deno.test("who lets too much pile up is closed as too slow", async () => {
  await using wire = await Wire.open();
  while (wire.rest.length === 0) {
    wire.connection.send(encode("x".repeat(60_000)));
    await new Promise((resolve) => setTimeout(resolve));
  }
  equal(await wire.next(), "closed: too slow");
  await wire.over;
});

Deno.test("a reset is an end like any other", async () => {
  await using wire = await Wire.open();
  wire.connection.send(encode("one\ntwo\n"));
  await wire.resets();
  equal(await wire.next(), "closed: quit");
});

Deno.test("a peer that has sent all it wants is answered still", async () => {
  await using wire = await Wire.open();
  const busy = wire.isBusyWith("two");
  await wire.peer.sends("one\ntwo\n");
  await wire.closesItsHalf();
  equal(await wire.next(), "one");
  equal(await wire.next(), "two");
  wire.connection.send(encode("yes?\n"));
  busy.resolve();
  equal(await wire.next(), "closed: quit");
  equal(await wire.peer.readsToTheEnd(), "yes?\n");
});

Deno.test("a peer without line endings ends its messages by pausing, or by leaving", async () => {
  await using wire = await Wire.open();
  await wire.peer.sends("bob");
  equal(await wire.next(), "bob");
  ok(wire.connection.pauseFramed);
  await wire.peer.sends("hello");
  equal(await wire.next(), "hello");
  await wire.peer.sends("bye");
  await wire.closesItsHalf();
  equal(await wire.next(), "bye");
  equal(await wire.next(), "closed: quit");
});

Deno.test("a message that a pause ended waits for the one before it", async () => {
  await using wire = await Wire.open();
  const busy = wire.isBusyWith("one");
  await wire.peer.sends("one");
  equal(await wire.next(), "one");
  await wire.peer.sends("two");
  await new Promise((resolve) => setTimeout(resolve, 200)); // this is how such a client ends a message
  await wire.peer.sends("three\n");
  deepEqual(wire.rest, []);
  busy.resolve();
  deepEqual([await wire.next(), await wire.next()], ["two", "three"]);
});

Deno.test("a peer without line endings gets pieces of 1,024 bytes, none of which looks like its echo", async () => {
  const conn = new RecordingConn();
  using post = new PostOffice(LIMITS);
  const parts = { post, closer: new Closer(undefined), limits: LIMITS };
  const connection = new LineConnection(conn.asConn, { ...PEER, address: "192.0.2.1" }, parts);
  const text = "x".repeat(1_024) + "bob: " + "é".repeat(1_000) + "\n";
  const line = () => {
    connection.avoid(["bob:"]);
    connection.send(encode(text));
  };
  const reading = connection.read(new LinesInTurn({ ...deaf, closed() {}, line }));

  conn.sends("bob");
  const pieces = await conn.isSent(text);
  deepEqual(pieces.map((piece) => encode(piece).length), [1_023, 1_024, 983]);
  ok(pieces[1]!.startsWith("xbob: é"));
  conn.sends("\n"); // a line ending, so that what comes now comes whole
  equal((await conn.isSent(text)).length, 1);
  conn.endsItsHalf();
  await reading;
});

for (const stops of [false, true]) {
  const when = stops ? ", also when the server stops meanwhile" : "";
  Deno.test(`what waits for a peer that has ended its half is written before the end${when}`, async () => {
    const conn = new RecordingConn();
    using post = new PostOffice(LIMITS);
    const parts = { post, closer: new Closer(undefined), limits: LIMITS };
    const connection = new LineConnection(conn.asConn, { ...PEER, address: "192.0.2.1" }, parts);
    const lines = ["x".repeat(50_000), "y".repeat(50_000)]; // a write each
    const line = () => {
      for (const text of lines) connection.send(encode(text));
    };
    let closed = false;
    const reading = connection.read(new LinesInTurn({ ...deaf, closed: () => closed = true, line }));
    conn.isSlow();
    conn.sends("go on\n");
    await conn.isSent(lines[0]!);
    conn.endsItsHalf();
    await new Promise((resolve) => setTimeout(resolve)); // so that it has been read
    equal(closed, false);
    if (stops) connection.end("shutdown");
    conn.takes();
    await conn.isSent(lines[1]!);
    conn.takes();
    await reading;
    ok(closed);
  });
}

/** A connection under test, and who is at its other end. */
class Wire implements AsyncDisposable {
  readonly connection: LineConnection;
  readonly peer: Person;
  receivedBytes = 0;
  /** What was told and not looked at yet. */
  readonly rest: string[] = [];
  /** Settles when there is nothing more to read. */
  readonly over: Promise<void>;
  #conn: Deno.TcpConn;
  #post: PostOffice;
  #told = Promise.withResolvers<void>();
  #busyWith: { line: string; done: PromiseWithResolvers<void> } | undefined;

  private constructor(conn: Deno.Conn, peer: Deno.TcpConn, limits: typeof LIMITS) {
    this.#conn = peer;
    this.peer = new Person(peer);
    this.#post = new PostOffice(limits);
    const parts = { post: this.#post, closer: new Closer(undefined), limits };
    this.connection = new LineConnection(conn, { ...PEER, address: "127.0.0.1" }, parts);
    this.over = this.connection.read(new LinesInTurn(this.#receiver()));
  }

  static async open(limits: Partial<typeof LIMITS> = {}): Promise<Wire> {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [conn, peer] = await Promise.all([listener.accept(), Deno.connect({ port: listener.addr.port })]);
    return new Wire(conn, peer, { ...LIMITS, ...limits });
  }

  /** The next thing that the connection tells. */
  async next(): Promise<string> {
    while (this.rest.length === 0) {
      this.#told = Promise.withResolvers();
      await this.#told.promise;
    }
    return this.rest.shift()!;
  }

  /** The next thing but one. */
  async nextOther(known: string): Promise<string> {
    for (;;) {
      const told = await this.next();
      if (told !== known) return told;
    }
  }

  /** From now on the receiver is busy with such a line until it is let go on. */
  isBusyWith(line: string): PromiseWithResolvers<void> {
    this.#busyWith = { line, done: Promise.withResolvers() };
    return this.#busyWith.done;
  }

  async closesItsHalf(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Closes with something unread, which makes a reset of it. */
  async resets(): Promise<void> {
    equal(await this.#conn.read(new Uint8Array(1)), 1); // the rest has come as well
    this.#conn.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer.vanishes().catch(() => {}); // reset by the test
    await this.over;
    this.#post[Symbol.dispose]();
  }

  #receiver(): Receiver {
    return {
      received: (bytes) => void (this.receivedBytes += bytes),
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

/** A connection whose writes are kept one by one, as no socket would. */
class RecordingConn {
  #writes: string[] = [];
  #sent = Promise.withResolvers<string | null>();
  #written = Promise.withResolvers<void>();
  #slow = false;
  #taken = Promise.withResolvers<void>();

  get asConn(): Deno.Conn {
    return this as unknown as Deno.Conn;
  }

  /** The peer sends this. */
  sends(text: string): void {
    this.#sent.resolve(text);
  }

  /** Waits until so much was written, and answers it write by write. */
  async isSent(text: string): Promise<string[]> {
    while (this.#writes.join("").length < text.length) {
      this.#written = Promise.withResolvers();
      await this.#written.promise;
    }
    equal(this.#writes.join(""), text);
    return this.#writes.splice(0);
  }

  /** From now on a write ends when the peer takes it. */
  isSlow(): void {
    this.#slow = true;
  }

  /** Lets the write under way end. */
  takes(): void {
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
  }

  endsItsHalf(): void {
    this.#sent.resolve(null);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const text = await this.#sent.promise;
    this.#sent = Promise.withResolvers();
    return text === null ? null : new TextEncoder().encodeInto(text, buffer).written;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.#writes.push(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    this.#written.resolve();
    if (this.#slow) await this.#taken.promise;
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
