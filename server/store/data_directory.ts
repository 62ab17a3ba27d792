import { join } from "node:path";
import { directoryInUse, directoryNotUsable } from "./errors.ts";

/** The folder that holds all that a Parley keeps. Only its owner may look into it. */
export class DataDirectory implements Disposable {
  #lock: Deno.FsFile | undefined;

  private constructor(readonly path: string) {}

  /**
   * Opens the folder, made where there is none.
   *
   * @throws {StoreError} when it cannot be written.
   */
  static async open(path: string): Promise<DataDirectory> {
    try {
      await Deno.mkdir(path, { recursive: true, mode: 0o700 });
      if (Deno.build.os !== "windows") await Deno.chmod(path, 0o700);
      const directory = new DataDirectory(path);
      const file = await Deno.open(directory.database, { create: true, write: true, mode: 0o600 });
      file.close();
      return directory;
    } catch (error) {
      throw directoryNotUsable(path, error instanceof Error ? error.message : String(error));
    }
  }

  /** Path of the Deno KV database. */
  get database(): string {
    return join(this.path, "parley.db");
  }

  /**
   * Takes the folder for one server; the operating system gives it back when the process ends, however it ends.
   *
   * @throws {StoreError} when another server has it.
   */
  async lock(): Promise<void> {
    const file = await Deno.open(join(this.path, "lock"), { create: true, write: true, mode: 0o600 });
    if (!await file.tryLock(true)) {
      file.close();
      throw directoryInUse(this.path);
    }
    this.#lock = file;
  }

  [Symbol.dispose](): void {
    this.#lock?.close();
    this.#lock = undefined;
  }
}
