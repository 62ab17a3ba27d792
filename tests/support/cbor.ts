/** Writes CBOR (RFC 8949), as far as devices with passkeys need it. */

/** A map with texts as keys. */
export function map(entries: readonly [key: string, value: Uint8Array][]): Uint8Array {
  return joined([head(5, entries.length), ...entries.flatMap(([key, value]) => [text(key), value])]);
}

export function list(items: readonly Uint8Array[]): Uint8Array {
  return joined([head(4, items.length), ...items]);
}

export function text(text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  return joined([head(3, encoded.length), encoded]);
}

export function bytes(bytes: Uint8Array): Uint8Array {
  return joined([head(2, bytes.length), bytes]);
}

/** A whole number. */
export function int(value: number): Uint8Array {
  return value < 0 ? head(1, -1 - value) : head(0, value);
}

/** What an item begins with: its kind, and how much of it there is. */
export function head(kind: number, count: number): Uint8Array {
  const first = kind << 5;
  if (count < 24) return Uint8Array.of(first | count);
  if (count < 256) return Uint8Array.of(first | 24, count);
  return Uint8Array.of(first | 25, count >> 8, count & 255);
}

/** Bytes one after the other. */
export function joined(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
