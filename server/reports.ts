import type { Erased } from "./chat/erasure.ts";
import type { Counts } from "./telemetry/counts.ts";
import type { Log } from "./telemetry/log.ts";

/** What becomes of those who come, as far as the operator is to know. */
export function reportOf(log: Log) {
  return {
    defect: (error: unknown) => log.error("a session failed", error),
    loggedIn: (entry: { name: string; account: string | undefined; by: string; address: string }) =>
      log.info("joined", entry),
    // without its stack: to show that one, Deno opens a file, and panics where none is left
    acceptFails: (error: unknown) => log.error("no connections can be accepted; trying on", String(error)),
    acceptsAgain: () => log.info("connections are accepted again"),
    workerDied: (error: unknown, connections: number) =>
      log.error("a worker has died; another takes its place", String(error), { connections }),
    workerStarted: () => log.info("a worker has taken the place of one that had died"),
  };
}

/** Of those who come by an identity provider. */
export function signOnReport({ people, http }: Counts, log: Log) {
  return {
    tried: (accepted: boolean) => people.tried("identity", accepted),
    refused: (code: string) => http.refused(code),
    defect: (error: unknown) => log.error("a sign-in failed", error),
  };
}

/** A deleted account has left nothing. */
export function logErased({ tookMs, ...what }: Erased, log: Log): void {
  log.info("a deleted account is erased", { ...what, seconds: Math.round(tookMs / 1_000) });
}
