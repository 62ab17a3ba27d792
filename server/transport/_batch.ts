/**
 * What isolates tell each other, as one piece of memory: numbers of four bytes, and texts and bytes that are led by their
 * length and filled up to four. To be read in the order in which it was written; nothing in it says what it is.
 *
 * One message between isolates costs as much as hundreds of numbers in it, and JavaScript's own copy of a list with as
 * many arrays in it costs half as much again.
 */
export class BatchWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  #words: Uint32Array<ArrayBuffer> = new Uint32Array(this.#bytes.buffer);
  /** In words. */
  #at = 0;

  /** How long it is by now. */
  get byteLength(): number {
    return this.#at * WORD;
  }

  /** @param value A whole number below 2^32. */
  number(value: number): void {
    this.#makeRoom(1);
    this.#words[this.#at++] = value;
  }

  /** @param value A whole number below 2^53. */
  largeNumber(value: number): void {
    this.number(value % TWO_TO_32);
    this.number(Math.floor(value / TWO_TO_32));
  }

  numbers(values: readonly number[]): void {
    this.#makeRoom(values.length + 1);
    this.#words[this.#at++] = values.length;
    for (const value of values) this.#words[this.#at++] = value;
  }

  bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.#makeRoom(wordsFor(bytes.length));
    this.#bytes.set(bytes, this.byteLength);
    this.#at += wordsFor(bytes.length);
  }

  /** @param text Without lone surrogates, which UTF-8 does not have. */
  text(text: string): void {
    this.#makeRoom(1 + wordsFor(text.length * MOST_BYTES_PER_UNIT));
    const { written } = encoder.encodeInto(text, this.#bytes.subarray(this.byteLength + WORD));
    this.#words[this.#at] = written;
    this.#at += 1 + wordsFor(written);
  }

  /** All that was written; from here on it is empty. */
  take(): ArrayBuffer {
    const taken = this.#bytes.buffer.slice(0, this.byteLength);
    this.#at = 0;
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#hold(FIRST_BYTES);
    return taken;
  }

  #makeRoom(words: number): void {
    const neededBytes = (this.#at + words) * WORD;
    if (neededBytes <= this.#bytes.length) return;
    const written = this.#bytes.subarray(0, this.byteLength);
    this.#hold(Math.max(neededBytes + (-neededBytes & 7), 2 * this.#bytes.length));
    this.#bytes.set(written);
  }

  #hold(byteLength: number): void {
    this.#bytes = new Uint8Array(byteLength);
    this.#words = new Uint32Array(this.#bytes.buffer);
  }
}

/** Reads what a {@link BatchWriter} has written; what it answers does not keep the rest in memory. */
export class BatchReader {
  #bytes: Uint8Array<ArrayBuffer>;
  #words: Uint32Array<ArrayBuffer>;
  #at = 0;

  constructor(batch: ArrayBuffer) {
    this.#bytes = new Uint8Array(batch);
    this.#words = new Uint32Array(batch);
  }

  get atEnd(): boolean {
    return this.#at === this.#words.length;
  }

  number(): number {
    return this.#words[this.#at++]!;
  }

  largeNumber(): number {
    return this.number() + this.number() * TWO_TO_32;
  }

  /** Good until something else is read. */
  numbers(): Uint32Array {
    const count = this.number();
    return this.#words.subarray(this.#at, this.#at += count);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const [start, end] = this.#next();
    return this.#bytes.slice(start, end);
  }

  text(): string {
    const [start, end] = this.#next();
    return decoder.decode(this.#bytes.subarray(start, end));
  }

  #next(): [start: number, end: number] {
    const length = this.number();
    const start = this.#at * WORD;
    this.#at += wordsFor(length);
    return [start, start + length];
  }
}

const WORD = 4;
const TWO_TO_32 = 2 ** 32;

/** What a UTF-16 code unit takes in UTF-8 at most. */
const MOST_BYTES_PER_UNIT = 3;

/** What is written into grows as it has to; what has become large is given back. */
const FIRST_BYTES = 4_096;
const MOST_KEPT_BYTES = 262_144;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function wordsFor(bytes: number): number {
  return (bytes + WORD - 1) >> 2;
}
