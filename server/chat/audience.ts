import type { ChatEvent, Direct, Joined, Left, Renamed } from "./event.ts";
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
interface Passage {
  readonly event: Joined | Left;
  readonly origin: string;
}

/** The connections of all who are present, and the telling of what happens, in the order in which it happens. */
export class Audience implements Disposable {
  #roster: Roster;
  /** Listener id → listener. */
  #listeners = new Map<string, Listener>();
  /** Comings and goings that were not told yet. */
  #passages: Passage[] = [];
  /** Who came in while there were such → how many of them that one knows of, from the list of who is present. */
  #newcomers = new Map<Listener, number>();
  /** How many more may be told at once; one more every `GATHER_MS`, and when that was last reckoned. */
  #credit = TOLD_AT_ONCE;
  #reckonedAtMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  get listeners(): Iterable<Listener> {
    return this.#listeners.values();
  }

  add(listener: Listener): void {
    this.#listeners.set(listener.id, listener);
    if (this.#passages.length > 0) this.#newcomers.set(listener, this.#passages.length);
  }

  /** Answers false where it was not there. */
  remove(listener: Listener): boolean {
    this.#newcomers.delete(listener);
    return this.#listeners.delete(listener.id);
  }

  /**
   * Tells those concerned of an event.
   *
   * @param origin The id of the listener that it came from, which is not told of its own doing.
   */
  tell(event: ChatEvent, origin: string): void {
    if (event.type === "joined" || event.type === "left") return this.#gather({ event, origin });
    this.#tellPassages();
    switch (event.type) {
      case "message":
        return this.#tellAll(event, { origin, speaker: event.from });
      case "direct":
        return this.#tellBoth(event);
      case "renamed":
        this.#followName(event);
        return this.#tellAll(event, { origin });
      case "announced":
        return this.#tellAll(event, { origin });
    }
  }

  /** Tells of no comings and goings any more: the last ones leave when all is closed. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#disposed = true;
  }

  #gather(passage: Passage): void {
    if (this.#disposed) return;
    this.#passages.push(passage);
    if (this.#passages.length > 1) return;
    if (this.#mayTellAtOnce(performance.now())) this.#tellPassages();
    else this.#timer = setTimeout(() => this.#tellPassages(), GATHER_MS);
  }

  #mayTellAtOnce(nowMs: number): boolean {
    this.#credit = Math.min(TOLD_AT_ONCE, this.#credit + (nowMs - this.#reckonedAtMs) / GATHER_MS);
    this.#reckonedAtMs = nowMs;
    if (this.#credit < 1) return false;
    this.#credit--;
    return true;
  }

  #tellPassages(): void {
    if (this.#passages.length === 0) return;
    clearTimeout(this.#timer);
    this.#passages.forEach(({ event, origin }, index) =>
      this.#tellAll(event, { origin, speaker: event.name, index })
    );
    this.#passages = [];
    this.#newcomers.clear();
  }

  /**
   * Tells everyone but the listener that it came from and those who ignore the speaker.
   *
   * @param to.index Of a passage among those that are told now: newcomers know of some.
   */
  #tellAll(event: ChatEvent, to: { origin: string; speaker?: string; index?: number }): void {
    const own = this.#listeners.get(to.origin);
    const deaf = to.speaker === undefined ? NOBODY : this.#listenersIgnoring(to.speaker);
    for (const listener of this.#listeners.values()) {
      if (listener === own || (deaf.size > 0 && deaf.has(listener))) continue;
      if (to.index !== undefined && this.#knows(listener, to.index)) continue;
      listener.deliver(event);
    }
  }

  #listenersIgnoring(speaker: string): ReadonlySet<Listener> {
    const members = this.#roster.ignoring(speaker);
    return members.length === 0 ? NOBODY : new Set(members.flatMap(({ listeners }) => [...listeners]));
  }

  #knows(listener: Listener, index: number): boolean {
    return this.#newcomers.size > 0 && index < (this.#newcomers.get(listener) ?? 0);
  }

  /** Whoever has the old name next is not the one that wrote. */
  #followName({ from, to }: Renamed): void {
    for (const member of this.#roster.members) {
      if (member.lastCorrespondent === from) member.lastCorrespondent = to;
    }
  }

  #tellBoth(direct: Direct): void {
    const from = this.#roster.find(direct.from);
    const to = this.#roster.find(direct.to);
    if (to !== undefined && !to.ignores(direct.from)) {
      to.lastCorrespondent = direct.from;
      for (const listener of to.listeners) listener.deliver(direct);
    }
    if (from === undefined || from === to) return;
    for (const listener of from.listeners) listener.deliver(direct);
  }
}
