/** A text as a test's name can hold it: in quotes, with nothing in it that would drive the terminal of whoever runs the test. */
export function quoted(text: string): string {
  const plain = text.length <= 60 ? text : `${text.slice(0, 60)}…`;
  return JSON.stringify(plain).replace(
    /[\x7f-\x9f\p{Bidi_Control}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}
