/** Only glibc has the call; where it is missing, the allocator is another one, which may give memory back by itself. */
const LIBRARY = "libc.so.6";

/** Keep nothing beyond what is in use. */
const NO_PAD = 0n;

/** What the C library's allocator holds for this process: Deno's own memory, not that of JavaScript. */
export class NativeHeap implements AsyncDisposable {
  #library: Library;
  #trimming: Promise<unknown> = Promise.resolve();

  private constructor(library: Library) {
    this.#library = library;
  }

  /** Undefined where the means are missing. */
  static open(): NativeHeap | undefined {
    // Looked at first, because Deno.dlopen would stop and ask at a terminal.
    if (Deno.build.os !== "linux" || Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return;
    try {
      return new NativeHeap(Deno.dlopen(LIBRARY, CALLS));
    } catch {
      return; // another C library
    }
  }

  /**
   * Gives back to the system what was freed: by itself the allocator gives back only what lies behind all that is in
   * use. It takes some 3 ms, and 0.1 ms for each MiB; whoever needs memory meanwhile waits, the event loop too.
   */
  trim(): Promise<void> {
    const trimmed = this.#trimming.then(async () => {
      await this.#library.symbols.malloc_trim(NO_PAD);
    });
    this.#trimming = trimmed;
    return trimmed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#trimming;
    this.#library.close();
  }
}

type Library = Deno.DynamicLibrary<typeof CALLS>;

const CALLS = {
  malloc_trim: { parameters: ["usize"], result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;
