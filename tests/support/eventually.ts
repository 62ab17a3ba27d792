import { strict as assert } from "node:assert";
import { PATIENCE_MS } from "./patience.ts";

const LOOK_EVERY_MS = 10;

/** Waits until a question that nothing can announce is answered with yes: how many sockets there are, and the like. */
export async function eventually(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!await holds()) {
    if (performance.now() > deadline) {
      assert.fail(`waited in vain: ${typeof what === "string" ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
