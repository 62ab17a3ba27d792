import type { LeaveReason } from "../chat/event.ts";
import { startWorker } from "../start_worker.ts";
import type { PostCounts } from "./counts.ts";
import type { Frame } from "./framing.ts";
import type { FrameReceiver } from "./lines_in_turn.ts";
import { type MainReceiver, readMailToMain, type Standing } from "./_mail_to_main.ts";
import { MailToWorker } from "./_mail_to_worker.ts";
import type { Peer, Visit } from "./reception.ts";
import { type WayToWorker, WorkerConnection } from "./_worker_connection.ts";
import type { WorkerNews, WorkerOrder } from "./_worker_orders.ts";

/** With more than this on the way to it a worker is behind, and what is asked for waits; with far more it is given up. */
const MUCH_BYTES = 1_048_576;
const FAR_TOO_MUCH_BYTES = 64 * MUCH_BYTES;

/** For how many rounds it may take nothing of what is on the way: so long others wait for it, and then it is given up. */
const ROUNDS_WAITED_FOR = 2, ROUNDS_OF_PATIENCE = 20;

/** What all links share. */
export interface LinkParts {
  readonly reception: { admit(peer: Peer): Visit | string };
  /** Of all workers together, and of the main isolate. */
  readonly counts: PostCounts;
  readonly report: LinkReport;
  /** Has something done that somebody asks for, as soon as the workers keep up with what has been done. */
  readonly whenKeptUp: (deed: () => void) => void;
  /** Told when a worker has taken something, or is no longer waited for. */
  readonly progressed: () => void;
}

/** Who wants to know how workers fare: the server's log. */
export interface LinkReport {
  /** Something went wrong that is nobody's refusal. */
  defect(error: unknown): void;
  acceptFails(error: unknown): void;
  acceptsAgain(): void;
}

/**
 * One worker, and what is said between it and the main isolate. Connections that it has are sessions here; when it dies
 * they are gone.
 */
