import { pause } from "../pause.ts";
import { startWorker } from "../start_worker.ts";
import type { ShredAnswer, ShredAnswers, ShredRequest } from "./_shred_worker.ts";
import { sqliteKey } from "./_sqlite_key.ts";

/**
 * How long after the last deletion the log is emptied, and how long after the first at most: once for all that goes
 * together, for nobody can write meanwhile.
 */
const GATHER_MS = 3_000, MOST_GATHER_MS = 30_000;

/** When it is tried again where somebody else was just at work in the file, and where the disk would not have it. */
const RETRY_MS = 1_000, RETRY_FAILED_MS = 60_000;

/** How long the worker stays without work. */
const IDLE_MS = 10_000;

/** Others have the file to themselves for so many times as long as a transaction took, up to a bound: SQLite gives no turns. */
const REST = 4, MOST_REST_MS = 200;

/**
 * Deletes from the database of Deno KV so that nothing of it can be read in its files any more.
 *
 * Deno KV alone would leave it there: SQLite only marks the place as free, has copies in the pages next to it from when
 * they were split (of every tenth message or so), and in its write-ahead log all that was written of late. Therefore
 * what goes is overwritten with zeros and its surroundings are written anew, by a connection of its own with
 * `secure_delete`, and then the log is emptied. Of some thousand texts one may still leave a shred, in a page high up in
 * the tree. All that waits for the disk, so a worker does it, which is there only while there is work for it.
 */
export class Shredder implements AsyncDisposable {
  #path: string;
  #failed: (error: unknown) => void;
  #worker: Worker | undefined;
  /** Those who wait for an answer of the worker, in the order in which they asked. */
  #waiting: PromiseWithResolvers<ShredAnswer>[] = [];
  /** What is being done, or was last: one deed after the other. */
  #doing: Promise<unknown> = Promise.resolve();
  /** When the next transaction may begin, as `performance.now()` has it. */
  #restsUntilMs = 0;
  /** Until the log is emptied or, after that, until the worker goes. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the log has to be emptied at the latest, as `performance.now()` has it; undefined where it need not be. */
  #emptyByMs: number | undefined;
  #closed = false;

  /** @param failed Told why the log could not be emptied, for which nobody waits. */
  constructor(path: string, failed: (error: unknown) => void) {
    this.#path = path;
    this.#failed = failed;
  }

  /**
   * Deletes entries; the log is emptied a little later.
   *
   * @param options.thorough Whether what is near is written anew.
   * @returns How many there were.
   * @throws {Error} when the disk would not have it; a part may be deleted.
   */
  delete(keys: readonly (readonly string[])[], { thorough }: { thorough: boolean }): Promise<number> {
    return this.#inTurn(() => this.#deleteAll(keys.map(sqliteKey).sort(byBytes), thorough));
  }

  /** Empties the log in a moment, after deletions that a crash has kept from it. */
  emptyLog(): void {
    const nowMs = performance.now();
    this.#emptyByMs ??= nowMs + MOST_GATHER_MS;
    this.#setTimer(Math.max(0, Math.min(GATHER_MS, this.#emptyByMs - nowMs)), () => this.#emptyLog());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#emptyByMs !== undefined) {
      await this.#inTurn(() => this.#ask({ type: "truncate" })).then(() => {}, this.#failed);
    }
    await this.#inTurn(() => this.#stop());
  }

  async #deleteAll(keys: readonly Uint8Array[], thorough: boolean): Promise<number> {
    let count = 0;
    for (let rest = keys; rest.length > 0;) {
      const restMs = this.#restsUntilMs - performance.now();
      if (restMs > 0) await pause(restMs);
      const beganMs = performance.now();
      const { dealtWith, deleted } = await this.#ask({ type: "delete", keys: [...rest], thorough });
      const endedMs = performance.now();
      this.#restsUntilMs = endedMs + Math.min(REST * (endedMs - beganMs), MOST_REST_MS);
      count += deleted;
      rest = rest.slice(dealtWith);
    }
    this.emptyLog();
    return count;
  }

  async #emptyLog(): Promise<void> {
    try {
      const { empty } = await this.#inTurn(() => this.#ask({ type: "truncate" }));
      if (!empty) return this.#setTimer(RETRY_MS, () => this.#emptyLog());
      this.#emptyByMs = undefined;
      this.#setTimer(IDLE_MS, () => this.#inTurn(() => this.#stop()));
    } catch (error) {
      this.#setTimer(RETRY_FAILED_MS, () => this.#emptyLog());
      this.#failed(error);
    }
  }

  #setTimer(ms: number, deed: () => Promise<void>): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => void deed(), ms);
  }

  #inTurn<Result>(deed: () => Promise<Result>): Promise<Result> {
    const done = this.#doing.then(deed);
    this.#doing = done.catch(() => {});
    return done;
  }

  async #ask<Request extends ShredRequest>(request: Request): Promise<ShredAnswers[Request["type"]]> {
    if (this.#worker === undefined) {
      this.#worker = this.#startWorker();
      this.#post({ type: "open", path: this.#path }).catch(() => {}); // what follows fails as well then
    }
    const answer = await this.#post(request);
    if ("failure" in answer) throw new Error(`Cannot ${request.type} in the database: ${answer.failure}`);
    return answer as ShredAnswers[Request["type"]];
  }

  #post(request: ShredRequest): Promise<ShredAnswer> {
    const waiting = Promise.withResolvers<ShredAnswer>();
    this.#waiting.push(waiting);
    this.#worker!.postMessage(request);
    return waiting.promise;
  }

  #startWorker(): Worker {
    // `deno compile` cannot see this import: it is told with --include
    const worker = startWorker(new URL("./_shred_worker.ts", import.meta.url));
    worker.onmessage = ({ data }: MessageEvent<ShredAnswer>) => this.#waiting.shift()?.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault(); // otherwise it would end the whole server
      this.#worker = undefined;
      const died = new Error(`The worker that deletes has died: ${event.message}`);
      for (const { reject } of this.#waiting.splice(0)) reject(died);
    };
    return worker;
  }

  async #stop(): Promise<void> {
    if (this.#worker === undefined || (!this.#closed && this.#emptyByMs !== undefined)) return;
    await this.#post({ type: "close" }).catch(() => {}); // it may have died
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function byBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    if (one[index] !== other[index]) return one[index]! - other[index]!;
  }
  return one.length - other.length;
}
