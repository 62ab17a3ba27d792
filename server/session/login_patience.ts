import { pause } from "../pause.ts";

/** The pause before the second refusal; each further one doubles it. */
const FIRST_PAUSE_MS = 500;
const MOST_DOUBLINGS = 5;

/** How often it is looked at the time that is left, which an admin may change meanwhile. */
const LOOK_EVERY_MS = 1_000;

/** How much is borne of somebody who is not in yet; it may change while the server runs. */
export interface LoginLimits {
  readonly loginMs: number;
  readonly loginLines: number;
  readonly loginBytes: number;
  readonly loginTries: number;
}

/** Bears with somebody who is not in yet: time, lines, bytes and tries are counted. */
export class LoginPatience implements Disposable {
  #limits: LoginLimits;
  /** Called when time, lines or bytes are used up. */
  #usedUp: () => void;
  #endsAtMs = 0;
  #beganAtMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lines = 0;
  #bytes = 0;
  #tries = 0;
  /** Ends the pause before a refusal; made for the first that has one. */
  #pausing: AbortController | undefined;
  #over = false;

  constructor(limits: LoginLimits, usedUp: () => void) {
    this.#limits = limits;
    this.#usedUp = usedUp;
    this.#watchTime();
  }

  get tries(): number {
    return this.#tries;
  }

  /** Whether there was a refusal too many. */
  get exhausted(): boolean {
    return this.#tries >= this.#limits.loginTries;
  }

  received(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= this.#limits.loginBytes) this.#usedUp();
  }

  /** A line is dealt with; the last one that is allowed may still be the one that leads in. */
  line(): void {
    if (++this.#lines >= this.#limits.loginLines && !this.#over) this.#usedUp();
  }

  /** From now on there is so much time at least. */
  allow(ms: number): void {
    this.#endsAtMs = Math.max(this.#endsAtMs, performance.now() + ms);
  }

  /** Counts a refusal, and answers when it may be told: the more there were, the later. */
  async refusal(): Promise<void> {
    this.#tries++;
    if (this.#tries === 1 || this.#over) return;
    this.#pausing ??= new AbortController();
    await pause(FIRST_PAUSE_MS * 2 ** Math.min(this.#tries - 2, MOST_DOUBLINGS), this.#pausing.signal);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#over = true;
    this.#pausing?.abort();
  }

  #watchTime(): void {
    const endsAtMs = Math.max(this.#beganAtMs + this.#limits.loginMs, this.#endsAtMs);
    const leftMs = endsAtMs - performance.now();
    if (leftMs <= 0) return this.#usedUp();
    this.#timer = setTimeout(() => this.#watchTime(), Math.min(leftMs, LOOK_EVERY_MS));
  }
}
