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
   * Keeps a private message for both sides, in the same order as the rooms' messages, so that what one person says
   * arrives as it was said. With `waiting`, it also waits for its recipient, an account that is away.
   *
   * @throws {Refusal} `not_stored`, `mailbox_full`
   */
  appendDirect(direct: Direct, options?: { waiting: boolean }): Promise<void>;

  /** A part of what was said in a room, oldest first. */
  page(room: string, range: Range): Promise<Page<Message>>;

  /** A part of what two people have written to each other, oldest first, as the first of them has it. */
  conversation(key: string, otherKey: string, range: Range): Promise<Page<Direct>>;

  /** What a person has written and got privately after the message of this id, with whomever, oldest first. */
  directsSince(key: string, id: string, limit: number): Promise<Page<Direct>>;

  /**
   * What was written last in each conversation of a person, newest first, and at most so many. Those with accounts come
   * into it before those with guests, where a person has had more conversations than can be looked through.
   */
  lastDirects(key: string, limit: number): Promise<Direct[]>;

  /** The highest id of all messages that were ever kept, private ones and those that are gone as well; "" for none. */
  newestId(): Promise<string>;

  find(room: string, id: string): Promise<Message | undefined>;

  /** A private message between two people, as the first of them has it. */
  findDirect(key: string, otherKey: string, id: string): Promise<Direct | undefined>;

  /** Forgets a message, its text included. Answers false where there is none. */
  remove(room: string, id: string): Promise<boolean>;

  /** The private messages that wait for an account, oldest first. */
  waitingFor(account: string): Promise<Direct[]>;

  /** Private messages that waited have been shown; they stay in the conversation. */
  shown(account: string, directs: readonly Direct[]): Promise<void>;

  /**
   * Makes what a guest has written and got privately that of an account, on both sides.
   *
   * @throws {Refusal} `not_stored`
   */
  passOn(guestKey: string, account: string): Promise<void>;

  /** Forgets what a guest has written and got privately, whom nobody can become again. */
  forgetGuest(key: string): Promise<void>;
}

/** What part of a history is asked for; of more than `limit`, those nearest to `after`, or else the newest. */
export interface Range {
  /** A message id: only what came after it. */
  readonly after?: string;
  /** A message id: only what came before it. */
  readonly before?: string;
  readonly limit: number;
}

/** A part of a history. */
export interface Page<Kind> {
  /** Oldest first. */
  readonly messages: Kind[];
  /** There is more in the direction in which was asked. */
  readonly more: boolean;
}
