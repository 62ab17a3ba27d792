import type { Messages } from "./_message_texts.ts";
import type { PostLimits, PostOffice, Reader, WhyGivenUp } from "./outbox.ts";
import { Progress } from "./_progress.ts";

/**
 * What waits to be written to a WebSocket. Deno keeps it, writes it as fast as the peer reads, and says how much is
 * left; whether the peer reads fast enough is judged as for an {@link Outbox}.
 */
export class WebSocketOutbox implements Reader {
  #post: PostOffice;
  #socket: WebSocket;
  #gaveUp: (why: WhyGivenUp) => void;
  /** All that was ever handed to Deno. */
  #sentBytes = 0;
  #progress = new Progress();
  #closed = false;

  constructor(
    post: PostOffice,
    { socket, gaveUp }: { socket: WebSocket; gaveUp: (why: WhyGivenUp) => void },
  ) {
    this.#post = post;
    this.#socket = socket;
    this.#gaveUp = gaveUp;
    post.add(this);
  }

  /** Bytes that are not written yet. */
  get bytes(): number {
    return this.#socket.bufferedAmount;
  }

  get overdueBytes(): number {
    return this.#closed ? 0 : this.#progress.overdueBytes;
  }

  push({ texts, bytes }: Messages): void {
    if (this.#closed) return;
    for (const text of texts) this.#socket.send(text);
    this.#sentBytes += bytes;
    this.#post.counts.writtenBytes += bytes;
    if (this.bytes > this.#post.mostBytes) this.giveUp("too slow");
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
    this.#post.remove(this);
  }

  giveUp(why: WhyGivenUp): void {
    if (this.#closed) return;
    this.close();
    this.#post.countGivenUp(why);
    this.#gaveUp(why);
  }
}
