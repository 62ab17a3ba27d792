/** How much of an answer is read: far more than any issuer has to say. */
const MOST_BYTES = 262_144;

/** How long an answer may take. */
export const ANSWER_SECONDS = 10;

/** No answer comes from an issuer. It is a TypeError, as those of `fetch` are, which openid-client lets pass as it is. */
export class Unreachable extends TypeError {
  override name = "Unreachable";
}

/**
 * Asks an issuer, whose answer is read whole and is not believed to end.
 *
 * @throws {Unreachable} where none comes in time
 * @throws {RangeError} where it is too long
 */
export async function boundedFetch(url: string, init: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(url, { ...init, redirect: "manual" });
    const body = await readWhole(answer);
    return new Response(body, { status: answer.status, headers: answer.headers });
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new Unreachable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function readWhole({ body, status }: Response): Promise<Uint8Array<ArrayBuffer> | null> {
  if (body === null) return null;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > MOST_BYTES) throw new RangeError(`an answer of more than ${MOST_BYTES} bytes`);
    pieces.push(piece);
  }
  if (status === 204 || status === 304) return null;
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
}
