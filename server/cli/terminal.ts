import { printable } from "../wire/printable.ts";
import { UsageError } from "./command.ts";

/** Prints a line for people or programs. */
export function print(line: string): void {
  writeAll(Deno.stdout, line + "\n");
}

/** Prints a line beside the output. */
export function printError(line: string): void {
  writeAll(Deno.stderr, line + "\n");
}

/** Prints what was done: a sentence, which is given without its full stop, or JSON. */
export function say({ json }: { json: boolean }, sentence: string): void {
  print(json ? JSON.stringify({ message: sentence }) : `${sentence}.`);
}

/** `2026-11-22 05:09 UTC` */
export function minuteText(at: Date): string {
  return at.toISOString().replace(/^(.+)T(.+):\d\d\.\d+Z$/, "$1 $2 UTC");
}

/** Prints rows under headings, or as a JSON array of objects. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { json }: { json: boolean },
): void {
  if (json) {
    const objects = rows.map((row) =>
      Object.fromEntries(headings.map((heading, index) => [heading, row[index]]))
    );
    return print(JSON.stringify(objects, null, 2));
  }
  const shown = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...shown.map((row) => row[column]!.length))
  );
  const lines = [headings.map((heading) => heading.toUpperCase()), ...shown];
  for (const line of lines) {
    print(line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd());
  }
}

/** How often a count is shown. */
const SHOW_EVERY_MS = 200;

/** Counts in one line beside the output, at a terminal and where it takes longer, how much is done. */
export class Progress implements Disposable {
  #what: string;
  #count = 0;
  #shownAtMs = performance.now();
  #shown = false;

  /** @param what The things that are counted, in the plural. */
  constructor(what: string) {
    this.#what = what;
  }

  add(count: number): void {
    this.#count += count;
    if (!Deno.stderr.isTerminal() || performance.now() < this.#shownAtMs + SHOW_EVERY_MS) return;
    this.#shownAtMs = performance.now();
    this.#shown = true;
    writeAll(Deno.stderr, `\r${this.#count} ${this.#what} …`);
  }

  /** Leaves an empty line. */
  [Symbol.dispose](): void {
    if (this.#shown) writeAll(Deno.stderr, "\r\x1b[K");
  }
}

/**
 * Asks for a new password twice without showing it, or reads it from standard input where that is no terminal.
 *
 * @throws {UsageError}
 */
export async function readNewPassword(): Promise<string> {
  if (!Deno.stdin.isTerminal()) return await firstLineOfInput();
  const hidden = new HiddenInput();
  Deno.stdin.setRaw(true); // before the prompt: an answer to it, however quick, is not shown
  try {
    const password = hidden.ask("Password: ");
    if (hidden.ask("Repeat password: ") === password) return password;
  } finally {
    Deno.stdin.setRaw(false);
  }
  throw new UsageError("The two passwords differ; nothing was changed");
}

/** Reads no further than the line, so that whoever writes it need not close what it is written to. */
async function firstLineOfInput(): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4_096);
  let text = "";
  while (!text.includes("\n") && text.length < MOST_INPUT_CHARACTERS) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  const [line = ""] = text.split(/\r?\n/);
  if (line === "") throw new UsageError("No password on standard input; write it as the first line");
  return line;
}

/** Far more than a password may have. */
const MOST_INPUT_CHARACTERS = 10_000;

const ENTER = ["\r", "\n"];
/** Ctrl-C and Ctrl-D. */
const INTERRUPT = ["\x03", "\x04"];
const ERASE = ["\x7f", "\b"];

/** Lines typed at a terminal in raw mode, where nothing is shown and no key means anything but what it does here. */
class HiddenInput {
  #decoder = new TextDecoder();
  /** What was typed, or pasted, and is not asked for yet. */
  #ahead: string[] = [];

  /** @throws {UsageError} where it is interrupted. */
  ask(prompt: string): string {
    writeAll(Deno.stderr, prompt);
    const typed: string[] = [];
    let key = this.#next();
    for (; !ENTER.includes(key) && !INTERRUPT.includes(key); key = this.#next()) {
      if (ERASE.includes(key)) typed.pop();
      else typed.push(key);
    }
    writeAll(Deno.stderr, "\r\n");
    if (INTERRUPT.includes(key)) throw new UsageError("Nothing was changed");
    return typed.join("");
  }

  #next(): string {
    const buffer = new Uint8Array(256);
    while (this.#ahead.length === 0) {
      const count = Deno.stdin.readSync(buffer);
      if (count === null) return INTERRUPT[1]!; // the terminal is gone
      this.#ahead = [...this.#decoder.decode(buffer.subarray(0, count), { stream: true })];
    }
    return this.#ahead.shift()!;
  }
}

/** Where nobody reads any more, as behind `| head`, what was to be done is done all the same. */
function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
      rest = rest.subarray(stream.writeSync(rest));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
