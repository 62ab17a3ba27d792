import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clock } from "../shared/time.ts";

const HEIGHT_PX = 108;
/** An hour; less of it where the server has not run for so long. */
const MOST_SECONDS = 3_600;
const LEAST_SECONDS = 600;
/** The part of the width at the end in which no time is written. */
const EDGE = 0.1;
const AXIS_FONT = "11px system-ui, sans-serif";

/** Charts of the same hour share the line that follows the pointer. */
const SYNC_KEY = "hour";

interface ChartProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** Unix times in seconds, ascending. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** How high the scale goes for so high a line. */
  readonly top: (highest: number) => number;
  /** A number of the scale as it is written. */
  readonly scaled: (value: number) => string;
  /** The pointer is on a moment of this or another chart, counted in `times`; undefined when it has left. */
  readonly onPoint: (index: number | undefined) => void;
}

/** One line over the last hour. Its colours are those of its box in admin.css, light or dark. */
export function Chart({ label, times, values, top, scaled, onPoint }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  useEffect(() => {
    const element = box.current!;
    const made = new uPlot(options(element, { top, scaled, onPoint }), dataOf(times, values), element);
    plot.current = made;
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const repaint = () => made.redraw(false);
    scheme.addEventListener("change", repaint);
    const observer = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", repaint);
      made.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(dataOf(times, values)), [times, values]);
  return <div ref={box} class="chart" role="img" aria-label={label} />;
}

function options(
  box: HTMLElement,
  { top, scaled, onPoint }: Pick<ChartProps, "top" | "scaled" | "onPoint">,
): uPlot.Options {
  const colour = (name: "color" | "outlineColor" | "borderTopColor") => () => getComputedStyle(box)[name];
  const shade = () => `color-mix(in oklab, ${colour("color")()} 12%, transparent)`;
  const rule = { stroke: colour("borderTopColor"), width: 1 };
  const axis = { stroke: colour("outlineColor"), font: AXIS_FONT, ticks: { show: false } };
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 2, 0, 0],
    legend: { show: false },
    scales: {
      x: { range: (_plot, min, max) => [spanBegin(min, max), max] },
      y: { range: (_plot, _min, max) => [0, top(max ?? 0)] },
    },
    axes: [
      {
        ...axis,
        size: 20,
        gap: 4,
        space: 60,
        incrs: [60, 120, 300, 900, 1_800],
        grid: { show: false },
        values: ({ scales: { x } }, splits) => splits.map((time) => hasRoom(time, x!) ? clockOf(time) : ""),
      },
      {
        ...axis,
        size: 52,
        gap: 6,
        grid: rule,
        splits: (_plot, _axis, min, max) => [min, (min + max) / 2, max],
        values: (_plot, splits) => splits.map((value, index) => index === 1 ? "" : scaled(value)),
      },
    ],
    series: [
      {},
      { stroke: colour("color"), fill: shade, width: 1.5, points: { show: false } },
    ],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 7, fill: colour("color"), stroke: colour("color") },
      sync: { key: SYNC_KEY, scales: ["x", null] },
    },
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
  };
}

function spanBegin(first: number, last: number): number {
  return Math.max(last - MOST_SECONDS, Math.min(first, last - LEAST_SECONDS));
}

/** Whether a time on the axis can be written without being cut off at the end. */
function hasRoom(time: number, { min = 0, max = 0 }: uPlot.Scale): boolean {
  return max - time > EDGE * (max - min);
}

function clockOf(time: number): string {
  return clock(new Date(time * 1_000).toISOString());
}

function dataOf(times: readonly number[], values: readonly number[]): uPlot.AlignedData {
  return [[...times], [...values]];
}
