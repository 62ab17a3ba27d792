import type { Direct, Message } from "../chat/event.ts";
import { DIRECTS, MESSAGES } from "./_keys.ts";
import type { Database } from "./kv.ts";
import { directOf, messageOf } from "./_said.ts";
import type { SearchSource } from "./search.ts";

/** How many entries are read from the database at a time. */
const MOST_PER_BATCH = 500;

/** Comes after every string in the order of Deno KV's keys. */
const LAST = true;

/** All that was said, in rooms and privately, as the search index reads it when it has to catch up. */
export class KvSaid implements SearchSource {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Room by room, and then the private messages, of which each comes twice. */
  async *since(id: string): AsyncIterable<Message | Direct> {
    for await (const group of this.#groups(MESSAGES, MESSAGES.length + 1)) {
      const room = String(group.at(-1));
      for await (const { key, value } of this.#after(group, id)) {
        yield messageOf(room, String(key.at(-1)), value);
      }
    }
    for await (const group of this.#groups(DIRECTS, DIRECTS.length + 2)) {
      const [key = "", otherKey = ""] = group.slice(DIRECTS.length).map(String);
      for await (const entry of this.#after(group, id)) {
        yield directOf({ key, otherKey, id: String(entry.key.at(-1)) }, entry.value);
      }
    }
  }

  /** The prefixes of this length that there are; it leaps from one to the next, however much is under them. */
  async *#groups(prefix: Deno.KvKey, length: number): AsyncIterable<Deno.KvKey> {
    let start = prefix;
    for (;;) {
      const selector = start === prefix ? { prefix } : { prefix, start };
      const first = await this.#database.kv.list(selector, { limit: 1 }).next();
      if (first.done) return;
      const group = first.value.key.slice(0, length);
      yield group;
      start = [...group, LAST];
    }
  }

  #after(prefix: Deno.KvKey, id: string): Deno.KvListIterator<string> {
    const selector = id === "" ? { prefix } : { prefix, start: [...prefix, `${id}\0`] };
    return this.#database.kv.list<string>(selector, { batchSize: MOST_PER_BATCH });
  }
}
