import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { type Messages, MessageTexts } from "../../../server/transport/_message_texts.ts";
import { Outbox, type PostLimits, PostOffice } from "../../../server/transport/outbox.ts";
import { WebSocketOutbox } from "../../../server/transport/websocket_outbox.ts";

const ROOMY: PostLimits = { outboxBytes: 1_000_000, outboxTotalBytes: 10_000_000, stallMs: 30_000 };
const LITTLE: PostLimits = { ...ROOMY, outboxBytes: 100 };

Deno.test("what is pushed is sent at once, message by message, and counted until it is written", () => {
  using reader = new Reader(ROOMY);
  reader.outbox.push(encode("one\ntwo\n"));
  deepEqual(reader.sent, ["one", "two"]);
  equal(reader.outbox.bytes, 6);
  reader.reads(4);
  equal(reader.outbox.bytes, 2);
});

Deno.test("to who takes lines together, all that is pushed in one go is sent as one message", async () => {
  using reader = new Reader(ROOMY, { together: true });
  for (const lines of ["one\ntwo\n", "three\n"]) reader.outbox.push(encode(lines));
  deepEqual([reader.sent, reader.outbox.bytes], [[], 14]);
  await Promise.resolve();
  deepEqual([reader.sent, reader.outbox.bytes], [["one\ntwo\nthree"], 13]);
  reader.outbox.push(encode("four\n"));
  await Promise.resolve();
  deepEqual(reader.sent, ["one\ntwo\nthree", "four"]);
});

Deno.test("what is to go together can be sent at once, and is not sent twice", async () => {
  using reader = new Reader(ROOMY, { together: true });
  reader.outbox.push(encode("one\n"));
  reader.outbox.flush();
  reader.outbox.push(encode("two\n"));
  deepEqual(reader.sent, ["one"]);
  await Promise.resolve();
  deepEqual(reader.sent, ["one", "two"]);
});

Deno.test("readers of the same lines get the same text, which is made once", async () => {
  using post = new PostOffice(ROOMY);
  const texts = new CountedTexts();
  const readers = Array.from({ length: 3 }, () => new Reader(post, { together: true, texts }));
  for (const lines of [encode("one\n"), encode("two\n")]) {
    for (const { outbox } of readers) outbox.push(lines);
  }
  await Promise.resolve();
  deepEqual(readers.map(({ sent }) => sent), Array(3).fill(["one\ntwo"]));
  equal(texts.made.size, 1);
});

Deno.test("one that is closed is not sent what waits to go together", async () => {
  using reader = new Reader(ROOMY, { together: true });
  reader.outbox.push(encode("one\n"));
  reader.outbox.close();
  await Promise.resolve();
  deepEqual([reader.sent, reader.outbox.bytes], [[], 0]);
});

Deno.test("eight times what is allowed is too much for lines that go together, too", async () => {
  using reader = new Reader(LITTLE, { together: true });
  reader.is(799); // and its LF
  await Promise.resolve();
  deepEqual(reader.givenUp, []);
  for (let count = 0; count < 2; count++) reader.is(0);
  deepEqual(reader.givenUp, ["too slow"]);
  await Promise.resolve();
  equal(reader.sent.length, 1);
});

Deno.test("that lines go together is no progress of who does not read", async () => {
  const limits = { ...ROOMY, stallMs: 1_000 };
  using reader = new Reader(limits, { together: true });
  for (const nowMs of [0, 500, 999]) {
    reader.is(10);
    await Promise.resolve();
    reader.outbox.inspect(nowMs, limits);
  }
  deepEqual(reader.givenUp, []);
  reader.is(10);
  await Promise.resolve();
  reader.outbox.inspect(1_000, limits);
  deepEqual(reader.givenUp, ["timeout"]);
});

Deno.test("a reader is given up when more than is allowed still waits a round later", () => {
  for (const [bytes, givenUp] of [[99, []], [100, []], [101, ["too slow"]]] as const) {
    using reader = new Reader(LITTLE);
    reader.is(bytes);
    reader.outbox.inspect(0, LITTLE);
    deepEqual(reader.givenUp, [], "there was no time to read");
    reader.is(500);
    reader.outbox.inspect(1_000, LITTLE);
    deepEqual(reader.givenUp, givenUp, `${bytes} bytes`);
  }
});

