import { Buffer } from "node:buffer";
import type { LeaveReason } from "../chat/event.ts";
import type { Connection, Receiver } from "../session/connection.ts";
import type { Closer } from "./closer.ts";
import { JSON_LINE_FACTOR } from "./line_connection.ts";
import type { MessageTexts } from "./_message_texts.ts";
import type { ConnectionEnds } from "./native_sockets.ts";
import type { PostOffice } from "./outbox.ts";
import { Throttle } from "./_throttle.ts";
import { WebSocketOutbox } from "./websocket_outbox.ts";

/**
 * What may have come and not been handed on. Deno cannot be told to stop reading, so who sends more than this while the
 * lines before are dealt with has to go: it is four seconds' worth of what one connection may send.
 */
const MOST_QUEUED_BYTES = 262_144;

/** What a message counts for beside its text, so that there is a bound on small ones as well. */
const MESSAGE_BYTES = 64;

/** Past this a message is not merely too long. */
export const MOST_MESSAGE_BYTES = 1_048_576;

/** How long an upgrade may take; Deno does not tell of a peer that is gone before it is done. */
const OPEN_MS = 5_000;

/** How long what waits may take to be written when a connection ends. */
const LAST_WORDS_MS = 5_000;

/** How often to look, meanwhile, whether it is: Deno does not tell that either. */
const LOOK_EVERY_MS = 50;

/** How long the peer may then take to agree. */
const HANG_UP_MS = 500;

/** What all WebSockets share. */
export interface WebSocketParts {
  readonly post: PostOffice;
  readonly closer: Closer;
  readonly texts: MessageTexts;
  /** May change while the server runs; 0 bytes a second is no limit. */
  readonly limits: { readonly lineBytes: number; readonly bytesPerSecond: number };
}

/** How a connection ends, as its peer is told: a status code of RFC 6455 (7.4.1) and a word. */
interface Ending {
  readonly reason: LeaveReason;
  readonly code: number;
  readonly words: string;
}

/**
 * Lines over a WebSocket: a text message each, without its ending. Of what is sent a message may hold several, with an LF
 * between, where the peer has asked for that.
 */
export class WebSocketConnection implements Connection {
  readonly id: string = crypto.randomUUID();
  readonly how = "WebSocket";
  readonly jsonOnly = true;
  readonly pauseFramed = false;
  readonly program: string;
  readonly ends: ConnectionEnds;
  #socket: WebSocket;
  #parts: WebSocketParts;
  #outbox: WebSocketOutbox;
  #receiver: Receiver | undefined;
  #messages = 0;
  /** Messages that were not handed on yet; the text of one that is too long is not kept. */
  #queue: { text: string | undefined; bytes: number }[] = [];
  #queuedBytes = 0;
  #handingOn = false;
  #throttle: Throttle | undefined;
  /** Of the upgrade first, of the end later. */
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #ending: Ending | undefined;
  /** Whether both sides have said that it is over. */
  #agreed = false;
  #closed = false;
  #over = Promise.withResolvers<void>();

  constructor(
    socket: WebSocket,
    { program, ends, together = false }: { program: string; ends: ConnectionEnds; together?: boolean },
    parts: WebSocketParts,
  ) {
    this.#socket = socket;
    this.program = program;
    this.ends = ends;
    this.#parts = parts;
    const { post, texts } = parts;
    this.#outbox = new WebSocketOutbox(post, { socket, texts, together, gaveUp: (why) => this.#close(why) });
  }

  get address(): string {
    return this.ends.remote.hostname;
  }

  get localAddress(): string {
    return this.ends.local.hostname;
  }

  get waitingBytes(): number {
    return this.#outbox.bytes;
  }

  /** How many messages have come. */
  get messages(): number {
    return this.#messages;
  }

