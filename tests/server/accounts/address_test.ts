import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { addressKey, isLoopback, networksAround, readNetwork } from "../../../server/accounts/address.ts";

Deno.test("limits go by the IPv4 address or the IPv6 /64", () => {
  const cases = [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:0.0.0.0", "0.0.0.0"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["2001:db8::1", "2001:db8::/64"],
    ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
    ["2001::1:2:3:4:5", "2001:0:0:1::/64"],
    ["::1:2:3:4:5:6:7", "0:1:2:3::/64"],
    ["::1", "::/64"],
    ["::", "::/64"],
    ["fe80::1%eth0", "fe80::/64"],
    ["::ffff:192.0.2.1%2", "192.0.2.1"],
    ["64:ff9b::192.0.2.1", "64:ff9b::/64"],
    ["", ""],
    ["example.org", "example.org"],
    ["not:an:address", "not:an:address"],
    [":::", ":::"],
    ["::1]/x[::", "::1]/x[::"],
  ] as const;
  for (const [address, key] of cases) equal(addressKey(address), key, address);
});

Deno.test("loopback is 127.0.0.0/8 and ::1, in any notation", () => {
  const cases = [
    ["127.0.0.1", true],
    ["127.255.255.254", true],
    ["::1", true],
    ["0:0:0:0:0:0:0:1", true],
    ["::1%lo", true],
    ["::ffff:127.0.0.1", true],
    ["::ffff:7f00:1", true],
    ["126.255.255.255", false],
    ["128.0.0.1", false],
    ["192.0.2.127", false],
    ["::2", false],
    ["::", false],
    ["::ffff:128.0.0.1", false],
    ["::127.0.0.1", false],
    ["2001:db8::7f00:1", false],
    ["127.0.0.1.example.org", false],
    ["localhost", false],
    ["", false],
  ] as const;
  for (const [address, expected] of cases) equal(isLoopback(address), expected, address);
});

Deno.test("a network is read in any notation and written in one", () => {
  const cases = [
    ["192.0.2.7", "192.0.2.7/32"],
    ["192.0.2.7/32", "192.0.2.7/32"],
    ["192.0.2.7/31", "192.0.2.6/31"],
    ["192.0.2.7/24", "192.0.2.0/24"],
    ["192.0.255.7/17", "192.0.128.0/17"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["192.0.2.7/0", "0.0.0.0/0"],
    ["2001:DB8::7", "2001:db8::7/128"],
    ["2001:db8:0:0:0:0:0:7/128", "2001:db8::7/128"],
    ["2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::/64"],
    ["2001:db8:ffff::/33", "2001:db8:8000::/33"],
    ["2001:db8::/0", "::/0"],
    ["::", "::/128"],
    ["fe80::1%eth0", "fe80::1/128"],
    ["64:ff9b::192.0.2.7", "64:ff9b::c000:207/128"],
    ["::ffff:192.0.2.7", "192.0.2.7/32"],
    ["::ffff:192.0.2.7/128", "192.0.2.7/32"],
    ["::FFFF:c000:207/120", "192.0.2.0/24"],
    ["::ffff:0:0/96", "0.0.0.0/0"],
    ["::ffff:192.0.2.7/95", "::fffe:0:0/95"],
    ["::ffff:192.0.2.7/0", "::/0"],
  ] as const;
  for (const [text, network] of cases) {
    equal(readNetwork(text), network, text);
    equal(readNetwork(network), network, network);
  }
});

Deno.test("what is no network is not taken for one", () => {
  const cases = [
    "",
    "/",
    "/24",
    "ann",
    "7",
    "192.0.2",
    "192.0.2.",
    "192.0.2.0.1",
    "192.0.2.256",
    "192.0.02.7",
    "0x7f.0.0.1",
    " 192.0.2.7",
    "192.0.2.7 ",
    "192.0.2.7/",
    "192.0.2.7/33",
    "192.0.2.7/-1",
    "192.0.2.7/+8",
    "192.0.2.7/08",
    "192.0.2.7/8.0",
    "192.0.2.7/24/24",
    "192.0.2.7/255.255.255.0",
    "192.0.2.7%eth0",
    "2001:db8::7/129",
    "2001:db8::7/1000",
    "2001:db8::7::",
    "2001:db8:1:2:3:4:5:6:7",
    "2001:db8::g",
    "[2001:db8::7]",
    "::ffff:192.0.2.256",
    ":::",
    "::1]/x[::",
    ":".repeat(4_096),
  ];
  for (const text of cases) equal(readNetwork(text), undefined, text);
});

Deno.test("a network holds the addresses that begin with its bits, of its own kind", () => {
  const cases = [
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "::ffff:192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.7/32", "192.0.2.7", true],
    ["192.0.2.7/32", "192.0.2.8", false],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "2001:db8::7", true],
    ["::/0", "192.0.2.7", false],
    ["::/0", "::ffff:192.0.2.7", false],
    ["2001:db8::/33", "2001:db8:7fff:ffff::", true],
    ["2001:db8::/33", "2001:db8:8000::", false],
    ["fe80::/10", "FEBF::1%eth0", true],
    ["0.0.0.0/0", "not an address", false],
    ["::/0", "", false],
  ] as const;
  for (const [network, address, held] of cases) {
    equal(networkHolds(network, address), held, `${network} ${address}`);
  }
});

