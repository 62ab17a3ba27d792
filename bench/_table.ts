import { faultsInWords, type Measured } from "./_measured.ts";
import { allClean, type Report, type Result } from "./_results.ts";

/** A figure as the table shows it. */
interface Column {
  readonly figure: keyof Measured;
  readonly heading: string;
  readonly digits: number;
}

const COLUMNS: readonly Column[] = [
  { figure: "cpuUsPerDelivery", heading: "CPU µs/dlv", digits: 2 },
  { figure: "deliveriesPerSecond", heading: "dlv/s", digits: 0 },
  { figure: "p50Ms", heading: "p50 ms", digits: 2 },
  { figure: "p99Ms", heading: "p99 ms", digits: 2 },
  { figure: "p999Ms", heading: "p99.9 ms", digits: 2 },
  { figure: "kibPerConnection", heading: "KiB/conn", digits: 1 },
  { figure: "joinsPerSecond", heading: "joins/s", digits: 0 },
  { figure: "recoverySeconds", heading: "storm s", digits: 2 },
];

const HEADINGS = ["workload", "server", ...COLUMNS.map(({ heading }) => heading), "limit", "notes"];

/** How many columns from the left are words. */
const WORDS = 2;

/**
 * One table of all: for each workload what each server showed, and what the first shows as a multiple of the others and
 * of itself earlier.
 */
export function table({ results }: Pick<Report, "results">, earlier?: Pick<Report, "results">): string {
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  return aligned([
    HEADINGS,
    ...workloads.flatMap((workload) => {
      const [own, ...others] = results.filter((result) => result.workload === workload);
      const before = earlier?.results.find((result) => isOf(result, own!));
      return [
        ...[own!, ...others].map(figuresRow),
        ...others.map((other) => ratioRow(own!, { result: other, name: other.server })),
        ...before === undefined ? [] : [ratioRow(own!, { result: before, name: "earlier" })],
      ];
    }),
  ]);
}

/** What a figure is as a multiple of another: NaN where one of them is missing. */
export function ratio(own: number, other: number): number {
  return other === 0 ? NaN : own / other;
}

function isOf(result: Result, { workload, server }: Result): boolean {
  return result.workload === workload && result.server === server;
}

function figuresRow(result: Result): string[] {
  const { workload, server, measured, runs } = result;
  return [
    workload,
    server,
    ...COLUMNS.map(({ figure, digits }) => written(shown(result, figure, measured[figure]), digits)),
    [...new Set(runs.map(({ limit }) => limit))].join(", "),
    notes(result),
  ];
}

function ratioRow(own: Result, { result, name }: { result: Result; name: string }): string[] {
  const { workload, server } = own;
  const ratios = COLUMNS.map(({ figure }) =>
    ratio(shown(own, figure, own.measured[figure]), shown(result, figure, result.measured[figure]))
  );
  return [workload, `${server} ÷ ${name}`, ...ratios.map((value) => written(value, 2)), "", ""];
}

/** Deliveries a second count only where none is lost. */
function shown(result: Result, figure: keyof Measured, value: number): number {
  return figure === "deliveriesPerSecond" && result.runs.some(({ faults }) => faults.lost > 0) ? NaN : value;
}

function notes(result: Result): string {
  const faults = result.runs.map(faultsInWords).filter((words) => words !== "");
  const others = Math.max(...result.runs.map(({ othersCores }) => othersCores));
  const stalls = result.runs.reduce((sum, run) => sum + run.stalls, 0);
  const lateMs = Math.max(...result.runs.map(({ lateP99Ms }) => lateP99Ms));
  return [
    ...allClean(result) ? [] : [`NOT CLEAN: ${faults.join("; ")}`],
    ...stalls > 0 ? [`${stalls} stalls`] : [],
    ...lateMs > result.measured.p50Ms ? [`said up to ${Math.round(lateMs)} ms late`] : [],
    ...others > 0.15 ? [`others took ${Math.round(others * 100)} % of a core`] : [],
  ].join("; ");
}

function written(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "–";
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isWord = (column: number) => column < WORDS || column >= WORDS + COLUMNS.length;
  return rows.map((row) =>
    row.map((cell, column) => isWord(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))
      .join("  ").trimEnd()
  ).join("\n");
}
