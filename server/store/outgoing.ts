import type { Outgoing, OutgoingStore } from "../chat/outgoing.ts";
import { OUTGOING, outgoingKey } from "./_keys.ts";
import type { Changes } from "./changes.ts";
import type { Database } from "./kv.ts";

/** What `parley send` wants to be said, in Deno KV; a running server is told by the feed of changes. */
export class KvOutgoingStore implements OutgoingStore {
  #database: Database;
  #changes: Changes;

  constructor(database: Database, changes: Changes) {
    this.#database = database;
    this.#changes = changes;
  }

  async find(id: string): Promise<Outgoing | undefined> {
    return (await this.#database.kv.get<Outgoing>(outgoingKey(id))).value ?? undefined;
  }

  async *list(): AsyncIterable<Outgoing> {
    for await (const { value } of this.#database.kv.list<Outgoing>({ prefix: OUTGOING })) yield value;
  }

  async put(outgoing: Outgoing): Promise<void> {
    const { id } = outgoing;
    await this.#changes.commit(
      { of: "outgoing", id },
      (operation) => operation.set(outgoingKey(id), outgoing),
    );
  }

  async remove(id: string): Promise<void> {
    await this.#database.commit((operation) => operation.delete(outgoingKey(id)));
  }
}
