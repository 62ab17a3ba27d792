import "../../../server/transport/_chat_worker.ts";

/**
 * A worker like any other, of which one dies of an error when limits change: whichever is the first to take the file away
 * that the address of this module names.
 */

declare const self: { onmessage: (event: MessageEvent) => void };

const file = new URL(import.meta.url).searchParams.get("dies")!;
const live = self.onmessage;

self.onmessage = (event) => {
  if (event.data.type === "limit" && isFirst()) throw new Error("a mistake that nobody has thought of");
  live(event);
};

function isFirst(): boolean {
  try {
    Deno.removeSync(file);
    return true;
  } catch {
    return false;
  }
}
