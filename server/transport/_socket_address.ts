/** What a system calls the two families of addresses, and where in a `sockaddr` it says which one it is. */
export interface AddressFamilies {
  /** Offset of the byte that tells the family; the BSDs have the length before it. */
  familyAt: 0 | 1;
  ipv4: number;
  ipv6: number;
}

/** Size of the longest address read here, a `sockaddr_in6`. */
export const SOCKET_ADDRESS_BYTES = 28;

/**
 * The address of a TCP socket in a `sockaddr`, spelled as Deno spells addresses, so that the two can be compared.
 * Nothing where it is of another family.
 */
export function readSocketAddress(view: DataView, families: AddressFamilies): Deno.NetAddr | undefined {
  const family = view.getUint8(families.familyAt);
  if (family !== families.ipv4 && family !== families.ipv6) return undefined;
  const hostname = family === families.ipv4 ? spellIpv4(view, 4) : spellIpv6(view, 8);
  return { transport: "tcp", hostname, port: view.getUint16(2) };
}

function spellIpv4(view: DataView, at: number): string {
  return `${view.getUint8(at)}.${view.getUint8(at + 1)}.${view.getUint8(at + 2)}.${view.getUint8(at + 3)}`;
}

/** As RFC 5952 has it, with an IPv4 address mapped into IPv6 in its dots. */
function spellIpv6(view: DataView, at: number): string {
  if (isMappedIpv4(view, at)) return `::ffff:${spellIpv4(view, at + 12)}`;
  const groups: number[] = [];
  for (let offset = 0; offset < 16; offset += 2) groups.push(view.getUint16(at + offset));
  const { start, end } = longestRunOfZeros(groups);
  if (end - start < 2) return spellGroups(groups);
  return `${spellGroups(groups.slice(0, start))}::${spellGroups(groups.slice(end))}`;
}

function isMappedIpv4(view: DataView, at: number): boolean {
  return view.getBigUint64(at) === 0n && view.getUint32(at + 8) === 0xffff;
}

function spellGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

/** The first of them where several are equally long. */
function longestRunOfZeros(groups: readonly number[]): { start: number; end: number } {
  let longest = { start: 0, end: 0 };
  let start = 0;
  for (let index = 0; index < groups.length; index++) {
    if (groups[index] !== 0) start = index + 1;
    else if (index + 1 - start > longest.end - longest.start) longest = { start, end: index + 1 };
  }
  return longest;
}
