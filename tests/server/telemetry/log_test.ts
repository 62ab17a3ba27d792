import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { Log } from "../../../server/telemetry/log.ts";

Deno.test("what is logged just as the line before is written is not left behind, however little later", async () => {
  for (let microtasks = 0; microtasks < 12; microtasks++) {
    const written: string[] = [];
    const ends: (() => void)[] = [];
    const log = new Log("text", (bytes) => {
      written.push(new TextDecoder().decode(bytes).trimEnd().slice(31));
      return new Promise((resolve) => ends.push(() => resolve(bytes.length)));
    });
    log.info("first");
    ends.shift()!();
    for (let passed = 0; passed < microtasks; passed++) await Promise.resolve();
    log.info("second");
    for (let passed = 0; passed < 12; passed++) await Promise.resolve();
    deepEqual(written, ["first", "second"], `${microtasks} microtasks later`);
  }
});

Deno.test("a log that nobody reads holds nothing up: what does not fit is counted", async () => {
  const written: string[] = [];
  let read: (() => void) | undefined;
  const log = new Log("json", (bytes) => {
    written.push(new TextDecoder().decode(bytes));
    return new Promise((resolve) => read = () => resolve(bytes.length));
  });
  for (let line = 0; line < 3_000; line++) log.info("x".repeat(1_000));
  while (read !== undefined) {
    const next: () => void = read;
    read = undefined;
    next();
    for (let passed = 0; passed < 12; passed++) await Promise.resolve();
  }
  const last = JSON.parse(written.at(-1)!);
  deepEqual([last.event, last.dropped + written.length - 1], [
    "log lines dropped, because nobody read them",
    3_000,
  ]);
});
