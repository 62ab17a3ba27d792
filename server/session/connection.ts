import type { LeaveReason } from "../chat/event.ts";

/** What a session needs of a transport that carries lines. */
export interface Connection {
  /** Unique among all connections of this process. */
  readonly id: string;
  /** The peer's IP address. */
  readonly address: string;
  /** The address of this machine that the peer has come to. */
  readonly localAddress: string;
  /** "TLS", "plain" or "WebSocket", for people. */
  readonly how: string;
  /** By what the peer has come, in a word for people: "openssl", "netcat", or what a browser calls itself. */
  readonly program: string;
  /** Its peer speaks JSON from the first message on, and the transport itself sees whether it is alive. */
  readonly jsonOnly: boolean;
  /**
   * The peer has sent text but never a line ending: each pause ends its message, it reads in pieces of 1,024 bytes, and
   * takes a piece that begins with its own name as an echo (contract, section 2).
   */
  readonly pauseFramed: boolean;
  /** Bytes that wait to be written. */
  readonly waitingBytes: number;

  /** Sends bytes that end with a line ending, or a prompt without one. Waits for nobody. */
  send(bytes: Uint8Array): void;

  /** From here on a line may have so many times the bytes of a typed one: JSON spells some characters in six. */
  allowLongLines(): void;

  /** For a pause-framed peer: no piece may begin with one of these. */
  avoid(beginnings: readonly string[]): void;

  /** Writes what waits, then closes. */
  end(reason: LeaveReason): void;
}

/** What a transport tells a session. Its calls never throw. */
export interface Receiver {
  /** So many bytes have come, whatever they are. */
  received(bytes: number): void;
  /** A line has come, without its ending. The next comes when the promise settles. */
  line(text: string): void | Promise<void>;
  /** A line was longer than allowed; it is being dropped up to its ending. */
  lineTooLong(): void;
  /** Answers when what has come is done, as far as that needs nothing more to come. */
  settled(): Promise<void>;
  /** The connection is gone. */
  closed(reason: LeaveReason): void;
}
