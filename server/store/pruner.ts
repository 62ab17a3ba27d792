import type { Pruner } from "../chat/pruner.ts";
import { directKey, DIRECTS, directsBetween, messageKey, messages, WAITING } from "./_keys.ts";
import type { Database } from "./kv.ts";

/** How many entries one part deletes. More are no faster, and keep others waiting for longer. */
const DELETED_AT_ONCE = 200;

/** How many conversations one part looks into. */
const LOOKED_INTO = 50;

/** Comes after every id. */
const PAST_ALL = "~";

/** Forgets what was said long ago, in Deno KV. */
export class KvPruner implements Pruner {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async *room(room: string, before: string, { thorough = false } = {}): AsyncGenerator<number> {
    yield* this.#prune({ prefix: messages(room), end: messageKey(room, before) }, { thorough });
  }

  /** Of each conversation it looks at the oldest message and, where that is young enough, at no other. */
  async *directs(before: string): AsyncGenerator<number> {
    const waiting = await this.#waitingBefore(before);
    let looked = 0;
    for await (const { key, otherKey, oldest } of this.#conversations()) {
      if (++looked % LOOKED_INTO === 0) yield 0;
      if (oldest >= before) continue;
      const old = { prefix: directsBetween(key, otherKey), end: directKey(key, otherKey, before) };
      yield* this.#prune(old, { mayGo: (id) => !waiting.has(id) });
    }
  }

  async *#prune(
    old: { prefix: Deno.KvKey; end: Deno.KvKey },
    { mayGo = () => true, thorough = false }: { mayGo?: (id: string) => boolean; thorough?: boolean },
  ): AsyncGenerator<number> {
    let start: Deno.KvKey = old.prefix;
    for (;;) {
      const list = this.#database.kv.list({ start, end: old.end }, { limit: DELETED_AT_ONCE });
      const keys = await Array.fromAsync(list, ({ key }) => key);
      const last = keys.at(-1);
      if (last === undefined) return;
      yield await this.#database.shred(keys.filter((key) => mayGo(idOf(key))), { thorough });
      if (keys.length < DELETED_AT_ONCE) return;
      start = [...last.slice(0, -1), `${idOf(last)}\0`];
    }
  }

  /** Each side of each conversation, and the id of its oldest message. */
  async *#conversations(): AsyncGenerator<{ key: string; otherKey: string; oldest: string }> {
    let start: Deno.KvKey = [...DIRECTS, ""];
    for (;;) {
      const list = this.#database.kv.list({ prefix: DIRECTS, start }, { limit: 1 });
      const [first] = await Array.fromAsync(list);
      if (first === undefined) return;
      const [key, otherKey, oldest] = first.key.slice(-3) as [string, string, string];
      yield { key, otherKey, oldest };
      start = directKey(key, otherKey, PAST_ALL);
    }
  }

  /** The ids of those old messages that somebody has not seen yet. */
  async #waitingBefore(before: string): Promise<Set<string>> {
    const ids = new Set<string>();
    for await (const { key } of this.#database.kv.list({ prefix: WAITING }, { batchSize: 500 })) {
      if (idOf(key) < before) ids.add(idOf(key));
    }
    return ids;
  }
}

function idOf(key: Deno.KvKey): string {
  return String(key.at(-1));
}
