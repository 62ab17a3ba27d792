import { addressText } from "../transport/ports.ts";

/** An address that one can connect to, where it listens on all. */
export function reachable({ hostname, port }: { hostname: string; port: number }): string {
  return addressText({ hostname: shownHost(hostname), port });
}

/** The name of this machine stands for all of its addresses. */
export function shownHost(hostname: string): string {
  return hostname === "0.0.0.0" || hostname === "::" ? Deno.hostname() : hostname;
}
