import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { ResponseBody } from "../../../server/http/response_body.ts";

const [ONE, TWO] = [new Uint8Array([1]), new Uint8Array([2])];

Deno.test("a write is done when the reader wants more, and no sooner", async () => {
  const body = new ResponseBody(() => {});
  const reader = body.stream.getReader();
  let written = 0;
  const writing = body.write(ONE).then((count) => written += count);
  deepEqual(await reader.read(), { value: ONE, done: false });
  equal(written, 0);
  const next = reader.read();
  await writing;
  equal(written, 1);
  void body.write(TWO);
  deepEqual(await next, { value: TWO, done: false });
});

Deno.test("what is closed ends after what was written, what is broken off fails", async () => {
  const closed = new ResponseBody(() => {});
  void closed.write(ONE);
  closed.close();
  closed.close();
  closed.break();
  deepEqual(await Array.fromAsync(closed.stream), [ONE]);
  const broken = new ResponseBody(() => {});
  void broken.write(ONE);
  broken.break();
  broken.close();
  await rejects(broken.stream.getReader().read());
});

Deno.test("a reader who goes is told of once, and nothing more can go wrong", async () => {
  let left = 0;
  const body = new ResponseBody(() => left++);
  await body.stream.cancel();
  body.close();
  body.break();
  equal(left, 1);
});
