import type { TokenStore } from "../accounts/token_store.ts";
import { pause } from "../pause.ts";
import type { Erasing, ErasureStore } from "./erasure_store.ts";
import type { Direct, Message } from "./event.ts";
import type { Hub } from "./hub.ts";
import type { MessageLog } from "./message_log.ts";
import type { OwnMessages } from "./own_messages.ts";
import type { RoomRecord } from "./room_store.ts";
import type { SearchIndex } from "./search_index.ts";

/** Under which name that stays which a deleted account has said. Nobody can have it: names have no spaces. */
const DELETED_USER = "deleted user";

/** So many messages that were erased are told one by one; of more, readers learn when they look again. */
const MOST_TOLD = 100;

/** How many private messages go at a time. */
const DIRECTS_AT_ONCE = 50;

/** Between two parts the server is there for others. */
const PAUSE_MS = 5;

/** When it is tried again what the disk has refused. */
const RETRY_MS = 60_000;

/** How long those are waited for who are just leaving, and how often it is looked whether they have. */
const LEAVING_MS = 10_000, LOOK_EVERY_MS = 20;

/** What was being said while the account went is kept by then. */
const SAID_MS = 200;

interface ErasureParts {
  readonly hub: Hub;
  readonly log: MessageLog;
  readonly own: OwnMessages;
  readonly tokens: TokenStore;
  readonly search: SearchIndex;
  readonly store: ErasureStore;
  /** Told of each account of which nothing is left. */
  readonly erased: (what: Erased) => void;
  /** Told why it broke off; it is tried again after a while. */
  readonly failed: (error: unknown) => void;
}

/** What was erased of an account, since the server has started. */
export interface Erased {
  readonly account: string;
  /** Messages of rooms that are gone or, where they were to be kept, are nobody's now. */
  readonly messages: number;
  readonly directs: number;
  readonly tookMs: number;
}

/**
 * Erases what deleted accounts have left behind, in the background and little by little: their tokens, their places in
 * rooms, their private messages on both sides and, as they have wished, what they have said in rooms or that they have
 * said it. Where it is cut short, the next start goes on.
 */
export class Erasure implements AsyncDisposable {
  #parts: ErasureParts;
  /** Account → the work on what is left of it. */
  #underWay = new Map<string, Promise<void>>();
  #closing = new AbortController();

  constructor(parts: ErasureParts) {
    this.#parts = parts;
  }

  /** Goes on with what was begun before the start. */
  async resume(): Promise<void> {
    for await (const { account } of this.#parts.store.list()) void this.erase(account);
  }

  /**
   * Erases what is left of an account.
   *
   * @param progressed Told now and then of how many messages more were dealt with.
   * @returns When nothing is left of it, or the server stops.
   */
  erase(account: string, progressed: (count: number) => void = () => {}): Promise<void> {
    const underWay = this.#underWay.get(account) ??
      this.#insist(account, progressed).finally(() => this.#underWay.delete(account));
    this.#underWay.set(account, underWay);
    return underWay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#underWay.values());
  }

  async #insist(account: string, progressed: (count: number) => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const erasing = await this.#parts.store.find(account);
        return erasing && await this.#eraseAll(erasing, progressed);
      } catch (error) {
        if (!signal.aborted) this.#parts.failed(error);
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #eraseAll({ account, said }: Erasing, progressed: (count: number) => void): Promise<void> {
    const { hub, tokens, store, erased } = this.#parts;
    const beganMs = performance.now();
    await this.#untilGone(account);
    await tokens.removeAll(account);
    await hub.places.remove(account);
    for (const room of hub.rooms.all) await room.change((record) => without(account, record));
    const directs = await this.#eraseDirects(account, progressed);
    const messages = await this.#eraseMessages({ account, said }, progressed);
    await store.remove(account);
    erased({ account, messages, directs, tookMs: performance.now() - beganMs });
  }

  /** Whoever is still leaving would be kept as somebody who has left, and may still be heard. */
  async #untilGone(account: string): Promise<void> {
    const deadlineMs = performance.now() + LEAVING_MS;
    while (this.#parts.hub.roster.findByKey(account) !== undefined && performance.now() < deadlineMs) {
      await this.#rest(LOOK_EVERY_MS);
    }
    await this.#rest(SAID_MS);
  }

  async #eraseDirects(account: string, progressed: (count: number) => void): Promise<number> {
    const { log, own, search } = this.#parts;
    let count = 0;
    const remove = async (directs: readonly Direct[]) => {
      await own.removeDirects(directs);
      for (const [toKey, sent] of Map.groupBy(directs, ({ toKey }) => toKey)) await log.shown(toKey, sent);
      count += directs.length;
      progressed(directs.length);
      await this.#rest(PAUSE_MS);
    };
    for await (const part of own.directs(account)) {
      for (const few of inGroups(part, DIRECTS_AT_ONCE)) await remove(few);
    }
    for (const few of inGroups(await log.waitingFor(account), DIRECTS_AT_ONCE)) await remove(few);
    search.removeDirectsOf(account);
    return count;
  }

  async #eraseMessages({ account, said }: Erasing, progressed: (count: number) => void): Promise<number> {
    const { hub, own } = this.#parts;
    const found: Message[] = [];
    let count = 0;
    for (const room of [...hub.rooms.all]) {
      for await (const part of own.inRoom(account, room.name)) {
        if (said === "keep") await own.disown(part, DELETED_USER);
        else await this.#remove(part);
        count += part.length;
        if (found.length <= MOST_TOLD) found.push(...part);
        progressed(part.length);
        await this.#rest(PAUSE_MS);
      }
      if (room.recent.some(({ author }) => author === account)) await room.refresh();
    }
    if (said === "erase" && count <= MOST_TOLD) {
      for (const message of found) hub.tellDeleted(message, message.from);
    }
    return count;
  }

  async #remove(messages: readonly Message[]): Promise<void> {
    await this.#parts.own.remove(messages);
    for (const { room, id } of messages) this.#parts.search.remove(room, id);
  }

  /** @throws what the signal was aborted with, when the server stops. */
  async #rest(ms: number): Promise<void> {
    const { signal } = this.#closing;
    await pause(ms, signal);
    signal.throwIfAborted();
  }
}

/** A room whose owner goes belongs to the first of its moderators. */
function without(key: string, record: RoomRecord): RoomRecord {
  const others = record.moderators.filter((moderator) => moderator !== key);
  const invitations = record.invitations.filter((invitation) => invitation.key !== key);
  if (record.owner === key) {
    const [owner, ...moderators] = others;
    return { ...record, owner, moderators, invitations };
  }
  const known = others.length < record.moderators.length || invitations.length < record.invitations.length;
  return known ? { ...record, moderators: others, invitations } : record;
}

function* inGroups<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let begin = 0; begin < items.length; begin += size) yield items.slice(begin, begin + size);
}
