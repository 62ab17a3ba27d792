import type { Direct, Message } from "../../server/chat/event.ts";
import type { MessageLog, Page, Range } from "../../server/chat/message_log.ts";
import { mailboxFull } from "../../server/refusals.ts";
import { MemoryDisk } from "./memory_disk.ts";

/** As many private messages wait for one account at most as in the real log. */
const MOST_WAITING = 500;

/** A private message as one of the two has it. */
interface Copy {
  readonly key: string;
  readonly otherKey: string;
  readonly direct: Direct;
}

/** A message log without a disk. */
export class MemoryLog extends MemoryDisk implements MessageLog {
  #messages: Message[] = [];
  #copies: Copy[] = [];
  #newestId = "";
  /** Account id → what waits for it. */
  #waiting = new Map<string, readonly Direct[]>();

  append(message: Message): Promise<void> {
    return this.commit(() => {
      this.#messages.push(message);
      this.#sees(message.id);
    });
  }

  appendDirect(direct: Direct, { waiting } = { waiting: false }): Promise<void> {
    const { toKey } = direct;
    if (waiting && this.#waitingFor(toKey).length >= MOST_WAITING) {
      return Promise.reject(mailboxFull(direct.to));
    }
    return this.commit(() => {
      this.#keepCopies(direct);
      this.#sees(direct.id);
      if (waiting) this.#waiting.set(toKey, [...this.#waitingFor(toKey), direct]);
    });
  }

  page(room: string, range: Range): Promise<Page<Message>> {
    return Promise.resolve(pageOf(this.#messages.filter((message) => message.room === room), range));
  }

  conversation(key: string, otherKey: string, range: Range): Promise<Page<Direct>> {
    return Promise.resolve(pageOf(this.#between(key, otherKey), range));
  }

  directsSince(key: string, id: string, limit: number): Promise<Page<Direct>> {
    const own = this.#copies.filter((copy) => copy.key === key).map(({ direct }) => direct).sort(byId);
    return Promise.resolve(pageOf(own, { after: id, limit }));
  }

  lastDirects(key: string, limit: number): Promise<Direct[]> {
    const own = this.#copies.filter((copy) => copy.key === key).sort((one, other) =>
      byId(one.direct, other.direct)
    );
    const lasts = new Map(own.map(({ otherKey, direct }) => [otherKey, direct])); // of each, the last one stays
    return Promise.resolve([...lasts.values()].sort(byId).reverse().slice(0, limit));
  }

  newestId(): Promise<string> {
    return Promise.resolve(this.#newestId);
  }

  find(room: string, id: string): Promise<Message | undefined> {
    return Promise.resolve(this.#messages.find((message) => message.room === room && message.id === id));
  }

  findDirect(key: string, otherKey: string, id: string): Promise<Direct | undefined> {
    return Promise.resolve(this.#between(key, otherKey).find((direct) => direct.id === id));
  }

  remove(room: string, id: string): Promise<boolean> {
    return this.commit(() => {
      const before = this.#messages.length;
      this.#messages = this.#messages.filter((message) => message.room !== room || message.id !== id);
      return this.#messages.length < before;
    });
  }

  waitingFor(account: string): Promise<Direct[]> {
    return Promise.resolve(this.#waitingFor(account).toSorted(byId));
  }

  shown(account: string, directs: readonly Direct[]): Promise<void> {
    const ids = new Set(directs.map(({ id }) => id));
    return this.commit(() =>
      void this.#waiting.set(account, this.#waitingFor(account).filter(({ id }) => !ids.has(id)))
    );
  }

  passOn(guestKey: string, account: string): Promise<void> {
    const swap = (key: string) => key === guestKey ? account : key;
    const passedOn = ({ key, otherKey, direct }: Copy): Copy => ({
      key: swap(key),
      otherKey: swap(otherKey),
      direct: { ...direct, fromKey: swap(direct.fromKey), toKey: swap(direct.toKey) },
    });
    return this.commit(() => void (this.#copies = this.#copies.map(passedOn)));
  }

  forgetGuest(key: string): Promise<void> {
    return this.commit(() => void (this.#copies = this.#copies.filter((copy) => copy.key !== key)));
  }

  #sees(id: string): void {
    if (id > this.#newestId) this.#newestId = id;
  }

  #keepCopies(direct: Direct): void {
    const { fromKey, toKey } = direct;
    this.#copies = this.#copies.filter((copy) => copy.direct.id !== direct.id);
    this.#copies.push({ key: fromKey, otherKey: toKey, direct });
    if (fromKey !== toKey) this.#copies.push({ key: toKey, otherKey: fromKey, direct });
  }

  #between(key: string, otherKey: string): Direct[] {
    const copies = this.#copies.filter((copy) => copy.key === key && copy.otherKey === otherKey);
    return copies.map(({ direct }) => direct);
  }

  #waitingFor(account: string): readonly Direct[] {
    return this.#waiting.get(account) ?? [];
  }
}

function pageOf<Kind extends { id: string }>(kept: readonly Kind[], range: Range): Page<Kind> {
  const { after = "", before = "~", limit } = range;
  const within = kept.filter(({ id }) => id > after && id < before).toSorted(byId);
  const messages = range.after === undefined ? within.slice(-limit) : within.slice(0, limit);
  return { messages, more: within.length > messages.length };
}

function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : 1;
}
