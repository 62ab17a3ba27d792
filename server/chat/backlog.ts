import type { Direct, Message } from "./event.ts";
import type { MessageLog, Page } from "./message_log.ts";

/** How many messages of a room are read at a time, and how many private ones, of all conversations together. */
const ROOM_PAGE = 100;
const DIRECTS_PAGE = 2_000;

/** Comes after every id. */
const PAST_ALL = "~";

/** What somebody wants to catch up with. */
export interface Unread {
  readonly rooms: readonly string[];
  /** The key of the person whose private messages it is about as well. */
  readonly directsOf: string | undefined;
  /** The id of the last message that was read. */
  readonly after: string;
  /** The id of the last message that is still to be read. */
  readonly upTo: string;
}

/** What was said in several rooms and privately, in the order of the ids, and read from the log no sooner than it is wanted. */
export async function* backlog(
  log: MessageLog,
  { rooms, directsOf, after, upTo }: Unread,
): AsyncGenerator<Message | Direct> {
  const sources = rooms.map((room) =>
    new Source(after, (after) => log.page(room, { after, limit: ROOM_PAGE }))
  );
  if (directsOf !== undefined) {
    sources.push(new Source(after, (after) => log.directsSince(directsOf, after, DIRECTS_PAGE)));
  }
  await Promise.all(sources.map((source) => source.fill()));
  for (;;) {
    const next = sources.reduce((one, other) => one.nextId <= other.nextId ? one : other);
    if (next.nextId > upTo) return;
    yield next.take();
    await next.fill();
  }
}

/** One of several histories that are read side by side. */
class Source {
  #read: (after: string) => Promise<Page<Message | Direct>>;
  #after: string;
  #messages: (Message | Direct)[] = [];
  #more = true;

  constructor(after: string, read: (after: string) => Promise<Page<Message | Direct>>) {
    this.#after = after;
    this.#read = read;
  }

  /** The id of the next message; after the last one, higher than any. */
  get nextId(): string {
    return this.#messages.at(-1)?.id ?? PAST_ALL;
  }

  /** Reads on where there is need. */
  async fill(): Promise<void> {
    if (this.#messages.length > 0 || !this.#more) return;
    const { messages, more } = await this.#read(this.#after);
    this.#after = messages.at(-1)?.id ?? this.#after;
    this.#messages = messages.reverse(); // so that taking one is no work
    this.#more = more;
  }

  take(): Message | Direct {
    return this.#messages.pop()!;
  }
}
