/** So much is written at a time. */
const PIECE_BYTES = 16_384;

/**
 * Answers with bytes that are in memory anyway, and copies no more of them than its reader takes: a client may ask for
 * hundreds of large answers at once, and read none of them.
 */
export function answerInPieces(
  bytes: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>>,
): Response {
  const body = bytes.length <= PIECE_BYTES ? bytes : piecesOf(bytes);
  return new Response(body, { headers: { ...headers, "content-length": String(bytes.length) } });
}

function piecesOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.subarray(at, at += PIECE_BYTES));
      if (at >= bytes.length) controller.close();
    },
  }, { highWaterMark: 0 });
}
