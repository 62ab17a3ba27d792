import type { Log } from "./telemetry/log.ts";

/**
 * How many workers there are to be. One core stays for the main isolate; where there is only one, it has all to itself.
 * Only Linux leads those who come to several listeners at the same address by turns.
 */
export function workersFor(wanted: number | "auto", log: Log, machine = THIS_MACHINE): number {
  if (wanted === 0) return 0;
  if (machine.os !== "linux") {
    if (wanted !== "auto") log.warn("workers take a Linux system; there are none here", { wanted });
    return 0;
  }
  return wanted === "auto" ? machine.cores - 1 : wanted;
}

const THIS_MACHINE = { os: Deno.build.os, cores: navigator.hardwareConcurrency };
