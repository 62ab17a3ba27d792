/** How a peer reads that must not get its text in pieces as they come. */
export interface Piecework {
  readonly maxBytes: number;
  /** How no piece may begin, UTF-8. */
  readonly avoided: readonly Uint8Array[];
}

/**
 * Where to cut a text so that its first part has at most `maxBytes`, no UTF-8 character is torn, and the rest does not
 * begin with what the peer would take for its own echo.
 */
export function cutBetweenCharacters(text: Uint8Array, { maxBytes, avoided }: Piecework): number {
  let end = Math.min(maxBytes, text.length);
  while (end > 1 && (isInside(text, end) || beginsWithOne(text.subarray(end), avoided))) end--;
  return end;
}

/** Whether a text begins with one of these. */
export function beginsWithOne(text: Uint8Array, starts: readonly Uint8Array[]): boolean {
  return starts.some((start) => startsWith(text, start));
}

/** Whether a cut before `index` would tear a character: its byte continues one. */
function isInside(text: Uint8Array, index: number): boolean {
  return ((text[index] ?? 0) & 0xc0) === 0x80;
}

function startsWith(text: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, index) => byte === text[index]);
}
