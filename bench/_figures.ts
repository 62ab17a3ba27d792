/** What was measured → its figure, with its unit. */
export type Figures = Readonly<Record<string, string>>;

/** The value below which a part of all lie: 0.5 for the median. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** `12 ms`, and below ten `1.2 ms`. */
export function inMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** `12 ms, at most 15 ms` */
export function medianMs(values: readonly number[]): string {
  return `${inMs(quantile(values, 0.5))}, at most ${inMs(Math.max(...values))}`;
}

export function inKb(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}

/** What a process has used so far, of all its threads; Linux only, NaN elsewhere. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const [user = NaN, system = NaN] = stat.split(") ")[1]?.split(" ").slice(11, 13).map(Number) ?? [];
  return (user + system) / 100;
}

/** The memory that a process holds, in MiB; Linux only, NaN elsewhere. */
export async function memoryMibOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) / 1_024;
}
