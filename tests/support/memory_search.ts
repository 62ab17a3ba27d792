import type { Direct, Message } from "../../server/chat/event.ts";
import type { Hit, SearchIndex } from "../../server/chat/search_index.ts";

/** A search index that holds what it is given, and looks at all of it. */
export class MemorySearch implements SearchIndex {
  #said: (Message | Direct)[] = [];

  add(said: Message | Direct): void {
    this.#said.push(said);
  }

  remove(room: string, id: string): void {
    this.#forget((said) => roomOf(said) === room && said.id === id);
  }

  prune(room: string | undefined, upToId: string): void {
    this.#forget((said) => roomOf(said) === room && said.id <= upToId);
  }

  removeDirectsOf(key: string): void {
    this.#forget((said) => said.type === "direct" && [said.fromKey, said.toKey].includes(key));
  }

  find(
    { words, rooms, key, limit }: { words: string; rooms: readonly string[]; key: string; limit: number },
  ): Promise<Hit[]> {
    const wanted = words.toLowerCase().split(/\s+/);
    const found = this.#said.filter((said) =>
      mayRead(said, { rooms, key }) && wanted.every((word) => wordsOf(said.text).has(word))
    );
    return Promise.resolve(
      found.toSorted((one, other) => one.id < other.id ? 1 : -1).slice(0, limit).map(hitOf),
    );
  }

  #forget(which: (said: Message | Direct) => boolean): void {
    this.#said = this.#said.filter((said) => !which(said));
  }
}

/** Undefined for private messages. */
function roomOf(said: Message | Direct): string | undefined {
  return said.type === "message" ? said.room : undefined;
}

function mayRead(said: Message | Direct, reader: { rooms: readonly string[]; key: string }): boolean {
  if (said.type === "message") return reader.rooms.includes(said.room);
  return said.fromKey === reader.key || said.toKey === reader.key;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}

function hitOf(said: Message | Direct): Hit {
  if (said.type === "message") return { id: said.id, room: said.room };
  return { id: said.id, between: [said.fromKey, said.toKey] };
}
