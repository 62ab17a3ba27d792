import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { ConnectionRow } from "../../../server/wire/admin_types.ts";
import { addressKey, found } from "../../../web/admin/connection_rows.ts";
import { ordered } from "../../../web/shared/ordering.ts";

const ROWS = [
  row({ name: "ann", role: "admin", address: "10.0.0.1", room: "lobby" }),
  row({ name: "Bob", role: "guest", address: "10.0.0.12", room: "dev" }),
  row({ name: "", role: "guest", address: "2001:db8::/64", room: "" }),
];

function row(of: Partial<ConnectionRow>): ConnectionRow {
  return {
    id: of.name ?? "",
    name: "",
    account: null,
    role: "guest",
    by: "",
    how: "TLS, JSON",
    address: "",
    tls: "TLSv1.3",
    since: "2026-11-22T12:00:00Z",
    room: "",
    messages: 0,
    waiting_bytes: 0,
    ...of,
  };
}

for (
  const [search, names] of [
    ["", ["ann", "Bob", ""]],
    ["bob", ["Bob"]],
    ["10.0.0.1", ["ann", "Bob"]],
    ["guest #dev", ["Bob"]],
    ["2001:DB8", [""]],
    ["json tlsv1.3", ["ann", "Bob", ""]],
    ["nobody", []],
  ] as const
) {
  Deno.test(`a search for "${search}" finds ${names.length} of 3`, () => {
    deepEqual(found(ROWS, search).map(({ name }) => name), names);
  });
}

Deno.test("addresses are in the order of their numbers, IPv4 first", () => {
  const addresses = ["2001:db8::/64", "10.0.0.12", "9.0.0.1", "10.0.0.2"];
  deepEqual(ordered(addresses, addressKey, "ascending"), [
    "9.0.0.1",
    "10.0.0.2",
    "10.0.0.12",
    "2001:db8::/64",
  ]);
});
