import { ok, strictEqual as equal } from "node:assert/strict";
import { NativeHeap } from "../../../server/transport/native_heap.ts";

const BLOCK_BYTES = 65_536, PAGE_BYTES = 4_096;

/** Elsewhere there is another allocator. */
const onGlibc = { ignore: !hasGlibc() };

Deno.test("without --allow-ffi there is none", { permissions: { ffi: false } }, () => {
  equal(NativeHeap.open(), undefined);
});

Deno.test("what was freed between things that are still there is given back", onGlibc, async () => {
  await using heap = NativeHeap.open()!;
  using memory = new NativeMemory();
  const blocks = Array.from({ length: 2_000 }, () => memory.take(BLOCK_BYTES));
  const [kept, freed] = [
    blocks.filter((_, index) => index % 4 === 0),
    blocks.filter((_, index) => index % 4),
  ];
  for (const block of freed) memory.free(block);
  const held = () => freed.reduce((sum, block) => sum + memory.residentPages(block), 0);
  const before = held();
  await heap.trim();
  const after = held();
  for (const block of kept) memory.free(block);
  ok(before > freed.length * 8, `only ${before} pages were held`);
  ok(after < before / 2, `${after} of ${before} pages are held still`);
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
    mincore: { parameters: ["u64", "usize", "buffer"], result: "i32" },
  });

  take(bytes: number): Deno.PointerValue {
    const { malloc, memset } = this.#library.symbols;
    return memset(malloc(BigInt(bytes)), 1, BigInt(bytes));
  }

  free(block: Deno.PointerValue): void {
    this.#library.symbols.free(block);
  }

  /** Of a block that was taken, freed or not: whatever else the process holds meanwhile does not count. */
  residentPages(block: Deno.PointerValue): number {
    const first = Math.ceil(Number(Deno.UnsafePointer.value(block)) / PAGE_BYTES) * PAGE_BYTES;
    const pages = new Uint8Array(BLOCK_BYTES / PAGE_BYTES - 1);
    const isMapped =
      this.#library.symbols.mincore(BigInt(first), BigInt(pages.length * PAGE_BYTES), pages) === 0;
    return isMapped ? pages.filter((page) => (page & 1) === 1).length : 0;
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
