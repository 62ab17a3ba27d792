import { setPriority } from "node:os";
import { argon2id } from "hash-wasm";

/** One password to be hashed, with everything that decides how long it takes. */
export interface PasswordJob {
  password: string;
  salt: Uint8Array;
  memoryKiB: number;
  passes: number;
  lanes: number;
  hashBytes: number;
}

/** The hash as a PHC string, or the name of the error that prevented it: messages might quote the password. */
export type PasswordAnswer = { hash: string } | { failure: string };

/** Of a scale from -20, the most, to 19; others have 0. */
const LESS_THAN_OTHERS = 10;

declare const self: {
  onmessage: (event: MessageEvent<PasswordJob>) => void;
  postMessage(answer: PasswordAnswer): void;
};

const memory = keepArgon2Memory();
giveWay();

/** Whoever posts a job waits for the answer before posting the next: there is memory for one at a time. */
self.onmessage = async ({ data: job }) => {
  try {
    self.postMessage({ hash: await hash(job) });
  } catch (error) {
    self.postMessage({ failure: error instanceof Error ? error.name : "Error" });
  } finally {
    memory.wipe();
  }
};

/**
 * Leaves the processor to those who chat, wherever they want it: many log-ins at once must not slow them. On Linux each
 * thread has a priority of its own, and this is about this one; elsewhere it would be that of the whole server.
 */
function giveWay(): void {
  if (Deno.build.os !== "linux") return;
  try {
    setPriority(0, LESS_THAN_OTHERS);
  } catch {
    // it does its work all the same
  }
}

function hash(job: PasswordJob): Promise<string> {
  return argon2id({
    password: job.password,
    salt: job.salt,
    memorySize: job.memoryKiB,
    iterations: job.passes,
    parallelism: job.lanes,
    hashLength: job.hashBytes,
    outputType: "encoded",
  });
}

/**
 * Makes hash-wasm 4.13 use one instance of its Argon2 over and over. By itself it takes a new one for every hash,
 * whose 19 MiB V8 collects so late that a busy worker was seen to hold 1 GiB, and that cost a third of the time.
 *
 * Its Argon2 counts on memory that is all zeros, so `wipe()` has to follow every hash. If another version goes about
 * all this differently, the tests with known hashes tell.
 */
function keepArgon2Memory(): { wipe(): void } {
  let kept: { module: WebAssembly.Module; instance: WebAssembly.Instance } | undefined;
  const instantiate: (
    module: WebAssembly.Module,
    imports?: WebAssembly.Imports,
  ) => Promise<WebAssembly.Instance> = WebAssembly.instantiate;

  Object.assign(WebAssembly, {
    async instantiate(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
      if (kept?.module === module) return kept.instance;
      const instance = await instantiate(module, imports);
      if (isArgon2(instance.exports)) kept = { module, instance };
      return instance;
    },
  });

  return {
    wipe() {
      if (!kept || !isArgon2(kept.instance.exports)) return;
      const { memory, Hash_GetBuffer: startOfBlocks } = kept.instance.exports;
      new Uint8Array(memory.buffer, startOfBlocks()).fill(0);
    },
  };
}

/** What hash-wasm's Argon2 exports, as far as it matters here; its BLAKE2b has no memory size to set. */
interface Argon2Exports {
  memory: WebAssembly.Memory;
  Hash_GetBuffer(): number;
  Hash_SetMemorySize(bytes: number): number;
}

function isArgon2(exports: object): exports is Argon2Exports {
  return "memory" in exports && "Hash_GetBuffer" in exports && "Hash_SetMemorySize" in exports;
}
