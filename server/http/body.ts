import { badBody, bodyTooLarge, bodyTooSlow } from "../refusals.ts";
import type { Hold } from "../transport/held_bytes.ts";

/** How much more of a body that is too large is read and dropped, so that its sender is able to read the answer. */
const DRAINED_BYTES = 16 * 1_048_576;

/** What Deno takes to read a body, however short it is: measured with HTTP/2. */
const READING_BYTES = 131_072;

/**
 * Reads the body of a request. It is read even by those who will not use it: over HTTP/2, an answer to a request whose
 * body was not read resets the stream, and clients lose the answer.
 *
 * @throws {Refusal} `body_too_large`, `body_too_slow`; `bad_body` where it breaks off
 */
export async function readBody(
  request: Request,
  { limits: { bodyBytes, bodyMs }, hold }: { limits: { bodyBytes: number; bodyMs: number }; hold: Hold },
): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array(0);
  if (isAnnouncedTooLarge(request.headers, bodyBytes)) throw bodyTooLarge(bodyBytes);
  hold(READING_BYTES);
  const reader = request.body.getReader();
  let overdue = false;
  const timer = setTimeout(() => {
    overdue = true;
    reader.cancel().catch(() => {});
  }, bodyMs);
  try {
    const { kept, bytes } = await drain(reader, { most: bodyBytes, hold }).catch(() => {
      throw badBody("The body broke off before its end.");
    });
    if (overdue) throw bodyTooSlow(bodyMs / 1000);
    if (bytes > bodyBytes) throw bodyTooLarge(bodyBytes);
    return kept;
  } finally {
    clearTimeout(timer);
    hold(-READING_BYTES);
  }
}

/** Whether it is too large by what is said of it, and is not on its way yet, or more than would be dropped. */
function isAnnouncedTooLarge(headers: Headers, mostBytes: number): boolean {
  const bytes = Number(headers.get("content-length"));
  return bytes > mostBytes + DRAINED_BYTES || (bytes > mostBytes && headers.has("expect"));
}

/**
 * Understands a body as JSON, whatever it is said to be, so that `curl -d` works.
 *
 * @throws {Refusal} `bad_body`
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw badBody("The body is not JSON in UTF-8.");
  }
}

/**
 * Understands the body of a call that takes plain text as well: the text is then the field `text`. What is said to be
 * neither, as by `curl -d`, is JSON where it begins like an object.
 *
 * @throws {Refusal} `bad_body`
 */
export function parseText(bytes: Uint8Array, type: string): unknown {
  const text = new TextDecoder().decode(bytes);
  const isJson = !/^text\/plain\b/i.test(type) && (/\bjson\b/i.test(type) || /^\s*\{/.test(text));
  return isJson ? parseJson(bytes) : { text: text.replace(/[\r\n]+$/, "") };
}

/**
 * Keeps what is within the limit, counts the rest. Each piece is copied: it is part of a buffer of 64 KiB, however little
 * of that has come, and of a body that comes byte by byte all these buffers would be kept.
 */
async function drain(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  { most, hold }: { most: number; hold: Hold },
): Promise<{ kept: Uint8Array; bytes: number }> {
  let room = new Uint8Array(0);
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return { kept: room.subarray(0, bytes), bytes };
    const needed = bytes + value.length;
    if (needed > room.length && needed <= most) {
      const larger = new Uint8Array(Math.min(most, Math.max(needed, 2 * room.length)));
      hold(larger.length - room.length);
      larger.set(room);
      room = larger;
    }
    if (needed <= most) room.set(value, bytes);
    bytes = needed;
    if (bytes > most + DRAINED_BYTES) {
      reader.cancel().catch(() => {});
      return { kept: room, bytes };
    }
  }
}
