/** How much was said in one place that was not read. */
export interface UnreadCount {
  readonly count: number;
  /** There is more than was counted. */
  readonly atLeast: boolean;
  /** How many of them speak to the reader by name. */
  readonly mentions: number;
}

/** What is kept of it from visit to visit. */
export interface StoredUnread extends UnreadCount {
  /** The last message that was read; undefined where that is not known. */
  readonly after?: string | undefined;
}

/** More than this is not kept by its ids: it is many. */
const MOST_IDS = 1_000;

export const NOTHING_UNREAD: UnreadCount = { count: 0, atLeast: false, mentions: 0 };

/** What was said in one place and was not read. A message counts once, however often it is told. */
export class Unread {
  /** From earlier, or told by the server as a number. */
  #before: UnreadCount = NOTHING_UNREAD;
  /** Message id → whether it speaks to the reader. */
  #ids = new Map<string, boolean>();
  #after: string | undefined;

  static from({ after, ...before }: StoredUnread): Unread {
    const unread = new Unread();
    unread.#before = before;
    unread.#after = after;
    return unread;
  }

  get count(): UnreadCount {
    const { count, atLeast, mentions } = this.#before;
    const mentioning = Array.from(this.#ids.values()).filter((mention) => mention).length;
    return { count: count + this.#ids.size, atLeast, mentions: mentions + mentioning };
  }

  /** The last message that was read, if there is one that was not. */
  get after(): string | undefined {
    return this.#after;
  }

  get stored(): StoredUnread {
    return { ...this.count, after: this.#after };
  }

  /** A message was told. @param options.after The one before it, which was read if none is unread so far. */
  add(id: string, { mention, after }: { mention: boolean; after: string }): void {
    if (this.#ids.has(id)) return;
    if (this.count.count === 0) this.#after = after;
    if (this.#ids.size < MOST_IDS) this.#ids.set(id, mention);
    else this.#before = { ...this.#before, atLeast: true };
  }

  /** The server has counted what was said while the reader was away. */
  missed({ count, atLeast, after }: { count: number; atLeast: boolean; after: string }): void {
    const { count: before } = this.count;
    if (before === 0) this.#after = after;
    this.#before = {
      count: this.#before.count + count,
      atLeast: this.#before.atLeast || atLeast,
      mentions: this.#before.mentions,
    };
  }

  /** A message is no longer to be seen. */
  remove(id: string): void {
    this.#ids.delete(id);
  }
}
