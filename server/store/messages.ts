import type { Direct, Message } from "../chat/event.ts";
import { timeOf } from "../chat/ids.ts";
import { GUEST } from "../chat/member.ts";
import type { MessageLog, Page, Range } from "../chat/message_log.ts";
import { mailboxFull } from "../refusals.ts";
import {
  directKey,
  directsBetween,
  directsOf,
  messageKey,
  messages,
  NEWEST_ID_KEY,
  waiting,
  waitingKey,
} from "./_keys.ts";
import type { GroupCounts } from "./counts.ts";
import type { Database } from "./kv.ts";
import { copiesOf, directOf, messageOf, storedMessage } from "./_said.ts";

/**
 * The least time between two commits. What comes first after a quiet spell is committed at once; what follows within
 * this time is committed, and so told, together: one fsync and one write per reader instead of many.
 */
const GATHER_MS = 12;

/** So many are worth a commit, however little time has passed. */
const ENOUGH = 100;

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

/** What a page holds at most, so that it can be sent at once: beyond that the reader has to ask again. */
const MOST_PAGE_BYTES = 131_072;

/** How many entries are read from the database at a time; it takes 1,000 at most. */
const MOST_PER_BATCH = 500;

/** How many entries that are not wanted are read before those that may be are looked for. */
const PASSED_OVER = 100;

/** How many conversations of one person are looked through. */
const MOST_CONVERSATIONS = 2_000;

/** Comes after the key of every guest. */
const PAST_GUESTS = `${GUEST}\uffff`;

/** How many private messages one commit passes on, each with two copies that go and two that come. */
const PASSED_ON_AT_ONCE = 100;

/** How many keys one commit deletes. */
const DELETED_AT_ONCE = 200;

/** A private message that waits: the account it waits for stands in the key. */
type StoredWaiting = readonly [fromKey: string, from: string, to: string, text: string];

/** Something that waits for the next commit. */
interface Entry {
  /** Of the message. */
  readonly id: string;
  readonly values: readonly (readonly [key: Deno.KvKey, value: string])[];
  readonly bytes: number;
  /** Fails where it must not be kept after all. */
  readonly admitted: Promise<void> | undefined;
  readonly done: PromiseWithResolvers<void>;
}

/** What was said, in Deno KV, committed in groups. */
export class KvMessageLog implements MessageLog {
  #database: Database;
  #counts: GroupCounts | undefined;
  #entries: Entry[] = [];
  /** The pass over the entries that is under way, or about to be. */
  #committing: Promise<void> | undefined;
  /** The highest id of those that were to be kept. */
  #newestId = "";
  #lastCommitMs = -Infinity;
  /**
   * Account → how many private messages wait for it, counted once: everybody waits for that; and anew when some were
   * shown, or could not be kept.
   */
  #waitingCounts = new Map<string, number>();
  /** Ends the wait for more. */
  #onEnough: (() => void) | undefined;

  constructor(database: Database, counts?: GroupCounts) {
    this.#database = database;
    this.#counts = counts;
  }

  append(message: Message): Promise<void> {
    const value = storedMessage(message);
    return this.#enqueue(message.id, [[messageKey(message.room, message.id), value]]);
  }

  appendDirect(direct: Direct, { waiting } = { waiting: false }): Promise<void> {
    if (!waiting) return this.#enqueue(direct.id, copiesOf(direct));
    const { id, fromKey, toKey, from, to, text } = direct;
    const stored: StoredWaiting = [fromKey, from, to, text];
    const values = [...copiesOf(direct), [waitingKey(toKey, id), JSON.stringify(stored)] as const];
    return this.#enqueue(id, values, this.#checkMailbox(toKey, to)); // in its turn, whatever the look at the mailbox takes
  }

  async page(room: string, range: Range): Promise<Page<Message>> {
    return await this.#read(messages(room), range, (id, value) => messageOf(room, id, value));
  }

