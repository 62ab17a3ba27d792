import type { Histogram, Registry } from "prom-client";
import type { Buckets } from "./buckets.ts";
import { type HistogramRow, type MetricRow, type Observed, rows, type Value } from "./metric_rows.ts";

type Client = typeof import("prom-client");

/** What Prometheus is told when it asks. Until then nothing is done for it but counting. */
export class Metrics {
  #observe: () => Promise<Observed>;
  #exposition: Promise<Exposition> | undefined;

  constructor(observe: () => Promise<Observed>) {
    this.#observe = observe;
  }

  /** All metrics, in the text format of Prometheus. */
  async text(): Promise<string> {
    // loaded only now: it takes 60 ms and 12 MB, and most servers are never asked
    const exposition =
      await (this.#exposition ??= import("prom-client").then((client) => new Exposition(client)));
    return await exposition.text(await this.#observe());
  }
}

/** The rows as metrics of prom-client, which are given their values anew each time. */
class Exposition {
  #registry: Registry;
  #fills: readonly ((observed: Observed) => void)[];

  constructor(client: Client) {
    this.#registry = new client.Registry();
    this.#fills = rows.map((row) => this.#register(row, client));
  }

  text(observed: Observed): Promise<string> {
    for (const fill of this.#fills) fill(observed);
    return this.#registry.metrics();
  }

  #register(row: MetricRow, client: Client): (observed: Observed) => void {
    const { name, help, labels: labelNames = [] } = row;
    const config = { name, help, labelNames, registers: [this.#registry] };
    switch (row.type) {
      case "counter": {
        const counter = new client.Counter(config);
        return (observed) => {
          counter.reset();
          for (const [words, value] of row.read(observed)) counter.inc(labelled(row, words), value);
        };
      }
      case "gauge": {
        const gauge = new client.Gauge(config);
        return (observed) => {
          gauge.reset();
          for (const [words, value] of row.read(observed)) gauge.set(labelled(row, words), value);
        };
      }
      case "histogram": {
        const histogram = new CountedHistogram(row);
        this.#registry.registerMetric(histogram as unknown as Histogram);
        return (observed) => histogram.counted = [...row.read(observed)];
      }
    }
  }
}

/** A histogram, as far as a registry asks for one: that of prom-client would have to be told of each observation. */
class CountedHistogram {
  readonly type = "histogram";
  counted: readonly Value<Buckets>[] = [];
  #row: HistogramRow;

  constructor(row: HistogramRow) {
    this.#row = row;
  }

  get name(): string {
    return this.#row.name;
  }

  get(): Promise<{ name: string; help: string; type: string; values: NamedValue[] }> {
    const { name, help } = this.#row;
    const values = this.counted.flatMap(([words, buckets]) => this.#valuesOf(words, buckets));
    return Promise.resolve({ name, help, type: this.type, values });
  }

  #valuesOf(words: readonly string[], { bounds, counts, sum }: Buckets): NamedValue[] {
    const { name, perUnit = 1 } = this.#row;
    const labels = labelled(this.#row, words);
    let below = 0;
    const buckets = Array.from(counts, (count, index) => {
      const le = index < bounds.length ? String(bounds[index]! / perUnit) : "+Inf";
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below += count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum / perUnit },
      { metricName: `${name}_count`, labels, value: below },
    ];
  }
}

interface NamedValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function labelled({ labels = [] }: MetricRow, words: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map((label, index) => [label, words[index]!]));
}
