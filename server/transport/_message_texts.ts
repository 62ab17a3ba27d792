import { WaitingLines } from "./_waiting_lines.ts";

/** What one message holds at most that holds several lines: as much as one write to a socket (outbox.ts). */
const MOST_BYTES_TOGETHER = 65_536;

const LF = 10;

/** Rendered lines, as the messages of a WebSocket that they become. */
export interface Messages {
  /** A line each, or several with an LF between; without the LF at the end. */
  readonly texts: readonly string[];
  /** The sum of their lengths in UTF-8. */
  readonly bytes: number;
}

/**
 * Decodes rendered lines. The same bytes go to many readers, one after the other: what was decoded last is kept, so
 * that it is decoded once for all of them.
 */
export class MessageTexts {
  /** What a WebSocket holds that gets its lines together, where none wait. */
  readonly nothing: WaitingLines = WaitingLines.none();
  #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #lastBytes: Uint8Array | undefined;
  #last: Messages = { texts: [], bytes: 0 };
  #lastTogether: { readonly bytes: Uint8Array; readonly messages: Messages } | undefined;

  /** @param bytes Lines, each with its LF, or a text without one. Never changed afterwards. */
  of(bytes: Uint8Array): Messages {
    if (bytes === this.#lastBytes) return this.#last;
    const texts = this.#decoder.decode(bytes).split("\n");
    const endings = texts.length - 1;
    if (texts.at(-1) === "") texts.pop();
    this.#lastBytes = bytes;
    return this.#last = { texts, bytes: bytes.length - endings };
  }

  /** The same lines in as few messages as may be: each holds whole lines, and is no longer than it must be. */
  together(bytes: Uint8Array): Messages {
    if (bytes !== this.#lastTogether?.bytes) {
      this.#lastTogether = { bytes, messages: this.#joined(bytes) };
    }
    return this.#lastTogether.messages;
  }

  #joined(bytes: Uint8Array): Messages {
    const texts: string[] = [];
    let sum = 0;
    for (let rest = bytes; rest.length > 0;) {
      const end = endOfLines(rest);
      texts.push(this.#decoder.decode(rest.subarray(0, end)));
      sum += end;
      rest = rest.subarray(end + 1);
    }
    return { texts, bytes: sum };
  }
}

/** Where the last line ends that still fits or, where none does, the first: where its LF is, or the end. */
function endOfLines(bytes: Uint8Array): number {
  if (bytes.length <= MOST_BYTES_TOGETHER) return bytes.at(-1) === LF ? bytes.length - 1 : bytes.length;
  const last = bytes.lastIndexOf(LF, MOST_BYTES_TOGETHER);
  const end = last < 0 ? bytes.indexOf(LF, MOST_BYTES_TOGETHER) : last;
  return end < 0 ? bytes.length : end;
}
