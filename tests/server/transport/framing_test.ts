import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { type Frame, Framing } from "../../../server/transport/framing.ts";

const MOST = 4_096;

Deno.test("a line may have 4,096 bytes without its ending, and not one more", () => {
  const characters = [["x", 1], ["é", 2], ["漢", 3], ["😀", 4]] as const;
  const cases = characters.flatMap(([character, width]) =>
    [MOST - 1, MOST, MOST + 1].flatMap((bytes) =>
      ["\n", "\r\n"].map((ending) => ({ text: textOf(character, width, bytes), bytes, ending }))
    )
  );
  for (const { text, bytes, ending } of cases) {
    const expected = bytes <= MOST ? { type: "line", text } : { type: "too long" };
    const next = { type: "line", text: "next" };
    const sent = encode(`${text}${ending}next${ending}`);
    equal(encode(text).length, bytes);
    for (const chunk of [1, 7, 1_024, MOST, MOST + 1, sent.length]) {
      deepEqual(pushed(new Framing(() => MOST), inChunks(sent, chunk)), [expected, next], `by ${chunk}`);
    }
  }
});

Deno.test("however the bytes are cut, the lines are those of one push", () => {
  fc.assert(
    fc.property(wire(), fc.array(fc.nat(40), { maxLength: 12 }), (bytes, cuts) => {
      const whole = pushed(new Framing(() => 8), [bytes]);
      const cut = pushed(new Framing(() => 8), cutAt(bytes, cuts));
      deepEqual(cut, whole);
    }),
    { numRuns: 500 },
  );
});

Deno.test("the lines are what stands between the line endings, each within the limit or told once", () => {
  fc.assert(
    fc.property(wire(), fc.integer({ min: 1, max: 10 }), (bytes, most) => {
      deepEqual(pushed(new Framing(() => most), [bytes]), asWritten(bytes, most));
    }),
    { numRuns: 500 },
  );
});

Deno.test("a line is told as too long as soon as it is, once, and dropped up to its ending", () => {
  const framing = new Framing(() => 4);
  deepEqual(framing.push(encode("12345")), [], "the fifth byte may be the CR of its ending");
  deepEqual(framing.push(encode("6")), [{ type: "too long" }]);
  for (let i = 0; i < 1_000; i++) deepEqual(framing.push(encode("7".repeat(1_000))), []);
  deepEqual(framing.push(encode("8\r")), []);
  deepEqual(framing.push(encode("\nafter\nok\n")), [{ type: "too long" }, { type: "line", text: "ok" }]);
});

Deno.test("what was read may be overwritten: its bytes were copied where they are kept", () => {
  const framing = new Framing(() => MOST);
  const buffer = encode("hel");
  framing.push(buffer);
  buffer.fill(0x21);
  deepEqual(framing.push(encode("lo\n")), [{ type: "line", text: "hello" }]);
});

Deno.test("the limit may change between two lines", () => {
  let most = 4;
  const framing = new Framing(() => most);
  deepEqual(framing.push(encode("12345\n")), [{ type: "too long" }]);
  most = 5;
  deepEqual(framing.push(encode("12345\n123")), [{ type: "line", text: "12345" }]);
  most = 1;
  deepEqual(framing.push(encode("4\n1\n")), [{ type: "too long" }, { type: "line", text: "1" }]);
});

