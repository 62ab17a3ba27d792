import { type Crowd, pause } from "./_crowd.ts";
import { Latencies } from "./_latencies.ts";
import { type Faults, Oracle, type Seating } from "./_oracle.ts";
import { Run } from "./_payload.ts";
import type { Pace } from "./_workloads.ts";

/** So many at most are said in one go, so that reading has its turn. */
const BURST = 32;

/** After so long without anything coming, what is under way where it goes as fast as it goes is given up. */
const STALLED_MS = 1_000;

/** How long to wait for what is missing, since something came last, and in all. */
const MISSING_MS = 3_000;
const MISSING_IN_ALL_MS = 30_000;

/** How long what is there already may still come again. */
const DOUBLES_MS = 200;

/** How a crowd talks: what is said is taken down, and what comes is compared with it. */
export class Talk {
  readonly latencies = new Latencies();
  /** How late a message was said that had its time. */
  readonly lateness = new Latencies();
  said = 0;
  stalls = 0;
  firstSaidMs = NaN;
  lastHeardMs = NaN;
  readonly #oracle: Oracle;
  readonly #run = Run.next();
  readonly #seating: Seating;
  readonly #crowd: Crowd;
  /** Message → when it was said. */
  #saidAtMs: number[] = [];
  /** How many deliveries may be under way; undefined where messages have their times. */
  #mostUnderWay: number | undefined;
  #givenUp = 0;

  constructor(crowd: Crowd, seating: Seating) {
    this.#crowd = crowd;
    this.#seating = seating;
    this.#oracle = new Oracle(this.#run, seating);
  }

  get received(): number {
    return this.#oracle.received;
  }

  get faults(): Faults {
    return this.#oracle.faults;
  }

  hears(person: number, bytes: Uint8Array, at: number, nowMs: number): boolean {
    const message = this.#oracle.heard(person, bytes, at);
    if (message < 0) return false;
    this.latencies.add(nowMs - this.#saidAtMs[message]!);
    this.lastHeardMs = nowMs;
    return true;
  }

  hasRead(): void {
    if (this.#mostUnderWay !== undefined) this.#fillWindow(this.#mostUnderWay);
  }

  /** Lets the speakers talk for so long, and waits for all of it to come. */
  async goesOn(pace: Pace, seconds: number): Promise<void> {
    if ("perSecond" in pace) await this.#keepTimes(pace.perSecond, seconds);
    else await this.#keepWindow(pace.window, seconds);
    await this.#allCame();
  }

  /** Each speaker says one thing, and all of it comes. */
  async goesRound(): Promise<void> {
    for (let speaker = 0; speaker < this.#seating.speakers; speaker++) this.#say(speaker);
    await this.#allCame();
  }

  /** Waits whether something comes twice. */
  async doublesCame(): Promise<void> {
    await pause(DOUBLES_MS);
  }

  async #keepTimes(perSecond: number, seconds: number): Promise<void> {
    const beganMs = performance.now();
    const all = Math.round(perSecond * seconds);
    for (;;) {
      const nowMs = performance.now();
      const due = Math.min(all, Math.floor((nowMs - beganMs) / 1_000 * perSecond) + 1, this.said + BURST);
      while (this.said < due) {
        this.lateness.add(nowMs - beganMs - this.said / perSecond * 1_000);
        this.#say(this.said % this.#seating.speakers);
      }
      if (this.said === all || this.#crowd.dropped === this.#crowd.size) return;
      await pause(Math.max(0, beganMs + this.said / perSecond * 1_000 - performance.now()));
    }
  }

  async #keepWindow(window: number, seconds: number): Promise<void> {
    const { roomsOf, speakers } = this.#seating;
    const most = window * speakers * this.#oracle.readersIn(roomsOf[0]!.at(-1)!);
    const endMs = performance.now() + seconds * 1_000;
    this.#mostUnderWay = most;
    this.lastHeardMs = performance.now();
    while (performance.now() < endMs) {
      if (performance.now() - this.lastHeardMs > STALLED_MS) {
        this.stalls++;
        this.#givenUp = this.#oracle.expected - this.received;
        this.lastHeardMs = performance.now();
      }
      this.#fillWindow(most);
      await pause(5);
    }
    this.#mostUnderWay = undefined;
  }

  #fillWindow(most: number): void {
    for (let burst = 0; burst < BURST; burst++) {
      const speaker = this.said % this.#seating.speakers;
      const underWay = this.#oracle.expected - this.received - this.#givenUp;
      if (underWay + this.#oracle.readersIn(this.#roomOf(speaker)) > most) return;
      this.#say(speaker);
    }
  }

  #say(speaker: number): void {
    const message = this.#oracle.said(speaker, this.#roomOf(speaker));
    const nowMs = performance.now();
    this.#saidAtMs.push(nowMs);
    if (this.said++ === 0) this.firstSaidMs = nowMs;
    this.#crowd.says(speaker, this.#run.payload(speaker, message));
  }

  #roomOf(speaker: number): number {
    return this.#seating.roomsOf[speaker]!.at(-1)!;
  }

  async #allCame(): Promise<void> {
    const beganMs = performance.now();
    const isMissing = () => this.received < this.#oracle.expected;
    while (isMissing()) {
      const nowMs = performance.now();
      const silentMs = nowMs - Math.max(beganMs, this.lastHeardMs || 0);
      if (silentMs > MISSING_MS || nowMs - beganMs > MISSING_IN_ALL_MS) return;
      await pause(1);
    }
  }
}
