import { deepStrictEqual as deepEqual, ok, rejects } from "node:assert/strict";
import { parseText, readBody } from "../../../server/http/body.ts";
import type { Refusal } from "../../../server/refusals.ts";

const LIMITS = { bodyBytes: 65_536, bodyMs: 10_000 };

Deno.test("a body is read whole, in whatever pieces it comes", async () => {
  const bytes = Uint8Array.from({ length: 65_536 }, (_, index) => index % 251);
  for (const length of [1, 7, 1_000, 65_536]) {
    const { request, hold } = sending(pieces(bytes, length));
    deepEqual(await readBody(request, { limits: LIMITS, hold }), bytes, `in pieces of ${length}`);
  }
  deepEqual(
    await readBody(new Request("http://localhost/"), { limits: LIMITS, hold: () => {} }),
    new Uint8Array(0),
  );
});

Deno.test("a byte too many is refused, and counted as no more than there is room for", async () => {
  const { request, hold } = sending(pieces(new Uint8Array(65_537), 4_096));
  const reading = readBody(request, { limits: LIMITS, hold });
  await rejects(reading, ({ code }: Refusal) => code === "body_too_large");
  ok(hold.bytes <= 65_536, `${hold.bytes} bytes`);
});

Deno.test("what is announced to be too large is refused before it comes, where nothing of it is lost by that", async () => {
  const announced: Record<string, string>[] = [
    { "content-length": "65537", expect: "100-continue" },
    { "content-length": "99999999" },
  ];
  for (const headers of announced) {
    const body = new ReadableStream({ pull: () => Promise.reject(new Error("was read")) }, {
      highWaterMark: 0,
    });
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    await rejects(
      readBody(request, { limits: LIMITS, hold: () => {} }),
      ({ code }: Refusal) => code === "body_too_large",
    );
  }
});

Deno.test("a body that comes byte by byte takes little more room than it has bytes", async () => {
  const pieces = 12_000;
  const [sent, measured] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const before = Deno.memoryUsage().external;
  let left = pieces;
  const body = new ReadableStream({
    async pull(controller) {
      if (left-- > 0) return controller.enqueue(new Uint8Array(65_536).subarray(0, 1)); // as Deno reads a socket
      sent.resolve();
      await measured.promise;
      controller.close();
    },
  });
  const request = new Request("http://localhost/", { method: "POST", body });
  const reading = readBody(request, { limits: LIMITS, hold: () => {} });
  await sent.promise;
  const heldBytes = Deno.memoryUsage().external - before;
  ok(heldBytes < pieces * 65_536 / 2, `${heldBytes} bytes are held for ${pieces}`);
  measured.resolve();
  deepEqual(await reading, new Uint8Array(pieces));
});

Deno.test("text is what is said to be text, or does not begin like an object", () => {
  const text = (body: string, type: string) => parseText(new TextEncoder().encode(body), type);
  deepEqual(text('{"text":"hi"}', ""), { text: "hi" });
  deepEqual(text('{"text":"hi"}', "application/x-www-form-urlencoded"), { text: "hi" });
  deepEqual(text('{"text":"hi"}', "text/plain"), { text: '{"text":"hi"}' });
  deepEqual(text("hi\r\n", "application/x-www-form-urlencoded"), { text: "hi" });
});

function* pieces(bytes: Uint8Array<ArrayBuffer>, length: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** A request that sends these pieces, and how much of it is said to be held. */
function sending(pieces: Iterable<Uint8Array<ArrayBuffer>>) {
  const request = new Request("http://localhost/", { method: "POST", body: ReadableStream.from(pieces) });
  const hold = Object.assign((bytes: number) => void (hold.bytes += bytes), { bytes: 0 });
  return { request, hold };
}
