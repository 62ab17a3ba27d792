/** How long something may take before the test fails: whoever waits for it may be one of many on a slow machine. */
export const PATIENCE_MS = 60_000;

/** How soon whoever is to be disconnected is, unless a test says otherwise. */
export const ENDS_WITHIN_MS = 10_000;
