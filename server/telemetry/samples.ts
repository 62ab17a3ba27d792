import process from "node:process";
import type { Sample } from "../wire/admin_types.ts";
import type { Buckets } from "./buckets.ts";
import type { LoopLag } from "./loop_lag.ts";

/** How often a sample is taken. */
const SAMPLE_EVERY_MS = 1_000;

/** So many samples become one of the history. */
const TOGETHER = 10;

/** How far apart the samples of the history are. */
export const HISTORY_EVERY_SECONDS = TOGETHER * SAMPLE_EVERY_MS / 1_000;

/** How many samples the history holds: those of an hour. */
const MOST_KEPT = 3_600 / HISTORY_EVERY_SECONDS;

/** Over how many samples the latency is reckoned: in one there may be no message, or a single one. */
const LATENCY_OVER = 10;

/** What is going on at a moment. */
export interface Standing {
  readonly people: number;
  readonly connections: number;
  /** Since the start, private ones included. */
  readonly messages: number;
  /** Since the start. */
  readonly deliveries: number;
}

/** What samples are taken of. */
export interface SamplesParts {
  readonly standing: () => Standing;
  /** From a line read to its message told. */
  readonly latencyMs: Buckets;
  readonly lag: Pick<LoopLag, "takeWorst">;
  /** Asked for once for each sample of the history: it changes slowly, and the disk may be slow to tell. */
  readonly databaseBytes: () => Promise<number>;
  /** In ms, and never back, for the rates. */
  readonly now?: () => number;
}

/** What the rates of the next sample are reckoned from. */
interface Mark extends Standing {
  readonly atMs: number;
  readonly cpuMicroseconds: number;
}

/** How the server is doing, looked at once a second, and how it did within the last hour. */
export class Samples implements AsyncDisposable {
  #parts: SamplesParts;
  #now: () => number;
  #mark: Mark;
  #latest: Sample;
  #history: Sample[] = [];
  #databaseBytes: number;
  /** Those that are to become one of the history. */
  #gathered: Sample[] = [];
  /** The counts of the latency at the latest samples, oldest first. */
  #latencies: Float64Array[] = [];
  #timer: ReturnType<typeof setInterval>;
  /** The sample that is being taken. */
  #taking: Promise<void> | undefined;

  private constructor(databaseBytes: number, parts: SamplesParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
    this.#mark = this.#markNow();
    this.#latencies = [parts.latencyMs.counts.slice()];
    this.#databaseBytes = databaseBytes;
    this.#latest = this.#sampleSince(this.#mark);
    this.#timer = setInterval(() => void this.take(), SAMPLE_EVERY_MS);
  }

  static async begin(parts: SamplesParts): Promise<Samples> {
    return new Samples(await parts.databaseBytes(), parts);
  }

  get latest(): Sample {
    return this.#latest;
  }

  /** The last hour, one every {@link HISTORY_EVERY_SECONDS}, oldest first. */
  get history(): readonly Sample[] {
    return this.#history;
  }

  /** Takes a sample, unless one is being taken. */
  take(): Promise<void> {
    return this.#taking ??= this.#take().finally(() => this.#taking = undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#taking;
  }

  async #take(): Promise<void> {
    const last = this.#gathered.length === TOGETHER - 1;
    if (last) this.#databaseBytes = await this.#parts.databaseBytes();
    this.#latest = this.#sampleSince(this.#mark);
    this.#latencies.push(this.#parts.latencyMs.counts.slice());
    if (this.#latencies.length > LATENCY_OVER) this.#latencies.shift();
    this.#gathered.push(this.#latest);
    if (!last) return;
    this.#history.push(together(this.#gathered));
    if (this.#history.length > MOST_KEPT) this.#history.shift();
    this.#gathered = [];
  }

  #sampleSince(before: Mark): Sample {
    const { latencyMs, lag } = this.#parts;
    const mark = this.#mark = this.#markNow();
    const seconds = (mark.atMs - before.atMs) / 1_000;
    const rate = (count: number) => seconds > 0 ? count / seconds : 0;
    return {
      at: new Date().toISOString(),
      people: mark.people,
      connections: mark.connections,
      messages_per_second: rate(mark.messages - before.messages),
      deliveries_per_second: rate(mark.deliveries - before.deliveries),
      p99_ms: latencyMs.percentile(0.99, this.#latencies[0]!),
      cpu: rate((mark.cpuMicroseconds - before.cpuMicroseconds) / 1_000_000),
      memory_bytes: Deno.memoryUsage().rss,
      loop_lag_ms: lag.takeWorst(),
      database_bytes: this.#databaseBytes,
    };
  }

  #markNow(): Mark {
    const { user, system } = process.cpuUsage();
    return { ...this.#parts.standing(), atMs: this.#now(), cpuMicroseconds: user + system };
  }
}

/** One for several: how it is at the end, how fast it was on average, how bad at worst. */
function together(samples: readonly Sample[]): Sample {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  return {
    ...samples.at(-1)!,
    messages_per_second: mean((sample) => sample.messages_per_second),
    deliveries_per_second: mean((sample) => sample.deliveries_per_second),
    cpu: mean((sample) => sample.cpu),
    p99_ms: Math.max(...samples.map((sample) => sample.p99_ms)),
    loop_lag_ms: Math.max(...samples.map((sample) => sample.loop_lag_ms)),
  };
}
