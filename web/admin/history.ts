import type { Sample, Samples } from "../../server/wire/admin_types.ts";

const HOUR_MS = 3_600_000;

/** What a sample of several seconds takes from those of one second each: the mean, the worst, or else the last. */
const MEANS = ["messages_per_second", "deliveries_per_second", "cpu"] as const;
const WORSTS = ["p99_ms", "loop_lag_ms"] as const;

/** The samples of the last hour, carried on with those that come every second. */
export class History {
  readonly #everyMs: number;
  /** One every `#everyMs`, oldest first. */
  #settled: Sample[];
  /** Those since the last of them, which become one when they are as long. */
  #since: Sample[] = [];

  constructor({ every_seconds, samples }: Samples) {
    this.#everyMs = every_seconds * 1_000;
    this.#settled = [...samples];
  }

  add(sample: Sample): void {
    const atMs = Date.parse(sample.at);
    const last = this.#settled.at(-1);
    if (last !== undefined && atMs <= Date.parse(last.at)) return; // already counted in it
    this.#since.push(sample);
    if (last === undefined || atMs - Date.parse(last.at) >= this.#everyMs) {
      this.#settled.push(joined(this.#since));
      this.#since = [];
    }
    this.#settled = this.#settled.filter(({ at }) => atMs - Date.parse(at) <= HOUR_MS);
  }

  /** All of them, the last one still in the making. */
  get samples(): readonly Sample[] {
    return this.#since.length === 0 ? this.#settled : [...this.#settled, joined(this.#since)];
  }
}

/** Samples in a row as one. */
function joined(samples: readonly Sample[]): Sample {
  const whole: { -readonly [Field in keyof Sample]: Sample[Field] } = { ...samples.at(-1)! };
  for (const field of MEANS) {
    whole[field] = samples.reduce((sum, sample) => sum + sample[field], 0) / samples.length;
  }
  for (const field of WORSTS) whole[field] = Math.max(...samples.map((sample) => sample[field]));
  return whole;
}
