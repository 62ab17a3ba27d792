import type { ChatCounts } from "./counts.ts";
import type { ChatEvent, Joined, Left } from "./event.ts";
import type { Listener } from "./member.ts";
import type { Roster } from "./roster.ts";

/**
 * Of comings and goings so many are told at once as they happen; when hundreds come, as after a cut of the network,
 * they are told together every so often, and each reader gets them in one write and not in hundreds.
 */
const TOLD_AT_ONCE = 20;
const GATHER_MS = 100;

const NOBODY: ReadonlySet<Listener> = new Set();

/** Somebody's coming or going that is still to be told. */
interface Passing {
  readonly event: Joined | Left;
  readonly origin: string;
}

/** All who listen in one room, and the telling of what happens there, in the order in which it happens. */
export class Audience implements Disposable {
  #roster: Roster;
  #counts: ChatCounts;
  /** Listener id → listener. */
  #listeners = new Map<string, Listener>();
  /** Comings and goings that were not told yet. */
  #passing: Passing[] = [];
  /** Who came in while there were such → how many of them that one knows of, from the list of who is present. */
  #newcomers = new Map<Listener, number>();
  /** How many more may be told at once; one more every `GATHER_MS`, and when that was last reckoned. */
  #credit = TOLD_AT_ONCE;
  #reckonedAtMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(roster: Roster, counts: ChatCounts) {
    this.#roster = roster;
    this.#counts = counts;
  }

  get listeners(): Iterable<Listener> {
    return this.#listeners.values();
  }

  add(listener: Listener): void {
    this.#listeners.set(listener.id, listener);
    if (this.#passing.length > 0) this.#newcomers.set(listener, this.#passing.length);
  }

  /** Answers false where it was not there. */
  remove(listener: Listener): boolean {
    this.#newcomers.delete(listener);
    return this.#listeners.delete(listener.id);
  }

  /**
   * Tells all who listen, but for those who ignore the speaker.
   *
   * @param origin The id of the listener that it came from, which is not told of its own doing.
   */
  tell(event: ChatEvent, origin: string): void {
    if (event.type === "joined" || event.type === "left") return this.#gather({ event, origin });
    this.tellPassages();
    this.#tellAll(event, { origin, speaker: event.type === "message" ? event.from : undefined });
  }

  /** Tells the comings and goings that were gathered: what is told elsewhere next must not come before them. */
  tellPassages(): void {
    if (this.#passing.length === 0) return;
    clearTimeout(this.#timer);
    this.#passing.forEach(({ event, origin }, index) =>
      this.#tellAll(event, { origin, speaker: event.name, index })
    );
    this.#passing = [];
    this.#newcomers.clear();
  }

  /** Tells of no comings and goings any more: the last ones leave when all is closed. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#disposed = true;
  }

  #gather(passing: Passing): void {
    if (this.#disposed) return;
    this.#passing.push(passing);
    if (this.#passing.length > 1) return;
    if (this.#mayTellAtOnce(performance.now())) this.tellPassages();
    else this.#timer = setTimeout(() => this.tellPassages(), GATHER_MS);
  }

  #mayTellAtOnce(nowMs: number): boolean {
    this.#credit = Math.min(TOLD_AT_ONCE, this.#credit + (nowMs - this.#reckonedAtMs) / GATHER_MS);
    this.#reckonedAtMs = nowMs;
    if (this.#credit < 1) return false;
    this.#credit--;
    return true;
  }

  /** @param to.index Of a coming or going among those that are told now: newcomers know of some. */
  #tellAll(event: ChatEvent, to: { origin: string; speaker: string | undefined; index?: number }): void {
    const own = this.#listeners.get(to.origin);
    const deaf = to.speaker === undefined ? NOBODY : this.#listenersIgnoring(to.speaker);
    let told = 0;
    for (const listener of this.#listeners.values()) {
      if (listener === own || (deaf.size > 0 && deaf.has(listener))) continue;
      if (to.index !== undefined && this.#knows(listener, to.index)) continue;
      listener.deliver(event);
      told++;
    }
    this.#counts.deliveries += told;
  }

  #listenersIgnoring(speaker: string): ReadonlySet<Listener> {
    const members = this.#roster.ignoring(speaker);
    return members.length === 0 ? NOBODY : new Set(members.flatMap(({ listeners }) => [...listeners]));
  }

  #knows(listener: Listener, index: number): boolean {
    return this.#newcomers.size > 0 && index < (this.#newcomers.get(listener) ?? 0);
  }
}
