import { encode, renderUnicodeCompact } from "uqr";

/** Light modules around the drawing: fewer than the four of the norm, which every scanner bears. */
const BORDER = 2;

/** A line that is longer breaks in two, and the drawing with it. */
const MOST_COLUMNS = 80;

/** White on black, whatever the terminal's own colours are. */
const COLORS = "\x1b[37;40m";
const NO_COLORS = "\x1b[0m";

/**
 * A QR code in half blocks. Its light modules are drawn and its dark ones left out, so that without colours it is right
 * on a dark background; with them it is right on any.
 *
 * @returns Its lines; none where it would be wider than a terminal.
 */
export function qrCodeLines(text: string, { color }: { color: boolean }): string[] {
  const options = { ecc: "L", border: BORDER } as const;
  if (encode(text, options).size > MOST_COLUMNS) return [];
  const lines = renderUnicodeCompact(text, options).split("\n");
  return color ? lines.map((line) => `${COLORS}${line}${NO_COLORS}`) : lines;
}
