import type { Closer } from "./closer.ts";
import type { ConnectionEnds } from "./native_sockets.ts";
import type { Watched } from "./websocket_watch.ts";

/** How long an upgrade may take; Deno does not tell of a peer that is gone before it is done. */
const OPEN_MS = 5_000;

/** How long the peer may take to agree that it is over. */
const HANG_UP_MS = 500;

/** What a reason for closing may have (RFC 6455, 5.5). */
const MOST_REASON_BYTES = 123;

/** The peer has sent something. */
const TAKES_NOTHING = { code: 1003, reason: "This WebSocket only tells, and takes no messages." };

/** A WebSocket that only tells: its peer says nothing. Whoever tells looks at how much waits. */
export class WebSocketFeed implements Watched {
  readonly ends: ConnectionEnds;
  /** The first ends it. */
  readonly messages = 0;
  #socket: WebSocket;
  #closer: Closer;
  /** Of the upgrade first, of the end later. */
  #deadline: ReturnType<typeof setTimeout>;
  #opened = Promise.withResolvers<boolean>();
  #gone = Promise.withResolvers<void>();
  #ending = false;
  #closed = false;

  private constructor(socket: WebSocket, { ends, closer }: { ends: ConnectionEnds; closer: Closer }) {
    this.ends = ends;
    this.#socket = socket;
    this.#closer = closer;
    this.#deadline = setTimeout(() => this.cut(), OPEN_MS);
    socket.onopen = () => this.#open();
    socket.onmessage = () => this.end(TAKES_NOTHING);
    socket.onerror = () => socket.readyState === WebSocket.CONNECTING && this.cut();
    socket.onclose = ({ wasClean }) => this.#close({ agreed: wasClean });
  }

  /**
   * Takes a request that asks for a WebSocket; `response` must be what the request is answered. To be called at once:
   * where a client has left while something else was waited for, Deno keeps its socket for ever.
   *
   * @param parts.pingMs A peer that is silent so long is asked for a sign of life, and given up after as long again.
   */
  static accept(
    request: Request,
    { ends, closer, pingMs }: { ends: ConnectionEnds; closer: Closer; pingMs: number },
  ): { feed: WebSocketFeed; response: Response } {
    const idleTimeout = 2 * pingMs / 1_000; // Deno pings after half of it, and closes after all of it
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout });
    return { feed: new WebSocketFeed(socket, { ends, closer }), response };
  }

  /** Whether it has opened; false where that has failed. */
  get opened(): Promise<boolean> {
    return this.#opened.promise;
  }

  /** Settles when it is over. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Bytes that wait to be written. */
  get waitingBytes(): number {
    return this.#closed ? 0 : this.#socket.bufferedAmount;
  }

  send(text: string): void {
    if (!this.#ending && !this.#closed) this.#socket.send(text);
  }

  /** Ends it, and says why: with a code (RFC 6455, 7.4) and in words, of which so much is told as there is room for. */
  end({ code, reason }: { code: number; reason: string }): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.cut(), HANG_UP_MS);
    this.#socket.close(code, beginningOf(reason));
  }

  /** Closes it at once, whatever waits. */
  cut(): void {
    this.#close({ agreed: false });
  }

  #open(): void {
    clearTimeout(this.#deadline);
    if (this.#closed) this.#hangUp();
    this.#opened.resolve(!this.#closed);
  }

  #close({ agreed }: { agreed: boolean }): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#deadline);
    if (!agreed) this.#hangUp();
    this.#opened.resolve(false);
    this.#gone.resolve();
  }

  /** Has the system end the connection: `close()` alone never ends one whose peer does not read. */
  #hangUp(): void {
    const { local: localAddr, remote: remoteAddr } = this.ends;
    this.#closer.close({ localAddr, remoteAddr, close: () => this.#socket.close() }, { stuck: true });
  }
}

/** As many whole characters as fit. */
function beginningOf(reason: string): string {
  const buffer = new Uint8Array(MOST_REASON_BYTES);
  const { read } = new TextEncoder().encodeInto(reason, buffer);
  return reason.slice(0, read);
}
