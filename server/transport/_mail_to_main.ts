import type { LeaveReason } from "../chat/event.ts";
import { BatchReader, BatchWriter } from "./_batch.ts";
import type { Frame } from "./framing.ts";
import { LEAVE_REASONS } from "./_mail_to_worker.ts";
import type { ChatDoor, Peer } from "./reception.ts";

/** What a worker tells about the connections that it has, each by a number that it never gives again. */
export interface MainReceiver {
  /** Somebody has come, and waits to be let in. */
  came(number: number, peer: Peer): void;
  /** The connection is there; `localAddress` is the address of this machine that the peer has come to. */
  began(number: number, localAddress: string): void;
  /** So many bytes have come over it. */
  received(number: number, bytes: number): void;
  /** What one read has brought. */
  frames(number: number, frames: readonly Frame[], options: { pauseFramed: boolean }): void;
  /** It is asked for what has come to be done. */
  settling(number: number): void;
  /** The connection is gone. */
  closed(number: number, reason: LeaveReason): void;
  /** The visit is over. */
  ended(number: number): void;
  stands(standing: Standing): void;
}

/** How things stand in a worker. */
export interface Standing {
  /** How many batches it has taken so far. */
  readonly batches: number;
  /** Written since it was told last how things stand, and readers given up since then. */
  readonly writtenBytes: number;
  readonly tooSlow: number;
  readonly stalled: number;
  /** Connection → bytes that wait to be written; of those for whom some wait, or did the last time. */
  readonly waitingBytes: ReadonlyMap<number, number>;
}

const CAME = 1, BEGAN = 2, RECEIVED = 3, FRAMES = 4, SETTLING = 5, CLOSED = 6, ENDED = 7, STANDS = 8;

/** In a batch a door is its place here. */
const DOORS: readonly ChatDoor[] = ["TLS", "plain"];

/** In a batch a frame is this and its text, or this alone. */
const LINE = 1, TOO_LONG = 2;

/** What one worker has to tell, gathered until it is taken. */
export class MailToMain implements MainReceiver {
  #onFirst: () => void;
  #batch = new BatchWriter();

  /** @param onFirst Called when there is something to be taken, and was nothing before. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
  }

  came(number: number, { door, address }: Peer): void {
    const batch = this.#begin(CAME, number);
    batch.number(DOORS.indexOf(door));
    batch.text(address);
  }

  began(number: number, localAddress: string): void {
    this.#begin(BEGAN, number).text(localAddress);
  }

  received(number: number, bytes: number): void {
    this.#begin(RECEIVED, number).number(bytes);
  }

  frames(number: number, frames: readonly Frame[], { pauseFramed }: { pauseFramed: boolean }): void {
    const batch = this.#begin(FRAMES, number);
    batch.number(Number(pauseFramed));
    batch.number(frames.length);
    for (const frame of frames) {
      batch.number(frame.type === "line" ? LINE : TOO_LONG);
      if (frame.type === "line") batch.text(frame.text);
    }
  }

  settling(number: number): void {
    this.#begin(SETTLING, number);
  }

  closed(number: number, reason: LeaveReason): void {
    this.#begin(CLOSED, number).number(LEAVE_REASONS.indexOf(reason));
  }

  ended(number: number): void {
    this.#begin(ENDED, number);
  }

  stands({ batches, writtenBytes, tooSlow, stalled, waitingBytes }: Standing): void {
    const batch = this.#begin(STANDS, tooSlow);
    batch.number(stalled);
    batch.largeNumber(batches);
    batch.largeNumber(writtenBytes);
    batch.number(waitingBytes.size);
    for (const [number, bytes] of waitingBytes) {
      batch.number(number);
      batch.largeNumber(bytes);
    }
  }

  /** All of it; from here on there is nothing. */
  take(): ArrayBuffer {
    return this.#batch.take();
  }

  #begin(what: number, number: number): BatchWriter {
    if (this.#batch.byteLength === 0) this.#onFirst();
    this.#batch.number(what);
    this.#batch.number(number);
    return this.#batch;
  }
}

/** Tells what a batch from a worker holds. */
export function readMailToMain(batch: ArrayBuffer, receiver: MainReceiver): void {
  const reader = new BatchReader(batch);
  while (!reader.atEnd) readOne(reader, receiver);
}

function readOne(reader: BatchReader, receiver: MainReceiver): void {
  const [what, number] = [reader.number(), reader.number()];
  switch (what) {
    case CAME:
      return receiver.came(number, { door: DOORS[reader.number()]!, address: reader.text() });
    case BEGAN:
      return receiver.began(number, reader.text());
    case RECEIVED:
      return receiver.received(number, reader.number());
    case FRAMES: {
      const pauseFramed = reader.number() === 1;
      const frames = Array.from({ length: reader.number() }, () => readFrame(reader));
      return receiver.frames(number, frames, { pauseFramed });
    }
    case SETTLING:
      return receiver.settling(number);
    case CLOSED:
      return receiver.closed(number, LEAVE_REASONS[reader.number()]!);
    case ENDED:
      return receiver.ended(number);
    case STANDS:
      return receiver.stands(readStanding(reader, number));
    default:
      throw new TypeError(`There is no mail from a worker of kind ${what}`);
  }
}

function readFrame(reader: BatchReader): Frame {
  return reader.number() === LINE ? { type: "line", text: reader.text() } : { type: "too long" };
}

function readStanding(reader: BatchReader, tooSlow: number): Standing {
  const [stalled, batches, writtenBytes] = [reader.number(), reader.largeNumber(), reader.largeNumber()];
  const waitingBytes = new Map<number, number>();
  for (let count = reader.number(); count > 0; count--) {
    waitingBytes.set(reader.number(), reader.largeNumber());
  }
  return { batches, writtenBytes, tooSlow, stalled, waitingBytes };
}
