import { decodeTime, encodeTime } from "ulid";
import type { Direct, Message } from "../chat/event.ts";
import type { Hit, SearchIndex } from "../chat/search_index.ts";
import { pause } from "../pause.ts";
import { Refusal, searchBusy } from "../refusals.ts";
import type { Entry, Found } from "./_search_database.ts";
import { isDamage } from "./_search_file.ts";
import type { SearchChange } from "./_search_worker.ts";
import { Searcher } from "./_searcher.ts";

/** What is added goes to the worker when so many have come, so much time has passed, or somebody searches. */
const BATCH = 500;
const GATHER_MS = 10_000;

/** So many messages wait for the worker at most, such as when it has died; past that, the index catches up later. */
const MOST_WAITING = 20_000;

/** So many questions wait for the worker at most. */
const MOST_QUESTIONS = 32;

/** How far what is known is gone over again: ids that were given at the same time may come in any order. */
const OVERLAP_MS = 60_000;

/** How long after a failure the index is seen to again; twice as long each time, up to the most. */
const RETRY_MS = 1_000;
const MOST_RETRY_MS = 60_000;

/** How long who searches first waits for an index that catches up; one that is made anew takes far longer. */
const PATIENCE_MS = 1_000;

/** What the index is derived from. */
export interface SearchSource {
  /** All that is kept with an id higher than this one, in any order; a private message may come twice. */
  since(id: string): AsyncIterable<Message | Direct>;
}

export interface SearchOptions {
  readonly source: SearchSource;
  /** So long the file is left alone, unless somebody searches: a server has more urgent things to open. */
  readonly beginAfterMs: number;
  /** Told why the index has failed, for the log. It sees to itself again after a while. */
  readonly failed: (error: unknown) => void;
  /** Told when the index holds all that is kept: after the start and after each failure. */
  readonly caughtUp?: () => void;
}

/** What the worker is still to be told: something that was said, or something to be forgotten. */
type News = (Message | Direct)[] | Removal;

type Removal = Exclude<SearchChange, { type: "add" }>;

/**
 * Finds what was said with SQLite's FTS5, in a worker and a file of its own. They are derived from the log: where the
 * file is missing, damaged or behind, the index catches up in the background.
 *
 * Whole words are found, whatever their case and accents; of more than eight the longest count.
 */
export class SqliteSearchIndex implements SearchIndex, AsyncDisposable {
  readonly #path: string;
  readonly #options: SearchOptions;
  #searcher: Searcher | undefined;
  /** The file has to be made anew. */
  #damaged = false;
  /** In the order in which it came; what is added goes to the last of it, up to `BATCH`. */
  #news: News[] = [];
  /** How many messages there are in the news. */
  #waiting = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The pass over the news that is under way. */
  #telling: Promise<void> | undefined;
  /**
   * What is to be removed once more when the index has caught up: what the worker has not removed yet, and what came
   * while it was catching up and so may have been read before.
   */
  #removals = new Set<Removal>();
  /** Until then nothing is news: all of it is kept, and will be read. */
  #begun = false;
  /** All that is kept is in the index, or among the news. */
  #caughtUp = false;
  /** The highest id that the worker has. */
  #newest = "";
  #questions = 0;
  /** Aborted when the index is no longer sure of what it has, and must catch up anew. */
  #attempt = new AbortController();
  #closing = new AbortController();
  /** Settled when somebody searches: until then there is no hurry. */
  #wanted = Promise.withResolvers<void>();
  /** Settled when the index has caught up first, or could not, or has a long way to go: who searches waits for that. */
  #ready = Promise.withResolvers<void>();
  #running: Promise<void>;

  private constructor(path: string, options: SearchOptions) {
    this.#path = path;
    this.#options = options;
    this.#running = this.#run();
  }

  /** Opens the index in a file, made where there is none; all of it in the background. */
  static open(path: string, options: SearchOptions): SqliteSearchIndex {
    return new SqliteSearchIndex(path, options);
  }

  /** How many messages are news to the index. */
  get waiting(): number {
    return this.#waiting;
  }

