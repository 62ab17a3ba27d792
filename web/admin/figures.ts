import type { Sample } from "../../server/wire/admin_types.ts";
import { bytes, bytesParts } from "../shared/time.ts";

/** One of the numbers by which one sees how the server is doing. */
export interface Figure {
  readonly title: string;
  /** What exactly is counted. */
  readonly hint: string;
  readonly of: (sample: Sample) => number;
  /** As it is written: the number, and its unit or "". */
  readonly written: (value: number) => [number: string, unit: string];
  /** A number beside the line, which stands in the unit of the figure or names its own. */
  readonly scaled: (value: number) => string;
  /** How high the scale goes for so high a line; high enough that next to nothing looks like it. */
  readonly top: (highest: number) => number;
}

export const FIGURES: readonly Figure[] = [
  {
    title: "People",
    hint: "accounts and guests, each once",
    of: ({ people }) => people,
    written: (value) => [number(value), ""],
    scaled: short,
    top: (highest) => round(Math.max(highest, 10)),
  },
  {
    title: "Connections",
    hint: "open now",
    of: ({ connections }) => connections,
    written: (value) => [number(value), ""],
    scaled: short,
    top: (highest) => round(Math.max(highest, 10)),
  },
  {
    title: "Messages",
    hint: "said and kept",
    of: ({ messages_per_second }) => messages_per_second,
    written: (value) => [number(value), "/s"],
    scaled: short,
    top: (highest) => round(Math.max(highest, 1)),
  },
  {
    title: "Deliveries",
    hint: "written to somebody",
    of: ({ deliveries_per_second }) => deliveries_per_second,
    written: (value) => [number(value), "/s"],
    scaled: short,
    top: (highest) => round(Math.max(highest, 1)),
  },
  {
    title: "Line in to line out",
    hint: "99 of 100 were faster",
    of: ({ p99_ms }) => p99_ms,
    written: (value) => [number(value), "ms"],
    scaled: short,
    top: (highest) => round(Math.max(highest, 5)),
  },
  {
    title: "Event loop late",
    hint: "at worst",
    of: ({ loop_lag_ms }) => loop_lag_ms,
    written: (value) => [number(value), "ms"],
    scaled: short,
    top: (highest) => round(Math.max(highest, 20)),
  },
  {
    title: "CPU",
    hint: "of one core",
    of: ({ cpu }) => 100 * cpu,
    written: (value) => [number(value), "%"],
    scaled: short,
    top: (highest) => round(Math.max(highest, 100)),
  },
  {
    title: "Memory",
    hint: "resident",
    of: ({ memory_bytes }) => memory_bytes,
    written: bytesParts,
    scaled: bytes,
    top: (highest) => roundBytes(Math.max(highest, 2 ** 20)),
  },
  {
    title: "Database",
    hint: "on disk",
    of: ({ database_bytes }) => database_bytes,
    written: bytesParts,
    scaled: bytes,
    top: (highest) => roundBytes(Math.max(highest, 2 ** 20)),
  },
];

/** Numbers that are easily read and halved. */
const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const COMPACT = new Intl.NumberFormat(undefined, { notation: "compact" });

/** With a tenth where that says something. */
function number(value: number): string {
  return (Math.abs(value) < 10 ? TENTHS : WHOLE).format(value);
}

/** As narrow as it can be. */
function short(value: number): string {
  return (value < 100_000 ? TENTHS : COMPACT).format(value);
}

/** The next round number: 730 → 800. */
export function round(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ROUND.find((step) => step * power >= value)!;
}

/** The next size that is round in its own unit: 730 KiB → 800 KiB. */
export function roundBytes(value: number): number {
  const unit = 1_024 ** Math.floor(Math.log2(value) / 10);
  return unit * round(value / unit);
}
