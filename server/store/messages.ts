import type { Direct, Message } from "../chat/event.ts";
import { timeOf } from "../chat/ids.ts";
import type { MessageLog } from "../chat/message_log.ts";
import { mailboxFull } from "../refusals.ts";
import { messageKey, messages, waiting, waitingKey } from "./_keys.ts";
import type { Database } from "./kv.ts";

/**
 * The least time between two commits. What comes first after a quiet spell is committed at once; what follows within
 * this time is committed, and so told, together: one fsync and one write per reader instead of many.
 */
const GATHER_MS = 10;

/** So many are worth a commit, however little time has passed. */
const ENOUGH = 50;

/**
 * What one commit holds at most. Deno KV would take 1,000 mutations and 819,200 bytes; but what is committed together is
 * told together, and readers should have taken it before the next comes: it is no more than one write to each of them.
 */
const MOST_PER_COMMIT = 500;
const MOST_BYTES_PER_COMMIT = 65_536;

const encoder = new TextEncoder();

/** What a message's line has beside its text and names, and more. */
const FRAME_BYTES = 40;

/** How many private messages wait for one account at most. */
const MOST_WAITING = 500;

/**
 * A message without what its key says: room, id and, within the id, the time. Kept as JSON: a string costs Deno KV a
 * third less than an array does.
 */
type StoredMessage = readonly [from: string, text: string, action: boolean];

/** A private message, in the same way. */
type StoredDirect = readonly [from: string, to: string, text: string];

/** Something that waits for the next commit. */
interface Entry {
  /** Undefined where nothing is kept, only the order counts. */
  readonly key: Deno.KvKey | undefined;
  readonly value: string;
  readonly bytes: number;
  readonly done: PromiseWithResolvers<void>;
}

/** What was said, in Deno KV, committed in groups. */
export class KvMessageLog implements MessageLog {
  #database: Database;
  #entries: Entry[] = [];
  /** The pass over the entries that is under way, or about to be. */
  #committing: Promise<void> | undefined;
  #lastCommitMs = -Infinity;
  /** Ends the wait for more. */
  #onEnough: (() => void) | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  append({ room, id, from, text, action }: Message): Promise<void> {
    return this.#enqueue(messageKey(room, id), [from, text, action]);
  }

  appendDirect(direct: Direct, waitsFor?: string): Promise<void> {
    const { from, to, text } = direct;
    return waitsFor === undefined ? this.#enqueue(undefined, [from, to, text]) : this.#keep(direct, waitsFor);
  }

  async latest(room: string, limit: number): Promise<Message[]> {
    const newest = this.#database.kv.list<string>({ prefix: messages(room) }, {
      limit,
      reverse: true,
    });
    const found: Message[] = [];
    for await (const { key, value } of newest) {
      const [from, text, action] = JSON.parse(value) as StoredMessage;
      const id = String(key.at(-1));
      found.push({ type: "message", id, room, from, text, action, at: timeOf(id) });
    }
    return found.reverse();
  }

  async waitingFor(account: string): Promise<Direct[]> {
    const found: Direct[] = [];
    for await (const entry of this.#database.kv.list<string>({ prefix: waiting(account) })) {
      const [from, to, text] = JSON.parse(entry.value) as StoredDirect;
      const id = String(entry.key.at(-1));
      found.push({ type: "direct", id, from, to, text, at: timeOf(id) });
    }
    return found;
  }

  async shown(account: string, directs: readonly Direct[]): Promise<void> {
    await this.#database.commit((operation) => {
      for (const { id } of directs) operation.delete(waitingKey(account, id));
      return operation;
    });
  }

  /** Answers when everything appended so far is committed or refused. */
  async settled(): Promise<void> {
    await this.#committing;
  }

  async #keep({ id, from, to, text }: Direct, account: string): Promise<void> {
    const found = await Array.fromAsync(this.#database.kv.list({ prefix: waiting(account) }));
    if (found.length >= MOST_WAITING) throw mailboxFull(to);
    await this.#enqueue(waitingKey(account, id), [from, to, text]);
  }

  #enqueue(key: Deno.KvKey | undefined, said: StoredMessage | StoredDirect): Promise<void> {
    const done = Promise.withResolvers<void>();
    const value = JSON.stringify(said);
    const bytes = encoder.encode(value).length + FRAME_BYTES;
    this.#entries.push({ key, value, bytes, done });
    if (this.#entries.length === ENOUGH) this.#onEnough?.();
    this.#committing ??= this.#commitAll();
    return done.promise;
  }

  /** Commits group after group, never two at a time, until nothing waits. */
  async #commitAll(): Promise<void> {
    while (this.#entries.length > 0) {
      await this.#gather(this.#lastCommitMs + GATHER_MS - performance.now());
      this.#lastCommitMs = performance.now();
      await this.#commit(this.#takeGroup());
    }
    this.#committing = undefined; // in one go with the look at what waits, or what came between would be stuck
  }

  /** Waits for more to come, but no longer than until there is enough. */
  #gather(forMs: number): void | Promise<void> {
    if (forMs <= 0 || this.#entries.length >= ENOUGH) return;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.#onEnough = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #takeGroup(): Entry[] {
    let bytes = 0;
    const end = this.#entries.findIndex((entry, index) => {
      bytes += entry.bytes;
      return index === MOST_PER_COMMIT || (bytes > MOST_BYTES_PER_COMMIT && index > 0);
    });
    return this.#entries.splice(0, end === -1 ? this.#entries.length : end);
  }

  async #commit(group: readonly Entry[]): Promise<void> {
    const kept = group.filter((entry) => entry.key !== undefined);
    try {
      if (kept.length > 0) {
        await this.#database.commit((operation) => {
          for (const { key, value } of kept) operation.set(key!, value);
          return operation;
        });
      }
      for (const { done } of group) done.resolve();
    } catch (error) {
      for (const { done } of group) done.reject(error);
    }
  }
}
