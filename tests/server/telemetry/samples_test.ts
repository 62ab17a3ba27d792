import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import process from "node:process";
import { Buckets } from "../../../server/telemetry/buckets.ts";
import { HISTORY_EVERY_SECONDS, Samples, type Standing } from "../../../server/telemetry/samples.ts";

const QUIET: Standing = { people: 0, connections: 0, messages: 0, deliveries: 0 };

/** What samples are taken of, as a test has it. */
class Scene {
  standing: Standing = QUIET;
  nowMs = 1_000_000;
  lagMs = 0;
  databaseBytes = 4_096;
  readonly latencyMs = new Buckets([10, 20, 100]);

  begin(): Promise<Samples> {
    return Samples.begin({
      standing: () => this.standing,
      latencyMs: this.latencyMs,
      lag: { takeWorst: () => this.lagMs },
      databaseBytes: () => Promise.resolve(this.databaseBytes),
      now: () => this.nowMs,
    });
  }

  /** Time passes, and a sample is taken. */
  async pass(samples: Samples, seconds = 1): Promise<void> {
    this.nowMs += seconds * 1_000;
    await samples.take();
  }

  says(messages: number, { readers }: { readers: number }): void {
    const { messages: before, deliveries } = this.standing;
    this.standing = {
      ...this.standing,
      messages: before + messages,
      deliveries: deliveries + messages * readers,
    };
  }
}

Deno.test("there is a sample from the beginning on", async () => {
  const scene = new Scene();
  scene.standing = { people: 2, connections: 3, messages: 1_000, deliveries: 9_000 };
  await using samples = await scene.begin();
  const { at, memory_bytes, ...others } = samples.latest;
  ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, at);
  ok(memory_bytes > 1_000_000, `${memory_bytes}`);
  deepEqual(others, {
    people: 2,
    connections: 3,
    messages_per_second: 0,
    deliveries_per_second: 0,
    p99_ms: 0,
    cpu: 0,
    loop_lag_ms: 0,
    database_bytes: 4_096,
  });
  deepEqual(samples.history, []);
});

Deno.test("rates are of the time that has really passed", async () => {
  const scene = new Scene();
  await using samples = await scene.begin();
  scene.says(10, { readers: 3 });
  await scene.pass(samples, 2.5);
  deepEqual([samples.latest.messages_per_second, samples.latest.deliveries_per_second], [4, 12]);
  await scene.pass(samples);
  deepEqual([samples.latest.messages_per_second, samples.latest.deliveries_per_second], [0, 0]);
});

Deno.test("the CPU time of all threads is measured as a share of one core", async () => {
  const scene = new Scene();
  await using samples = await scene.begin();
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < 100_000);
  await scene.pass(samples, 0.2);
  ok(samples.latest.cpu >= 0.5 && samples.latest.cpu < 5, `${samples.latest.cpu}`);
});

Deno.test("the latency is that of the last ten samples", async () => {
  const scene = new Scene();
  await using samples = await scene.begin();
  for (let count = 0; count < 100; count++) scene.latencyMs.observe(15);
  const seen: number[] = [];
  for (let second = 0; second < 12; second++) {
    await scene.pass(samples);
    seen.push(samples.latest.p99_ms);
  }
  deepEqual(seen, [...Array(10).fill(19.9), 0, 0]);
});

Deno.test("of ten samples one is kept: the last standing, the mean rates, the worst of what is bad", async () => {
  const scene = new Scene();
  await using samples = await scene.begin();
  for (let second = 1; second <= 10; second++) {
    scene.standing = { ...scene.standing, people: second, connections: 2 * second };
    scene.lagMs = second === 4 ? 700 : 2;
    scene.databaseBytes = 1_000 * second;
    if (second === 1) scene.latencyMs.observe(100);
    if (second === 5) scene.says(20, { readers: 5 });
    equal(samples.history.length, 0);
    await scene.pass(samples);
  }
  const [{ at: _at, cpu: _cpu, memory_bytes: _memory, ...kept } = samples.latest] = samples.history;
  deepEqual(kept, {
    people: 10,
    connections: 20,
    messages_per_second: 2,
    deliveries_per_second: 10,
    p99_ms: 99.2,
    loop_lag_ms: 700,
    database_bytes: 10_000,
  });
});

Deno.test("an hour is kept, and no more", async () => {
  const scene = new Scene();
  await using samples = await scene.begin();
  equal(HISTORY_EVERY_SECONDS, 10);
  for (let second = 1; second <= 3_725; second++) {
    scene.standing = { ...QUIET, people: second };
    await scene.pass(samples);
  }
  equal(samples.history.length, 360);
  deepEqual([samples.history[0]!.people, samples.history.at(-1)!.people], [130, 3_720]);
});

Deno.test("two who want a sample at the same time get one", async () => {
  const scene = new Scene();
  await using samples = await scene.begin();
  scene.says(5, { readers: 1 });
  scene.nowMs += 1_000;
  await Promise.all([samples.take(), samples.take()]);
  equal(samples.latest.messages_per_second, 5);
});
