import { cutBetweenCharacters } from "./_pieces.ts";

/** What one write holds at most: a TLS record. */
const MOST_BYTES_PER_WRITE = 16_384;

/** Where an outbox writes to. */
export interface Sink {
  /** Writes some of the bytes, at least one, and answers how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** How a peer reads that must not get its text in pieces as they come. */
export interface Piecework {
  readonly maxBytes: number;
  /** How no piece may begin, UTF-8. */
  readonly avoided: readonly Uint8Array[];
}

/**
 * What waits to be written to one reader, in the order in which it came.
 *
 * A reader that lets more pile up than the limit is given up: waiting for it would make everybody wait (contract, 2.2).
 * At most one write is under way; what comes meanwhile goes with the next.
 */
export class Outbox {
  #post: PostOffice;
  #sink: Sink;
  #gaveUp: (why: "too slow" | "timeout" | "quit") => void;
  /** Rendered lines. Those that many readers get are the same arrays in many outboxes. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Bytes of the write under way. */
  #writingBytes = 0;
  #queued = false;
  #closed = false;
  #piecework: Piecework | undefined;
  #onEmpty: (() => void) | undefined;
  /** Counts writes that have ended, so that the rounds see whether one makes progress. */
  #written = 0;
  #seen = { written: -1, atMs: 0 };

  constructor(
    post: PostOffice,
    { sink, gaveUp }: { sink: Sink; gaveUp: (why: "too slow" | "timeout" | "quit") => void },
  ) {
    this.#post = post;
    this.#sink = sink;
    this.#gaveUp = gaveUp;
    post.add(this);
  }

  /** Bytes that are not written yet. */
  get bytes(): number {
    return this.#waitingBytes + this.#writingBytes;
  }

  /** From now on the reader gets pieces; see {@link Piecework}. */
  set piecework(piecework: Piecework | undefined) {
    this.#piecework = piecework;
  }

  /** Puts bytes behind those that wait. Who is told of the same thing shares the array; it is never changed. */
  push(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#post.grown(this, bytes.length);
    if (!this.#queued && !this.#closed && this.#writingBytes === 0) {
      this.#queued = true;
      this.#post.queue(this);
    }
  }

