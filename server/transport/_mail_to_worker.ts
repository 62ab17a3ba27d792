import type { LeaveReason } from "../chat/event.ts";
import { BatchReader, BatchWriter } from "./_batch.ts";

/** What a worker is told about the connections that it has, each by the number that it has given it. */
export interface WorkerReceiver {
  /** Whoever waits with a handshake is let in. */
  admitted(number: number): void;
  /** Or is not. */
  turnedAway(number: number, sentence: string): void;
  /** The same bytes are to be sent to all of these. */
  send(bytes: Uint8Array, numbers: Uint32Array): void;
  /** What one read has brought is dealt with. */
  dealtWith(number: number): void;
  /** All that has come is done, as far as that needs nothing more to come. */
  settled(number: number): void;
  allowLongLines(number: number): void;
  avoid(number: number, beginnings: readonly string[]): void;
  end(number: number, reason: LeaveReason): void;
}

/** A connection in a worker, as far as it takes to send it something. */
export interface Addressee {
  readonly number: number;
  /** The mail's: the {@link Item} that it was written to last, by its serial number. */
  lastItem: number;
}

/** Bytes, and who gets them. */
interface Item {
  readonly serial: number;
  readonly bytes: Uint8Array;
  readonly numbers: number[];
}

/** How many items back is looked for the same bytes: a message has so many looks, for those who read it differently. */
const LOOKS = 4;

const ADMITTED = 1,
  TURNED_AWAY = 2,
  SEND = 3,
  DEALT_WITH = 4,
  SETTLED = 5,
  LONG_LINES = 6,
  AVOID = 7,
  END = 8;

/** In a batch a reason is its place here. */
export const LEAVE_REASONS: readonly LeaveReason[] = ["quit", "timeout", "kicked", "too slow", "shutdown"];

/**
 * What is to be told to one worker, gathered until it is taken. What many readers get at the same time is in it once, with
 * their numbers; each gets all in the order in which it was written.
 */
export class MailToWorker {
  #onFirst: () => void;
  #batch = new BatchWriter();
  /** The latest items, which are not in the batch yet and may still get readers; they come before whatever follows. */
  #items: Item[] = [];
  #serial = 0;
  #itemBytes = 0;

  /** @param onFirst Called when there is something to be taken, and was nothing before. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
  }

  /** How much is there to be taken, about. */
  get byteLength(): number {
    return this.#batch.byteLength + this.#itemBytes;
  }

  admitted(number: number): void {
    this.#begin(ADMITTED, number);
  }

  turnedAway(number: number, sentence: string): void {
    this.#begin(TURNED_AWAY, number).text(sentence);
  }

  /** @param bytes Never changed afterwards. */
  send(bytes: Uint8Array, to: Addressee): void {
    const item = this.#itemWith(bytes, to.lastItem) ?? this.#addItem(bytes);
    item.numbers.push(to.number);
    to.lastItem = item.serial;
    this.#itemBytes += NUMBER_BYTES;
  }

  dealtWith(number: number): void {
    this.#begin(DEALT_WITH, number);
  }

  settled(number: number): void {
    this.#begin(SETTLED, number);
  }

  allowLongLines(number: number): void {
    this.#begin(LONG_LINES, number);
  }

  avoid(number: number, beginnings: readonly string[]): void {
    const batch = this.#begin(AVOID, number);
    batch.number(beginnings.length);
    for (const beginning of beginnings) batch.text(beginning);
  }

  end(number: number, reason: LeaveReason): void {
    this.#begin(END, number).number(LEAVE_REASONS.indexOf(reason));
  }

  /** All of it; from here on there is nothing. */
  take(): ArrayBuffer {
    this.#writeItems();
    return this.#batch.take();
  }

  #begin(what: number, number: number): BatchWriter {
    this.#tellFirst();
    this.#writeItems();
    this.#batch.number(what);
    this.#batch.number(number);
    return this.#batch;
  }

  /** An item with these bytes, and none behind it that goes to the same reader. */
  #itemWith(bytes: Uint8Array, lastItem: number): Item | undefined {
    const items = this.#items;
    const first = Math.max(0, items.length - LOOKS);
    for (let index = items.length - 1; index >= first; index--) {
      const item = items[index]!;
      if (item.serial < lastItem) return undefined;
      if (item.bytes === bytes) return item;
    }
  }

  #addItem(bytes: Uint8Array): Item {
    this.#tellFirst();
    const item = { serial: ++this.#serial, bytes, numbers: [] };
    this.#items.push(item);
    this.#itemBytes += bytes.length + ITEM_BYTES;
    return item;
  }

  #tellFirst(): void {
    if (this.byteLength === 0) this.#onFirst();
  }

  #writeItems(): void {
    for (const { bytes, numbers } of this.#items) {
      this.#batch.number(SEND);
      this.#batch.bytes(bytes);
      this.#batch.numbers(numbers);
    }
    this.#items = [];
    this.#itemBytes = 0;
  }
}

/** What an item takes in a batch beside its bytes and numbers, and what each number takes. */
const ITEM_BYTES = 12;
const NUMBER_BYTES = 4;

/** Tells a worker what a batch holds. */
export function readMailToWorker(batch: ArrayBuffer, receiver: WorkerReceiver): void {
  const reader = new BatchReader(batch);
  while (!reader.atEnd) readOne(reader, receiver);
}

function readOne(reader: BatchReader, receiver: WorkerReceiver): void {
  const what = reader.number();
  if (what === SEND) return receiver.send(reader.bytes(), reader.numbers());
  const number = reader.number();
  switch (what) {
    case ADMITTED:
      return receiver.admitted(number);
    case TURNED_AWAY:
      return receiver.turnedAway(number, reader.text());
    case DEALT_WITH:
      return receiver.dealtWith(number);
    case SETTLED:
      return receiver.settled(number);
    case LONG_LINES:
      return receiver.allowLongLines(number);
    case AVOID:
      return receiver.avoid(number, Array.from({ length: reader.number() }, () => reader.text()));
    case END:
      return receiver.end(number, LEAVE_REASONS[reader.number()]!);
    default:
      throw new TypeError(`There is no mail to a worker of kind ${what}`);
  }
}
