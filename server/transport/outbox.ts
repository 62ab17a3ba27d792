import type { PostCounts } from "./counts.ts";
import { cutBetweenCharacters, type Piecework } from "./_pieces.ts";
import { Progress } from "./_progress.ts";
import { whyGone } from "./_why_gone.ts";
import { WaitingLines } from "./_waiting_lines.ts";

/** What one write holds at most: all that a commit brings, so that who reads keeps up (store/messages.ts). */
const MOST_BYTES_PER_WRITE = 65_536;

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
  /** Rendered lines. */
  #waiting: WaitingLines;
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
  #onFailed = (error: unknown): void => this.giveUp(whyGone(error));

  constructor(
    post: PostOffice,
    { sink, gaveUp }: { sink: Sink; gaveUp: (why: WhyGivenUp) => void },
  ) {
    this.#post = post;
    this.#sink = sink;
    this.#gaveUp = gaveUp;
    this.#waiting = post.nothing;
    post.add(this);
  }

  /** Bytes that are not written yet. */
  get bytes(): number {
    return this.#waiting.bytes + this.#writing.length;
  }

  /** From now on the reader gets pieces; see {@link Piecework}. */
  set piecework(piecework: Piecework | undefined) {
    this.#piecework = piecework;
  }

  /** Puts bytes behind those that wait. Who is told of the same thing shares the array; it is never changed. */
  push(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return;
    this.#waiting = this.#waiting.with(bytes);
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
    this.#waiting = this.#post.nothing;
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
    if (this.#closed || this.#writing.length > 0 || this.#waiting.bytes === 0) return;
    this.#writing = this.#take();
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
    if (this.#waiting.bytes > 0) return this.flush();
    this.#emptied?.resolve();
    this.#emptied = undefined;
  }

  /** The next bytes to write: whole lines, as many as fit; of a line that is too long a part. */
  #take(): Uint8Array {
    const most = this.#piecework?.maxBytes ?? MOST_BYTES_PER_WRITE;
    const all = this.#waiting;
    this.#waiting = this.#post.nothing;
    if (all.bytes <= most) return all.joined();
    const { first, rest } = all.split(most);
    const [next, ...others] = rest as [Uint8Array, ...Uint8Array[]];
    if (first.bytes > 0) return this.#leave(rest, first.joined());
    const end = this.#piecework === undefined ? most : cutBetweenCharacters(next, this.#piecework);
    return this.#leave([next.subarray(end), ...others], next.subarray(0, end));
  }

  /** These lines wait on. */
  #leave(lines: readonly Uint8Array[], taken: Uint8Array): Uint8Array {
    for (const line of lines) this.#waiting = this.#waiting.with(line);
    return taken;
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

/** What is written to one reader, as far as it is to be written soon. */
interface Flushed {
  /** Starts to write what waits. Never throws. */
  flush(): void;
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
  /** What an outbox holds where nothing waits: most do, most of the time. */
  readonly nothing: WaitingLines = WaitingLines.none();
  #limits: PostLimits;
  #readers = new Set<Reader>();
  #queue: Flushed[] = [];
  #rounds: ReturnType<typeof setInterval>;

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
  queue(outbox: Flushed): void {
    if (this.#queue.push(outbox) === 1) queueMicrotask(() => this.#flush());
  }

  /** What may wait for one reader even for a moment. */
  get mostBytes(): number {
    return FAR_TOO_MUCH * this.#limits.outboxBytes;
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
