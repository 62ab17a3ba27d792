import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { pageTitle } from "./attention.ts";
import { type Kept, recall, remember } from "./memory.ts";
import { personOf, type Place } from "./place.ts";
import type { Talk } from "./talk.ts";

/** How long to wait with keeping what is unread: more may come. */
const KEEP_MS = 400;

/** Says in the title how much is unread, and keeps that from visit to visit. */
export class Reminder implements Disposable {
  /** What the browser has kept from before. */
  readonly kept: Kept;
  /** Undefined for guests, of whom nothing is kept. */
  #account: string | undefined;
  #talks: ReadonlyMap<Place, Talk>;
  #lastDirect: string;
  #changes: Signal<number> = signal(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keepNow = () => this.#keep();

  constructor(account: string | undefined, talks: ReadonlyMap<Place, Talk>) {
    this.#account = account;
    this.#talks = talks;
    this.kept = account === undefined ? { unread: {}, lastDirect: "" } : recall(account);
    this.#lastDirect = this.kept.lastDirect;
    addEventListener("pagehide", this.#keepNow);
  }

  /** Rises whenever more is unread than before, or less, anywhere. */
  get changes(): ReadonlySignal<number> {
    return this.#changes;
  }

  changed(): void {
    this.#changes.value++;
    if (this.#account === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#keepNow, KEEP_MS);
  }

  /** What is unread to a guest who has made an account is kept for that from now on. */
  belongTo(account: string): void {
    this.#account = account;
    this.changed();
  }

  /** A private message has been dealt with: at the next visit it is not new. */
  sawDirect(id: string): void {
    if (this.#lastDirect >= id) return;
    this.#lastDirect = id;
    this.changed();
  }

  /** Reads signals: to be called anew when they change. */
  showTitle(place: Place, server: string): void {
    this.#changes.value;
    const counts = [...this.#talks.values()].map(({ place, unread }) => ({ place, ...unread.value }));
    const calls = counts.reduce(
      (sum, { place, count, mentions }) => sum + (personOf(place) === undefined ? mentions : count),
      0,
    );
    const unread = counts.some(({ count }) => count > 0);
    document.title = pageTitle({ place, server, calls, unread });
  }

  [Symbol.dispose](): void {
    removeEventListener("pagehide", this.#keepNow);
    clearTimeout(this.#timer);
    this.#keep();
  }

  #keep(): void {
    if (this.#account === undefined) return;
    const unread = [...this.#talks.values()].filter((talk) => talk.unread.peek().count > 0);
    remember(this.#account, {
      unread: Object.fromEntries(unread.map(({ place, stored }) => [place, stored])),
      lastDirect: this.#lastDirect,
    });
  }
}
