import type { LeaveReason } from "../chat/event.ts";
import type { Connection } from "../session/connection.ts";
import { USUAL_PROGRAM } from "./listeners.ts";
import type { Addressee, MailToWorker } from "./_mail_to_worker.ts";
import type { ChatDoor, Peer } from "./reception.ts";

/** The way to one worker, as far as it matters to a connection there. */
export interface WayToWorker {
  readonly mail: MailToWorker;
  /** The number of the batch that is being gathered. */
  readonly batch: number;
  /** The number of the last one that the worker has taken. */
  readonly takenBatch: number;
}

/** What is as good as written, as soon as it is sent; of more somebody may wait for the end. */
const LITTLE_BYTES = 8_192;

/** A connection that a worker has, for the session in the main isolate. */
export class WorkerConnection implements Connection, Addressee {
  readonly id: string = crypto.randomUUID();
  readonly number: number;
  readonly address: string;
  readonly localAddress: string;
  readonly how: ChatDoor;
  readonly jsonOnly = false;
  pauseFramed = false;
  /** The mail's. */
  lastItem = 0;
  /** Bytes that waited in the worker when it was told last. */
  waitingThere = 0;
  #way: WayToWorker;
  /** The last batch with something for this connection, and how many bytes of it the batches hold that are not taken. */
  #lastBatch = 0;
  #bytesOnTheWay = 0;

  constructor(number: number, { door, address }: Peer, at: { way: WayToWorker; localAddress: string }) {
    this.number = number;
    this.how = door;
    this.address = address;
    this.localAddress = at.localAddress;
    this.#way = at.way;
  }

  get program(): string {
    return USUAL_PROGRAM[this.how];
  }

  /** A moment old; what is on its way to the worker counts where it is much. */
  get waitingBytes(): number {
    const onTheWay = this.#lastBatch > this.#way.takenBatch ? this.#bytesOnTheWay : 0;
    return this.waitingThere + (onTheWay > LITTLE_BYTES ? onTheWay : 0);
  }

  send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const way = this.#way;
    if (this.#lastBatch <= way.takenBatch) this.#bytesOnTheWay = 0;
    this.#bytesOnTheWay += bytes.length;
    way.mail.send(bytes, this);
    this.#lastBatch = way.batch;
  }

  allowLongLines(): void {
    this.#way.mail.allowLongLines(this.number);
  }

  avoid(beginnings: readonly string[]): void {
    if (this.pauseFramed) this.#way.mail.avoid(this.number, beginnings);
  }

  end(reason: LeaveReason): void {
    this.#way.mail.end(this.number, reason);
  }
}
