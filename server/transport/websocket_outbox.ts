import type { Messages, MessageTexts } from "./_message_texts.ts";
import type { PostLimits, PostOffice, Reader, WhyGivenUp } from "./outbox.ts";
import { Progress } from "./_progress.ts";
import type { WaitingLines } from "./_waiting_lines.ts";

/**
 * What waits to be written to a WebSocket. Deno keeps it, writes it as fast as the peer reads, and says how much is
 * left; whether the peer reads fast enough is judged as for an {@link Outbox}.
 *
 * Each message costs Deno some memory and time, however small it is. A peer that takes several lines in one gets all that
 * is pushed in one go together, as a raw socket does.
 */
export class WebSocketOutbox implements Reader {
  #post: PostOffice;
  #socket: WebSocket;
  #texts: MessageTexts;
  /** Whether a message may hold several lines. */
  #together: boolean;
  #gaveUp: (why: WhyGivenUp) => void;
  /** Lines that are to go together. */
  #waiting: WaitingLines;
  /** All that was ever handed to Deno. */
  #sentBytes = 0;
  #progress = new Progress();
  #closed = false;

  constructor(
    post: PostOffice,
    { socket, texts, together, gaveUp }: {
      socket: WebSocket;
      texts: MessageTexts;
      together: boolean;
      gaveUp: (why: WhyGivenUp) => void;
    },
  ) {
    this.#post = post;
    this.#socket = socket;
    this.#texts = texts;
    this.#together = together;
    this.#waiting = texts.nothing;
    this.#gaveUp = gaveUp;
    post.add(this);
  }

  /** Bytes that are not written yet. */
  get bytes(): number {
    return this.#waiting.bytes + this.#socket.bufferedAmount;
  }

  get overdueBytes(): number {
    return this.#closed ? 0 : this.#progress.overdueBytes;
  }

  /** @param bytes Rendered lines. Who is told of the same thing shares the array; it is never changed. */
  push(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return;
    if (this.#together) {
      if (this.#waiting.bytes === 0) this.#post.queue(this);
      this.#waiting = this.#waiting.with(bytes);
    } else this.#send(this.#texts.of(bytes));
    if (this.bytes > this.#post.mostBytes) this.giveUp("too slow");
  }

  /** Hands to Deno what waits to go together. */
  flush(): void {
    if (this.#waiting.bytes === 0) return;
    const bytes = this.#waiting.joined();
    this.#waiting = this.#texts.nothing;
    this.#send(this.#texts.together(bytes));
  }

  inspect(nowMs: number, limits: Pick<PostLimits, "outboxBytes" | "stallMs">): void {
    const waitingBytes = this.bytes;
    // One that is closing has its end still to write, and Deno no longer says what goes before it.
    const writing = waitingBytes > 0 || this.#socket.readyState >= WebSocket.CLOSING;
    const standing = { writtenBytes: this.#sentBytes - waitingBytes, waitingBytes, writing };
    const why = this.#progress.look(standing, limits, nowMs);
    if (why !== undefined) this.giveUp(why);
  }

  /** Takes nothing more, and is no longer looked after. */
  close(): void {
    this.#closed = true;
    this.#waiting = this.#texts.nothing;
    this.#post.remove(this);
  }

  giveUp(why: WhyGivenUp): void {
    if (this.#closed) return;
    this.close();
    this.#post.countGivenUp(why);
    this.#gaveUp(why);
  }

  #send({ texts, bytes }: Messages): void {
    for (const text of texts) this.#socket.send(text);
    this.#sentBytes += bytes;
    this.#post.counts.writtenBytes += bytes;
  }
}
