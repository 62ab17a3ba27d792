import { equal } from "node:assert/strict";
import { addressKey, isLoopback } from "../../../server/accounts/address.ts";

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
