/** What a spreadsheet takes for the beginning of a formula, behind what it does not show. */
const FORMULA = /^[\s\p{C}]*[=+\-@＝＋－＠]/u;

/**
 * A line of a file of comma-separated values (RFC 4180). What would be a formula is led by an apostrophe, so that no
 * spreadsheet runs what somebody has typed into a chat.
 */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cell).join(",") + "\r\n";
}

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