  /** Answers when all that waits is written, or nothing more will be. */
  emptied(): Promise<void> {
    if (this.#closed || this.bytes === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty = resolve);
  }

  /** Takes nothing more and drops what waits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#post.remove(this);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#onEmpty?.();
  }

  /** Gives the reader up; the owner closes the connection. */
  giveUp(why: "too slow" | "timeout" | "quit"): void {
    if (this.#closed) return;
    this.close();
    this.#gaveUp(why);
  }

  /** The post office's: starts to write what waits. */
  flush(): void {
    this.#queued = false;
    if (this.#closed || this.#writingBytes > 0 || this.#waiting.length === 0) return;
    const bytes = this.#take();
    this.#writingBytes = bytes.length;
    this.#waitingBytes -= bytes.length;
    this.#write(bytes);
  }

  /** The post office's: gives a reader up whose write makes no progress. */
  inspect(nowMs: number, stallMs: number): void {
    if (this.#writingBytes === 0 || this.#seen.written !== this.#written) {
      this.#seen = { written: this.#written, atMs: nowMs };
    } else if (nowMs - this.#seen.atMs >= stallMs) {
      this.giveUp("timeout");
    }
  }

  #write(bytes: Uint8Array): void {
    this.#sink.write(bytes).then((count) => this.#wrote(bytes, count), () => this.giveUp("quit"));
  }

  #wrote(bytes: Uint8Array, count: number): void {
    this.#written++;
    this.#writingBytes -= count;
    if (this.#closed) return;
    this.#post.shrunk(count);
    if (count < bytes.length) return this.#write(bytes.subarray(count));
    if (this.#waiting.length > 0) return this.flush();
    this.#onEmpty?.();
    this.#onEmpty = undefined;
  }

  /** The next bytes to write: whole lines, as many as fit. */
  #take(): Uint8Array {
    const most = this.#piecework?.maxBytes ?? MOST_BYTES_PER_WRITE;
    const first = this.#waiting[0]!;
    if (first.length > most) return this.#takePartOf(first, most);
    if (this.#waiting.length === 1) {
      this.#waiting = [];
      return first;
    }
    return this.#post.join(this.#takeLines(most));
  }

  #takeLines(mostBytes: number): Uint8Array[] {
    const all = this.#waiting;
    let bytes = 0;
    const over = this.#waitingBytes <= mostBytes
      ? -1
      : all.findIndex((line) => (bytes += line.length) > mostBytes);
    this.#waiting = over === -1 ? [] : all.splice(over);
    return all;
  }

  #takePartOf(line: Uint8Array, most: number): Uint8Array {
    const end = this.#piecework === undefined ? most : cutBetweenCharacters(line, this.#piecework);
    this.#waiting[0] = line.subarray(end);
    return line.subarray(0, end);
  }
}

/** What all outboxes may hold, and when their readers are given up. May change while the server runs. */
export interface PostLimits {
  readonly outboxBytes: number;
  readonly outboxTotalBytes: number;
  readonly stallMs: number;
}

/** How often writes are looked at that make no progress. */
const ROUND_MS = 1_000;

/**
 * Looks after all outboxes: writes once for all that was pushed in one go, keeps their sum within bounds, and makes
 * the rounds to find readers that are stuck.
 */
export class PostOffice implements Disposable {
  #limits: PostLimits;
  #outboxes = new Set<Outbox>();
  #totalBytes = 0;
  #queue: Outbox[] = [];
  #rounds: ReturnType<typeof setInterval>;
  /** What was joined last: most readers wait for the same lines. */
  #joined: { lines: readonly Uint8Array[]; bytes: Uint8Array } = { lines: [], bytes: new Uint8Array(0) };

  constructor(limits: PostLimits) {
    this.#limits = limits;
    this.#rounds = setInterval(() => this.#makeRounds(), ROUND_MS);
  }

  add(outbox: Outbox): void {
    this.#outboxes.add(outbox);
  }

  remove(outbox: Outbox): void {
    if (this.#outboxes.delete(outbox)) this.#totalBytes -= outbox.bytes;
  }

  /** Has an outbox written soon, together with all others that were queued in the same go. */
  queue(outbox: Outbox): void {
    if (this.#queue.push(outbox) === 1) queueMicrotask(() => this.#flush());
  }

  grown(outbox: Outbox, bytes: number): void {
    this.#totalBytes += bytes;
    if (outbox.bytes > this.#limits.outboxBytes) outbox.giveUp("too slow");
    while (this.#totalBytes > this.#limits.outboxTotalBytes) this.#largest().giveUp("too slow");
  }

  shrunk(bytes: number): void {
    this.#totalBytes -= bytes;
  }

  /** Lines as one array; the same for the same lines in a row. */
  join(lines: readonly Uint8Array[]): Uint8Array {
    const last = this.#joined.lines;
    if (lines.length === last.length && lines.every((line, index) => line === last[index])) {
      return this.#joined.bytes;
    }
    const bytes = new Uint8Array(lines.reduce((sum, line) => sum + line.length, 0));
    let at = 0;
    for (const line of lines) {
      bytes.set(line, at);
      at += line.length;
    }
    this.#joined = { lines, bytes };
    return bytes;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#rounds);
  }

  #flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const outbox of queue) outbox.flush();
  }

  #makeRounds(): void {
    const now = performance.now();
    for (const outbox of this.#outboxes) outbox.inspect(now, this.#limits.stallMs);
  }

  #largest(): Outbox {
    let largest: Outbox | undefined;
    for (const outbox of this.#outboxes) {
      if (largest === undefined || outbox.bytes > largest.bytes) largest = outbox;
    }
    return largest!;
  }
}
