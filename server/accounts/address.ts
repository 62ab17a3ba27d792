/**
 * What limits go by: of IPv4 the address, of IPv6 the /64 that one household or server is given. What is no address
 * stays as it is.
 *
 * @example "192.0.2.1" and "::ffff:192.0.2.1" → "192.0.2.1"; "2001:DB8:1:2:3::4" → "2001:db8:1:2::/64"
 */
export function addressKey(address: string): string {
  const ipv6 = canonicalIpv6(address);
  return ipv6 ? mappedIpv4(ipv6) ?? network64(ipv6) : address;
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

function network64(ipv6: string): string {
  const [before = "", after] = ipv6.split("::");
  const groups = before.split(":");
  const groupsAfter = after?.split(":") ?? [];
  while (groups.length + groupsAfter.length < 8) groups.push("0");
  const network = [...groups, ...groupsAfter].slice(0, 4).map((group) => group || "0").join(":");
  return `${canonicalIpv6(`${network}::`)}/64`;
}
