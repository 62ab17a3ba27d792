/** Letters that cannot be mistaken for another, on a screen or by ear; without vowels they make no words. */
const LETTERS = "BCDFGHJKMNPQRSTVWXZ";

/** The first byte that would make some letters likelier than others. */
const UNFAIR_BYTE = 256 - 256 % LETTERS.length;

const GROUP_LENGTH = 4;

/** A code that people read from one screen and type at another: so many random groups of four letters, `BCDF-GHJK`. */
export function newCode(groups: number): string {
  const letters: string[] = [];
  while (letters.length < groups * GROUP_LENGTH) {
    const [byte = UNFAIR_BYTE] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < UNFAIR_BYTE) letters.push(LETTERS[byte % LETTERS.length]!);
  }
  return inGroups(letters.join(""));
}

/** A code as somebody has typed it, in any case, with dashes and spaces or without; undefined where it is none. */
export function readCode(text: string, groups: number): string | undefined {
  const letters = text.toUpperCase().replace(/[\s-]/g, "");
  const wellFormed = letters.length === groups * GROUP_LENGTH && /^[A-Z]+$/.test(letters);
  return wellFormed ? inGroups(letters) : undefined;
}

function inGroups(letters: string): string {
  return letters.replace(/.{4}(?=.)/g, "$&-");
}
