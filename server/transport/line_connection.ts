import type { LeaveReason } from "../chat/event.ts";
import type { Connection } from "../session/connection.ts";
import type { Closer } from "./closer.ts";
import { type Frame, Framing } from "./framing.ts";
import type { FrameReceiver } from "./lines_in_turn.ts";
import { beginsWithOne } from "./_pieces.ts";
import { Outbox, type PostOffice } from "./outbox.ts";
import { Throttle } from "./_throttle.ts";
import { whyGone } from "./_why_gone.ts";

/** How long a client that sends no line endings pauses between two messages. */
const PAUSE_MS = 100;

/** Such a client reads so many bytes at a time (TkTalk: `recv(1024)`). */
const PIECE_BYTES = 1_024;

/** The read buffer: small for the many who only read, larger for as long as much comes. */
const SMALL_BUFFER_BYTES = 512;
const LARGE_BUFFER_BYTES = 16_384;

/** In JSON mode a line may have so many times the bytes of a typed one: a character of two bytes may be spelt in six. */
export const JSON_LINE_FACTOR = 4;

const LF = 0x0a;

/** How long what waits may take to be written when a connection ends. */
const LAST_WORDS_MS = 5_000;

/** How long the peer may then take to hang up as well. */
const HANG_UP_MS = 500;

/** After a write has failed, the read that is under way fails as well, if not at once, then soon. */
const READ_FAILS_MS = 100;

/** What all connections share. */
export interface LineConnectionParts {
  readonly post: PostOffice;
  /** May change while the server runs; 0 bytes a second is no limit. */
  readonly limits: { readonly lineBytes: number; readonly bytesPerSecond: number };
  readonly closer: Closer;
}

/** Lines over a TCP or TLS socket. */
export class LineConnection implements Connection {
  readonly id: string = crypto.randomUUID();
  readonly address: string;
  readonly how: string;
  readonly program: string;
  readonly jsonOnly = false;
  #conn: Deno.Conn;
  #parts: LineConnectionParts;
  #framing: Framing;
  #outbox: Outbox;
  #receiver: FrameReceiver | undefined;
  #pauseTimer: ReturnType<typeof setTimeout> | undefined;
  #lastWords: ReturnType<typeof setTimeout> | undefined;
  #throttle: Throttle | undefined;
  /** Settles when the receiver is done with all frames so far. */
  #received: Promise<void> = Promise.resolve();
  #avoided: readonly Uint8Array[] = [];
  #ending: LeaveReason | undefined;
  #closed = false;
  #lineFactor = 1;

  constructor(
    conn: Deno.Conn,
    { how, program, address }: { how: string; program: string; address: string },
    parts: LineConnectionParts,
  ) {
    this.#conn = conn;
    this.how = how;
    this.program = program;
    this.address = address;
    this.#parts = parts;
    this.#framing = new Framing(() => parts.limits.lineBytes * this.#lineFactor);
    this.#outbox = new Outbox(parts.post, { sink: conn, gaveUp: (why) => this.#gaveUp(why) });
  }

