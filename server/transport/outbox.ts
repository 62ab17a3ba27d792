import type { PostCounts } from "./counts.ts";
import { cutBetweenCharacters, type Piecework } from "./_pieces.ts";
import { Progress } from "./_progress.ts";

/** What one write holds at most: all that a commit brings, so that who reads keeps up (store/messages.ts). */
const MOST_BYTES_PER_WRITE = 65_536;

/** What an outbox holds where nothing waits: most do, most of the time. It is never changed. */
const NOTHING: Uint8Array[] = [];
const NO_BYTES = new Uint8Array(0);

/** Why a reader is given up: it fell behind, a write made no progress, or the socket failed. */
export type WhyGivenUp = "too slow" | "timeout" | "quit";

/** Where an outbox writes to. */
export interface Sink {
  /** Writes some of the bytes, at least one, and answers how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * What waits to be written to one reader, in the order in which it came.
 *
 * A reader that lets more pile up than the limit is given up: waiting for it would make everybody wait (contract, 2.2).
 * What counts is overdue: it waits since the last round at least. By a mere sum, many who speak at once could drive away
 * those who read as fast as they can. At most one write is under way; what comes meanwhile goes with the next.
 */
export class Outbox implements Reader {
  #post: PostOffice;
  #sink: Sink;
  #gaveUp: (why: WhyGivenUp) => void;
  /** Rendered lines. Those that many readers get are the same arrays in many outboxes. */
  #waiting: Uint8Array[] = NOTHING;
  #waitingBytes = 0;
  /** What the write under way has still to write; empty while there is none. */
  #writing: Uint8Array = NO_BYTES;
  #queued = false;
  #closed = false;
  #piecework: Piecework | undefined;
  #emptied: PromiseWithResolvers<void> | undefined;
  /** All that was ever written. */
  #writtenBytes = 0;
  #progress = new Progress();
  // made once, not for each write
  #onWritten = (count: number): void => this.#wrote(count);
  #onFailed = (): void => this.giveUp("quit");

  constructor(
    post: PostOffice,
    { sink, gaveUp }: { sink: Sink; gaveUp: (why: WhyGivenUp) => void },
  ) {
    this.#post = post;
    this.#sink = sink;
    this.#gaveUp = gaveUp;
    post.add(this);
  }

  /** Bytes that are not written yet. */
  get bytes(): number {
    return this.#waitingBytes + this.#writing.length;
  }

  /** From now on the reader gets pieces; see {@link Piecework}. */
  set piecework(piecework: Piecework | undefined) {
    this.#piecework = piecework;
  }

