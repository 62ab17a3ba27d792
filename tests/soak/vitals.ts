import { BrokenPromise } from "./broken_promise.ts";
import type { RunningParley } from "../support/run_parley.ts";

/** What a server takes, at one moment of one life. */
export interface Vitals {
  readonly atMs: number;
  readonly life: number;
  readonly rssMiB: number;
  readonly openFiles: number;
}

/** Of the last life so much is left to warm up. */
const WARM_UP = 0.4;

/** Where there are fewer nothing is said of them: one is taken every second. */
const FEWEST = 120;

/** How much more a server may take in the end than at first: what caches and the heap take up by and by. */
const GROWTH_MIB = 24, GROWTH_SHARE = 0.15;

/** What everybody's going leaves open beside what was open before anybody came back. */
const SPARE_FILES = 4;

/** Looks at a process. Undefined where nothing tells what it takes. */
export function vitalsOf(
  { pid }: RunningParley,
  { atMs, life }: { atMs: number; life: number },
): Vitals | undefined {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const openFiles = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
    return kib === undefined ? undefined : { atMs, life, rssMiB: Number(kib) / 1_024, openFiles };
  } catch {
    return undefined; // it is just being started, or this is no Linux
  }
}

/** What the heap of the main thread holds, by the server's own account: the least of some looks, for not all of it lives. */
export async function heapMiB(server: RunningParley, looks = 5): Promise<number> {
  let least = Infinity;
  for (let count = 0; count < looks; count++) {
    const response = await fetch(`http://127.0.0.1:${server.address("http").port}/metrics`);
    const [, bytes] = /^process_heap_bytes(?:\{.*\})? (\S+)$/m.exec(await response.text()) ?? [];
    least = Math.min(least, Number(bytes) / 1_048_576);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return least;
}

/** How the memory of a life has grown, by a straight line through medians. */
export interface Trend {
  readonly fromMiB: number;
  readonly toMiB: number;
  readonly mibPerHour: number;
}

/** The trend of a life after its warm-up; undefined where it was too short to tell. */
export function trendOf(life: readonly Vitals[]): Trend | undefined {
  const warm = life.slice(Math.floor(life.length * WARM_UP));
  if (life.length < FEWEST) return undefined;
  const size = Math.ceil(warm.length / 8);
  const medians = Array.from({ length: Math.ceil(warm.length / size) }, (_, index) => {
    const part = warm.slice(index * size, (index + 1) * size);
    return { atMs: median(part.map(({ atMs }) => atMs)), rssMiB: median(part.map(({ rssMiB }) => rssMiB)) };
  });
  const meanMs = mean(medians.map(({ atMs }) => atMs)), meanMiB = mean(medians.map(({ rssMiB }) => rssMiB));
  const covariance = mean(medians.map(({ atMs, rssMiB }) => (atMs - meanMs) * (rssMiB - meanMiB)));
  const slope = covariance / mean(medians.map(({ atMs }) => (atMs - meanMs) ** 2));
  const at = (ms: number) => meanMiB + slope * (ms - meanMs);
  return { fromMiB: at(medians[0]!.atMs), toMiB: at(medians.at(-1)!.atMs), mibPerHour: slope * 3_600_000 };
}

/** @throws {BrokenPromise} where a life took more and more */
export function isFlat(trend: Trend): void {
  const most = trend.fromMiB + Math.max(GROWTH_MIB, GROWTH_SHARE * trend.fromMiB);
  if (trend.toMiB <= most) return;
  const grown = `from ${trend.fromMiB.toFixed(0)} to ${trend.toMiB.toFixed(0)} MiB`;
  throw new BrokenPromise(
    "flat",
    `The server's memory grew ${grown} (${trend.mibPerHour.toFixed(0)} MiB an hour).`,
  );
}

/** What is left when everybody has gone. */
export interface Rest {
  readonly heapMiB: number;
  readonly openFiles: number;
}

/** @throws {BrokenPromise} where much more is left at the end of a life than when it was warm */
export function isGivenBack(before: Rest, after: Rest): void {
  if (after.openFiles > before.openFiles + SPARE_FILES) {
    throw new BrokenPromise(
      "flat",
      `${after.openFiles} files are open with nobody there; it were ${before.openFiles}.`,
    );
  }
  if (after.heapMiB > 1.5 * before.heapMiB + GROWTH_MIB) {
    const heaps = `${after.heapMiB.toFixed(1)} MiB with nobody there; it held ${before.heapMiB.toFixed(1)}`;
    throw new BrokenPromise("flat", `The heap holds ${heaps}.`);
  }
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((one, other) =>
    one - other
  )[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
