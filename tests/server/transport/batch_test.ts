import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { BatchReader, BatchWriter } from "../../../server/transport/_batch.ts";

Deno.test("what was written is read in the same order", () => {
  const writer = new BatchWriter();
  writer.number(0);
  writer.text("");
  writer.number(2 ** 32 - 1);
  writer.largeNumber(2 ** 53 - 1);
  writer.bytes(Uint8Array.of(1, 2, 3, 4, 5));
  writer.numbers([]);
  writer.numbers([7, 0, 4_000_000_000]);
  writer.text("\uFEFFhé 🙂");
  const reader = new BatchReader(writer.take());
  equal(reader.number(), 0);
  equal(reader.text(), "");
  equal(reader.number(), 2 ** 32 - 1);
  equal(reader.largeNumber(), 2 ** 53 - 1);
  deepEqual(reader.bytes(), Uint8Array.of(1, 2, 3, 4, 5));
  deepEqual([...reader.numbers()], []);
  deepEqual([...reader.numbers()], [7, 0, 4_000_000_000]);
  equal(reader.atEnd, false);
  equal(reader.text(), "\uFEFFhé 🙂");
  equal(reader.atEnd, true);
});

Deno.test("a batch grows with what is written, and the next one begins empty", () => {
  const writer = new BatchWriter();
  const texts = Array.from({ length: 300 }, (_, length) => "é".repeat(length * 37));
  const lengths: number[] = [];
  for (let batch = 0; batch < 3; batch++) {
    equal(writer.byteLength, 0);
    for (const text of texts) {
      writer.text(text);
      writer.bytes(new TextEncoder().encode(text));
    }
    const taken = writer.take();
    lengths.push(taken.byteLength);
    const reader = new BatchReader(taken);
    for (const text of texts) {
      equal(reader.text(), text);
      equal(reader.bytes().length, 2 * text.length);
    }
    equal(reader.atEnd, true);
  }
  equal(new Set(lengths).size, 1);
});

Deno.test("bytes that are read keep nothing else in memory", () => {
  const writer = new BatchWriter();
  writer.text("x".repeat(100_000));
  writer.bytes(Uint8Array.of(1));
  const reader = new BatchReader(writer.take());
  reader.text();
  equal(reader.bytes().buffer.byteLength, 1);
});
