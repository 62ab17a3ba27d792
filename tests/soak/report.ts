import { PROMISES } from "./broken_promise.ts";
import type { Rest, Trend, Vitals } from "./vitals.ts";
import { quantile } from "./vitals.ts";
import type { Watch } from "./watch.ts";

/** All that a run has to tell. */
export interface Results {
  readonly seed: number;
  readonly seconds: number;
  readonly watch: Watch;
  readonly faults: ReadonlyMap<string, number>;
  /** Fault → why it could not befall anybody here. */
  readonly leftOut: ReadonlyMap<string, string>;
  readonly stocktakings: number;
  readonly starts: readonly number[];
  readonly said: number;
  readonly complaints: ReadonlyMap<string, number>;
  /** The last lines of the server's log. */
  readonly logged: readonly string[];
  readonly vitals: readonly Vitals[];
  readonly trend: Trend | undefined;
  readonly rests: readonly Rest[];
}

/** A run as people read it. */
export function report(results: Results): string {
  const { watch, seed, seconds } = results;
  const parts = [
    `Soak of ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s, seed ${seed}`,
    table("done", watch.done),
    table("refused, as it should be", watch.refused),
    table("faults", results.faults),
    ...results.leftOut.size === 0 ? [] : [table("faults left out", results.leftOut)],
    ...results.complaints.size === 0
      ? []
      : [table("the server's log, warnings and errors", results.complaints)],
    table("checks", checksOf(results)),
    table("the server's memory and descriptors", memoryOf(results)),
    verdict(results),
  ];
  return parts.join("\n\n");
}

function checksOf({ watch, said, stocktakings, starts }: Results): Map<string, string> {
  const ms = (share: number) => quantile(watch.ackMs, share).toFixed(1);
  return new Map([
    ["messages sent", String(said)],
    ["happenings seen", String(watch.moment)],
    ["checks made", String(watch.checks)],
    ["times that all was looked through", String(stocktakings)],
    ["acknowledged after, ms", `p50 ${ms(0.5)}, p99 ${ms(0.99)}, most ${ms(1)}`],
    [
      "start to listening, ms",
      `median ${quantile(starts, 0.5).toFixed(0)}, most ${Math.max(...starts).toFixed(0)}`,
    ],
  ]);
}

function memoryOf({ vitals, trend, rests }: Results): Map<string, string> {
  const rows = new Map<string, string>();
  for (const quarter of [1, 2, 3, 4]) {
    const index = Math.min(vitals.length - 1, Math.floor((vitals.length * quarter) / 4));
    const around = vitals.slice(Math.max(0, index - 5), index + 1);
    const look = around.at(-1);
    if (look === undefined) continue;
    const rss = quantile(around.map(({ rssMiB }) => rssMiB), 0.5).toFixed(0);
    rows.set(`at ${quarter * 25} %`, `RSS ${rss} MiB, ${look.openFiles} open files, life ${look.life}`);
  }
  const slope = trend === undefined
    ? "too short to tell"
    : `${trend.fromMiB.toFixed(0)} to ${trend.toMiB.toFixed(0)} MiB, ${
      trend.mibPerHour.toFixed(0)
    } MiB an hour`;
  rows.set("RSS of the last life, once warm", slope);
  for (const [index, { heapMiB, openFiles }] of rests.entries()) {
    const when = index === 0
      ? "with nobody there, when the last life was warm"
      : "with nobody there, at its end";
    rows.set(when, `heap ${heapMiB.toFixed(1)} MiB, ${openFiles} open files`);
  }
  return rows;
}

function verdict({ watch: { first, last }, seed, logged }: Results): string {
  if (first === undefined) return "No promise was broken.";
  return [
    "What happened before:",
    ...last.map((line) => `  ${line}`),
    "What the server printed last:",
    ...logged.map((line) => `  ${line.slice(0, 400)}`),
    "",
    `BROKEN: ${PROMISES[first.promise]}.`,
    first.message,
    `To repeat it as far as timing allows: deno task soak --seed ${seed}`,
  ].join("\n");
}

function table(title: string, rows: ReadonlyMap<string, string | number>): string {
  const width = Math.max(...Array.from(rows.keys(), ({ length }) => length), 0);
  const sorted = [...rows].sort(([, one], [, other]) => Number(other) - Number(one) || 0);
  return [title, ...sorted.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join("\n");
}
