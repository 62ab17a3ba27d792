import { strict as assert } from "node:assert";
import { PATIENCE_MS } from "./patience.ts";

/** What a promise comes to, unless patience ends first. */
export async function inTime<Value>(promise: Promise<Value>, what: string | (() => string)): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new assert.AssertionError({
          message: `waited in vain for ${typeof what === "string" ? what : what()}`,
        }),
      );
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
