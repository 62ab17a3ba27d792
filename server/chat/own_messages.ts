import type { Direct, Message } from "./event.ts";

/** What one person has said, to be given back or taken out. It may be much, so it is read part by part. */
export interface OwnMessages {
  /** What an account has said in a room, oldest first. Others' messages are read as well, so that parts may be empty. */
  inRoom(account: string, room: string): AsyncIterable<readonly Message[]>;

  /** What a person has written and got privately: one conversation after the other, each oldest first. */
  directs(key: string): AsyncIterable<readonly Direct[]>;

  /**
   * Keeps messages as those of nobody, under another name. What was deleted meanwhile stays so.
   *
   * @throws {Refusal} `not_stored`
   */
  disown(messages: readonly Message[], name: string): Promise<void>;

  /**
   * Forgets messages, their texts included.
   *
   * @throws {Refusal} `not_stored`
   */
  remove(messages: readonly Message[]): Promise<void>;

  /**
   * Forgets private messages, for both sides and for whom they wait, their texts included.
   *
   * @throws {Refusal} `not_stored`
   */
  removeDirects(directs: readonly Direct[]): Promise<void>;
}
