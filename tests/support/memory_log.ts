import type { Direct, Message } from "../../server/chat/event.ts";
import type { MessageLog } from "../../server/chat/message_log.ts";
import { mailboxFull, notStored } from "../../server/refusals.ts";

/** As many private messages wait for one account at most as in the real log. */
const MOST_WAITING = 500;

/**
 * A message log without a disk. Its commits can be held up, so that a test settles what happens meanwhile, and can be
 * made to fail.
 */
export class MemoryLog implements MessageLog {
  /** While true, every commit fails. */
  failing = false;
  #messages: Message[] = [];
  /** Account id → what waits for it. */
  #waiting = new Map<string, readonly Direct[]>();
  /** The commits so far, one behind the other. */
  #committed: Promise<unknown> = Promise.resolve();
  #held: PromiseWithResolvers<void> | undefined;

  /** Commits from now on wait for {@link release}. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  append(message: Message): Promise<void> {
    return this.#commit(() => this.#messages.push(message));
  }

  appendDirect(direct: Direct, waitsFor?: string): Promise<void> {
    if (waitsFor === undefined) return this.#commit(() => {});
    if (this.#waitingFor(waitsFor).length >= MOST_WAITING) return Promise.reject(mailboxFull(direct.to));
    return this.#commit(() => this.#waiting.set(waitsFor, [...this.#waitingFor(waitsFor), direct]));
  }

  latest(room: string, limit: number): Promise<Message[]> {
    const said = this.#messages.filter((message) => message.room === room);
    return Promise.resolve(said.toSorted(byId).slice(-limit));
  }

  waitingFor(account: string): Promise<Direct[]> {
    return Promise.resolve(this.#waitingFor(account).toSorted(byId));
  }

  shown(account: string, directs: readonly Direct[]): Promise<void> {
    const ids = new Set(directs.map(({ id }) => id));
    this.#waiting.set(account, this.#waitingFor(account).filter(({ id }) => !ids.has(id)));
    return Promise.resolve();
  }

  #waitingFor(account: string): readonly Direct[] {
    return this.#waiting.get(account) ?? [];
  }

  #commit(keep: () => void): Promise<void> {
    const held = this.#held?.promise;
    const done = this.#committed.then(() => held).then(() => {
      if (this.failing) throw notStored();
      keep();
    });
    this.#committed = done.catch(() => {});
    return done;
  }
}

function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : 1;
}
