import { badBody, bodyTooLarge, bodyTooSlow } from "../refusals.ts";

/** How much more of a body that is too large is read and dropped, so that its sender is able to read the answer. */
const DRAINED_BYTES = 16 * 1_048_576;

/**
 * Reads the body of a request. It is read even by those who will not use it: over HTTP/2, an answer to a request whose
 * body was not read resets the stream, and clients lose the answer.
 *
 * @throws {Refusal} `body_too_large`, `body_too_slow`; `bad_body` where it breaks off
 */
export async function readBody(
  request: Request,
  limits: { bodyBytes: number; bodyMs: number },
): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  let overdue = false;
  const timer = setTimeout(() => {
    overdue = true;
    reader.cancel().catch(() => {});
  }, limits.bodyMs);
  try {
    const { chunks, bytes } = await drain(reader, limits.bodyBytes).catch(() => {
      throw badBody("The body broke off before its end.");
    });
    if (overdue) throw bodyTooSlow(limits.bodyMs / 1000);
    if (bytes > limits.bodyBytes) throw bodyTooLarge(limits.bodyBytes);
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps what is within the limit, counts the rest. */
async function drain(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  most: number,
): Promise<{ chunks: Uint8Array<ArrayBuffer>[]; bytes: number }> {
  const chunks = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return { chunks, bytes };
    bytes += value.length;
    if (bytes <= most) chunks.push(value);
    if (bytes > most + DRAINED_BYTES) {
      reader.cancel().catch(() => {});
      return { chunks, bytes };
    }
  }
}
