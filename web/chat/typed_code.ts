/** How many letters a code has. */
const LETTERS = 8;

/** A code as it is typed, in capitals and with its dash: `bcdfg` → `BCDF-G`. What can be no part of it is left out. */
export function typedCode(text: string): string {
  const letters = text.toUpperCase().replace(/[^A-Z]/g, "").slice(0, LETTERS);
  return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
}

export function isWholeCode(code: string): boolean {
  return code.length === LETTERS + 1;
}