export class WorkerLink implements MainReceiver, WayToWorker {
  readonly mail: MailToWorker = new MailToWorker(() => queueMicrotask(() => this.#post()));
  /** Told once why it has died; undefined where it was stopped. */
  readonly died: Promise<Error | undefined>;
  #worker: Worker;
  #parts: LinkParts;
  #visits = new Map<number, WorkerVisit>();
  #orders: PromiseWithResolvers<void>[] = [];
  #batch = 1;
  #takenBatch = 0;
  /** Sizes of the batches that were posted and are not taken yet, and their sum. */
  #onTheWay: number[] = [];
  #bytesOnTheWay = 0;
  /** For how many rounds it has taken nothing of them, and obeyed no order. */
  #idleRounds = 0;
  #ended = false;
  #lostConnections = 0;
  #onDeath: (why: Error | undefined) => void;

  /**
   * @param module What the worker runs: `_chat_worker.ts`.
   * @throws {Error} where it cannot be started just now
   */
  constructor(module: URL, parts: LinkParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    [this.died, this.#onDeath] = [promise, resolve];
    this.#worker = startWorker(module);
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerNews | ArrayBuffer>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault(); // otherwise it would end the whole server
      this.#end(new Error(event.message));
    };
  }

  get batch(): number {
    return this.#batch;
  }

  get takenBatch(): number {
    return this.#takenBatch;
  }

  /** It has died, or was stopped. */
  get gone(): boolean {
    return this.#ended;
  }

  /** How many connections have gone with it. */
  get lostConnections(): number {
    return this.#lostConnections;
  }

  /** Bytes that wait to be written, as its connections tell. */
  get waitingBytes(): number {
    return this.#visits.values().reduce((sum, { connection }) => sum + (connection?.waitingBytes ?? 0), 0);
  }

  /** It is waited for: much is on the way to it, and it has taken some of it of late. */
  get behind(): boolean {
    return this.#bytesOnTheWay + this.mail.byteLength > MUCH_BYTES && this.#idleRounds < ROUNDS_WAITED_FOR;
  }

  /** Has the worker do something, and answers when it is done. @throws {Error} where it fails, or the worker dies */
  obey(order: WorkerOrder): Promise<void> {
    if (this.#ended) return Promise.reject(new Error("The worker has died"));
    const done = Promise.withResolvers<void>();
    this.#orders.push(done);
    this.#post(); // what was said before comes first
    this.#worker.postMessage(order);
    return done.promise;
  }

  /** Looks once a second whether it takes what is on the way. */
  makeRound(): void {
    const idle = this.#onTheWay.length === 0 && this.#orders.length === 0;
    this.#idleRounds = idle ? 0 : this.#idleRounds + 1;
    if (this.#idleRounds === ROUNDS_WAITED_FOR) this.#parts.progressed();
    if (this.#idleRounds >= ROUNDS_OF_PATIENCE) this.#end(new Error("It does nothing any more"));
  }

  /** Stops the worker as it is; connections that it still has are gone. */
  terminate(): void {
    this.#end(undefined);
  }

  came(number: number, peer: Peer): void {
    const visit = this.#parts.reception.admit(peer);
    if (typeof visit === "string") return this.mail.turnedAway(number, visit);
    this.#visits.set(number, new WorkerVisit(peer, visit));
    this.mail.admitted(number);
  }

  began(number: number, localAddress: string): void {
    const here = this.#visits.get(number);
    if (here === undefined) return;
    here.connection = new WorkerConnection(number, here.peer, { way: this, localAddress });
    here.receiver = here.visit.begin(here.connection);
  }

  received(number: number, bytes: number): void {
    this.#visits.get(number)?.receiver?.received(bytes);
  }

  frames(number: number, frames: readonly Frame[], { pauseFramed }: { pauseFramed: boolean }): void {
    const { connection, receiver } = this.#visits.get(number) ?? {};
    if (connection === undefined || receiver === undefined) return;
    this.#parts.whenKeptUp(() => {
      connection.pauseFramed = pauseFramed;
      void receiver.frames(frames).then(() => this.mail.dealtWith(number), (error) => {
        this.#parts.report.defect(error);
        connection.end("quit");
      });
    });
  }

  settling(number: number): void {
    void this.#visits.get(number)?.receiver?.settled().then(() => this.mail.settled(number));
  }

  closed(number: number, reason: LeaveReason): void {
    this.#visits.get(number)?.receiver?.closed(reason);
  }

  ended(number: number): void {
    this.#visits.get(number)?.visit.end();
    this.#visits.delete(number);
  }

  stands({ batches, writtenBytes, tooSlow, stalled, waitingBytes }: Standing): void {
    const { counts } = this.#parts;
    counts.writtenBytes += writtenBytes;
    counts.tooSlow += tooSlow;
    counts.stalled += stalled;
    for (const [number, bytes] of waitingBytes) {
      const connection = this.#visits.get(number)?.connection;
      if (connection !== undefined) connection.waitingThere = bytes;
    }
    const taken = this.#onTheWay.splice(0, batches - this.#takenBatch);
    this.#bytesOnTheWay -= taken.reduce((sum, bytes) => sum + bytes, 0);
    this.#takenBatch = batches;
    if (taken.length > 0) this.#idleRounds = 0;
    this.#parts.progressed();
  }

  #receive(data: WorkerNews | ArrayBuffer): void {
    if (this.#ended) return;
    if (data instanceof ArrayBuffer) return this.#read(data);
    const { report } = this.#parts;
    this.#idleRounds = 0;
    switch (data.type) {
      case "done":
        return this.#orders.shift()?.resolve();
      case "failed":
        return this.#orders.shift()?.reject(new Error(data.because));
      case "accept fails":
        return report.acceptFails(data.because);
      case "accepts again":
        return report.acceptsAgain();
      case "defect":
        return report.defect(data.because);
    }
  }

  /** What comes after a defect would never be dealt with: with the worker, its connections come to an end at least. */
  #read(batch: ArrayBuffer): void {
    try {
      readMailToMain(batch, this);
    } catch (error) {
      this.#parts.report.defect(error);
      this.#end(new Error("What it has told could not be dealt with"));
    }
  }

  #post(): void {
    if (this.#ended || this.mail.byteLength === 0) return;
    const batch = this.mail.take();
    this.#batch++;
    this.#onTheWay.push(batch.byteLength);
    this.#bytesOnTheWay += batch.byteLength;
    this.#worker.postMessage(batch);
    if (this.#bytesOnTheWay > FAR_TOO_MUCH_BYTES) this.#end(new Error("It does not keep up"));
  }

  #end(why: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lostConnections = this.#visits.size;
    this.#worker.terminate();
    for (const { receiver, visit } of this.#visits.values()) {
      receiver?.closed("quit");
      visit.end();
    }
    this.#visits.clear();
    for (const { reject } of this.#orders.splice(0)) reject(why ?? new Error("The worker was stopped"));
    this.#bytesOnTheWay = 0;
    this.#onTheWay = [];
    this.#parts.progressed();
    this.#onDeath(why);
  }
}

/** Somebody who has come to a worker. */
class WorkerVisit {
  readonly peer: Peer;
  readonly visit: Visit;
  /** From the end of the handshake on. */
  connection: WorkerConnection | undefined;
  receiver: FrameReceiver | undefined;

  constructor(peer: Peer, visit: Visit) {
    this.peer = peer;
    this.visit = visit;
  }
}
