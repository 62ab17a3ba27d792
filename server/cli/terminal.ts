import { UsageError } from "./command.ts";

/** Prints a line for people or programs. */
export function print(line: string): void {
  writeAll(Deno.stdout, line + "\n");
}

/** Prints a line beside the output. */
export function printError(line: string): void {
  writeAll(Deno.stderr, line + "\n");
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
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length))
  );
  const lines = [headings.map((heading) => heading.toUpperCase()), ...rows];
  for (const line of lines) {
    print(line.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd());
  }
}

/**
 * Asks for a new password twice without showing it, or reads it from standard input where that is no terminal.
 *
 * @throws {UsageError}
 */
export async function readNewPassword(): Promise<string> {
  if (!Deno.stdin.isTerminal()) return await firstLineOfInput();
  const password = askHidden("Password: ");
  if (askHidden("Repeat password: ") !== password) {
    throw new UsageError("The two passwords differ; nothing was changed");
  }
  return password;
}

async function firstLineOfInput(): Promise<string> {
  const input = await new Response(Deno.stdin.readable).text();
  const [line = ""] = input.split(/\r?\n/);
  if (line === "") throw new UsageError("No password on standard input; write it as the first line");
  return line;
}

const ENTER = ["\r", "\n"];
const INTERRUPT = ["\x03", "\x04"];
const ERASE = ["\x7f", "\b"];

/** Reads a line from the terminal with its echo off. */
function askHidden(prompt: string): string {
  writeAll(Deno.stderr, prompt);
  Deno.stdin.setRaw(true);
  try {
    return readHidden();
  } finally {
    Deno.stdin.setRaw(false);
    writeAll(Deno.stderr, "\n");
  }
}

function readHidden(): string {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(256);
  const typed: string[] = [];
  for (;;) {
    const count = Deno.stdin.readSync(buffer);
    if (count === null) return typed.join("");
    for (const character of decoder.decode(buffer.subarray(0, count), { stream: true })) {
      if (ENTER.includes(character)) return typed.join("");
      if (INTERRUPT.includes(character)) throw new UsageError("Nothing was changed");
      if (ERASE.includes(character)) typed.pop();
      else typed.push(character);
    }
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
    rest = rest.subarray(stream.writeSync(rest));
  }
}
