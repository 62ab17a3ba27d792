import { strict as assert } from "node:assert";
import type { TestServer } from "./start_server.ts";

/** What Prometheus has got from a server. */
export class Scrape {
  /** Name → type. */
  readonly types: Map<string, string>;
  /** As it is written, `name{label="value"}` → value. */
  readonly #values: Map<string, number>;

  constructor(text: string) {
    const lines = text.split("\n").filter((line) => line !== "");
    const [comments, samples] = [
      lines.filter((line) => line.startsWith("#")),
      lines.filter((line) => !line.startsWith("#")),
    ];
    this.types = new Map(comments.flatMap((line) => {
      const [, name, type] = /^# TYPE (\w+) (\w+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, type!]];
    }));
    this.#values = new Map(samples.map((line) => {
      const [, sample, value] = /^(\w+(?:\{.+\})?) (\S+)$/.exec(line) ?? assert.fail(line);
      return [sample!, Number(value)];
    }));
  }

  /** 0 where there is no such sample. */
  value(sample: string): number {
    return this.#values.get(sample) ?? 0;
  }

  /** The samples of one metric, as they are written behind its name. */
  of(name: string): Record<string, number> {
    const own = [...this.#values].filter(([sample]) => sample.split("{")[0] === name);
    return Object.fromEntries(own.map(([sample, value]) => [sample.slice(name.length), value]));
  }
}

/** Asks a server as Prometheus on the same machine does. */
export async function scrape(server: TestServer): Promise<Scrape> {
  const response = await server.http("/metrics");
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return new Scrape(text);
}