Deno.test("a line is read as UTF-8, with U+FFFD for what is none, and with what looks like an order mark", () => {
  const cases: [bytes: number[], text: string][] = [
    [[0xff, 0x41], "\ufffdA"],
    [[0xc3], "\ufffd"],
    [[0xe2, 0x82], "\ufffd"],
    [[0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
    [[0xc0, 0x80], "\ufffd\ufffd"],
    [[0xef, 0xbb, 0xbf, 0x41], "\ufeffA"],
    [[0x41, 0x00, 0x42], "A\0B"],
    [[0x41, 0x0d, 0x42], "A\rB"],
    [[0x0d], ""],
    [[0x0d, 0x0d], "\r"],
    [[], ""],
  ];
  for (const [bytes, text] of cases) {
    const framing = new Framing(() => MOST);
    // the torn character of one line leaves nothing behind for the next
    const sent = new Uint8Array([...bytes, 0x0a, 0x80, 0x0a]);
    deepEqual(framing.push(sent), [{ type: "line", text }, { type: "line", text: "\ufffd" }]);
  }
});

Deno.test("a client without line endings ends its message by pausing", () => {
  const framing = new Framing(() => 8);
  deepEqual([framing.awaitsPause, framing.pauseFramed], [false, false]);
  deepEqual(framing.pause(), [], "nothing was sent: nothing ends");
  equal(framing.pauseFramed, false);
  deepEqual(framing.push(encode("he")), []);
  equal(framing.awaitsPause, true);
  framing.push(encode("llo"));
  deepEqual(framing.pause(), [{ type: "line", text: "hello" }]);
  deepEqual([framing.awaitsPause, framing.pauseFramed], [false, true]);
  framing.push(encode("again"));
  deepEqual(framing.pause(), [{ type: "line", text: "again" }]);
});

Deno.test("a message that a pause ends has the same limit", () => {
  const cases = [["1".repeat(8), { type: "line", text: "1".repeat(8) }], ["1".repeat(9), {
    type: "too long",
  }]];
  for (const [text, expected] of cases) {
    const framing = new Framing(() => 8);
    const frames = framing.push(encode(text as string));
    deepEqual([...frames, ...framing.pause()], [expected]);
  }
  const framing = new Framing(() => 8);
  deepEqual(framing.push(encode("1".repeat(100))), [{ type: "too long" }]);
  equal(framing.awaitsPause, true, "the rest is dropped up to the pause");
  deepEqual(framing.pause(), []);
  framing.push(encode("next"));
  deepEqual(framing.pause(), [{ type: "line", text: "next" }]);
});

Deno.test("from its first line ending on, only line endings count", () => {
  const framing = new Framing(() => 8);
  framing.push(encode("one"));
  framing.pause();
  deepEqual(framing.push(encode("two\nthr")), [{ type: "line", text: "two" }]);
  deepEqual([framing.awaitsPause, framing.pauseFramed], [false, false]);
  deepEqual(framing.pause(), []);
  deepEqual(framing.push(encode("ee\n")), [{ type: "line", text: "three" }]);
});

Deno.test("the end of a line that is dropped counts as a line ending, too", () => {
  const framing = new Framing(() => 4);
  framing.push(encode("too long"));
  deepEqual(framing.push(encode("\n1")), []);
  equal(framing.awaitsPause, false);
  deepEqual(framing.push(encode("2\n")), [{ type: "line", text: "12" }]);
});

/** What stands between line endings, seen all at once. */
function asWritten(bytes: Uint8Array, most: number): Frame[] {
  const lines = splitAtLf(bytes);
  const unfinished = lines.pop()!;
  const frames = lines.map((line): Frame => {
    const text = line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
    if (text.length > most) return { type: "too long" };
    return { type: "line", text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(text) };
  });
  return unfinished.length > most + 1 ? [...frames, { type: "too long" }] : frames;
}

function splitAtLf(bytes: Uint8Array): Uint8Array[] {
  const end = bytes.indexOf(0x0a);
  return end === -1 ? [bytes] : [bytes.subarray(0, end), ...splitAtLf(bytes.subarray(end + 1))];
}

/** Bytes as a client may send them, rich in line endings and torn characters. */
function wire(): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(0x0a, 0x0d) },
    { weight: 5, arbitrary: fc.constantFrom(0x61, 0x62, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
  );
  return fc.array(byte, { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));
}

function pushed(framing: Framing, chunks: readonly Uint8Array[]): Frame[] {
  return chunks.flatMap((chunk) => framing.push(chunk));
}

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function inChunks(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, index) => bytes.subarray(index * size, (index + 1) * size),
  );
  ok(chunks.length > 0);
  return chunks;
}

/** So many bytes, most of them of one character. */
function textOf(character: string, width: number, bytes: number): string {
  return "x".repeat(bytes % width) + character.repeat(Math.floor(bytes / width));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
