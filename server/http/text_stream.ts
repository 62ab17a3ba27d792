/** How much is sent at a time, in characters: each costs a write. */
const LEAST_PER_CHUNK = 16_384;

/**
 * A long text, written as it is read.
 *
 * @param ended Told once when it is over: read to its end, failed, or not wanted any more.
 */
export function textStream(
  pieces: AsyncGenerator<string>,
  ended: () => void = () => {},
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      try {
        let text = "";
        let done = false;
        while (!done && text.length < LEAST_PER_CHUNK) {
          const piece = await pieces.next();
          if (piece.done) done = true;
          else text += piece.value;
        }
        if (done) ended();
        controller.enqueue(encoder.encode(text));
        if (done) controller.close();
      } catch (error) {
        ended();
        throw error;
      }
    },
    async cancel() {
      ended();
      await pieces.return(undefined);
    },
  }, { highWaterMark: 0 });
}
