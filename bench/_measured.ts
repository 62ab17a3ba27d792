import type { Faults } from "./_oracle.ts";

/** What one run of a workload against a server has shown; NaN where it cannot be known here. */
export interface Measured {
  /** Of the server: user and system, all threads, from the first message until the last has come. */
  cpuUsPerDelivery: number;
  deliveriesPerSecond: number;
  /** From when a message was handed to the socket until it was read. */
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
  /** What the server's memory has grown by since nobody was there, shared among the connections. */
  kibPerConnection: number;
  joinsPerSecond: number;
  /** From the moment all connections are cut until all are in again and everybody has read what was said then. */
  recoverySeconds: number;
}

/** What says whether the figures can be believed. */
export interface Circumstances {
  readonly said: number;
  readonly received: number;
  readonly faults: Faults & { dropped: number };
  /** How often nothing came for a second where it goes as fast as it goes. */
  readonly stalls: number;
  readonly limit: Limit;
  /** Shares of one core. */
  readonly serverCores: number;
  readonly generatorCores: number;
  readonly othersCores: number;
  /** How late messages were said that had their time. */
  readonly lateP99Ms: number;
}

/** What kept more from being delivered: `generator` means that the server could have done more. */
export type Limit = "pace" | "window" | "server" | "generator" | "both";

/** One of the servers, with what it showed in one run. */
export interface Outcome {
  readonly measured: Measured;
  readonly circumstances: Circumstances;
}

/** Whether nothing happened that must not. */
export function isClean({ faults }: Pick<Circumstances, "faults">): boolean {
  return Object.values(faults).every((count) => count === 0);
}

/** `3 lost, 1 doubled` */
export function faultsInWords({ faults }: Pick<Circumstances, "faults">): string {
  return Object.entries(faults).filter(([, count]) => count > 0).map(([fault, count]) => `${count} ${fault}`)
    .join(", ");
}
