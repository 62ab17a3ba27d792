import { shuttingDown, tooBusyToHash } from "../refusals.ts";
import { mayStartWorker, startWorker } from "../start_worker.ts";
import type { PasswordAnswer, PasswordJob } from "./_password_worker.ts";
import type { PasswordHashing } from "./password_hashing.ts";
import { asCompared, checkPasswordLength, MOST_PASSWORD_BYTES } from "./password_rules.ts";

/**
 * What a new hash costs: the least that OWASP advises for Argon2id. Raising it is safe at any time, since every hash
 * says what it cost itself.
 */
const cost = { memoryKiB: 19456, passes: 2, lanes: 1 };
const saltBytes = 16;
const hashBytes = 32;

const costPrefix = `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}$`;

/** Random salt and hash that belong to no password, at the cost of a new hash. */
const nobodysHash = `${costPrefix}rpAS0MRgIEVY1xApz4lfCA$2/RARmNpmitRBcbwEhQPALE3+HUhn/7swuT3Tm2x1Ao`;

/**
 * Hashes and checks passwords with Argon2id, in workers: at some 30 ms each they would hold up everybody's chat.
 *
 * A worker starts when there is work for it and stops after `idleMs` without any, so that a server where nobody
 * logs in spends no memory on them. Passwords wait in the order in which they came.
 *
 * No error quotes a password.
 */
export class PasswordHasher implements PasswordHashing {
  readonly #options: PasswordHasherOptions;
  /** In the order in which they came; some only while every worker is busy. */
  #waiting: Task[] = [];
  /** Worker → what it is at. */
  #busy = new Map<Worker, Task>();
  /** Those without work, the one that worked last at the end, each with the timer that will stop it. */
  #idle: { worker: Worker; stopTimer: ReturnType<typeof setTimeout> }[] = [];
  #closed = false;

  constructor(options: PasswordHasherOptions) {
    this.#options = options;
  }

