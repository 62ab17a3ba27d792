/**
 * Lines that wait to be written: a list that never changes and grows at its end into another.
 *
 * Readers who are told the same things hold the same list, so that however many they are, a line is put behind the
 * others once, and what is written is joined once.
 */
export class WaitingLines {
  /** Of all lines together. */
  readonly bytes: number;
  /** The list without its last line; undefined for the empty one. */
  #before: WaitingLines | undefined;
  #line: Uint8Array;
  /** What it has grown into last: the next reader is mostly told the same. */
  #grown: WaitingLines | undefined;
  #joined: Uint8Array | undefined;

  private constructor(before: WaitingLines | undefined, line: Uint8Array) {
    this.#before = before;
    this.#line = line;
    this.bytes = (before?.bytes ?? 0) + line.length;
  }

  /** No lines, to begin with; the readers who are to share their lists begin with the same. */
  static none(): WaitingLines {
    return new WaitingLines(undefined, new Uint8Array(0));
  }

  /** The list with one line more, which is never changed after this. */
  with(line: Uint8Array): WaitingLines {
    const grown = this.#grown;
    return grown !== undefined && grown.#line === line ? grown : this.#grown = new WaitingLines(this, line);
  }

  /** All lines in a row; the same array each time. */
  joined(): Uint8Array {
    return this.#joined ??= this.#before?.bytes === 0 ? this.#line : this.#join();
  }

  /**
   * The longest beginning of whole lines that has so many bytes at most, and what is left. None are in it where the
   * first line is longer.
   */
  split(mostBytes: number): { first: WaitingLines; rest: readonly Uint8Array[] } {
    if (this.bytes <= mostBytes) return { first: this, rest: [] };
    const rest = [this.#line];
    let first = this.#before!;
    while (first.bytes > mostBytes) {
      rest.push(first.#line);
      first = first.#before!;
    }
    return { first, rest: rest.reverse() };
  }

  #join(): Uint8Array {
    const bytes = new Uint8Array(this.bytes);
    bytes.set(this.#line, this.#before?.bytes);
    for (let list = this.#before; list !== undefined; list = list.#before) {
      bytes.set(list.#line, list.#before?.bytes);
    }
    return bytes;
  }
}
