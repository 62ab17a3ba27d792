/** How long to wait before the first attempt to come back, and at most. */
const FIRST_MS = 500, MOST_MS = 30_000;

/**
 * How long to wait before the next attempt to come back: each time twice as long, and for everybody a little different, so
 * that not all come at once when a server has been restarted.
 *
 * @param attempts How many have failed.
 * @param random From 0 to below 1.
 */
export function retryDelayMs(attempts: number, random: number): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** attempts);
  return most / 2 + random * most / 2;
}
