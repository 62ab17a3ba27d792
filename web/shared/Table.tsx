import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { nextOrder, type Order, ordered, type SortKey } from "./ordering.ts";
import { rowWindow } from "./row_window.ts";
import "./table.css";

/** All rows are of one height, in rem as in table.css: where a row stands is then reckoned, not measured. */
const ROW_REM = 2.25;

/** How many rows are drawn before the height of the screen is known. */
const FIRST_ROWS = 48;

/** One of a table's columns, and how its part of a row is sorted and drawn. */
export interface Column<Row> {
  readonly name: string;
  /** At the top. */
  readonly title: string;
  /** Width at least, in rem; what is left of the table is shared out in proportion. */
  readonly rem: number;
  /** Numbers stand at the end. */
  readonly end?: true;
  /** What the column is sorted by; left out where it is not. */
  readonly sortBy?: (row: Row) => SortKey;
  /** Whatever stands in the cell: one line, of the row alone. What changes while the row does not is a component. */
  readonly draw: (row: Row) => ComponentChildren;
  /** The whole of what a narrow cell may cut off. */
  readonly hint?: (row: Row) => string;
}

interface TableProps<Row> {
  /** What the rows are, for those who do not see them. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** How it is sorted until somebody presses a title; left out for the order of `rows`. */
  readonly order?: Order;
  /** Said where there are no rows. */
  readonly empty: string;
}

/**
 * A table of any length, of which only the rows in sight are drawn. It scrolls within the height that its place gives it;
 * its first column stays where the table is wider than the screen.
 */
export function Table<Row>({ label, columns, rows, keyOf, order: first, empty }: TableProps<Row>) {
  const order = useSignal(first);
  const sorted = useMemo(() => inOrder(rows, columns, order.value), [rows, columns, order.value]);
  const { frame, drawn, rowPx, follow } = useRowWindow(sorted.length);
  const leastRem = columns.reduce((sum, { rem }) => sum + rem, 0);
  return (
    <div ref={frame} class="table" role="region" aria-label={label} tabIndex={0} onScroll={follow}>
      <table aria-label={label} aria-rowcount={sorted.length + 1} style={{ minWidth: `${leastRem}rem` }}>
        <colgroup>
          {columns.map(({ name, rem }) => <col key={name} style={{ width: `${rem}rem` }} />)}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Title
                key={column.name}
                column={column}
                order={order.value}
                onPress={() => order.value = nextOrder(order.value, column.name)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          <Gap px={drawn.from * rowPx} />
          {sorted.slice(drawn.from, drawn.to).map((row, index) => (
            <Line key={keyOf(row)} row={row} index={drawn.from + index} columns={columns} />
          ))}
          <Gap px={(sorted.length - drawn.to) * rowPx} />
        </tbody>
      </table>
      {sorted.length === 0 && <p class="table-empty">{empty}</p>}
    </div>
  );
}

function Title<Row>(
  { column: { name, title, end, sortBy }, order, onPress }: {
    column: Column<Row>;
    order: Order | undefined;
    onPress: () => void;
  },
) {
  const way = order?.column === name ? order.way : undefined;
  return (
    <th scope="col" class={end && "end"} aria-sort={sortBy && (way ?? "none")}>
      {sortBy === undefined ? title : <button type="button" class="title" onClick={onPress}>{title}</button>}
    </th>
  );
}

/** A row, drawn anew only where it or its place is another: scrolling then costs no more than the rows that come. */
function Line<Row>(
  { row, index, columns }: { row: Row; index: number; columns: readonly Column<Row>[] },
) {
  return useMemo(() => (
    <tr aria-rowindex={index + 2}>
      {columns.map((column, index) => (
        <Cell key={column.name} column={column} row={row} lead={index === 0} />
      ))}
    </tr>
  ), [row, index, columns]);
}

function Cell<Row>({ column, row, lead }: { column: Column<Row>; row: Row; lead: boolean }) {
  const attributes = { class: column.end && "end", title: column.hint?.(row) };
  if (lead) return <th scope="row" {...attributes}>{column.draw(row)}</th>;
  return <td {...attributes}>{column.draw(row)}</td>;
}

/** Stands for rows that are not drawn. */
function Gap({ px }: { px: number }) {
  return px > 0 ? <tr aria-hidden="true" class="gap" style={{ height: `${px}px` }} /> : null;
}

function inOrder<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | undefined,
): readonly Row[] {
  const sortBy = columns.find(({ name }) => name === order?.column)?.sortBy;
  return order === undefined || sortBy === undefined ? rows : ordered(rows, sortBy, order.way);
}

/** Keeps to what can be seen of a frame that scrolls over so many rows. */
function useRowWindow(rows: number) {
  const frame = useRef<HTMLDivElement>(null);
  const rowPx = useMemo(() => ROW_REM * parseFloat(getComputedStyle(document.documentElement).fontSize), []);
  const seen = useSignal({ from: 0, to: FIRST_ROWS });
  function follow(): void {
    if (frame.current === null) return;
    const { scrollTop, clientHeight } = frame.current;
    const { from, to } = rowWindow({ scrolledPx: scrollTop, heightPx: clientHeight, rowPx, rows });
    if (from !== seen.value.from || to !== seen.value.to) seen.value = { from, to };
  }
  useLayoutEffect(() => {
    const observer = new ResizeObserver(follow);
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, [rows]);
  const drawn = { from: Math.min(seen.value.from, rows), to: Math.min(seen.value.to, rows) };
  return { frame, drawn, rowPx, follow };
}
