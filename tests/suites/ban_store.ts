import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { Ban, BanStore, BanTarget } from "../../server/chat/ban_list.ts";

/** A store that holds nothing yet, to be disposed of. */
export interface OpenBans extends AsyncDisposable {
  readonly bans: BanStore;
}

/** A ban on an account, for good, unless something else is said. */
export function banOf(id: string, others: Partial<Ban> = {}): Ban {
  return {
    id,
    kind: "ban",
    target: { type: "account", account: "ann's id", name: "ann" },
    room: undefined,
    until: undefined,
    reason: "spam",
    by: "mo",
    at: new Date("2026-02-03T04:05:06.789Z"),
    ...others,
  };
}

/** What every store of bans must do. */
export function testBanStore(name: string, open: () => Promise<OpenBans>): void {
  Deno.test(`${name} gives back bans as they were kept, in the order of their ids`, async () => {
    await using opened = await open();
    const targets: BanTarget[] = [
      { type: "account", account: "ann's id", name: "ann" },
      { type: "guest", name: "Élise4821", network: "2001:db8::/64" },
      { type: "guest", name: "bob0001", network: undefined },
      { type: "network", network: "192.0.2.0/24" },
    ];
    const kept = [
      ...targets.map((target, index) => banOf(`${index}`, { target })),
      banOf("4", { kind: "mute", room: "garden", reason: "" }),
      banOf("5", { until: new Date("2099-01-01T00:00:00.001Z") }),
    ];
    for (const ban of kept.toReversed()) await opened.bans.add(ban);
    deepEqual(await Array.fromAsync(opened.bans.list()), kept);
  });

  Deno.test(`${name} gives a ban the place of the one with its id`, async () => {
    await using opened = await open();
    await opened.bans.add(banOf("1", { until: new Date("2099-01-01") }));
    await opened.bans.add(banOf("2"));
    await opened.bans.add(banOf("1", { reason: "for good now" }));
    deepEqual(await Array.fromAsync(opened.bans.list()), [
      banOf("1", { reason: "for good now" }),
      banOf("2"),
    ]);
  });

  Deno.test(`${name} forgets what is removed, and nothing else`, async () => {
    await using opened = await open();
    for (const id of ["1", "2", "3"]) await opened.bans.add(banOf(id));
    await opened.bans.remove("2");
    await opened.bans.remove("9");
    deepEqual(await Array.fromAsync(opened.bans.list()), [banOf("1"), banOf("3")]);
  });
}
