/** A part of a message's text. */
export type Piece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "link"; readonly text: string; readonly href: string }
  /** The reader's own name. */
  | { readonly type: "own name"; readonly text: string };

const ADDRESS = /\bhttps?:\/\/[^\s<>"“”]+/giu;

/** A text in its parts: links to pages, the reader's own name, and what stands between. */
export function piecesOf(text: string, ownName: RegExp): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutEnding(match[0]);
    const href = hrefOf(address);
    if (href === undefined) continue;
    pieces.push(...namesIn(text.slice(end, match.index), ownName));
    pieces.push({ type: "link", text: address, href });
    end = match.index + address.length;
  }
  pieces.push(...namesIn(text.slice(end), ownName));
  return pieces;
}

/** Finds a name where it stands as a word, in any case: by that somebody is spoken to. Without a name it finds nothing. */
export function namePattern(name: string): RegExp {
  if (name === "") return /(?!)/g;
  const escaped = name.replaceAll(".", "\\."); // of what names are made of, nothing else means anything here
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, "giu");
}

/** Whether a text speaks to the one whose name the pattern finds. */
export function mentions(text: string, name: RegExp): boolean {
  return text.search(name) !== -1;
}

const CLOSED_BY: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Full stops, quotes and closing brackets belong to the sentence, but for brackets that were opened in the address. */
function withoutEnding(address: string): string {
  const unclosed = new Map<string, number>();
  for (const sign of address) {
    const opening = CLOSED_BY[sign] ?? sign;
    unclosed.set(opening, (unclosed.get(opening) ?? 0) + (opening === sign ? 1 : -1));
  }
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1]!;
    const opening = CLOSED_BY[last];
    if (opening === undefined && !".,;:!?'’…*_~|".includes(last)) break;
    if (opening === undefined) continue;
    const balance = unclosed.get(opening)!;
    if (balance >= 0) break;
    unclosed.set(opening, balance + 1);
  }
  return address.slice(0, end);
}

/** Undefined for what is no address of a page. */
function hrefOf(address: string): string | undefined {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

function namesIn(text: string, name: RegExp): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, 0: found } of text.matchAll(name)) {
    if (index > end) pieces.push({ type: "text", text: text.slice(end, index) });
    pieces.push({ type: "own name", text: found });
    end = index + found.length;
  }
  if (end < text.length) pieces.push({ type: "text", text: text.slice(end) });
  return pieces;
}
