import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { type AddressFamilies, readSocketAddress } from "../../../server/transport/_socket_address.ts";

const linux: AddressFamilies = { familyAt: 0, ipv4: 2, ipv6: 10 };
const macos: AddressFamilies = { familyAt: 1, ipv4: 2, ipv6: 30 };

/** A `sockaddr` as C lays it out: family, port and address; of IPv6 four bytes of flow before the address. */
function socketAddress(
  family: readonly [number, number],
  port: number,
  address: readonly number[],
): DataView {
  const bytes = new Uint8Array(28);
  bytes.set([...family, port >> 8, port & 255]);
  bytes.set(address, address.length === 4 ? 4 : 8);
  return new DataView(bytes.buffer);
}

Deno.test("an IPv4 address is read in the layout of each system", () => {
  const expected = { transport: "tcp", hostname: "192.0.2.7", port: 6697 };
  deepEqual(readSocketAddress(socketAddress([2, 0], 6697, [192, 0, 2, 7]), linux), expected);
  deepEqual(readSocketAddress(socketAddress([16, 2], 6697, [192, 0, 2, 7]), macos), expected);
});

Deno.test("IPv6 addresses are spelled as Deno spells them", () => {
  const spellings: [groups: number[], spelled: string][] = [
    [[0, 0, 0, 0, 0, 0, 0, 0], "::"],
    [[0, 0, 0, 0, 0, 0, 0, 1], "::1"],
    [[0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], "2001:db8::"],
    [[0x2001, 0xdb8, 0, 1, 0, 0, 0, 1], "2001:db8:0:1::1"],
    [[0x2001, 0, 0, 1, 0, 0, 1, 1], "2001::1:0:0:1:1"],
    [[1, 2, 3, 0, 5, 6, 7, 8], "1:2:3:0:5:6:7:8"],
    [[0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], "::ffff:127.0.0.1"],
    [[0, 0, 0, 0, 0, 0, 0x7f00, 1], "::7f00:1"],
  ];
  for (const [groups, spelled] of spellings) {
    const address = groups.flatMap((group) => [group >> 8, group & 255]);
    equal(readSocketAddress(socketAddress([10, 0], 1, address), linux)?.hostname, spelled);
    equal(readSocketAddress(socketAddress([28, 30], 1, address), macos)?.hostname, spelled);
  }
});

Deno.test("every other IPv6 address is spelled as in a URL", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
    fc.pre(groups[5] !== 0xffff);
    const long = groups.map((each) => each.toString(16)).join(":");
    const address = groups.flatMap((each) => [each >> 8, each & 255]);
    const read = readSocketAddress(socketAddress([10, 0], 1, address), linux);
    equal(`[${read?.hostname}]`, new URL(`http://[${long}]`).hostname);
  }));
});

Deno.test("an address of another family is nothing", () => {
  equal(readSocketAddress(socketAddress([1, 0], 0, []), linux), undefined);
});
