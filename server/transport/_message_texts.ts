/** Rendered lines, as the messages of a WebSocket that they become. */
export interface Messages {
  /** A line each, without its LF. */
  readonly texts: readonly string[];
  /** The sum of their lengths in UTF-8. */
  readonly bytes: number;
}

/**
 * Decodes rendered lines. The same bytes go to many readers, one after the other: what was decoded last is kept, so
 * that it is decoded once for all of them.
 */
export class MessageTexts {
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #lastBytes: Uint8Array | undefined;
  #last: Messages = { texts: [], bytes: 0 };

  /** @param bytes Lines, each with its LF, or a text without one. Never changed afterwards. */
  of(bytes: Uint8Array): Messages {
    if (bytes === this.#lastBytes) return this.#last;
    const texts = this.#decoder.decode(bytes).split("\n");
    const endings = texts.length - 1;
    if (texts.at(-1) === "") texts.pop();
    this.#lastBytes = bytes;
    return this.#last = { texts, bytes: bytes.length - endings };
  }
}
