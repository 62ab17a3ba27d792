import type { Direct, Message } from "./event.ts";

/**
 * Where what was said is kept. `append` is on the way of every line, so it gathers what comes close together
 * and commits it at once; it never answers before the commit.
 */
export interface MessageLog {
  /**
   * Keeps a message. Answers come in the order of the calls, which is that of the ids.
   *
   * @throws {Refusal} `not_stored`, when the disk would not take it: nothing was kept.
   */
  append(message: Message): Promise<void>;

  /**
   * Takes a private message through the same order as the room's messages, so that what one person says arrives
   * as it was said. With `waitsFor`, the id of an account that is away, it is also kept for that account.
   *
   * @throws {Refusal} `not_stored`, `mailbox_full`
   */
  appendDirect(direct: Direct, waitsFor?: string): Promise<void>;

  /** The newest messages of a room, oldest first. */
  latest(room: string, limit: number): Promise<Message[]>;

  /** The private messages that wait for an account, oldest first. */
  waitingFor(account: string): Promise<Direct[]>;

  /** Forgets private messages that have been shown. */
  shown(account: string, directs: readonly Direct[]): Promise<void>;
}
