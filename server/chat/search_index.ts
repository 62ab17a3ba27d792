import type { Direct, Message } from "./event.ts";

/**
 * Finds what was said by its words. It is derived from the message log and never holds a message up: what was said a
 * moment ago may not be found yet.
 */
export interface SearchIndex {
  /** Takes up what was kept; waits for nothing and never throws. */
  add(said: Message | Direct): void;

  /** Forgets a message of a room, its words included. */
  remove(room: string, id: string): void;

  /** Forgets everything of a room up to and including an id; of all private messages where the room is undefined. */
  prune(room: string | undefined, upToId: string): void;

  /** Forgets the private messages of a person. */
  removeDirectsOf(key: string): void;

  /**
   * The newest messages that hold all the words, as long as the reader may read them: in one of these rooms, or private
   * ones that the person of this key has written or got. Newest first.
   *
   * @throws {Refusal} `search_busy`
   */
  find(query: { words: string; rooms: readonly string[]; key: string; limit: number }): Promise<Hit[]>;
}

/** Where something was found. */
export type Hit =
  | { readonly id: string; readonly room: string }
  /** A private message, and the keys of the two. */
  | { readonly id: string; readonly between: readonly [string, string] };
