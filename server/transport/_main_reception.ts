import type { LeaveReason } from "../chat/event.ts";
import type { Frame } from "./framing.ts";
import type { LineConnection } from "./line_connection.ts";
import type { FrameReceiver } from "./lines_in_turn.ts";
import { MailToMain } from "./_mail_to_main.ts";
import { readMailToWorker, type WorkerReceiver } from "./_mail_to_worker.ts";
import type { PostOffice } from "./outbox.ts";
import type { Peer, Reception, Visit } from "./reception.ts";

/** When so much has come from the main isolate it is told at once how things stand; when less has, soon. */
const TELL_AT_ONCE_BYTES = 262_144;

/** How soon. As long as somebody has not read all, it is told again and again, less and less often. */
const TELL_MS = 20, MOST_TELL_MS = 1_000;

/**
 * The reception of the main isolate, as a worker sees it. What connections tell goes there, and what is told there goes
 * to them; all of one go in one message.
 */
export class MainReception implements Reception<LineConnection>, WorkerReceiver, Disposable {
  #post: PostOffice;
  #mail: MailToMain;
  /** Number → whoever waits to be let in, or is here. */
  #visits = new Map<number, MainVisit>();
  #lastNumber = 0;
  /** How many batches have come, and how much since it was told how things stand. */
  #batches = 0;
  #untoldBytes = 0;
  /** What the counts were when they were told. */
  #toldCounts = { writtenBytes: 0, tooSlow: 0, stalled: 0 };
  /** Those of whom it was told that something waits for them. */
  #slow: number[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerMs = 0;

  /** @param send Posts a batch to the main isolate. */
  constructor(post: PostOffice, send: (batch: ArrayBuffer) => void) {
    this.#post = post;
    this.#mail = new MailToMain(() => queueMicrotask(() => send(this.#mail.take())));
  }

  admit(peer: Peer): Promise<Visit<LineConnection> | string> {
    const number = ++this.#lastNumber;
    const visit = new MainVisit(number, this.#mail, () => this.#over(number));
    this.#visits.set(number, visit);
    this.#mail.came(number, peer);
    return new Promise((resolve) => visit.onAdmission = resolve);
  }

  /** Does what a batch from the main isolate says. */
  receive(batch: ArrayBuffer): void {
    readMailToWorker(batch, this);
    this.#batches++;
    this.#untoldBytes += batch.byteLength;
    if (this.#untoldBytes >= TELL_AT_ONCE_BYTES) this.#tellStanding();
    else this.#tellWithin(TELL_MS);
  }

  admitted(number: number): void {
    const visit = this.#visits.get(number);
    visit?.onAdmission?.(visit);
  }

  turnedAway(number: number, sentence: string): void {
    this.#visits.get(number)?.onAdmission?.(sentence);
    this.#visits.delete(number);
  }

  send(bytes: Uint8Array, numbers: Uint32Array): void {
    for (const number of numbers) this.#visits.get(number)?.connection?.send(bytes);
  }

  dealtWith(number: number): void {
    this.#visits.get(number)?.onDealtWith?.();
  }

  settled(number: number): void {
    this.#visits.get(number)?.onSettled?.();
  }

  allowLongLines(number: number): void {
    this.#visits.get(number)?.connection?.allowLongLines();
  }

  avoid(number: number, beginnings: readonly string[]): void {
    this.#visits.get(number)?.connection?.avoid(beginnings);
  }

  end(number: number, reason: LeaveReason): void {
    this.#visits.get(number)?.connection?.end(reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #over(number: number): void {
    this.#visits.delete(number);
    this.#mail.ended(number);
    this.#tellWithin(TELL_MS);
  }

  #tellWithin(ms: number): void {
    if (this.#timer !== undefined && this.#timerMs <= ms) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tellStanding(), ms);
    this.#timerMs = ms;
  }

  #tellStanding(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { writtenBytes, tooSlow, stalled } = this.#post.counts;
    const told = this.#toldCounts;
    this.#mail.stands({
      batches: this.#batches,
      writtenBytes: writtenBytes - told.writtenBytes,
      tooSlow: tooSlow - told.tooSlow,
      stalled: stalled - told.stalled,
      waitingBytes: this.#lookAtSlow(),
    });
    this.#toldCounts = { writtenBytes, tooSlow, stalled };
    this.#untoldBytes = 0;
    if (this.#slow.length > 0) this.#tellWithin(Math.min(Math.max(TELL_MS, 2 * this.#timerMs), MOST_TELL_MS));
  }

  /** Number → bytes that wait, of those who are slow now or were the last time. */
  #lookAtSlow(): Map<number, number> {
    const waitingBytes = new Map(this.#slow.map((number) => [number, 0]));
    this.#slow = [];
    for (const [number, { connection }] of this.#visits) {
      const bytes = connection?.waitingBytes ?? 0;
      if (bytes === 0) continue;
      waitingBytes.set(number, bytes);
      this.#slow.push(number);
    }
    return waitingBytes;
  }
}

/** The visit of one connection, which tells the main isolate what comes over it. */
class MainVisit implements Visit<LineConnection>, FrameReceiver {
  connection: LineConnection | undefined;
  onAdmission: ((visit: Visit<LineConnection> | string) => void) | undefined;
  onDealtWith: (() => void) | undefined;
  onSettled: (() => void) | undefined;
  #number: number;
  #mail: MailToMain;
  #over: () => void;

  constructor(number: number, mail: MailToMain, over: () => void) {
    this.#number = number;
    this.#mail = mail;
    this.#over = over;
  }

  begin(connection: LineConnection): FrameReceiver {
    this.connection = connection;
    this.onAdmission = undefined;
    this.#mail.began(this.#number, connection.localAddress);
    return this;
  }

  received(bytes: number): void {
    this.#mail.received(this.#number, bytes);
  }

  frames(frames: readonly Frame[]): Promise<void> {
    this.#mail.frames(this.#number, frames, { pauseFramed: this.connection?.pauseFramed ?? false });
    return new Promise((resolve) => this.onDealtWith = resolve);
  }

  settled(): Promise<void> {
    this.#mail.settling(this.#number);
    return new Promise((resolve) => this.onSettled = resolve);
  }

  closed(reason: LeaveReason): void {
    this.#mail.closed(this.#number, reason);
  }

  end(): void {
    this.#over();
  }
}
