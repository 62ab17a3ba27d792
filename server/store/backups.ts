import { join } from "node:path";
import { backupFailed, backupNotFound, backupUnderWay, Refusal, tooManyBackups } from "../refusals.ts";
import { startWorker } from "../start_worker.ts";
import { momentInName } from "./_backup_file.ts";
import type { BackupAnswer, BackupRequest } from "./_backup_worker.ts";
import type { DataDirectory } from "./data_directory.ts";

/** How many there may be in the folder before another one is made. */
const MOST_BACKUPS = 100;

/** How a backup in the folder is called. It is no path, and never leads out of the folder. */
const NAME = /^[A-Za-z0-9][\w.-]{0,100}\.sqlite$/;

/** What is left of one that was being made when the server ended. */
const LEFT_OVER = /^parley-[\dTZ.-]+\.sqlite\.[0-9a-f]{8}\.unfinished(-journal)?$/;

/** A backup in the folder. */
export interface SavedBackup {
  readonly file: string;
  readonly at: Date;
  readonly bytes: number;
}

/**
 * The backups in the folder `backups` of the data directory: those made here and those from before the data was brought
 * forward. One is made at a time, by a worker, for copying and checking wait for the disk; it is there when it has been
 * opened and counted.
 */
export class Backups implements AsyncDisposable {
  #directory: DataDirectory;
  #folder: string;
  #failed: (reason: Error) => void;
  #closing = new AbortController();
  /** Settles when the one that is being made is there, or is not. */
  #making: Promise<SavedBackup> | undefined;

  /** @param failed Told why one could not be made, for the log. */
  constructor(directory: DataDirectory, failed: (reason: Error) => void) {
    this.#directory = directory;
    this.#folder = join(directory.path, "backups");
    this.#failed = failed;
  }

  /** Newest first. */
  async list(): Promise<SavedBackup[]> {
    const found: SavedBackup[] = [];
    for (const file of await this.#names()) {
      const saved = NAME.test(file) ? await this.#find(file) : undefined;
      if (saved !== undefined) found.push(saved);
    }
    return found.sort((one, other) => other.at.getTime() - one.at.getTime());
  }

  /**
   * Makes one.
   *
   * @throws {Refusal} `backup_under_way`, `too_many_backups`, `backup_failed`
   */
  async make(at: Date = new Date()): Promise<SavedBackup> {
    if (this.#making !== undefined) throw backupUnderWay();
    this.#making = this.#make(at).finally(() => this.#making = undefined);
    return await this.#making;
  }

  /**
   * Opens one for reading, to be closed by whoever reads it.
   *
   * @param file As somebody gives it.
   * @throws {Refusal} `backup_not_found`
   */
  async open(file: string): Promise<{ content: ReadableStream<Uint8Array>; bytes: number }> {
    const saved = NAME.test(file) ? await this.#find(file) : undefined;
    if (saved === undefined) throw backupNotFound();
    try {
      const opened = await Deno.open(join(this.#folder, file));
      return { content: opened.readable, bytes: saved.bytes };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw backupNotFound(); // gone meanwhile
      throw error;
    }
  }

  /** Breaks off the one that is being made. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error("The server has ended while a backup was being made"));
    await this.#making?.catch(() => {}); // whoever has asked for it is told
  }

  async #make(at: Date): Promise<SavedBackup> {
    const file = `parley-${momentInName(at)}.sqlite`;
    try {
      await Deno.mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#removeLeftOver();
      if ((await this.list()).length >= MOST_BACKUPS) throw tooManyBackups(MOST_BACKUPS);
      await this.#work({ dir: this.#directory.path, file: join(this.#folder, file), at });
      return (await this.#find(file))!;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      this.#failed(error as Error);
      throw backupFailed();
    }
  }

  async #work(request: BackupRequest): Promise<void> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    // `deno compile` cannot see this import: it is told with --include
    const worker = startWorker(new URL("./_backup_worker.ts", import.meta.url));
    const done = Promise.withResolvers<void>();
    const stop = () => done.reject(signal.reason);
    signal.addEventListener("abort", stop);
    worker.onmessage = ({ data: { failure } }: MessageEvent<BackupAnswer>) => {
      if (failure === undefined) done.resolve();
      else done.reject(new Error(failure));
    };
    worker.onerror = (event) => {
      event.preventDefault(); // otherwise it would end the whole server
      done.reject(new Error(`The worker that makes backups has died: ${event.message}`));
    };
    worker.postMessage(request);
    try {
      await done.promise;
    } finally {
      signal.removeEventListener("abort", stop);
      worker.terminate();
    }
  }

  async #removeLeftOver(): Promise<void> {
    for (const file of await this.#names()) {
      if (LEFT_OVER.test(file)) await Deno.remove(join(this.#folder, file)).catch(() => {}); // gone meanwhile
    }
  }

  async #names(): Promise<string[]> {
    try {
      return await Array.fromAsync(Deno.readDir(this.#folder), ({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return []; // none was ever made
      throw error;
    }
  }

  async #find(file: string): Promise<SavedBackup | undefined> {
    try {
      const { isFile, mtime, size } = await Deno.lstat(join(this.#folder, file));
      return isFile ? { file, at: mtime ?? new Date(0), bytes: size } : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }
}
