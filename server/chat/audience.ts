import type { ChatCounts } from "./counts.ts";
import { MessagesToTell } from "./_messages_to_tell.ts";
import type { ChatEvent, Joined, Left, Message, Passages } from "./event.ts";
import type { Listener } from "./member.ts";
import type { Roster } from "./roster.ts";

/** In a room with more people their comings and goings are told in digests. */
export const MOST_TOLD_OF_EACH = 200;

/**
 * Of comings and goings so many are told at once as they happen; when hundreds come, as after a cut of the network,
 * they are told together every so often, and each reader gets them in one write and not in hundreds.
 */
const TOLD_AT_ONCE = 20;
const GATHER_MS = 100;

/**
 * In a full room all are gathered that happen within a while after others were told. A while has a millisecond for each
 * who is there, within bounds: that is about a hundredth of the time that it takes to tell them all.
 */
const SHORTEST_WHILE_MS = 1_000;
const LONGEST_WHILE_MS = 5_000;

/** All who listen in one room, and the telling of what happens there, in the order in which it happens. */
export class Audience implements Disposable {
  #room: { readonly name: string; readonly size: number };
  #roster: Roster;
  #counts: ChatCounts;
  /** Listener id → listener. */
  #listeners = new Map<string, Listener>();
  /** What was said and is told in a moment. */
  #messages = new MessagesToTell();
  /** Comings and goings that were not told yet. */
  #passing: (Joined | Left)[] = [];
  /** Whether one of them happened in a full room: when all go, it is full no more at the end. */
  #crowded = false;
  /** Who came in while there were such → how many of them that one knows of: from the list of who is present, or as its own. */
  #newcomers = new Map<Listener, number>();
  /** How many more may be told at once; one more every `GATHER_MS`, and when that was last reckoned. */
  #credit = TOLD_AT_ONCE;
  #reckonedAtMs = performance.now();
  /** When comings and goings were told last. */
  #toldAtMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  /** @param room How many people are there may change. */
  constructor(room: { readonly name: string; readonly size: number }, roster: Roster, counts: ChatCounts) {
    this.#room = room;
    this.#roster = roster;
    this.#counts = counts;
  }

  get listeners(): Iterable<Listener> {
    return this.#listeners.values();
  }

