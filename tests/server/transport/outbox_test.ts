import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { Outbox, type PostLimits, PostOffice } from "../../../server/transport/outbox.ts";

/** What one write takes at most. */
const WRITE = 65_536;
const ROOMY: PostLimits = { outboxBytes: 1_000_000, outboxTotalBytes: 10_000_000, stallMs: 30_000 };
const LITTLE: PostLimits = { ...ROOMY, outboxBytes: 100 };

Deno.test("what is pushed in one go is written at once, in its order", async () => {
  await using reader = new Reader(ROOMY);
  for (const line of ["one\n", "two\n", "three\n"]) reader.is(line);
  equal(await reader.reads(), "one\ntwo\nthree\n");
  ok(reader.idle);
});

Deno.test("one write is under way at a time, and what comes meanwhile goes with the next", async () => {
  await using reader = new Reader(ROOMY);
  reader.is("one\n");
  await reader.isWrittenTo();
  reader.is("two\n");
  reader.is("three\n");
  equal(await reader.reads(), "one\n");
  equal(await reader.reads(), "two\nthree\n");
});

Deno.test("what a write did not take goes before all else", async () => {
  await using reader = new Reader(ROOMY);
  reader.is("one two\n");
  await reader.isWrittenTo();
  reader.is("three\n");
  equal(await reader.reads(3), "one");
  equal(await reader.reads(1), " ");
  equal(await reader.reads(), "two\n");
  equal(await reader.reads(), "three\n");
  ok(reader.idle);
});

Deno.test("a write holds whole lines, 64 KiB at most", async () => {
  await using reader = new Reader(ROOMY);
  for (const letter of "abcde") reader.is(letter.repeat(30_000));
  deepEqual(
    [await reader.reads(), await reader.reads(), await reader.reads()],
    ["a".repeat(30_000) + "b".repeat(30_000), "c".repeat(30_000) + "d".repeat(30_000), "e".repeat(30_000)],
  );
  reader.is("f".repeat(WRITE));
  reader.is("g");
  deepEqual([await reader.reads(), await reader.reads()], ["f".repeat(WRITE), "g"]);
});

Deno.test("a line that is longer than a write goes in parts", async () => {
  await using reader = new Reader(ROOMY);
  const long = "0123456789".repeat(15_000);
  reader.is(long);
  reader.is("next\n");
  const parts = [await reader.reads(), await reader.reads(), await reader.reads()];
  deepEqual(parts.map((part) => part.length), [WRITE, WRITE, 150_000 - 2 * WRITE + 5]);
  equal(parts.join(""), long + "next\n");
});

Deno.test("nothing is written for nothing", async () => {
  await using reader = new Reader(ROOMY);
  reader.is("");
  reader.is("one\n");
  equal(await reader.reads(), "one\n");
  reader.is("");
  reader.is("two\n");
  equal(await reader.reads(), "two\n");
});

