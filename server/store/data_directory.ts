import { join } from "node:path";
import { pause } from "../pause.ts";
import { directoryInUse, directoryNotUsable, noDataIn } from "./errors.ts";

/** How often the folder is tried to be taken, and how long apart. */
const LOCK_TRIES = 10;
const LOCK_PAUSE_MS = 100;

/** The folder that holds all that a Parley keeps. Only its owner may look into it. */
export class DataDirectory implements Disposable {
  #lock: Deno.FsFile | undefined;

  private constructor(readonly path: string) {}

  /**
   * Opens the folder, made where there is none. One that holds other things keeps its mode, so that a mistaken
   * `--data /var/lib` locks nobody out: what is secret in it has a mode of its own.
   *
   * @throws {StoreError} when it cannot be written.
   */
  static async open(path: string): Promise<DataDirectory> {
    try {
      await Deno.mkdir(path, { recursive: true, mode: 0o700 });
      if (Deno.build.os !== "windows" && await isEmpty(path)) await Deno.chmod(path, 0o700);
      const directory = new DataDirectory(path);
      const file = await Deno.open(directory.database, { create: true, write: true, mode: 0o600 });
      file.close();
      return directory;
    } catch (error) {
      throw directoryNotUsable(path, error);
    }
  }

  /**
   * Opens the folder of a Parley that has been there before.
   *
   * @throws {StoreError} where there is none: nothing is made.
   */
  static async find(path: string): Promise<DataDirectory> {
    const directory = new DataDirectory(path);
    try {
      await Deno.stat(directory.database);
      return directory;
    } catch (error) {
      throw error instanceof Deno.errors.NotFound ? noDataIn(path) : directoryNotUsable(path, error);
    }
  }

  /** Path of the Deno KV database. */
  get database(): string {
    return join(this.path, "parley.db");
  }

  /** Path of the search index, which is derived from the database. */
  get search(): string {
    return join(this.path, "search.sqlite");
  }

  /**
   * Takes the folder for one server; the operating system gives it back when the process ends, however it ends. One that
   * is just ending, or a command that does a server's work, is waited for.
   *
   * @throws {StoreError} when another server has it.
   */
  async lock(): Promise<void> {
    for (let tries = 1; !await this.tryLock(); tries++) {
      if (tries === LOCK_TRIES) throw directoryInUse(this.path);
      await pause(LOCK_PAUSE_MS);
    }
  }

  /** Takes the folder as {@link lock} does, and answers false when a server has it. */
  async tryLock(): Promise<boolean> {
    const file = await this.#openLock();
    if (!await file.tryLock(true)) {
      file.close();
      return false;
    }
    this.#lock = file;
    return true;
  }

  [Symbol.dispose](): void {
    this.#lock?.close();
    this.#lock = undefined;
  }

  async #openLock(): Promise<Deno.FsFile> {
    try {
      return await Deno.open(join(this.path, "lock"), { create: true, write: true, mode: 0o600 });
    } catch (error) {
      throw directoryNotUsable(this.path, error);
    }
  }
}

async function isEmpty(path: string): Promise<boolean> {
  for await (const _ of Deno.readDir(path)) return false;
  return true;
}
