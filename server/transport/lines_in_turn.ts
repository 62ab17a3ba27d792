import type { LeaveReason } from "../chat/event.ts";
import type { Receiver } from "../session/connection.ts";
import type { Frame } from "./framing.ts";

/** What a socket's connection tells of what comes over it. Its calls never throw. */
export interface FrameReceiver {
  /** So many bytes have come, whatever they are. */
  received(bytes: number): void;
  /** What one read has brought, in order. The next comes when the promise settles, which never fails. */
  frames(frames: readonly Frame[]): Promise<void>;
  /** Answers when what has come is done, as far as that needs nothing more to come. */
  settled(): Promise<void>;
  /** The connection is gone. */
  closed(reason: LeaveReason): void;
}

/** Hands what comes to a session line by line, each when the one before it is dealt with. */
export class LinesInTurn implements FrameReceiver {
  #receiver: Receiver;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  received(bytes: number): void {
    this.#receiver.received(bytes);
  }

  async frames(frames: readonly Frame[]): Promise<void> {
    for (const frame of frames) {
      if (frame.type === "too long") this.#receiver.lineTooLong();
      else await this.#receiver.line(frame.text);
    }
  }

  settled(): Promise<void> {
    return this.#receiver.settled();
  }

  closed(reason: LeaveReason): void {
    this.#receiver.closed(reason);
  }
}
