import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { ConnectionLimit } from "../../../server/transport/connection_limit.ts";

const ANY = { maxConnections: 0, connectionsPerAddress: 0, newConnectionsPerMinute: 0 };
const FULL = "Server is full.";
const TOO_MANY = "Too many connections from your address.";

Deno.test("there are as many connections as are allowed, and not one more until one ends", () => {
  const limit = new ConnectionLimit({ ...ANY, maxConnections: 3 });
  deepEqual(admitted(limit, ["192.0.2.1", "192.0.2.2", "127.0.0.1", "192.0.2.3", "::1"]), [
    undefined,
    undefined,
    undefined,
    FULL,
    FULL,
  ]);
  limit.release("192.0.2.2");
  deepEqual(admitted(limit, ["192.0.2.3", "192.0.2.2"]), [undefined, FULL]);
});

Deno.test("an address has as many as it may have, and not one more until one ends", () => {
  const limit = new ConnectionLimit({ ...ANY, connectionsPerAddress: 2 });
  deepEqual(admitted(limit, ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"]), [
    undefined,
    undefined,
    TOO_MANY,
    undefined,
  ]);
  limit.release("192.0.2.1");
  deepEqual(admitted(limit, ["192.0.2.1", "192.0.2.1"]), [undefined, TOO_MANY]);
});

Deno.test("an address is an IPv4 address, however it is written, or an IPv6 /64", () => {
  const same = [
    ["192.0.2.1", "::ffff:192.0.2.1"],
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"],
    ["fe80::1%eth0", "fe80::2%eth0"],
  ];
  const others = [["192.0.2.1", "192.0.2.2"], ["2001:db8:1:2::1", "2001:db8:1:3::1"]];
  for (const [refused, pairs] of [[TOO_MANY, same], [undefined, others]] as const) {
    for (const pair of pairs) {
      const limit = new ConnectionLimit({ ...ANY, connectionsPerAddress: 1 });
      deepEqual(admitted(limit, pair), [undefined, refused], pair.join(" and "));
    }
  }
});

Deno.test("an address opens as many in a minute as it may, whether or not they stay", () => {
  const clock = { ms: 0 };
  const limit = new ConnectionLimit({ ...ANY, newConnectionsPerMinute: 3 }, () => clock.ms);
  for (let visit = 0; visit < 3; visit++) {
    equal(limit.admit("192.0.2.1"), undefined);
    limit.release("192.0.2.1");
    clock.ms += 10_000;
  }
  const refusal = limit.admit("192.0.2.1");
  equal(
    refusal?.message,
    `${TOO_MANY}\nThe limit is 3 new ones a minute; try again in 30 s.`,
  );
  equal(refusal?.retryAfterSeconds, 30);
  equal(limit.admit("192.0.2.2"), undefined);
  clock.ms = 59_999;
  equal(firstLine(limit.admit("192.0.2.1")), TOO_MANY);
  clock.ms = 60_000;
  deepEqual(admitted(limit, ["192.0.2.1", "192.0.2.1"]), [undefined, TOO_MANY]);
});

Deno.test("who is refused because there are too many has opened none", () => {
  const limit = new ConnectionLimit(
    { maxConnections: 2, connectionsPerAddress: 1, newConnectionsPerMinute: 2 },
    () => 0,
  );
  const [ann, bob] = ["192.0.2.1", "192.0.2.2"];
  deepEqual(admitted(limit, [ann, ann, ann, bob, ann]), [undefined, TOO_MANY, TOO_MANY, undefined, FULL]);
  limit.release(ann);
  deepEqual(admitted(limit, [ann, ann]), [undefined, FULL]);
  limit.release(ann);
  equal(
    limit.admit(ann)?.message,
    `${TOO_MANY}\nThe limit is 2 new ones a minute; try again in 60 s.`,
  );
});

Deno.test("loopback opens any number, as far as there is room for all", () => {
  const maxima = { maxConnections: 5, connectionsPerAddress: 1, newConnectionsPerMinute: 1 };
  const limit = new ConnectionLimit(maxima, () => 0);
  deepEqual(
    admitted(limit, ["127.0.0.1", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "127.0.0.1"]),
    [undefined, undefined, undefined, undefined, undefined, FULL],
  );
});

Deno.test("a refusal says which limit it was, and 0 is none", () => {
  const full = new ConnectionLimit({ ...ANY, maxConnections: 1 });
  full.admit("192.0.2.1");
  equal(full.admit("192.0.2.1")?.message, `${FULL}\nIts limit is 1 connections; try again later.`);
  const own = new ConnectionLimit({ ...ANY, connectionsPerAddress: 1 });
  own.admit("192.0.2.1");
  equal(
    own.admit("192.0.2.1")?.message,
    `${TOO_MANY}\nThe limit is 1 at a time; close one, or try again later.`,
  );
  const none = new ConnectionLimit(ANY);
  for (let count = 0; count < 1_000; count++) equal(none.admit("192.0.2.1"), undefined);
});

Deno.test("what may change while the server runs is looked at anew each time", () => {
  const maxima = { maxConnections: 1, connectionsPerAddress: 1, newConnectionsPerMinute: 1 };
  const limit = new ConnectionLimit(maxima, () => 0);
  deepEqual(admitted(limit, ["192.0.2.1", "192.0.2.1"]), [undefined, FULL]);
  maxima.maxConnections = 0;
  deepEqual(admitted(limit, ["192.0.2.1"]), [TOO_MANY]);
  maxima.connectionsPerAddress = 2;
  deepEqual(admitted(limit, ["192.0.2.1"]), [TOO_MANY]);
  maxima.newConnectionsPerMinute = 2;
  deepEqual(admitted(limit, ["192.0.2.1", "192.0.2.1"]), [undefined, TOO_MANY]);
});

Deno.test("whoever comes and goes, there is room for as many as have gone", () => {
  const address = fc.constantFrom("192.0.2.1", "192.0.2.2", "::ffff:192.0.2.2", "127.0.0.1");
  const step = fc.record({ address, leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const limit = new ConnectionLimit({ ...ANY, maxConnections: 6, connectionsPerAddress: 2 });
      const present: string[] = [];
      for (const { address, leaves } of steps) {
        if (leaves && present.includes(address)) {
          limit.release(address);
          present.splice(present.indexOf(address), 1);
          continue;
        }
        const own = present.filter((other) => plain(other) === plain(address)).length;
        const expected = present.length >= 6
          ? FULL
          : own >= 2 && address !== "127.0.0.1"
          ? TOO_MANY
          : undefined;
        equal(firstLine(limit.admit(address)), expected);
        if (expected === undefined) present.push(address);
      }
    }),
    { numRuns: 200 },
  );
});

function plain(address: string): string {
  return address.replace("::ffff:", "");
}

/** The first lines of the refusals, in turn. */
function admitted(limit: ConnectionLimit, addresses: readonly string[]): (string | undefined)[] {
  return addresses.map((address) => firstLine(limit.admit(address)));
}

function firstLine(refusal: Error | undefined): string | undefined {
  return refusal?.message.split("\n")[0];
}