  add(listener: Listener): void {
    this.tellMessages();
    this.#listeners.set(listener.id, listener);
    if (this.#passing.length > 0) this.#newcomers.set(listener, this.#passing.length);
  }

  /** Answers false where it was not there. */
  remove(listener: Listener): boolean {
    this.tellMessages();
    this.#newcomers.delete(listener);
    return this.#listeners.delete(listener.id);
  }

  /**
   * Tells all who listen, but for those who ignore the speaker. Messages that come in one go are told together at its end,
   * or before anything else.
   *
   * @param origin The id of the listener that it came from, which is not told of its own doing.
   */
  tell(event: ChatEvent, origin: string): void {
    if (event.type === "joined" || event.type === "left") return this.#gather(event, origin);
    if (event.type === "message") return this.#tellSoon(event, origin);
    this.tellMessages();
    this.tellPassages();
    this.#tellAll(event, origin);
  }

  /** Tells what was said and was not told yet. */
  tellMessages(): void {
    this.#counts.deliveries += this.#messages.tell(this.#listeners.values());
  }

  /**
   * Tells the comings and goings that were gathered: what is told next must not come before them. What somebody says in a
   * full room need only not come before that one has; the others' wait for their while, lest each message be led by a
   * digest.
   *
   * @param speaker The name of who says what is told next; undefined where it is nothing said.
   */
  tellPassages(speaker?: string): void {
    if (this.#passing.length === 0) return;
    const mayWait = speaker !== undefined && this.#isFull &&
      this.#passing.every(({ name }) => name !== speaker);
    if (!mayWait) this.#tellGathered();
  }

  /** Tells of no comings and goings any more: the last ones leave when all is closed. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#disposed = true;
  }

  get #isFull(): boolean {
    return this.#room.size > MOST_TOLD_OF_EACH;
  }

  #tellSoon(message: Message, origin: string): void {
    this.tellPassages(message.from);
    const own = this.#listeners.get(origin);
    if (this.#messages.isEmpty) queueMicrotask(() => this.tellMessages());
    this.#messages.add(message, { own, deaf: this.#listenersIgnoring(message.from) });
  }

  #gather(passage: Joined | Left, origin: string): void {
    if (this.#disposed) return;
    this.#passing.push(passage);
    this.#crowded ||= this.#isFull;
    const own = this.#listeners.get(origin);
    if (own !== undefined) this.#newcomers.set(own, this.#passing.length);
    if (this.#passing.length > 1) return;
    const waitMs = this.#waitMs(performance.now());
    if (waitMs <= 0) this.#tellGathered();
    else this.#timer = setTimeout(() => this.#tellGathered(), waitMs);
  }

  /** How long the first of those that are gathered may wait for others. */
  #waitMs(nowMs: number): number {
    if (!this.#isFull) return this.#mayTellAtOnce(nowMs) ? 0 : GATHER_MS;
    return this.#toldAtMs + Math.min(Math.max(this.#room.size, SHORTEST_WHILE_MS), LONGEST_WHILE_MS) - nowMs;
  }

  #mayTellAtOnce(nowMs: number): boolean {
    this.#credit = Math.min(TOLD_AT_ONCE, this.#credit + (nowMs - this.#reckonedAtMs) / GATHER_MS);
    this.#reckonedAtMs = nowMs;
    if (this.#credit < 1) return false;
    this.#credit--;
    return true;
  }

  #tellGathered(): void {
    clearTimeout(this.#timer);
    this.tellMessages();
    const [all, newcomers] = [this.#passing, this.#newcomers];
    this.#passing = [];
    this.#newcomers = new Map();
    const digested = this.#crowded;
    this.#crowded = false;
    this.#toldAtMs = performance.now();
    const whole = this.#together(all, { from: 0, digested });
    const unheard = this.#unheardOf(all);
    for (const listener of this.#listeners.values()) {
      const from = newcomers.size === 0 ? 0 : newcomers.get(listener) ?? 0;
      const ignored = unheard.get(listener);
      if (ignored !== undefined) {
        const heard = all.slice(from).filter(({ name }) => !ignored.has(name));
        if (heard.length > 0) listener.deliver(this.#together(heard, { from: 0, digested }));
      } else if (from < all.length) {
        listener.deliver(from === 0 ? whole : this.#together(all, { from, digested }));
      }
      this.#counts.deliveries += all.length - from;
    }
  }

  /** What is told of several, or of one. */
  #together(
    all: readonly (Joined | Left)[],
    { from, digested }: { from: number; digested: boolean },
  ): Passages | Joined | Left {
    const last = all.at(-1)!;
    if (from === all.length - 1) return last;
    return { type: "passages", room: this.#room.name, all, from, digested, at: last.at };
  }

  /** Listener → the names of those among them whom it does not want to hear; none of whom there are no such. */
  #unheardOf(passages: readonly (Joined | Left)[]): ReadonlyMap<Listener, ReadonlySet<string>> {
    const unheard = new Map<Listener, Set<string>>();
    for (const { name } of passages) {
      for (const listener of this.#listenersIgnoring(name)) {
        const names = unheard.get(listener);
        if (names === undefined) unheard.set(listener, new Set([name]));
        else names.add(name);
      }
    }
    return unheard;
  }

  #tellAll(event: ChatEvent, origin: string): void {
    for (const listener of this.#listeners.values()) {
      if (listener.id === origin) continue;
      listener.deliver(event);
      this.#counts.deliveries++;
    }
  }

  #listenersIgnoring(speaker: string): ReadonlySet<Listener> {
    const members = this.#roster.ignoring(speaker);
    return members.length === 0 ? NOBODY : new Set(members.flatMap(({ listeners }) => [...listeners]));
  }
}

const NOBODY: ReadonlySet<Listener> = new Set();
