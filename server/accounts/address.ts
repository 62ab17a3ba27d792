/**
 * What limits go by: of IPv4 the address, of IPv6 the /64 that one household or server is given. What is no address
 * stays as it is.
 *
 * @example "192.0.2.1" and "::ffff:192.0.2.1" → "192.0.2.1"; "2001:DB8:1:2:3::4" → "2001:db8:1:2::/64"
 */
export function addressKey(address: string): string {
  const ipv6 = canonicalIpv6(address);
  return ipv6 ? mappedIpv4(ipv6) ?? cidr(ipv6Parts(ipv6), 64)! : address;
}

/**
 * A network in CIDR notation, as somebody types it: the bits past the prefix cleared, a single address as a /32 or
 * /128, IPv4 in IPv6 as IPv4. Undefined where it is none.
 *
 * @example "192.0.2.7" → "192.0.2.7/32"; "2001:DB8::7/32" → "2001:db8::/32"; "::ffff:192.0.2.7/120" → "192.0.2.0/24"
 */
export function readNetwork(text: string): string | undefined {
  const [, address, digits] = text.match(/^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/) ?? [];
  if (address === undefined) return undefined;
  const length = digits === undefined ? undefined : Number(digits);
  const ipv6 = canonicalIpv6(address);
  const ipv4 = ipv4Parts(ipv6 ? mappedIpv4(ipv6) : address);
  if (!ipv6) return ipv4 && cidr(ipv4, length ?? 32);
  const within = length === undefined ? 32 : length - 96; // of the IPv4 address at its end
  return ipv4 && within >= 0 ? cidr(ipv4, within) : cidr(ipv6Parts(ipv6), length ?? 128);
}

/**
 * The networks of these prefix lengths that an address is in, as {@link readNetwork} gives them. IPv4 addresses are in
 * networks of IPv4 only, however they are written.
 */
export function networksAround(address: string, lengths: Iterable<number>): string[] {
  const ipv6 = canonicalIpv6(address);
  const parts = ipv4Parts(ipv6 ? mappedIpv4(ipv6) : address) ?? (ipv6 && ipv6Parts(ipv6));
  if (!parts) return [];
  return [...lengths].map((length) => cidr(parts, length)).filter((network) => network !== undefined);
}

/** An address as it stands in a URL: IPv6 in brackets and without its zone, IPv4 in IPv6 as IPv4. */
export function hostOf(address: string): string {
  const ipv6 = canonicalIpv6(address);
  return ipv6 ? mappedIpv4(ipv6) ?? `[${ipv6}]` : address;
}

/** Whether it is this very machine: 127.0.0.0/8 or ::1. */
export function isLoopback(address: string): boolean {
  const ipv6 = canonicalIpv6(address);
  const ipv4 = ipv6 ? mappedIpv4(ipv6) : address;
  return ipv6 === "::1" || /^127(\.\d{1,3}){3}$/.test(ipv4 ?? "");
}

/** As in RFC 5952, without the zone (`%eth0`). */
function canonicalIpv6(address: string): string | undefined {
  const bare = address.match(/^([0-9a-f:.]*:[0-9a-f:.]*)(%.*)?$/i)?.[1];
  return bare && URL.parse(`http://[${bare}]`)?.hostname.slice(1, -1);
}

/** The IPv4 address of an IPv4 client on a socket that takes both. */
function mappedIpv4(ipv6: string): string | undefined {
  const halves = ipv6.match(/^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/)?.slice(1);
  return halves?.map((half) => parseInt(half, 16)).map((half) => `${half >> 8}.${half & 255}`).join(".");
}

/** The four numbers of an address in the usual notation; undefined for anything else. */
function ipv4Parts(address: string | undefined): number[] | undefined {
  const parts = address?.split(".") ?? [];
  const wellFormed = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part));
  return wellFormed && parts.every((part) => Number(part) <= 255) ? parts.map(Number) : undefined;
}

/** The eight numbers of a canonical address. */
function ipv6Parts(ipv6: string): number[] {
  const [before = "", after] = ipv6.split("::");
  const groups = before.split(":");
  const groupsAfter = after?.split(":") ?? [];
  while (groups.length + groupsAfter.length < 8) groups.push("0");
  return [...groups, ...groupsAfter].map((group) => parseInt(group || "0", 16));
}

/** The network of so long a prefix around an address; undefined where the address is not that long. */
function cidr(parts: readonly number[], length: number): string | undefined {
  const bits = parts.length === 4 ? 8 : 16;
  if (length > parts.length * bits) return undefined;
  const kept = parts.map((part, index) => {
    const clearedBits = Math.min(bits, Math.max(0, (index + 1) * bits - length));
    return part - part % 2 ** clearedBits;
  });
  const address = bits === 8
    ? kept.join(".")
    : canonicalIpv6(kept.map((part) => part.toString(16)).join(":"));
  return `${address}/${length}`;
}
