import { ok, strictEqual as equal } from "node:assert/strict";
import { NativeHeap } from "../../../server/transport/native_heap.ts";

const MIB = 1_048_576;

/** Elsewhere there is another allocator. */
const onGlibc = { ignore: !hasGlibc() };

Deno.test("without --allow-ffi there is none", { permissions: { ffi: false } }, () => {
  equal(NativeHeap.open(), undefined);
});

Deno.test("what was freed between things that are still there is given back", onGlibc, async () => {
  await using heap = NativeHeap.open()!;
  using memory = new NativeMemory();
  const kept = Array.from({ length: 2_000 }, () => [memory.take(65_536), memory.take(32)] as const);
  for (const [block] of kept) memory.free(block);
  const before = Deno.memoryUsage().rss;
  await heap.trim();
  const given = before - Deno.memoryUsage().rss;
  for (const [, block] of kept) memory.free(block);
  ok(given > 60 * MIB, `${given} of ${125 * MIB} bytes were given back`);
});

Deno.test("one that is closed while it gives back waits for it", onGlibc, async () => {
  const heap = NativeHeap.open()!;
  const trims = [heap.trim(), heap.trim()];
  await heap[Symbol.asyncDispose]();
  await Promise.all(trims);
});

/** Memory from the C library itself, all of it written to. */
class NativeMemory implements Disposable {
  #library = Deno.dlopen("libc.so.6", {
    malloc: { parameters: ["usize"], result: "pointer" },
    memset: { parameters: ["pointer", "i32", "usize"], result: "pointer" },
    free: { parameters: ["pointer"], result: "void" },
  });

  take(bytes: number): Deno.PointerValue {
    const { malloc, memset } = this.#library.symbols;
    return memset(malloc(BigInt(bytes)), 1, BigInt(bytes));
  }

  free(block: Deno.PointerValue): void {
    this.#library.symbols.free(block);
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }
}

function hasGlibc(): boolean {
  try {
    Deno.dlopen("libc.so.6", { malloc_trim: { parameters: ["usize"], result: "i32" } }).close();
    return true;
  } catch {
    return false;
  }
}
