/** What has come of the bytes of a connection. */
export type Frame = { readonly type: "line"; readonly text: string } | { readonly type: "too long" };

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = new Uint8Array(0);

/** Serves all: a line is decoded whole. A byte order mark stays, and what is not UTF-8 becomes U+FFFD. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Cuts bytes into lines: UTF-8, ended by LF or CRLF, of at most `maxBytes` without the ending. What is longer is told
 * once and dropped up to its ending.
 *
 * A client that has never sent a line ending ends its message by pausing (contract, section 2): the transport says when.
 */
export class Framing {
  #maxBytes: () => number;
  /** The beginning of a line whose end has not come. */
  #rest: Uint8Array = NOTHING;
  /** Within a line that was told as too long. */
  #dropping = false;
  #sawLineEnding = false;
  #sawPause = false;

  /** @param maxBytes May change while lines come. */
  constructor(maxBytes: () => number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the client has ended a message by pausing, and never by a line ending. */
  get pauseFramed(): boolean {
    return this.#sawPause && !this.#sawLineEnding;
  }

  /** Whether a pause now would end a message. */
  get awaitsPause(): boolean {
    return !this.#sawLineEnding && (this.#rest.length > 0 || this.#dropping);
  }

  /** Takes what was read, and gives the lines that it completes. The bytes are copied where they are kept. */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      this.#sawLineEnding = true;
      this.#endLine(bytes.subarray(start, end), frames);
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start), frames);
    return frames;
  }

  /** Ends the message of a client that has never sent a line ending, because it paused or closed. */
  pause(): Frame[] {
    if (!this.awaitsPause) return [];
    this.#sawPause = true;
    const frames: Frame[] = [];
    this.#endLine(NOTHING, frames);
    return frames;
  }

  #endLine(last: Uint8Array, frames: Frame[]): void {
    const dropped = this.#dropping;
    const whole = this.#rest.length === 0 ? last : joined(this.#rest, last);
    this.#rest = NOTHING;
    this.#dropping = false;
    if (dropped) return;
    const line = whole.at(-1) === CR ? whole.subarray(0, -1) : whole;
    if (line.length > this.#maxBytes()) frames.push({ type: "too long" });
    else frames.push({ type: "line", text: decoder.decode(line) });
  }

  #keep(bytes: Uint8Array, frames: Frame[]): void {
    if (this.#dropping) return;
    // one byte more than a line may have: the CR of its ending
    if (this.#rest.length + bytes.length <= this.#maxBytes() + 1) {
      this.#rest = joined(this.#rest, bytes);
      return;
    }
    this.#rest = NOTHING;
    this.#dropping = true;
    frames.push({ type: "too long" });
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
