import type { CDPSession, Page } from "playwright-core";
import { inMs, quantile } from "./_figures.ts";

/** A frame that came so much later than the one before was not the next. */
const DROPPED_MS = 25;

/** How fast is scrolled: slowly enough to read along, and as fast as a finger flings. */
export const READING_PX_S = 1_500, FLUNG_PX_S = 15_000;

/** How the frames of a page came while something was done: `3 of 600 later than 25 ms, worst 31 ms`. */
export async function framesWhile(page: Page, deed: () => Promise<unknown>): Promise<string> {
  await page.evaluate(watchFrames);
  await deed();
  const deltas = await page.evaluate<number[]>("globalThis.stopFrames()");
  const dropped = deltas.filter((ms) => ms > DROPPED_MS).length;
  return `${dropped} of ${deltas.length} frames after more than ${DROPPED_MS} ms, p99 ${
    inMs(quantile(deltas, 0.99))
  }, worst ${inMs(Math.max(...deltas))}`;
}

/** Scrolls as a hand does, in the middle of the page: back, or on by less than nothing. */
export async function scroll(
  touch: CDPSession,
  { px, pxPerSecond }: { px: number; pxPerSecond: number },
): Promise<void> {
  await touch.send("Input.synthesizeScrollGesture", {
    x: 600,
    y: 350,
    yDistance: px,
    speed: pxPerSecond,
    preventFling: true,
    gestureSourceType: "mouse",
  });
}

/** Runs on the page. */
function watchFrames(): void {
  // deno-lint-ignore no-explicit-any
  const page = globalThis as any;
  const deltas: number[] = [];
  let [lastMs, going] = [0, true];
  const look = (atMs: number) => {
    if (lastMs > 0) deltas.push(atMs - lastMs);
    lastMs = atMs;
    if (going) page.requestAnimationFrame(look);
  };
  page.requestAnimationFrame(look);
  page.stopFrames = () => {
    going = false;
    return deltas;
  };
}
