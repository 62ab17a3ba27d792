const encoder = new TextEncoder();

/**
 * A key of Deno KV as its SQLite file has it, so that the bytes sort as the keys do: 2, the text and 0 for each part. No
 * part may hold NUL. See https://github.com/denoland/denokv, `proto/codec.rs`.
 */
export function sqliteKey(key: readonly string[]): Uint8Array {
  return Uint8Array.from(key.flatMap((part) => [2, ...encoder.encode(part), 0]));
}
