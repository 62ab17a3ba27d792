import type { Direct, Message } from "../chat/event.ts";
import type { OwnMessages } from "../chat/own_messages.ts";
import { directKey, directsOf, messageKey, messages, waitingKey } from "./_keys.ts";
import { directOf, messageOf, storedMessage } from "./_said.ts";
import type { Database } from "./kv.ts";

/** How many entries are read at a time; Deno KV takes 1,000 at most. */
const MOST_PER_PART = 500;

/** How many messages one commit changes. */
const CHANGED_AT_ONCE = 50;

/** How many entries Deno KV gives by their keys at once. */
const MOST_GOT = 10;

/** What one person has said, in Deno KV. */
export class KvOwnMessages implements OwnMessages {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async *inRoom(account: string, room: string): AsyncGenerator<Message[]> {
    for await (const part of this.#parts(messages(room))) {
      const likely = part.filter(({ value }) => value.includes(account)); // which spares most of them from being read
      const said = likely.map(({ key, value }) => messageOf(room, String(key.at(-1)), value));
      yield said.filter(({ author }) => author === account);
    }
  }

  async *directs(key: string): AsyncGenerator<Direct[]> {
    for await (const part of this.#parts(directsOf(key))) {
      yield part.map((entry) => {
        const [otherKey, id] = entry.key.slice(-2) as [string, string];
        return directOf({ key, otherKey, id }, entry.value);
      });
    }
  }

  async disown(messages: readonly Message[], name: string): Promise<void> {
    for (let begin = 0; begin < messages.length; begin += CHANGED_AT_ONCE) {
      const group = messages.slice(begin, begin + CHANGED_AT_ONCE);
      while (!await this.#disownSome(group, name)); // something else was done to one of them meanwhile
    }
  }

  async remove(messages: readonly Message[]): Promise<void> {
    await this.#database.shred(messages.map(({ room, id }) => messageKey(room, id)));
  }

  async removeDirects(directs: readonly Direct[]): Promise<void> {
    await this.#database.shred(
      directs.flatMap(({ id, fromKey, toKey }) => [
        directKey(fromKey, toKey, id),
        directKey(toKey, fromKey, id),
        waitingKey(toKey, id),
      ]),
    );
  }

  async #disownSome(messages: readonly Message[], name: string): Promise<boolean> {
    const found: (Message & { readonly entry: Deno.KvEntryMaybe<string> })[] = [];
    for (let begin = 0; begin < messages.length; begin += MOST_GOT) {
      const group = messages.slice(begin, begin + MOST_GOT);
      const keys = group.map(({ room, id }) => messageKey(room, id));
      const entries = await this.#database.kv.getMany<string[]>(keys);
      entries.forEach((entry, index) => {
        if (entry.value !== null) found.push({ ...group[index]!, entry });
      });
    }
    return await this.#database.commit((operation) => {
      for (const { entry, ...message } of found) {
        const disowned = storedMessage({ ...message, from: name, author: undefined });
        operation.check(entry).set(entry.key, disowned);
      }
      return operation;
    });
  }

  async *#parts(prefix: Deno.KvKey): AsyncGenerator<Deno.KvEntry<string>[]> {
    let cursor: string | undefined;
    do {
      const options = { limit: MOST_PER_PART, batchSize: MOST_PER_PART, ...cursor && { cursor } };
      const list = this.#database.kv.list<string>({ prefix }, options);
      const part = await Array.fromAsync(list);
      if (part.length > 0) yield part;
      cursor = part.length < MOST_PER_PART ? undefined : list.cursor;
    } while (cursor !== undefined);
  }
}
