import { join } from "node:path";
import type { Machine } from "../support/run_parley.ts";

/** Makes a process believe in another time; on Debian: apt install faketime. */
const LIBRARY = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime"]
  .map((dir) => join(dir, "libfaketimeMT.so.1"))
  .find(exists);

/** The clock of the machine, as the server sees it. */
export class Clock {
  #machine: Machine;
  /** As faketime has it: `-90m`. */
  #offset = "+0";

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Why the clock cannot be set here; undefined where it can. */
  get whyNot(): string | undefined {
    return LIBRARY === undefined ? "there is no libfaketime" : undefined;
  }

  /** What a server needs whose clock can be set. */
  async environment(): Promise<Record<string, string>> {
    if (LIBRARY === undefined) return {};
    await this.steps(this.#offset);
    return {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.#machine.path("clock"),
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** Sets it so far from the real one, within a second; what is half written must not be read. */
  async steps(offset: string): Promise<void> {
    this.#offset = offset;
    await this.#machine.write("clock.new", `${offset}\n`);
    await Deno.rename(this.#machine.path("clock.new"), this.#machine.path("clock"));
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
