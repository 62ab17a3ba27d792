/**
 * What the people of the suite say: sixty-four bytes that say by whom and which they are, at fixed places, so that a
 * delivery is understood without cutting lines or parsing JSON.
 *
 * `^`, the mark of the run (4), the speaker (4 hexadecimal digits), the message (8), filling, `$`. Nothing in it is
 * changed by any dialect on its way.
 */
export const PAYLOAD_BYTES = 64;

const BEGIN = 0x5e;
const END = 0x24;
const FILLING = 0x78;
const RUN_AT = 1;
const SPEAKER_AT = 5;
const MESSAGE_AT = 9;
const FILLING_AT = 17;

const encoder = new TextEncoder();

/** Marks what is said in one run; what earlier ones have said is no delivery, as in what is shown on coming in. */
export class Run {
  readonly #mark: Uint8Array;

  /** @param name Four ASCII letters or digits. */
  constructor(readonly name: string) {
    if (!/^\w{4}$/.test(name)) throw new RangeError(`Cannot mark a run by "${name}"`);
    this.#mark = encoder.encode(name);
  }

  static next(): Run {
    return new Run(crypto.randomUUID().slice(0, 4));
  }

  payload(speaker: number, message: number): string {
    const head = `^${this.name}${hex(speaker, 4)}${hex(message, 8)}`;
    return head.padEnd(PAYLOAD_BYTES - 1, "x") + "$";
  }

  /** Whether what stands there is of this run. */
  marks(bytes: Uint8Array, at: number): boolean {
    const mark = this.#mark;
    return bytes[at + RUN_AT] === mark[0] && bytes[at + RUN_AT + 1] === mark[1] &&
      bytes[at + RUN_AT + 2] === mark[2] && bytes[at + RUN_AT + 3] === mark[3];
  }
}

/** Where the next payload may begin, from a place on; the end of the bytes where none does. */
export function findPayload(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== BEGIN) at++;
  return at;
}

/** NaN where that is no number. */
export function speakerIn(bytes: Uint8Array, at: number): number {
  return number(bytes, at + SPEAKER_AT, at + MESSAGE_AT);
}

/** NaN where that is no number. */
export function messageIn(bytes: Uint8Array, at: number): number {
  return number(bytes, at + MESSAGE_AT, at + FILLING_AT);
}

/** Whether all that is always the same is so. */
export function isWhole(bytes: Uint8Array, at: number): boolean {
  const last = at + PAYLOAD_BYTES - 1;
  for (let index = at + FILLING_AT; index < last; index++) if (bytes[index] !== FILLING) return false;
  return bytes[last] === END;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function number(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) value = value * 16 + DIGITS[bytes[at]!]!;
  return value;
}

/** Byte → what it counts as a hexadecimal digit. */
const DIGITS = new Float64Array(256).fill(NaN);
for (const [value, digit] of [..."0123456789abcdef"].entries()) DIGITS[digit.charCodeAt(0)] = value;
