/** Which rows are drawn: `from` up to but not including `to`. */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
}

/** A window begins and ends at a multiple of so many rows, so that few steps of scrolling draw anything anew. */
const STEP_ROWS = 16;

/** The rows that can be seen, and so many more above and below that a flick of the wheel meets drawn ones. */
export function rowWindow(
  { scrolledPx, heightPx, rowPx, rows }: {
    scrolledPx: number;
    heightPx: number;
    rowPx: number;
    rows: number;
  },
): RowWindow {
  const first = Math.floor(scrolledPx / rowPx);
  const last = Math.ceil((scrolledPx + heightPx) / rowPx);
  const to = Math.min(rows, Math.ceil(last / STEP_ROWS) * STEP_ROWS + STEP_ROWS);
  const from = Math.max(0, Math.min(Math.floor(first / STEP_ROWS) * STEP_ROWS - STEP_ROWS, to));
  return { from, to };
}