Deno.test("whatever is pushed, and however little a write takes, all is read in order and counted", async () => {
  const step = fc.oneof(
    fc.record({ says: fc.string({ maxLength: 30 }) }),
    fc.record({ takes: fc.integer({ min: 1, max: 40 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      await using reader = new Reader(ROOMY);
      let said = "";
      let read = "";
      for (const step of steps) {
        if ("says" in step) {
          reader.is(step.says);
          said += step.says;
        } else if (encode(said).length > encode(read).length) read += await reader.reads(step.takes);
        equal(reader.outbox.bytes, encode(said).length - encode(read).length);
      }
      while (encode(said).length > encode(read).length) read += await reader.reads();
      equal(read, said);
      ok(reader.idle);
      equal(reader.outbox.bytes, 0);
    }),
    { numRuns: 20 }, // there may be a pause between two writes
  );
});

Deno.test("a reader is given up when more than is allowed still waits a round later", async () => {
  for (const [more, givenUp] of [[59, []], [60, []], [61, ["too slow"]]] as const) {
    await using reader = new Reader(LITTLE);
    reader.is("x".repeat(40));
    await reader.isWrittenTo(); // what is being written counts as well
    reader.is("y".repeat(more));
    reader.outbox.inspect(0, LITTLE);
    deepEqual(reader.givenUp, [], "there was no time to read");
    reader.outbox.inspect(1_000, LITTLE);
    deepEqual(reader.givenUp, givenUp, `${40 + more} bytes`);
  }
});

Deno.test("who reads on is not given up, however much has come since", async () => {
  await using reader = new Reader(LITTLE);
  for (let round = 0; round < 10; round++) {
    reader.is("x".repeat(350));
    reader.is("y".repeat(350));
    reader.outbox.inspect(round * 1_000, LITTLE);
    equal((await reader.reads()).length, 700);
  }
  deepEqual(reader.givenUp, []);
});

Deno.test("who reads a little of much is given up when too much of it is left", async () => {
  await using reader = new Reader(LITTLE);
  reader.is("x".repeat(250));
  reader.outbox.inspect(0, LITTLE);
  await reader.reads(150);
  reader.is("y".repeat(250));
  reader.outbox.inspect(1_000, LITTLE);
  equal(reader.outbox.overdueBytes, 100);
  deepEqual(reader.givenUp, []);
  await reader.reads(); // the 100 that were left
  await reader.reads(149); // of 350
  reader.outbox.inspect(2_000, LITTLE);
  deepEqual(reader.givenUp, ["too slow"]);
});

Deno.test("eight times what is allowed is too much at any time", async () => {
  for (const [bytes, givenUp] of [[799, []], [800, []], [801, ["too slow"]]] as const) {
    await using reader = new Reader(LITTLE);
    reader.is("x".repeat(400));
    await reader.isWrittenTo();
    reader.is("y".repeat(bytes - 400));
    deepEqual(reader.givenUp, givenUp, `${bytes} bytes`);
  }
});

Deno.test("who was given up is told nothing more, and is given up once", async () => {
  using post = new PostOffice({ ...ROOMY, outboxBytes: 10 });
  const [reader, other] = [new Reader(post), new Reader(post)];
  reader.is("one\n");
  reader.is("x".repeat(81));
  reader.is("two\n");
  reader.outbox.giveUp("timeout");
  other.is("one\n");
  await other.reads();
  ok(reader.idle);
  equal(reader.outbox.bytes, 0);
  deepEqual(reader.givenUp, ["too slow"]);
});

Deno.test("a reader whose socket fails is gone", async () => {
  await using reader = new Reader(ROOMY);
  reader.is("one\n");
  await reader.fails();
  deepEqual(reader.givenUp, ["quit"]);
});

Deno.test("a write that fails after the end changes nothing", async () => {
  await using reader = new Reader(ROOMY);
  reader.is("one\n");
  await reader.isWrittenTo();
  reader.outbox.close();
  await reader.fails();
  deepEqual(reader.givenUp, []);
});

Deno.test("a write without progress is given up after its time, and not before", async () => {
  const limits = { ...ROOMY, stallMs: 1_000 };
  await using reader = new Reader(limits);
  const { outbox } = reader;
  outbox.inspect(0, limits);
  outbox.inspect(5_000, limits); // nothing to write is no stall
  reader.is("x".repeat(100));
  await reader.isWrittenTo();
  outbox.inspect(6_000, limits); // it may have begun just now
  outbox.inspect(6_999, limits);
  await reader.reads(1); // progress, however little
  outbox.inspect(7_000, limits);
  outbox.inspect(7_999, limits);
  deepEqual(reader.givenUp, []);
  outbox.inspect(8_000, limits);
  deepEqual(reader.givenUp, ["timeout"]);
});

Deno.test("the rounds find who is stuck, and nobody else", async () => {
  using post = new PostOffice({ ...ROOMY, stallMs: 1 });
  const [stuck, idle] = [new Reader(post), new Reader(post)];
  stuck.is("one\n");
  await stuck.isGivenUp();
  deepEqual([stuck.givenUp, idle.givenUp], [["timeout"], []]);
});

Deno.test("past what all may have together, those who are furthest behind go first", async () => {
  using post = new PostOffice({ ...ROOMY, outboxTotalBytes: 100 });
  const [small, larger, middle, largest, reading] = [
    new Reader(post),
    new Reader(post),
    new Reader(post),
    new Reader(post),
    new Reader(post),
  ];
  small.is("s".repeat(30));
  larger.is("l".repeat(80));
  middle.is("m".repeat(60));
  largest.is("x".repeat(90));
  for (let turn = 0; largest.givenUp.length === 0 && turn < 100; turn++) {
    reading.is("r".repeat(1_000)); // has more waiting than all the others, and takes it
    await reading.reads();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  deepEqual([larger.givenUp, largest.givenUp], [["too slow"], ["too slow"]]);
  deepEqual([small, middle, reading].flatMap(({ givenUp }) => givenUp), []);
  equal(await middle.reads(), "m".repeat(60));
  equal(await small.reads(), "s".repeat(30));
});

Deno.test("readers who wait for the same lines get the same bytes", async () => {
  using post = new PostOffice(ROOMY);
  const lines = ["one\n", "two\n"].map(encode);
  const readers = [new Reader(post), new Reader(post)];
  for (const line of lines) for (const reader of readers) reader.outbox.push(line);
  for (const reader of readers) await reader.isWrittenTo();
  const [first, second] = readers.map(({ bytes }) => bytes);
  equal(first, second);
  equal(decode(first!), "one\ntwo\n");
});

Deno.test("a reader that takes pieces gets none that is too long or torn, and none like an echo", async () => {
  await using reader = new Reader(ROOMY);
  reader.outbox.piecework = { maxBytes: 10, avoided: [encode("bob:")] };
  reader.is("1234567\n");
  reader.is("x\n");
  reader.is("é".repeat(7) + "\n");
  reader.is("12345678 bob: hi\n");
  const pieces: string[] = [];
  while (reader.outbox.bytes > 0) pieces.push(await reader.reads());
  deepEqual(pieces, ["1234567\nx\n", "ééééé", "éé\n", "12345678 b", "ob: hi\n"]);
  reader.is("123456789 bob: hi\n");
  deepEqual([await reader.reads(), await reader.reads()], ["123456789", " bob: hi\n"]);
  reader.outbox.piecework = undefined;
  reader.is("1234567890 and more\n");
  equal(await reader.reads(), "1234567890 and more\n");
});

Deno.test("all is written when there is nothing, when the last write ends, and when nobody reads any more", async () => {
  await using reader = new Reader(ROOMY);
  await reader.outbox.emptied();
  reader.is("one\n");
  const emptied = reader.outbox.emptied();
  let done = false;
  void emptied.then(() => done = true);
  await reader.isWrittenTo();
  reader.is("two\n");
  await reader.reads(2);
  await reader.reads();
  await reader.isWrittenTo();
  equal(done, false);
  await reader.reads();
  await emptied;

  reader.is("three\n");
  const closed = reader.outbox.emptied();
  reader.outbox.close();
  await closed;
  await reader.outbox.emptied();
});

Deno.test("all is written, too, when the reader is given up", async () => {
  await using reader = new Reader({ ...ROOMY, outboxBytes: 1 });
  reader.is("one\n");
  const emptied = reader.outbox.emptied();
  reader.is("too much");
  await emptied;
  deepEqual(reader.givenUp, ["too slow"]);
});

Deno.test("a reader that is given up keeps no other from being written to", async () => {
  using post = new PostOffice({ ...ROOMY, outboxBytes: 1 });
  const [slow, other] = [new Reader(post), new Reader(post)];
  slow.is("one\n");
  other.is("one\n");
  slow.is("too much");
  equal(await other.reads(), "one\n");
  ok(slow.idle);
});

/** A reader, its outbox, and the socket in between: a write waits until the test lets it go on. */
class Reader implements AsyncDisposable {
  readonly outbox: Outbox;
  readonly givenUp: string[] = [];
  #own: PostOffice | undefined;
  #write: { bytes: Uint8Array; done: PromiseWithResolvers<number> } | undefined;
  #begun = Promise.withResolvers<void>();
  #gaveUp = Promise.withResolvers<void>();

  constructor(post: PostOffice | PostLimits) {
    if (!(post instanceof PostOffice)) post = this.#own = new PostOffice(post);
    this.outbox = new Outbox(post, {
      sink: { write: (bytes) => this.#begin(bytes) },
      gaveUp: (why) => {
        this.givenUp.push(why);
        this.#gaveUp.resolve();
      },
    });
  }

  /** Whether no write is under way. */
  get idle(): boolean {
    return this.#write === undefined;
  }

  /** What the write under way would write. */
  get bytes(): Uint8Array | undefined {
    return this.#write?.bytes;
  }

  /** Is told something. */
  is(line: string): void {
    this.outbox.push(encode(line));
  }

  /** Waits until a write is under way. */
  async isWrittenTo(): Promise<void> {
    while (this.#write === undefined) {
      deepEqual(this.givenUp, [], "nothing more is written");
      this.#begun = Promise.withResolvers();
      await this.#begun.promise;
    }
  }

  isGivenUp(): Promise<void> {
    return this.#gaveUp.promise;
  }

  /** Lets the write under way end with so many bytes taken at most, and answers them. */
  async reads(most = Infinity): Promise<string> {
    await this.isWrittenTo();
    const { bytes, done } = this.#write!;
    this.#write = undefined;
    const count = Math.min(most, bytes.length);
    done.resolve(count);
    await settled();
    return new TextDecoder().decode(bytes.subarray(0, count));
  }

  async fails(): Promise<void> {
    await this.isWrittenTo();
    const { done } = this.#write!;
    this.#write = undefined;
    done.reject(new Deno.errors.BrokenPipe());
    await settled();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#own?.[Symbol.dispose]();
    return Promise.resolve();
  }

  #begin(bytes: Uint8Array): Promise<number> {
    ok(this.#write === undefined, "a second write while one is under way");
    ok(bytes.length > 0, "a write of nothing");
    this.#write = { bytes, done: Promise.withResolvers<number>() };
    this.#begun.resolve();
    return this.#write.done.promise;
  }
}

/** All that follows without the outside world has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
