/**
 * What no reader's terminal or browser may get from another's keyboard: the control characters of C0 and C1 but for tab,
 * the marks, embeddings, overrides and isolates of bidirectional text, and the separators of lines and paragraphs.
 */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\x00-\x08\x0A-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;

/** A text without anything that drives a terminal. Lone surrogates become U+FFFD. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, "");
}

/** A text as it can be repeated in an answer: printable, on one line, of at most `most` characters. */
export function quotable(text: string, most = 64): string {
  const characters = [...printable(text)];
  return characters.length <= most ? characters.join("") : `${characters.slice(0, most - 1).join("")}…`;
}