  add(said: Message | Direct): void {
    if (!this.#begun || this.#closing.signal.aborted) return;
    if (this.#waiting++ >= MOST_WAITING) this.#dropNews();
    let batch = this.#news.at(-1);
    if (!Array.isArray(batch) || batch.length >= BATCH) this.#news.push(batch = []);
    batch.push(said);
    if (batch.length === BATCH) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS);
  }

  remove(room: string, id: string): void {
    this.#forget({ type: "remove", place: ofRoom(room), id });
  }

  prune(room: string | undefined, upToId: string): void {
    this.#forget({ type: "doom", place: room === undefined ? undefined : ofRoom(room), upToId });
  }

  removeDirectsOf(key: string): void {
    this.#forget({ type: "doom", place: ofPerson(key) });
  }

  async find(
    { words, rooms, key, limit }: { words: string; rooms: readonly string[]; key: string; limit: number },
  ): Promise<Hit[]> {
    if (this.#questions >= MOST_QUESTIONS) throw searchBusy();
    this.#questions++;
    try {
      const searcher = await this.#openSearcher();
      if (this.#timer !== undefined) await this.#telling;
      if (this.#timer !== undefined) this.#tell();
      const found = await searcher.find({ words, places: [...rooms.map(ofRoom), ofPerson(key)], limit });
      return found.map(hitOf);
    } catch (error) {
      if (!(error instanceof Refusal)) this.#fail(error);
      throw searchBusy();
    } finally {
      this.#questions--;
    }
  }

  /** What was added so far is in the file afterwards, unless the index was just catching up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#attempt.abort();
    this.#ready.resolve();
    await this.#running;
    clearTimeout(this.#timer);
    await this.#telling;
    await this.#tellNews();
    if (this.#searcher === undefined || this.#searcher.stopped) return;
    await this.#searcher.close().catch((error) => this.#options.failed(error));
    this.#searcher.stop();
  }

  /** Catches up whenever there is a reason to, until it is closed. */
  async #run(): Promise<void> {
    let retryMs = RETRY_MS;
    await Promise.race([pause(this.#options.beginAfterMs, this.#closing.signal), this.#wanted.promise]);
    this.#begun = true;
    while (!this.#closing.signal.aborted) {
      const { signal } = this.#attempt = new AbortController();
      try {
        await this.#catchUp(signal);
        retryMs = RETRY_MS;
        await aborted(signal);
      } catch (error) {
        this.#fail(error);
        this.#ready.resolve();
      }
      if (this.#closing.signal.aborted) return;
      this.#damaged ||= isDamage(signal.reason);
      this.#options.failed(signal.reason);
      await pause(retryMs, this.#closing.signal);
      retryMs = Math.min(2 * retryMs, MOST_RETRY_MS);
    }
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    const searcher = this.#startSearcher();
    const anew = this.#damaged;
    this.#damaged = true; // unless it can be opened
    const known = await searcher.open(this.#path, { anew });
    this.#damaged = false;
    void pause(PATIENCE_MS, this.#closing.signal).then(this.#ready.resolve);
    if (known > this.#newest) this.#newest = known;
    let batch: (Message | Direct)[] = [];
    for await (const said of this.#options.source.since(somewhatBefore(known))) {
      signal.throwIfAborted();
      batch.push(said);
      if (batch.length < BATCH) continue;
      await this.#addAll(searcher, batch);
      batch = [];
    }
    await this.#addAll(searcher, batch);
    signal.throwIfAborted();
    this.#caughtUp = true;
    for (const removal of [...this.#removals]) await this.#remove(searcher, removal);
    await this.#addAll(searcher, []);
    this.#tell();
    this.#ready.resolve();
    this.#options.caughtUp?.();
  }

  /** @throws {Refusal} `search_busy` while there is none */
  async #openSearcher(): Promise<Searcher> {
    this.#wanted.resolve();
    await this.#ready.promise;
    if (this.#searcher === undefined || this.#searcher.stopped) throw searchBusy();
    return this.#searcher;
  }

  #startSearcher(): Searcher {
    if (this.#searcher === undefined || this.#searcher.stopped) {
      this.#searcher = new Searcher((reason) => this.#fail(reason));
    }
    return this.#searcher;
  }

  #forget(removal: Removal): void {
    if (this.#closing.signal.aborted) return;
    this.#removals.add(removal);
    this.#news.push(removal);
    this.#tell();
  }

  /** All of it is kept elsewhere, and will be found there. */
  #dropNews(): void {
    this.#news = [];
    this.#waiting = 0;
    this.#fail(new Error("The search index does not keep up with what is said"));
  }

  #fail(reason: unknown): void {
    this.#caughtUp = false;
    this.#attempt.abort(reason);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#telling !== undefined) this.#timer = setTimeout(() => this.#tell(), GATHER_MS);
    else this.#telling = this.#tellNews().finally(() => this.#telling = undefined);
  }

  /** Tells the worker what has come until now. */
  async #tellNews(): Promise<void> {
    const searcher = this.#searcher;
    if (searcher === undefined || searcher.stopped) return;
    try {
      for (let left = this.#news.length; left > 0; left--) await this.#tellOne(searcher, this.#news.shift()!);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #tellOne(searcher: Searcher, news: News): Promise<void> {
    if (!Array.isArray(news)) return this.#remove(searcher, news);
    this.#waiting -= news.length;
    await this.#addAll(searcher, news);
  }

  async #addAll(searcher: Searcher, batch: readonly (Message | Direct)[]): Promise<void> {
    for (const { id } of batch) if (id > this.#newest) this.#newest = id;
    const known = this.#caughtUp ? this.#newest : undefined;
    await searcher.change({ type: "add", entries: batch.map(entryOf), known });
  }

  async #remove(searcher: Searcher, removal: Removal): Promise<void> {
    await searcher.change(removal);
    if (this.#caughtUp) this.#removals.delete(removal);
  }
}

function entryOf(said: Message | Direct): Entry {
  const { id, text } = said;
  if (said.type === "message") return { id, text, place: ofRoom(said.room) };
  return { id, text, place: ofPerson(said.fromKey), other: ofPerson(said.toKey) };
}

function hitOf({ id, place, other }: Found): Hit {
  const name = place.slice(1);
  return other === undefined ? { id, room: name } : { id, between: [name, other.slice(1)] };
}

function ofRoom(room: string): string {
  return `#${room}`;
}

function ofPerson(key: string): string {
  return `@${key}`;
}

function somewhatBefore(id: string): string {
  return id === "" ? "" : encodeTime(Math.max(0, decodeTime(id) - OVERLAP_MS)) + "0".repeat(16);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Ends sooner when the signal is aborted. */
