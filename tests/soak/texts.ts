import type { Chance } from "./chance.ts";

const WORDS =
  "good morning everybody tea coffee lunch friday the garden is open who has seen my keys fine thanks".split(
    " ",
  );

/** What would drive a terminal, or look like what the server says. */
const EVIL = [
  "\x1b[2J\x1b]0;title\x07",
  "\x9b31m\x90q\x9c",
  "back\b\b\bspace\rover\x7f",
  "\u202eevil\u202c\u2066x\u2069\u200f",
  "line\u2028separator\u2029",
  "\0\x01\x02\x1a\x85",
];

/** What is shown as it was typed, though it looks odd. */
const ODD = [
  "👩‍👩‍👧‍👦 🇩🇪",
  "日本語とかな",
  "Ünïcödé ß",
  "/help",
  "#lobby ann: hello",
  "<b>bold</b> &amp;",
  '"quoted" \\n',
  "a\tb",
];

/** Something that people say; it begins with its number. */
export function textOf(number: number, chance: Chance): { sent: string; read: string | undefined } {
  const plain = `m${number} ${
    Array.from({ length: chance.between(1, 12) }, () => chance.oneOf(WORDS)).join(" ")
  }`;
  const kind = chance.fraction();
  if (kind < 0.05) return { sent: `${plain} ${chance.oneOf(EVIL)} end`, read: undefined };
  if (kind < 0.12) return same(`${plain} ${chance.oneOf(ODD)} end`);
  if (kind < 0.15) return same(`${plain} ${"long ".repeat(chance.between(50, 700))}end`);
  return same(plain);
}

/** Something for where only one's own terminal could be driven. */
export function evil(chance: Chance): string {
  return `x${chance.oneOf(EVIL)!.replaceAll(/[\r\n]/g, "")}y`;
}

function same(text: string): { sent: string; read: string } {
  return { sent: text, read: text };
}