  async conversation(key: string, otherKey: string, range: Range): Promise<Page<Direct>> {
    return await this.#read(
      directsBetween(key, otherKey),
      range,
      (id, value) => directOf({ key, otherKey, id }, value),
    );
  }

  async directsSince(key: string, id: string, limit: number): Promise<Page<Direct>> {
    let found: Direct[] = [];
    let more = false;
    const keepOldest = () => {
      more ||= found.length > limit;
      found = found.sort(byId).slice(0, limit);
    };
    for await (const direct of this.#directsAfter(key, id)) {
      if (found.push(direct) >= 2 * limit) keepOldest();
    }
    keepOldest();
    return { messages: found, more };
  }

  async lastDirects(key: string, limit: number): Promise<Direct[]> {
    const found: Direct[] = [];
    const prefix = directsOf(key);
    const guests = [...prefix, GUEST];
    for (const range of [{ start: prefix, end: guests }, { start: guests, end: [...prefix, PAST_GUESTS] }]) {
      for await (const last of this.#lastDirectsIn(key, range)) {
        if (found.push(last) >= MOST_CONVERSATIONS) break;
      }
    }
    return found.sort(byId).reverse().slice(0, limit);
  }

  async newestId(): Promise<string> {
    return (await this.#database.kv.get<string>(NEWEST_ID_KEY)).value ?? "";
  }

  async find(room: string, id: string): Promise<Message | undefined> {
    const { value } = await this.#database.kv.get<string>(messageKey(room, id));
    return value === null ? undefined : messageOf(room, id, value);
  }

  async findDirect(key: string, otherKey: string, id: string): Promise<Direct | undefined> {
    const { value } = await this.#database.kv.get<string>(directKey(key, otherKey, id));
    return value === null ? undefined : directOf({ key, otherKey, id }, value);
  }

  async remove(room: string, id: string): Promise<boolean> {
    return await this.#database.shred([messageKey(room, id)]) === 1;
  }

  async passOn(guestKey: string, account: string): Promise<void> {
    await this.settled(); // what is on its way goes along
    for (;;) {
      const list = this.#database.kv.list<string>({ prefix: directsOf(guestKey) }, {
        limit: PASSED_ON_AT_ONCE,
      });
      const own = await Array.fromAsync(list, ({ key, value }) => {
        const [otherKey, id] = key.slice(-2) as [string, string];
        return directOf({ key: guestKey, otherKey, id }, value);
      });
      if (own.length === 0) return;
      const changes = await Promise.all(own.map((direct) => this.#passedOn(direct, guestKey, account)));
      await this.#database.commit((operation) => {
        for (const { gone, kept } of changes) {
          for (const key of gone) operation.delete(key);
          for (const [key, value] of kept) operation.set(key, value);
        }
        return operation;
      });
    }
  }

  async forgetGuest(key: string): Promise<void> {
    await this.#deleteAll({ prefix: directsOf(key) });
  }

  /** Forgets what guests wrote and got privately before the server ended: nobody of them is here any more. */
  async forgetGuests(): Promise<void> {
    await this.#deleteAll({ start: directsOf(GUEST), end: directsOf(PAST_GUESTS) });
  }

  async waitingFor(account: string): Promise<Direct[]> {
    const found: Direct[] = [];
    for await (const entry of this.#database.kv.list<string>({ prefix: waiting(account) })) {
      const [fromKey, from, to, text] = JSON.parse(entry.value) as StoredWaiting;
      const id = String(entry.key.at(-1));
      found.push({ type: "direct", id, from, to, fromKey, toKey: account, text, at: timeOf(id) });
    }
    return found;
  }

  async shown(account: string, directs: readonly Direct[]): Promise<void> {
    await this.#database.commit((operation) => {
      for (const { id } of directs) operation.delete(waitingKey(account, id));
      return operation;
    });
    this.#waitingCounts.delete(account);
  }

  /** Answers when everything appended so far is committed or refused. */
  async settled(): Promise<void> {
    await this.#committing;
  }

  /** What becomes of both copies of a private message; who has none any more is given none. */
  async #passedOn(direct: Direct, from: string, to: string) {
    const before = copiesOf(direct).map(([key]) => key);
    const swap = (key: string) => key === from ? to : key;
    const after = copiesOf({ ...direct, fromKey: swap(direct.fromKey), toKey: swap(direct.toKey) });
    const there = await Promise.all(before.map((key) => this.#database.kv.get(key)));
    return { gone: before, kept: after.filter((_, index) => there[index]!.value !== null) };
  }

  /** @throws {Refusal} `mailbox_full` */
  async #checkMailbox(account: string, name: string): Promise<void> {
    const counted = this.#waitingCounts.has(account) ? 0 : await this.#countWaiting(account);
    const count = this.#waitingCounts.get(account) ?? counted; // others may have counted in the meantime
    this.#waitingCounts.set(account, Math.min(count + 1, MOST_WAITING));
    if (count >= MOST_WAITING) throw mailboxFull(name);
  }

  async #countWaiting(account: string): Promise<number> {
    const waits = this.#database.kv.list({ prefix: waiting(account) }, { limit: MOST_WAITING });
    return (await Array.fromAsync(waits)).length;
  }

  #enqueue(id: string, values: Entry["values"], admitted?: Promise<void>): Promise<void> {
    const done = Promise.withResolvers<void>();
    const bytes = values.reduce((sum, [, value]) => sum + encoder.encode(value).length + FRAME_BYTES, 0);
    admitted?.catch(() => {}); // it is looked at in its turn
    this.#entries.push({ id, values, bytes, admitted, done });
    if (this.#entries.length === ENOUGH) this.#onEnough?.();
    this.#committing ??= this.#commitAll();
    return done.promise;
  }

  /** Reads a part of a list, from the end that is asked for, up to what can be sent at once. */
  async #read<Kind extends Message | Direct>(
    prefix: Deno.KvKey,
    range: Range,
    read: (id: string, value: string) => Kind,
  ): Promise<Page<Kind>> {
    const { after, before, limit } = range;
    if (after !== undefined && before !== undefined && before <= after) return { messages: [], more: false };
    const reverse = after === undefined;
    const options = { limit: limit + 1, reverse, batchSize: Math.min(limit + 1, MOST_PER_BATCH) };
    const found: Kind[] = [];
    let bytes = 0;
    let more = false;
    for await (const { key, value } of this.#database.kv.list<string>(selectorOf(prefix, range), options)) {
      bytes += encoder.encode(value).length + FRAME_BYTES;
      more = found.length === limit || (bytes > MOST_PAGE_BYTES && found.length > 0);
      if (more) break;
      found.push(read(String(key.at(-1)), value));
    }
    return { messages: reverse ? found.reverse() : found, more };
  }

  /**
   * What a person has written and got privately after a moment, one conversation after the other. What is older stands
   * between: some of it is passed over, and the rest of that conversation then skipped.
   */
  async *#directsAfter(key: string, after: string): AsyncGenerator<Direct> {
    const prefix = directsOf(key);
    let start: Deno.KvKey | undefined = [...prefix, ""];
    while (start !== undefined) {
      const list = this.#database.kv.list<string>({ prefix, start }, { batchSize: PASSED_OVER });
      start = undefined;
      let passed = 0;
      for await (const entry of list) {
        const [otherKey, id] = entry.key.slice(-2) as [string, string];
        if (id > after) yield directOf({ key, otherKey, id }, entry.value);
        else if (++passed > PASSED_OVER) {
          start = directKey(key, otherKey, `${after}\0`);
          break;
        }
      }
    }
  }

  /** The last message of each conversation within a part of a person's: the rest of each is skipped. */
  async *#lastDirectsIn(
    key: string,
    { start, end }: { start: Deno.KvKey; end: Deno.KvKey },
  ): AsyncGenerator<Direct> {
    for (let before = end;;) {
      const list = this.#database.kv.list<string>({ start, end: before }, { limit: 1, reverse: true });
      const { value: last } = await list.next();
      if (last === undefined) return;
      const [otherKey, id] = last.key.slice(-2) as [string, string];
      yield directOf({ key, otherKey, id }, last.value);
      before = directsBetween(key, otherKey);
    }
  }

  async #deleteAll(which: Deno.KvListSelector): Promise<void> {
    for (;;) {
      const keys = await Array.fromAsync(
        this.#database.kv.list(which, { limit: DELETED_AT_ONCE }),
        ({ key }) => key,
      );
      if (keys.length === 0) return;
      await this.#database.commit((operation) => {
        for (const key of keys) operation.delete(key);
        return operation;
      });
    }
  }

  /** Commits group after group, never two at a time, until nothing waits. */
  async #commitAll(): Promise<void> {
    while (this.#entries.length > 0) {
      await this.#gather(this.#lastCommitMs + GATHER_MS - performance.now());
      this.#lastCommitMs = performance.now();
      await this.#commit(await admittedOf(this.#takeGroup()));
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
    let values = 0;
    const end = this.#entries.findIndex((entry, index) => {
      bytes += entry.bytes;
      values += entry.values.length;
      return values > MOST_PER_COMMIT || (bytes > MOST_BYTES_PER_COMMIT && index > 0);
    });
    return this.#entries.splice(0, end === -1 ? this.#entries.length : end);
  }

  async #commit(group: readonly Entry[]): Promise<void> {
    if (group.length === 0) return;
    for (const { id } of group) if (id > this.#newestId) this.#newestId = id;
    try {
      await this.#database.commit((operation) => {
        operation.set(NEWEST_ID_KEY, this.#newestId);
        for (const { values } of group) {
          for (const [key, value] of values) operation.set(key, value);
        }
        return operation;
      });
      this.#counts?.grouped(group.length);
      for (const { done } of group) done.resolve();
    } catch (error) {
      this.#waitingCounts.clear(); // some of what was counted does not wait after all
      for (const { done } of group) done.reject(error);
    }
  }
}

/** Those of a group that may be kept; the others are refused. */
async function admittedOf(group: readonly Entry[]): Promise<Entry[]> {
  const admitted: Entry[] = [];
  for (const entry of group) {
    try {
      if (entry.admitted !== undefined) await entry.admitted;
      admitted.push(entry);
    } catch (error) {
      entry.done.reject(error);
    }
  }
  return admitted;
}

/** Both ends are outside: ids have one length, so that nothing lies between one and one with a character more. */
function selectorOf(prefix: Deno.KvKey, { after, before }: Range): Deno.KvListSelector {
  const start = after === undefined ? undefined : [...prefix, `${after}\0`];
  const end = before === undefined ? undefined : [...prefix, before];
  if (start !== undefined && end !== undefined) return { start, end };
  return start !== undefined ? { prefix, start } : end !== undefined ? { prefix, end } : { prefix };
}

function byId(one: Direct, other: Direct): number {
  return one.id < other.id ? -1 : 1;
}