  get localAddress(): string {
    return (this.#conn.localAddr as Deno.NetAddr).hostname;
  }

  get pauseFramed(): boolean {
    return this.#framing.pauseFramed;
  }

  get waitingBytes(): number {
    return this.#outbox.bytes;
  }

  send(bytes: Uint8Array): void {
    this.#outbox.push(this.#looksLikeEcho(bytes) ? new Uint8Array([LF, ...bytes]) : bytes);
  }

  allowLongLines(): void {
    this.#lineFactor = JSON_LINE_FACTOR;
  }

  avoid(beginnings: readonly string[]): void {
    if (!this.pauseFramed) return;
    const encoder = new TextEncoder();
    this.#avoided = beginnings.map((text) => encoder.encode(text));
    this.#readInPieces();
  }

  end(reason: LeaveReason): void {
    if (this.#ending !== undefined || this.#closed) return;
    this.#ending = reason;
    clearTimeout(this.#lastWords); // the peer may have left first
    this.#lastWords = setTimeout(() => this.#close(reason), LAST_WORDS_MS);
    void this.#outbox.emptied().then(() => this.#hangUp(reason));
  }

  /** Reads until the peer is gone or the connection is closed. Never fails. */
  async read(receiver: FrameReceiver): Promise<void> {
    this.#receiver = receiver;
    // all in one function: what waits within another is kept for each of thousands who say nothing
    try {
      let buffer = new Uint8Array(SMALL_BUFFER_BYTES);
      while (!this.#closed) {
        const count = await this.#conn.read(buffer);
        if (count === null) {
          await this.#receive(this.#framing.pause());
          break;
        }
        await this.#take(buffer.subarray(0, count), receiver);
        buffer = fitting(buffer, count);
      }
    } catch (error) {
      if (whyGone(error) === "timeout") this.#ending ??= "timeout"; // whatever a write says when it fails as well
    }
    await this.#writeOut(receiver);
    this.#close(this.#ending ?? "quit");
  }

  /** A peer that has sent all it wants may still read: its answers are written, if that is possible soon. */
  async #writeOut(receiver: FrameReceiver): Promise<void> {
    if (!this.#closed) this.#lastWords ??= setTimeout(() => this.#close("quit"), LAST_WORDS_MS);
    await receiver.settled();
    await this.#outbox.emptied();
  }

  /** Answers when more may be read. */
  async #take(bytes: Uint8Array, receiver: FrameReceiver): Promise<void> {
    clearTimeout(this.#pauseTimer);
    receiver.received(bytes.length);
    const frames = this.#framing.push(bytes);
    if (this.#framing.awaitsPause) this.#pauseTimer = setTimeout(() => this.#pause(), PAUSE_MS);
    await this.#receive(frames);
    if (!this.#closed) await this.#slowDown(bytes.length);
  }

  /** Hands frames on, behind those before: a pause may come while a line is still being dealt with. */
  #receive(frames: Frame[]): Promise<void> {
    return this.#received = this.#received.then(() => this.#handOn(frames));
  }

  #handOn(frames: Frame[]): Promise<void> | undefined {
    if (!this.pauseFramed) this.#outbox.piecework = undefined;
    if (frames.length > 0) return this.#receiver?.frames(frames);
  }

  #pause(): void {
    const frames = this.#framing.pause();
    this.#readInPieces();
    void this.#receive(frames);
  }

  /** So does "Use: /me <text>" for somebody who is called Use. */
  #looksLikeEcho(bytes: Uint8Array): boolean {
    return this.#avoided.length > 0 && this.pauseFramed && beginsWithOne(bytes, this.#avoided);
  }

  #readInPieces(): void {
    if (this.pauseFramed) this.#outbox.piecework = { maxBytes: PIECE_BYTES, avoided: this.#avoided };
  }

  async #slowDown(bytes: number): Promise<void> {
    const { bytesPerSecond } = this.#parts.limits;
    if (bytesPerSecond === 0) return;
    this.#throttle ??= new Throttle();
    const restMs = this.#throttle.spend(bytes, bytesPerSecond);
    if (restMs > 0) await this.#throttle.rest(restMs);
  }

  /** Says that nothing more comes, and gives the peer a moment to say the same: a reset could overtake the last words. */
  async #hangUp(reason: LeaveReason): Promise<void> {
    if (this.#closed) return;
    clearTimeout(this.#lastWords);
    this.#lastWords = setTimeout(() => this.#close(reason), HANG_UP_MS);
    await this.#conn.closeWrite().catch(() => this.#close(reason));
  }

  /** Where the system has given the peer up, a read and a write may fail at once, and one of them alone is told why. */
  #gaveUp(why: LeaveReason): void {
    if (why !== "quit") return this.#close(this.#ending ?? why);
    clearTimeout(this.#lastWords);
    this.#lastWords = setTimeout(() => this.#close(this.#ending ?? why), READ_FAILS_MS);
  }

  #close(reason: LeaveReason): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#pauseTimer);
    clearTimeout(this.#lastWords);
    this.#throttle?.wake();
    const stuck = this.#outbox.bytes > 0;
    this.#outbox.close();
    this.#parts.closer.close(this.#conn, { stuck });
    this.#receiver?.closed(reason);
  }
}

function fitting(buffer: Uint8Array<ArrayBuffer>, count: number): Uint8Array<ArrayBuffer> {
  if (count === buffer.length && count < LARGE_BUFFER_BYTES) return new Uint8Array(LARGE_BUFFER_BYTES);
  if (count <= SMALL_BUFFER_BYTES && buffer.length > SMALL_BUFFER_BYTES) {
    return new Uint8Array(SMALL_BUFFER_BYTES);
  }
  return buffer;
}
