import { pause } from "../pause.ts";
import { sweepRooms } from "./empty_rooms.ts";
import type { Hub } from "./hub.ts";
import { lowestIdAt } from "./ids.ts";
import type { MessageLog } from "./message_log.ts";
import type { Pruner } from "./pruner.ts";
import type { Room } from "./room.ts";
import type { SearchIndex } from "./search_index.ts";

const DAY_MS = 86_400_000;

/**
 * When a pass begins after the start, and after it was changed how long messages are kept, so that there is a minute to
 * take that back; and when the next begins after each.
 */
const FIRST_MS = 60_000, EVERY_MS = 3_600_000;

/** Private messages are looked through no more often: of each conversation the oldest message has to be looked at. */
const DIRECTS_EVERY_MS = DAY_MS;

/** Between two parts the database is there for others. */
const PAUSE_MS = 10;

interface RetentionParts {
  readonly hub: Hub;
  readonly log: MessageLog;
  readonly pruner: Pruner;
  readonly search: SearchIndex;
  /** May change while the server runs. */
  readonly settings: { readonly keepDays: number | "forever" };
  /** Told of each pass that has forgotten something. */
  readonly forgot: (what: Forgotten) => void;
  /** Told why a pass broke off; the next one goes on. */
  readonly failed: (error: unknown) => void;
  readonly now?: () => number;
}

/** What one pass has forgotten. */
export interface Forgotten {
  readonly messages: number;
  /** Private messages; both sides have one of each, and each counts. */
  readonly directs: number;
  /** Rooms in which nobody was for a day, and nothing was ever said. */
  readonly rooms: number;
  readonly tookMs: number;
}

/** Forgets what was said longer ago than it is kept, and rooms that nobody needs: pass after pass, in the background. */
export class Retention implements AsyncDisposable {
  #parts: RetentionParts;
  #now: () => number;
  #directsLookedThroughMs = -Infinity;
  #closing = new AbortController();
  /** Aborted when the pass that is waited for, or under way, has to begin again. */
  #again = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** Makes its passes until it is disposed of. */
  run({ firstMs = FIRST_MS, everyMs = EVERY_MS } = {}): void {
    this.#running = this.#repeat({ firstMs, everyMs });
  }

  /** It has been changed how long messages are kept: begins soon with a pass over all, private messages as well. */
  beginAgain(): void {
    this.#directsLookedThroughMs = -Infinity;
    this.#again.abort();
  }

  /** @throws {Refusal} `not_stored`; what is forgotten by then stays so. */
  async pass(): Promise<Forgotten> {
    const { hub, log } = this.#parts;
    const beganMs = performance.now();
    let messages = 0;
    for (const room of [...hub.rooms.all]) messages += await this.#pruneRoom(room);
    const directs = await this.#pruneDirects();
    const { aborted } = this.#closing.signal;
    const rooms = aborted ? 0 : await sweepRooms({ hub, log, now: new Date(this.#now()) });
    return { messages, directs, rooms, tookMs: performance.now() - beganMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #repeat({ firstMs, everyMs }: { firstMs: number; everyMs: number }): Promise<void> {
    const { signal: closing } = this.#closing;
    for (let waitMs = firstMs; !closing.aborted;) {
      const { signal: again } = this.#again;
      await pause(waitMs, AbortSignal.any([closing, again]));
      if (!closing.aborted && !again.aborted) await this.#passInSight();
      if (again.aborted) this.#again = new AbortController();
      waitMs = again.aborted ? firstMs : everyMs;
    }
  }

  /** Makes a pass, and tells what came of it. */
  async #passInSight(): Promise<void> {
    try {
      const forgotten = await this.pass();
      const { messages, directs, rooms } = forgotten;
      if (messages + directs + rooms > 0) this.#parts.forgot(forgotten);
    } catch (error) {
      this.#parts.failed(error);
    }
  }

  async #pruneRoom(room: Room): Promise<number> {
    const before = this.#keptFrom(room.record.keepDays);
    if (before === undefined || this.#closing.signal.aborted) return 0;
    const count = await this.#count(this.#parts.pruner.room(room.name, before));
    if (count > 0) this.#parts.search.prune(room.name, before);
    const [oldest] = room.recent;
    if (oldest !== undefined && oldest.id < before) await room.refresh();
    return count;
  }

  async #pruneDirects(): Promise<number> {
    const { signal } = this.#closing;
    const before = this.#keptFrom(undefined);
    const due = this.#now() >= this.#directsLookedThroughMs + DIRECTS_EVERY_MS;
    if (before === undefined || !due || signal.aborted) return 0;
    const count = await this.#count(this.#parts.pruner.directs(before));
    if (!signal.aborted && !this.#again.signal.aborted) this.#directsLookedThroughMs = this.#now();
    if (count > 0) this.#parts.search.prune(undefined, before);
    return count;
  }

  /** The lowest id that is kept; undefined where all are. A room can only shorten what the server allows. */
  #keptFrom(roomDays: number | undefined): string | undefined {
    const { keepDays } = this.#parts.settings;
    const days = Math.min(roomDays ?? Infinity, keepDays === "forever" ? Infinity : keepDays);
    return days === Infinity ? undefined : lowestIdAt(new Date(this.#now() - days * DAY_MS));
  }

  async #count(parts: AsyncIterable<number>): Promise<number> {
    const { signal } = this.#closing;
    let sum = 0;
    for await (const count of parts) {
      sum += count;
      if (signal.aborted) break;
      await pause(PAUSE_MS, signal);
    }
    return sum;
  }
}
