/**
 * The outline of the dark squares of a QR code as the data of an SVG path, a unit a square: the runs of each line as one
 * rectangle.
 *
 * @param rows From above, each from the left; true is dark.
 */
export function qrPath(rows: readonly (readonly boolean[])[]): string {
  return rows.flatMap((row, y) => runsOf(row).map(({ x, length }) => `M${x} ${y}h${length}v1h-${length}z`))
    .join("");
}

function runsOf(row: readonly boolean[]): { x: number; length: number }[] {
  const runs: { x: number; length: number }[] = [];
  for (const [x, dark] of row.entries()) {
    const last = runs.at(-1);
    if (!dark) continue;
    if (last !== undefined && last.x + last.length === x) last.length++;
    else runs.push({ x, length: 1 });
  }
  return runs;
}
