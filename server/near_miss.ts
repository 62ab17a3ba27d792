/**
 * Finds the known word that was probably meant: one letter in three may be missing, wrong, too many or swapped with
 * its neighbour, but never more than two. Case does not count, nor whether `_` or `-` joins the parts.
 *
 * @example nearMiss("plian", ["tls", "plain"]) // "plain"
 */
export function nearMiss(word: string, known: Iterable<string>): string | undefined {
  const folded = fold(word);
  let nearest: string | undefined;
  let least = Math.min(2, Math.max(1, Math.floor(folded.length / 3)));
  for (const candidate of known) {
    const other = fold(candidate);
    if (Math.abs(other.length - folded.length) > least) continue; // so that a very long word costs nothing
    const distance = editDistance(folded, other);
    if (distance < least || (distance === least && nearest === undefined)) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll("_", "-");
}

/** Optimal string alignment: how many insertions, deletions, replacements and swaps of neighbours lie between. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
        ? beforeLast[j - 2]! + 1
        : Infinity;
      row.push(Math.min(replaced, swapped, last[j]! + 1, row[j - 1]! + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last[to.length]!;
}