  /** How many passwords wait because every worker is busy. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws {Refusal} `busy` where another password could not even wait. */
  checkRoom(): void {
    const { workers, maxQueued } = this.#options;
    if (this.#busy.size >= workers && this.#waiting.length >= maxQueued) throw tooBusyToHash();
  }

  /**
   * Makes a PHC string (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`), a different one at every call.
   *
   * @throws {Refusal} `bad_password` outside 8 to 1,024 bytes; `busy` when `maxQueued` others are waiting, `shutting_down`.
   */
  async hash(password: string): Promise<string> {
    checkPasswordLength(password);
    const salt = crypto.getRandomValues(new Uint8Array(saltBytes));
    return await this.#work({ password: asCompared(password), salt, hashBytes, ...cost });
  }

  /**
   * Whether `hash` is that of the password. An unknown account has no hash: the answer is no, and takes as long as
   * with a wrong password, so that nobody learns who has an account.
   *
   * @throws {Refusal} `busy` when `maxQueued` others are waiting, `shutting_down`.
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    // Nobody has such a password, with or without an account: a quick no gives nothing away
    if (password === "" || utf8Length(password) > MOST_PASSWORD_BYTES) return false;
    const expected = hash ?? nobodysHash;
    const actual = await this.#work({ password: asCompared(password), ...howItWasMade(expected) });
    // Salted digests: how soon two of them differ says nothing about the password
    return actual === expected && hash !== undefined;
  }

  /**
   * Stops all workers, which otherwise keep the process alive until they have been idle long enough. What is under
   * way or waiting fails, and so does every later call.
   */
  close(): void {
    this.#closed = true;
    const unfinished = [...this.#busy.values(), ...this.#waiting];
    for (const worker of this.#busy.keys()) worker.terminate();
    for (const { worker, stopTimer } of this.#idle) {
      clearTimeout(stopTimer);
      worker.terminate();
    }
    this.#busy.clear();
    this.#idle = [];
    this.#waiting = [];
    for (const task of unfinished) task.reject(shuttingDown());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #work(job: PasswordJob): Promise<string> {
    if (this.#closed) return Promise.reject(shuttingDown());
    const task = { job, ...Promise.withResolvers<string>() };
    const worker = this.#freeWorker();
    if (worker) this.#give(worker, task);
    else if (this.#busy.size > 0 && this.#waiting.length < this.#options.maxQueued) this.#waiting.push(task);
    else return Promise.reject(tooBusyToHash());
    return task.promise;
  }

  #freeWorker(): Worker | undefined {
    const idle = this.#idle.pop();
    if (idle) {
      clearTimeout(idle.stopTimer);
      return idle.worker;
    }
    if (this.#busy.size < this.#options.workers && mayStartWorker()) return this.#startWorker();
  }

  #startWorker(): Worker {
    // `deno compile` cannot see this import: it is told with --include
    const worker = startWorker(new URL("./_password_worker.ts", import.meta.url));
    worker.onmessage = ({ data }: MessageEvent<PasswordAnswer>) => this.#finish(worker, data);
    worker.onerror = (event) => {
      event.preventDefault(); // otherwise it would end the whole server
      this.#bury(worker);
    };
    return worker;
  }

  #give(worker: Worker, task: Task): void {
    this.#busy.set(worker, task);
    worker.postMessage(task.job);
  }

  #finish(worker: Worker, answer: PasswordAnswer): void {
    const task = this.#busy.get(worker);
    if (!task) return; // closed while the answer was on its way
    this.#busy.delete(worker);
    const next = this.#waiting.shift();
    if (next) this.#give(worker, next);
    else this.#rest(worker);

    if ("hash" in answer) task.resolve(answer.hash);
    else task.reject(new Error(`Cannot hash a password: ${answer.failure} in the worker`));
  }

  #rest(worker: Worker): void {
    const stopTimer = setTimeout(() => {
      this.#idle = this.#idle.filter((idle) => idle.worker !== worker);
      worker.terminate();
    }, this.#options.idleMs);
    Deno.unrefTimer(stopTimer);
    this.#idle.push({ worker, stopTimer });
  }

  /** Finds another worker for those who wait, if that is possible: nobody may wait for none. */
  #replace(): void {
    if (this.#waiting.length === 0) return;
    const worker = this.#freeWorker();
    if (worker) return this.#give(worker, this.#waiting.shift()!);
    if (this.#busy.size > 0) return;
    for (const { reject } of this.#waiting.splice(0)) reject(tooBusyToHash());
  }

  /** A worker has died: another one takes its place as soon as there is work for it. */
  #bury(worker: Worker): void {
    worker.terminate();
    for (const idle of this.#idle) if (idle.worker === worker) clearTimeout(idle.stopTimer);
    this.#idle = this.#idle.filter((idle) => idle.worker !== worker);

    const task = this.#busy.get(worker);
    if (!task) return;
    this.#busy.delete(worker);
    this.#replace();
    task.reject(new Error("Cannot hash a password: the worker died")); // why might quote the password
  }
}

export interface PasswordHasherOptions {
  /** How many may run at once; each holds some 50 MiB while it does. */
  workers: number;
  /** How many passwords may wait while every worker is busy. */
  maxQueued: number;
  idleMs: number;
}

/** A job, and whom to tell how it ended. */
interface Task {
  job: PasswordJob;
  resolve(hash: string): void;
  reject(reason: Error): void;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What has to be the same for the same password to give the same hash. */
function howItWasMade(hash: string): Omit<PasswordJob, "password"> {
  const parts = hash.match(/^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/);
  if (!parts) throw new TypeError("Cannot check a password: what is stored is not an Argon2id hash");
  const [, memoryKiB, passes, lanes, salt = "", digest = ""] = parts;
  return {
    memoryKiB: Number(memoryKiB),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Uint8Array.fromBase64(salt),
    hashBytes: Uint8Array.fromBase64(digest).length,
  };
}
