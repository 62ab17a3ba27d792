import { isLoopback } from "../accounts/address.ts";

/** Headers by which a proxy says that it asks for somebody else. */
const FORWARDING = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];

/** The names by which this machine calls itself. */
const OWN_NAME = /^(localhost|127\.0\.0\.1|\[::1\])$/i;

/**
 * Whether a program on this machine asks for itself: not a proxy for somebody elsewhere, as far as it says so, nor a
 * page whose name was made to mean this machine (DNS rebinding).
 *
 * @param address The peer's IP address.
 */
export function isFromThisMachine(request: Request, address: string): boolean {
  if (!isLoopback(address) || !OWN_NAME.test(new URL(request.url).hostname)) return false;
  return !FORWARDING.some((name) => request.headers.has(name));
}
