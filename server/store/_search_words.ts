/** Where no spaces part the words: one cannot tell without a dictionary where a word ends. */
const unspaced = String.raw`[[\p{L}\p{M}\p{N}]&&` +
  String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]]`;
const runs = new RegExp(String.raw`${unspaced}+|[[\p{L}\p{M}\p{N}]--${unspaced}]+`, "gv");
const isUnspaced = new RegExp(`^${unspaced}`, "v");

/** What is longer is no word of a language: the beginning will do. In UTF-16 units. */
const LONGEST = 40;

/** Of what is looked for so many words count, the longest, which are the rarest: each more makes the search slower. */
const MOST_SOUGHT = 8;

/**
 * What a text can be found by: its words in lower case and without accents. In a script without spaces that is each
 * character and each pair of neighbours.
 */
export function wordsOf(text: string): Set<string> {
  return new Set(runsOf(text).flatMap((run) => isUnspaced.test(run) ? [...run, ...pairsOf(run)] : [run]));
}

/** What a text must have been found by to hold all that somebody looks for. */
export function soughtWords(words: string): string[] {
  const sought = runsOf(words).flatMap((run) => {
    const pairs = isUnspaced.test(run) ? pairsOf(run) : [];
    return pairs.length > 0 ? pairs : [run];
  });
  return [...new Set(sought)].sort((a, b) => b.length - a.length).slice(0, MOST_SOUGHT);
}

function runsOf(text: string): string[] {
  return (folded(text).match(runs) ?? []).map((run) => isUnspaced.test(run) ? run : run.slice(0, LONGEST));
}

function folded(text: string): string {
  const plain = text.normalize("NFKD").toLowerCase();
  return plain.replace(/[\u0300-\u036f]/g, "").normalize("NFC");
}

function pairsOf(run: string): string[] {
  const characters = [...run];
  return characters.slice(1).map((character, index) => characters[index] + character);
}
