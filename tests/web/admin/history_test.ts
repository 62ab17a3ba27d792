import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Sample } from "../../../server/wire/admin_types.ts";
import { History } from "../../../web/admin/history.ts";

const START = Date.parse("2026-11-22T12:00:00Z");

function sample(second: number, of: Partial<Sample> = {}): Sample {
  return {
    at: new Date(START + second * 1_000).toISOString(),
    people: 0,
    connections: 0,
    messages_per_second: 0,
    deliveries_per_second: 0,
    p99_ms: 0,
    cpu: 0,
    memory_bytes: 0,
    loop_lag_ms: 0,
    database_bytes: 0,
    ...of,
  };
}

function secondsOf({ samples }: History): number[] {
  return samples.map(({ at }) => (Date.parse(at) - START) / 1_000);
}

Deno.test("ten samples of a second become one of ten seconds", () => {
  const history = new History({ every_seconds: 10, samples: [sample(0)] });
  for (let second = 1; second <= 21; second++) history.add(sample(second));
  deepEqual(secondsOf(history), [0, 10, 20, 21]);
});

Deno.test("of several samples rates are the mean, delays the worst, the rest as it is now", () => {
  const history = new History({ every_seconds: 10, samples: [sample(0)] });
  history.add(sample(1, { messages_per_second: 4, p99_ms: 9, people: 1, cpu: 0.2, loop_lag_ms: 3 }));
  history.add(sample(2, { messages_per_second: 2, p99_ms: 5, people: 7, cpu: 0.4, loop_lag_ms: 30 }));
  const { messages_per_second, p99_ms, people, cpu, loop_lag_ms } = history.samples.at(-1)!;
  deepEqual({ messages_per_second, p99_ms, people, loop_lag_ms }, {
    messages_per_second: 3,
    p99_ms: 9,
    people: 7,
    loop_lag_ms: 30,
  });
  equal(cpu.toFixed(3), "0.300");
});

Deno.test("what is older than an hour goes", () => {
  const samples = Array.from({ length: 360 }, (_, index) => sample(10 * index));
  const history = new History({ every_seconds: 10, samples });
  history.add(sample(3_600));
  equal(secondsOf(history)[0], 0);
  history.add(sample(3_610));
  equal(secondsOf(history)[0], 10);
});

Deno.test("a sample that is already counted is not taken twice", () => {
  const history = new History({ every_seconds: 10, samples: [sample(0), sample(10)] });
  history.add(sample(10));
  deepEqual(secondsOf(history), [0, 10]);
});

Deno.test("a history that begins with nothing begins with the first sample", () => {
  const history = new History({ every_seconds: 10, samples: [] });
  history.add(sample(3));
  deepEqual(secondsOf(history), [3]);
});