  /** Puts bytes behind those that wait. Who is told of the same thing shares the array; it is never changed. */
  push(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return;
    if (this.#waiting === NOTHING) this.#waiting = [bytes];
    else this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.bytes > this.#post.mostBytes) return this.giveUp("too slow");
    if (!this.#queued && this.#writing.length === 0) {
      this.#queued = true;
      this.#post.queue(this);
    }
  }

  /** Answers when all that waits is written, or nothing more will be. */
  emptied(): Promise<void> {
    if (this.#closed || this.bytes === 0) return Promise.resolve();
    this.#emptied ??= Promise.withResolvers();
    return this.#emptied.promise;
  }

  /** Takes nothing more and drops what waits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#post.remove(this);
    this.#waiting = NOTHING;
    this.#waitingBytes = 0;
    this.#emptied?.resolve();
  }

  /** Gives the reader up; the owner closes the connection. */
  giveUp(why: WhyGivenUp): void {
    if (this.#closed) return;
    this.close();
    this.#post.countGivenUp(why);
    this.#gaveUp(why);
  }

  /** The post office's: starts to write what waits. */
  flush(): void {
    this.#queued = false;
    if (this.#closed || this.#writing.length > 0 || this.#waiting === NOTHING) return;
    this.#writing = this.#take();
    this.#waitingBytes -= this.#writing.length;
    this.#write();
  }

  get overdueBytes(): number {
    return this.#closed ? 0 : this.#progress.overdueBytes;
  }

  inspect(nowMs: number, limits: Pick<PostLimits, "outboxBytes" | "stallMs">): void {
    const standing = {
      writtenBytes: this.#writtenBytes,
      waitingBytes: this.bytes,
      writing: this.#writing.length > 0,
    };
    const why = this.#progress.look(standing, limits, nowMs);
    if (why !== undefined) this.giveUp(why);
  }

  #write(): void {
    this.#sink.write(this.#writing).then(this.#onWritten, this.#onFailed);
  }

  #wrote(count: number): void {
    this.#writtenBytes += count;
    this.#post.counts.writtenBytes += count;
    this.#writing = count === this.#writing.length ? NO_BYTES : this.#writing.subarray(count);
    if (this.#closed) return;
    if (this.#writing.length > 0) return this.#write();
    if (this.#waiting !== NOTHING) return this.flush();
    this.#emptied?.resolve();
    this.#emptied = undefined;
  }

  /** The next bytes to write: whole lines, as many as fit. */
  #take(): Uint8Array {
    const most = this.#piecework?.maxBytes ?? MOST_BYTES_PER_WRITE;
    const first = this.#waiting[0]!;
    if (first.length > most) return this.#takePartOf(first, most);
    if (this.#waiting.length === 1) {
      this.#waiting = NOTHING;
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
    this.#waiting = over === -1 ? NOTHING : all.splice(over);
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

/** One to whom things are written, as far as the post office looks after it. */
export interface Reader {
  /** Bytes that are not written yet. */
  readonly bytes: number;
  /** Of what waited a round ago, what waits still. */
  readonly overdueBytes: number;
  /** Looks at it, once in a round: gives it up where it falls behind, or a write makes no progress. */
  inspect(nowMs: number, limits: Pick<PostLimits, "outboxBytes" | "stallMs">): void;
  giveUp(why: WhyGivenUp): void;
}

/** How often readers are looked at. */
const ROUND_MS = 1_000;

/** With so many times the limit waiting, a reader is not given a round to catch up. */
const FAR_TOO_MUCH = 8;

/**
 * Looks after all readers: writes once for all that was pushed in one go, keeps their sum within bounds, and makes
 * the rounds to find readers that are stuck.
 */
export class PostOffice implements Disposable {
  readonly counts: PostCounts;
  #limits: PostLimits;
  #readers = new Set<Reader>();
  #queue: Outbox[] = [];
  #rounds: ReturnType<typeof setInterval>;
  /** What was joined last: most readers wait for the same lines. */
  #joined: { lines: readonly Uint8Array[]; bytes: Uint8Array } = { lines: [], bytes: new Uint8Array(0) };

  constructor(limits: PostLimits, counts: PostCounts = { writtenBytes: 0, tooSlow: 0, stalled: 0 }) {
    this.#limits = limits;
    this.counts = counts;
    this.#rounds = setInterval(() => this.#makeRounds(), ROUND_MS);
  }

  add(reader: Reader): void {
    this.#readers.add(reader);
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader);
  }

  /** Of all readers together. */
  get waitingBytes(): number {
    return this.#readers.values().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  countGivenUp(why: WhyGivenUp): void {
    if (why === "too slow") this.counts.tooSlow++;
    if (why === "timeout") this.counts.stalled++;
  }

  /** Has an outbox written soon, together with all others that were queued in the same go. */
  queue(outbox: Outbox): void {
    if (this.#queue.push(outbox) === 1) queueMicrotask(() => this.#flush());
  }

  /** What may wait for one reader even for a moment. */
  get mostBytes(): number {
    return FAR_TOO_MUCH * this.#limits.outboxBytes;
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
    for (const reader of this.#readers) reader.inspect(now, this.#limits);
    const overdueBytes = this.#readers.values().reduce((sum, reader) => sum + reader.overdueBytes, 0);
    this.#relieve(overdueBytes - this.#limits.outboxTotalBytes);
  }

  /** Gives readers up until so many bytes less are overdue, those who are furthest behind first. */
  #relieve(bytes: number): void {
    if (bytes <= 0) return;
    const slowest = [...this.#readers].sort((one, other) => other.overdueBytes - one.overdueBytes);
    for (const reader of slowest) {
      if (bytes <= 0) return;
      bytes -= reader.overdueBytes;
      reader.giveUp("too slow");
    }
  }
}