Deno.test("the networks around an address are those of the lengths that it can have", () => {
  deepEqual(networksAround("192.0.2.7", [32, 24, 64, 0]), ["192.0.2.7/32", "192.0.2.0/24", "0.0.0.0/0"]);
  deepEqual(networksAround("2001:db8::7", [64, 128]), ["2001:db8::/64", "2001:db8::7/128"]);
  deepEqual(networksAround("nowhere", [0]), []);
});

Deno.test("whatever the addresses, a network holds what bit by bit begins as it does", () => {
  const pair = fc.oneof(
    pairOfBits(32),
    pairOfBits(128).filter(({ first, second }) => !isMapped(first, second)),
  );
  fc.assert(fc.property(pair, fc.nat(3), ({ first, second, length }, notation) => {
    const network = readNetwork(`${written(first, notation)}/${length + mappedBits(first, notation)}`)!;
    const expected = first.slice(0, length) === second.slice(0, length);
    equal(networkHolds(network, written(second, (notation + 1) % 4)), expected);
    equal(readNetwork(network), network);
  }));
});

/** Two addresses as zeros and ones, which often have much in common, and how much of the first is a network. */
function pairOfBits(width: 32 | 128): fc.Arbitrary<{ first: string; second: string; length: number }> {
  const part = fc.oneof(fc.constantFrom(0, 0xffff), fc.nat(0xffff));
  const bits = fc.array(part, { minLength: width / 16, maxLength: width / 16 })
    .map((parts) => parts.map((value) => value.toString(2).padStart(16, "0")).join(""));
  const second = fc.option(fc.nat(width - 1), { nil: width });
  return fc.record({ first: bits, other: bits, shared: second, length: fc.nat(width) })
    .map(({ first, other, shared, length }) => ({ first, second: flip(first, shared, other), length }));
}

/** The same up to a bit, which differs, and then like another. */
function flip(bits: string, index: number, other: string): string {
  if (index >= bits.length) return bits;
  return bits.slice(0, index) + (bits[index] === "1" ? "0" : "1") + other.slice(index + 1);
}

function isMapped(...addresses: string[]): boolean {
  return addresses.some((bits) => bits.startsWith("0".repeat(80) + "1".repeat(16)));
}

/** An address in one of its notations. */
function written(bits: string, notation: number): string {
  const parts = bits.match(bits.length === 32 ? /.{8}/g : /.{16}/g)!.map((part) => parseInt(part, 2));
  if (parts.length === 4) return `${notation === 0 ? "::ffff:" : ""}${parts.join(".")}`;
  const groups = parts.map((part) => part.toString(16));
  if (notation === 1) return groups.map((group) => group.padStart(4, "0").toUpperCase()).join(":");
  if (notation === 2) return groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
  return groups.join(":");
}

/** How many bits stand before an IPv4 address that is written as an IPv6 one. */
function mappedBits(bits: string, notation: number): number {
  return bits.length === 32 && notation === 0 ? 96 : 0;
}

/** Whether an address is in a network. */
function networkHolds(network: string, address: string): boolean {
  return networksAround(address, [Number(network.split("/")[1])]).includes(network);
}
