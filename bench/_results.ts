import { z } from "zod";
import { type Circumstances, isClean, type Limit, type Measured } from "./_measured.ts";
import type { MachineInfo } from "./_machine.ts";

/** What one server showed under one workload: of several runs, the median of each figure. */
export interface Result {
  readonly workload: string;
  readonly server: string;
  readonly measured: Measured;
  readonly runs: readonly Circumstances[];
}

/** All that one call of the suite has found out; kept as JSON. */
export interface Report {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: MachineInfo;
  /** Server → its version. */
  readonly servers: Readonly<Record<string, string>>;
  /** How long people talked in each run. */
  readonly seconds: number;
  readonly results: readonly Result[];
}

/** Where a figure cannot be known, JSON has null. */
const figure = z.number().nullable().transform((value) => value ?? NaN);
const count = z.number();

const limits = ["pace", "window", "server", "generator", "both"] as const satisfies readonly Limit[];

const reportShape = z.object({
  date: z.string(),
  machine: z.object({
    name: z.string(),
    cpu: z.string(),
    cores: count,
    memoryMib: count,
    system: z.string(),
    deno: z.string(),
  }),
  servers: z.record(z.string(), z.string()),
  seconds: count,
  results: z.array(z.object({
    workload: z.string(),
    server: z.string(),
    measured: z.object({
      cpuUsPerDelivery: figure,
      deliveriesPerSecond: figure,
      p50Ms: figure,
      p99Ms: figure,
      p999Ms: figure,
      kibPerConnection: figure,
      joinsPerSecond: figure,
      recoverySeconds: figure,
    }),
    runs: z.array(z.object({
      said: count,
      received: count,
      faults: z.object({
        lost: count,
        doubled: count,
        misordered: count,
        damaged: count,
        strayed: count,
        dropped: count,
      }),
      stalls: count,
      limit: z.enum(limits),
      serverCores: figure,
      generatorCores: figure,
      othersCores: figure,
      lateP99Ms: figure,
    })),
  })),
});

/** @throws {z.ZodError} where that is no report */
export function readReport(json: string): Report {
  return reportShape.parse(JSON.parse(json));
}

/** Puts the runs of one server under one workload together. */
export function summarize(
  { workload, server }: Pick<Result, "workload" | "server">,
  outcomes: readonly { readonly measured: Measured; readonly circumstances: Circumstances }[],
): Result {
  const figures = Object.keys(outcomes[0]!.measured) as (keyof Measured)[];
  const measured = Object.fromEntries(
    figures.map((key) => [key, median(outcomes.map((one) => one.measured[key]))]),
  );
  return {
    workload,
    server,
    measured: measured as Record<keyof Measured, number>,
    runs: outcomes.map(({ circumstances }) => circumstances),
  };
}

/** Whether in none of the runs something happened that must not. */
export function allClean({ runs }: Result): boolean {
  return runs.every(isClean);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