  send(bytes: Uint8Array): void {
    if (this.#ending === undefined) this.#outbox.push(bytes);
  }

  /** They are from the first on. */
  allowLongLines(): void {}

  avoid(): void {}

  end(reason: LeaveReason): void {
    this.#end({ reason, code: CODES[reason], words: reason });
  }

  /** Closes at once, whatever waits. */
  cut(): void {
    this.#close("kicked");
  }

  /**
   * Waits for the upgrade, has a receiver made, and hands lines to it until the peer is gone or the connection is closed.
   * Never fails. To be called before the request is answered.
   */
  read(begin: () => Receiver): Promise<void> {
    const socket = this.#socket;
    this.#deadline = setTimeout(() => this.#close("quit"), OPEN_MS);
    socket.onopen = () => this.#open(begin);
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onerror = () => socket.readyState === WebSocket.CONNECTING && this.#close("quit");
    socket.onclose = (event) => {
      this.#agreed = event.wasClean;
      this.#close(whyClosed(event));
    };
    return this.#over.promise;
  }

  #open(begin: () => Receiver): void {
    clearTimeout(this.#deadline);
    if (this.#closed) this.#hangUp();
    else this.#receiver = begin();
  }

  #take(data: unknown): void {
    this.#messages++;
    if (this.#ending !== undefined || this.#closed) return;
    if (typeof data !== "string") return this.#end(BINARY);
    const bytes = Buffer.byteLength(data);
    this.#receiver?.received(bytes);
    if (bytes > MOST_MESSAGE_BYTES) return this.#end(TOO_BIG);
    if (this.#queuedBytes > MOST_QUEUED_BYTES) return this.#end(TOO_MANY);
    const tooLong = bytes > this.#parts.limits.lineBytes * JSON_LINE_FACTOR;
    this.#queue.push({ text: tooLong ? undefined : data, bytes });
    this.#queuedBytes += bytes + MESSAGE_BYTES;
    if (!this.#handingOn) void this.#handOn();
  }

  /** Hands on what is queued, one line at a time, and no faster than lines may come. */
  async #handOn(): Promise<void> {
    this.#handingOn = true;
    while (this.#ending === undefined && !this.#closed) {
      const message = this.#queue.shift();
      if (message === undefined) break;
      this.#queuedBytes -= message.bytes + MESSAGE_BYTES;
      if (message.text === undefined) this.#receiver?.lineTooLong();
      else await this.#receiver?.line(message.text);
      await this.#slowDown(message.bytes);
    }
    this.#handingOn = false;
  }

  async #slowDown(bytes: number): Promise<void> {
    const { bytesPerSecond } = this.#parts.limits;
    if (bytesPerSecond === 0 || this.#ending !== undefined || this.#closed) return;
    this.#throttle ??= new Throttle();
    const restMs = this.#throttle.spend(bytes, bytesPerSecond);
    if (restMs > 0) await this.#throttle.rest(restMs);
  }

  #end(ending: Ending): void {
    if (this.#ending !== undefined || this.#closed) return;
    this.#ending = ending;
    this.#queue = [];
    this.#throttle?.wake();
    this.#outbox.flush();
    this.#writeOut(ending, performance.now() + LAST_WORDS_MS);
  }

  /** What waits is written before the WebSocket closes: in one that is closing, the peer's next message cuts it off. */
  #writeOut(ending: Ending, untilMs: number): void {
    if (this.#closed) return;
    if (this.waitingBytes > 0 && performance.now() < untilMs) {
      this.#deadline = setTimeout(() => this.#writeOut(ending, untilMs), LOOK_EVERY_MS);
    } else this.#partWith(ending);
  }

  /** Says that it is over, and gives the peer a moment to say the same. */
  #partWith({ reason, code, words }: Ending): void {
    this.#deadline = setTimeout(() => this.#close(reason), HANG_UP_MS);
    this.#socket.close(code, words);
  }

  #close(reason: LeaveReason): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#deadline);
    this.#queue = [];
    this.#throttle?.wake();
    this.#outbox.close();
    if (!this.#agreed) this.#hangUp();
    this.#receiver?.closed(this.#ending?.reason ?? reason);
    this.#over.resolve();
  }

  /** Has the system end the connection: `close()` alone never ends one whose peer does not read. */
  #hangUp(): void {
    const { local: localAddr, remote: remoteAddr } = this.ends;
    this.#parts.closer.close({ localAddr, remoteAddr, close: () => this.#socket.close() }, { stuck: true });
  }
}

const CODES: Readonly<Record<LeaveReason, number>> = {
  quit: 1000,
  timeout: 1008,
  kicked: 1008,
  "too slow": 1013,
  shutdown: 1001,
};

const BINARY: Ending = { reason: "kicked", code: 1003, words: "Only text messages are taken." };
const TOO_BIG: Ending = { reason: "kicked", code: 1009, words: "That message was far too long." };
const TOO_MANY: Ending = { reason: "kicked", code: 1008, words: "Messages came faster than they are taken." };

/** Whatever else the peer or the network does, it has left. */
function whyClosed({ wasClean, reason }: CloseEvent): LeaveReason {
  return !wasClean && reason === NO_PONG ? "timeout" : "quit";
}

/** How Deno closes a WebSocket whose peer has not answered its ping. */
const NO_PONG = "No response from ping frame.";