Deno.test("who reads on is not given up, however much has come since", () => {
  using reader = new Reader(LITTLE);
  for (let round = 0; round < 10; round++) {
    reader.is(700);
    reader.outbox.inspect(round * 1_000, LITTLE);
    reader.reads(700);
  }
  deepEqual(reader.givenUp, []);
});

Deno.test("eight times what is allowed is too much at any time, and nothing more is sent", () => {
  using reader = new Reader(LITTLE);
  reader.is(800);
  deepEqual(reader.givenUp, []);
  reader.is(1);
  reader.is(1);
  deepEqual([reader.givenUp, reader.sent.length, reader.outbox.overdueBytes], [["too slow"], 2, 0]);
});

Deno.test("a write without progress is given up after its time, and not before", () => {
  const limits = { ...ROOMY, stallMs: 1_000 };
  using reader = new Reader(limits);
  reader.outbox.inspect(0, limits);
  reader.outbox.inspect(5_000, limits); // nothing to write is no stall
  reader.is(10);
  reader.outbox.inspect(6_000, limits);
  reader.reads(1);
  reader.outbox.inspect(7_000, limits);
  reader.outbox.inspect(7_999, limits);
  deepEqual(reader.givenUp, []);
  reader.outbox.inspect(8_000, limits);
  deepEqual(reader.givenUp, ["timeout"]);
});

Deno.test("one that never comes to its end is given up", () => {
  const limits = { ...ROOMY, stallMs: 1_000 };
  using reader = new Reader(limits);
  reader.is(10);
  reader.isClosing(); // from now on Deno does not tell what waits
  reader.outbox.inspect(0, limits);
  reader.outbox.inspect(999, limits);
  deepEqual(reader.givenUp, []);
  reader.outbox.inspect(1_000, limits);
  deepEqual(reader.givenUp, ["timeout"]);
});

Deno.test("it counts together with raw sockets: who is furthest behind of all goes first", async () => {
  using post = new PostOffice({ ...ROOMY, outboxTotalBytes: 100 });
  const [small, large] = [new Reader(post), new Reader(post)];
  const raw: string[] = [];
  const outbox = new Outbox(post, {
    sink: { write: () => new Promise(() => {}) },
    gaveUp: (why) => raw.push(why),
  });
  small.is(40);
  large.is(90);
  outbox.push(new Uint8Array(50));
  while (large.givenUp.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  deepEqual([large.givenUp, small.givenUp, raw], [["too slow"], [], []]);
});

/** A reader, its outbox, and the WebSocket in between, which holds what the reader has not read. */
class Reader implements Disposable {
  readonly outbox: WebSocketOutbox;
  readonly sent: string[] = [];
  readonly givenUp: string[] = [];
  #own: PostOffice | undefined;
  #socket = {
    readyState: WebSocket.OPEN as number,
    bufferedAmount: 0,
    send: (text: string) => {
      this.sent.push(text);
      this.#socket.bufferedAmount += text.length;
    },
  };

  constructor(post: PostOffice | PostLimits, { together = false, texts = new MessageTexts() } = {}) {
    if (!(post instanceof PostOffice)) post = this.#own = new PostOffice(post);
    this.outbox = new WebSocketOutbox(post, {
      socket: this.#socket as unknown as WebSocket,
      texts,
      together,
      gaveUp: (why) => this.givenUp.push(why),
    });
  }

  [Symbol.dispose](): void {
    this.#own?.[Symbol.dispose]();
  }

  /** Is told something of so many bytes. */
  is(bytes: number): void {
    this.outbox.push(encode("x".repeat(bytes) + "\n"));
  }

  reads(bytes: number): void {
    this.#socket.bufferedAmount -= bytes;
  }

  isClosing(): void {
    this.#socket.readyState = WebSocket.CLOSING;
    this.#socket.bufferedAmount = 0;
  }
}

/** Knows what was made of lines that go together. */
class CountedTexts extends MessageTexts {
  readonly made = new Set<Messages>();

  override together(bytes: Uint8Array): Messages {
    const messages = super.together(bytes);
    this.made.add(messages);
    return messages;
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
