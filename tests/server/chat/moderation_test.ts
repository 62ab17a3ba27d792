import {
  deepStrictEqual as deepEqual,
  match,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert/strict";
import { mock } from "node:test";
import type { Actor } from "../../../server/accounts/audit_trail.ts";
import type { Role } from "../../../server/accounts/roles.ts";
import type { Ban, BanTarget } from "../../../server/chat/ban_list.ts";
import type { Visitor } from "../../../server/chat/bans_in_force.ts";
import type { Lockdown, LockdownMode } from "../../../server/chat/lockdown.ts";
import { type Measure, Moderation, targetOf } from "../../../server/chat/moderation.ts";
import {
  banNotFound,
  noLockdown,
  notBanned,
  notMuted,
  notStored,
  Refusal,
} from "../../../server/refusals.ts";
import { deedsOf } from "../../suites/audit_trail.ts";
import { banOf } from "../../suites/ban_store.ts";
import { MemoryAudit } from "../../support/memory_audit.ts";
import { MemoryBans } from "../../support/memory_bans.ts";
import { MemoryLockdowns } from "../../support/memory_lockdowns.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** When all of this happens. */
const START = new Date("2026-02-03T04:05:00Z");

const mo: Actor = { name: "mo", address: "203.0.113.9" };

const onAnn: BanTarget = { type: "account", account: "ann's id", name: "ann" };
const onEve: BanTarget = { type: "guest", name: "eve4821", network: "192.0.2.7" };
const onEve6: BanTarget = { type: "guest", name: "eve4821", network: "2001:db8::/64" };
const onNetwork: BanTarget = { type: "network", network: "192.0.2.0/24" };

Deno.test("a ban hits whom it is on, and nobody else", async () => {
  const cases: readonly (readonly [BanTarget, Visitor, "banned" | "admitted"])[] = [
    [onAnn, account("ann"), "banned"],
    [onAnn, account("ann", { address: "198.51.100.1" }), "banned"],
    [onAnn, account("ann", { role: "admin" }), "banned"],
    [onAnn, { ...account("ann"), name: "renamed" }, "banned"],
    [onAnn, account("bob"), "admitted"],
    [onAnn, guest("ann"), "admitted"],
    [onEve, guest("eve4821", "198.51.100.1"), "banned"],
    [onEve, guest("EVE4821", "198.51.100.1"), "banned"],
    [onEve, guest("еvе4821", "198.51.100.1"), "banned"], // in Cyrillic
    [onEve, guest("zoe1234", "192.0.2.7"), "banned"],
    [onEve, guest("zoe1234", "::ffff:192.0.2.7"), "banned"],
    [onEve, guest("zoe1234", "192.0.2.8"), "admitted"],
    [onEve, guest("eve4822", "198.51.100.1"), "admitted"],
    [onEve, account("eve4821", { address: "192.0.2.7" }), "admitted"],
    [onEve6, guest("zoe1234", "2001:db8::ffff:1"), "banned"],
    [onEve6, guest("zoe1234", "2001:db8:0:1::1"), "admitted"],
    [{ ...onEve, network: undefined }, guest("eve4821", "192.0.2.7"), "banned"],
    [{ ...onEve, network: undefined }, guest("zoe1234", "192.0.2.7"), "admitted"],
    [onNetwork, guest("zoe1234", "192.0.2.255"), "banned"],
    [onNetwork, account("ann", { address: "::ffff:192.0.2.1" }), "banned"],
    [onNetwork, account("ann", { address: "192.0.2.1", role: "moderator" }), "banned"],
    [onNetwork, account("ann", { address: "192.0.2.1", role: "admin" }), "admitted"],
    [onNetwork, guest("zoe1234", "192.0.3.0"), "admitted"],
    [onNetwork, guest("zoe1234", "2001:db8::1"), "admitted"],
  ];
  for (const [target, visitor, fate] of cases) {
    using opened = await open();
    const { moderation } = opened;
    await moderation.ban(mo, { target, reason: "" });
    await moderation.mute(mo, { target, reason: "" });
    const what = `${JSON.stringify(target)} ${JSON.stringify(visitor)}`;
    equal(codeOf(() => moderation.checkMayEnter(visitor)), fate === "banned" ? "banned" : "", what);
    equal(codeOf(() => moderation.checkMaySpeak(visitor)), fate === "banned" ? "muted" : "", what);
  }
});

Deno.test("a door that knows the address alone refuses banned networks alone", async () => {
  using opened = await open();
  const { moderation } = opened;
  for (const target of [onAnn, onEve, onNetwork]) await moderation.ban(mo, { target, reason: "" });
  await moderation.mute(mo, { target: { type: "network", network: "198.51.100.0/24" }, reason: "" });
  throws(() => moderation.checkAddress("192.0.2.1"), { code: "banned" });
  throws(() => moderation.checkAddress("::ffff:192.0.2.1"), { code: "banned" });
  moderation.checkAddress("198.51.100.1");
  await moderation.lift(mo, "ban", { text: "192.0.2.0/24" });
  moderation.checkAddress("192.0.2.7");
});

Deno.test("a ban says from where, until when and why", async () => {
  const cases: readonly (readonly [Partial<Measure>, string])[] = [
    [{}, "You are banned from this server."],
    [{ reason: "spam" }, "You are banned from this server: spam."],
    [{ reason: " Go away! " }, "You are banned from this server: Go away!"],
    [{ until: later(10 * MINUTE_MS) }, "You are banned from this server until 2026-02-03 04:15 UTC."],
    [{ until: later(1) }, "You are banned from this server until 2026-02-03 04:06 UTC."],
    [
      { until: later(400 * DAY_MS), reason: "spam." },
      "You are banned from this server until 2027-03-10 04:05 UTC: spam.",
    ],
    [{ room: "garden", reason: "weeds" }, "You are banned from #garden: weeds."],
  ];
  for (const [measure, sentence] of cases) {
    using opened = await open();
    const { moderation } = opened;
    await moderation.ban(mo, { target: onAnn, reason: "", ...measure });
    const { room } = measure;
    const check = () =>
      room === undefined
        ? moderation.checkMayEnter(account("ann"))
        : moderation.checkMayJoin(account("ann"), room);
    throws(check, { code: "banned", message: sentence });
  }
});

Deno.test("a mute says where, until when and why, and to programs in how many seconds it is over", async () => {
  const cases: readonly (readonly [Partial<Measure>, string, number | undefined])[] = [
    [{}, "You are muted.", undefined],
    [{ reason: "caps" }, "You are muted: caps.", undefined],
    [{ until: later(10 * MINUTE_MS), reason: "caps" }, "You are muted until 04:15 UTC: caps.", 600],
    [{ until: later(1) }, "You are muted until 04:06 UTC.", 1],
    [{ until: later(23 * HOUR_MS) }, "You are muted until 03:05 UTC.", 82_800],
    [{ until: later(DAY_MS) }, "You are muted until 2026-02-04 04:05 UTC.", 86_400],
    [{ room: "garden", until: later(HOUR_MS) }, "You are muted in #garden until 05:05 UTC.", 3_600],
  ];
  for (const [measure, sentence, retryAfterSeconds] of cases) {
    using opened = await open();
    const { moderation } = opened;
    await moderation.mute(mo, { target: onAnn, reason: "", ...measure });
    throws(() => moderation.checkMaySpeak(account("ann"), measure.room), {
      code: "muted",
      message: sentence,
      retryAfterSeconds,
    });
  }
});

Deno.test("what holds in a room holds there alone, what holds in the server everywhere", async () => {
  using opened = await open();
  const { moderation } = opened;
  const [ann, bob] = [account("ann"), account("bob")];
  await moderation.ban(mo, { target: onAnn, room: "garden", reason: "" });
  await moderation.mute(mo, { target: onAnn, room: "garden", reason: "" });
  await moderation.mute(mo, { target: targetOf(bob), reason: "" });
  throws(() => moderation.checkMayJoin(ann, "garden"), { code: "banned" });
  throws(() => moderation.checkMaySpeak(ann, "garden"), { code: "muted" });
  moderation.checkMayEnter(ann);
  moderation.checkMayJoin(ann, "lobby");
  moderation.checkMayJoin(bob, "garden");
  moderation.checkMaySpeak(ann, "lobby");
  moderation.checkMaySpeak(ann);
  for (const room of ["garden", "lobby", undefined]) {
    throws(() => moderation.checkMaySpeak(bob, room), { code: "muted" });
  }
});

Deno.test("a ban is over when its time has come, and not before", async () => {
  using opened = await open();
  const { moderation, clock } = opened;
  await moderation.ban(mo, { target: onAnn, until: later(MINUTE_MS), reason: "" });
  await moderation.mute(mo, { target: onAnn, until: later(MINUTE_MS), reason: "" });
  clock.ms += MINUTE_MS - 1;
  throws(() => moderation.checkMayEnter(account("ann")), { code: "banned" });
  throws(() => moderation.checkMaySpeak(account("ann")), { code: "muted" });
  clock.ms += 1;
  moderation.checkMayEnter(account("ann"));
  moderation.checkMaySpeak(account("ann"));
  deepEqual(moderation.list(), []);
  await rejects(moderation.lift(mo, "ban", { text: "ann" }), notBanned(undefined));
});

Deno.test("of several bans that hit somebody the one that lasts longest is told", async () => {
  using opened = await open();
  const { moderation } = opened;
  await moderation.ban(mo, { target: onEve, until: later(HOUR_MS), reason: "an hour" });
  await moderation.ban(mo, { target: onNetwork, until: later(DAY_MS), reason: "a day" });
  const eve = guest("eve4821", "192.0.2.7");
  throws(() => moderation.checkMayEnter(eve), /: a day\./);
  await moderation.lift(mo, "ban", { text: "192.0.2.0/24" });
  throws(() => moderation.checkMayEnter(eve), /: an hour\./);
});

Deno.test("bans that have a name or a network in common end one by one", async () => {
  using opened = await open();
  const { moderation } = opened;
  const onZoe: BanTarget = { type: "guest", name: "zoe1234", network: "192.0.2.7" };
  const other: BanTarget = { type: "network", network: "198.51.100.0/24" };
  for (const target of [onEve, onZoe, onNetwork, other]) await moderation.ban(mo, { target, reason: "" });
  await moderation.lift(mo, "ban", { text: "192.0.2.0/24" });
  throws(() => moderation.checkAddress("198.51.100.1"), { code: "banned" });
  await moderation.lift(mo, "ban", { text: "eve4821" });
  throws(() => moderation.checkMayEnter(guest("kim0001", "192.0.2.7")), { code: "banned" });
  moderation.checkMayEnter(guest("eve4821", "203.0.113.1"));
  await moderation.lift(mo, "ban", { text: "zoe1234" });
  moderation.checkMayEnter(guest("kim0001", "192.0.2.7"));
});

Deno.test("a second ban on the same target replaces the first, also in the store", async () => {
  const again: readonly (readonly [BanTarget, BanTarget])[] = [
    [onAnn, { ...onAnn, name: "renamed" }],
    [onEve, { ...onEve, name: "EVE4821", network: "198.51.100.1" }],
    [onNetwork, onNetwork],
  ];
  for (const [first, second] of again) {
    using opened = await open();
    const { moderation, bans, clock } = opened;
    await moderation.mute(mo, { target: first, reason: "muted" });
    await moderation.ban(mo, { target: first, reason: "first" });
    await moderation.ban(mo, { target: { type: "network", network: "10.0.0.0/8" }, reason: "another" });
    clock.ms += 1;
    await moderation.ban(mo, { target: second, until: later(HOUR_MS), reason: "second" });
    deepEqual(moderation.list("ban").map(({ reason }) => reason), ["another", "second"]);
    deepEqual(moderation.list("mute").map(({ reason }) => reason), ["muted"]);
    using next = await opened.openAgain();
    deepEqual(next.moderation.list("ban").map(({ reason }) => reason), ["another", "second"]);
    equal((await Array.fromAsync(bans.list())).length, 3);
  }
});

Deno.test("two who ban the same target at once make one ban", async () => {
  using opened = await open();
  const { moderation } = opened;
  const decided = await Promise.all(
    ["one", "two", "three"].map((reason) => moderation.ban(mo, { target: onAnn, reason })),
  );
  equal(new Set(decided.map(({ id }) => id)).size, 1);
  deepEqual((await Array.fromAsync(opened.bans.list())).map(({ reason }) => reason), ["three"]);
  equal((await opened.audit.latest(10)).length, 3);
});

Deno.test("a ban is lifted by name, address, network or number", async () => {
  const cases: readonly (readonly [BanTarget, string])[] = [
    [onAnn, "ann"],
    [onAnn, "ANN"],
    [onAnn, "1"],
    [onEve, "Eve4821"],
    [{ type: "guest", name: "192.0.2.7", network: undefined }, "192.0.2.7"],
    [{ type: "network", network: "192.0.2.7/32" }, "192.0.2.7"],
    [{ type: "network", network: "192.0.2.7/32" }, "::ffff:192.0.2.7"],
    [onNetwork, "192.0.2.99/24"],
    [{ type: "network", network: "2001:db8::/32" }, "2001:DB8:1::/32"],
    [{ type: "network", network: "2001:db8::/32" }, "1"],
  ];
  for (const [target, text] of cases) {
    using opened = await open();
    const { moderation } = opened;
    const imposed = await moderation.ban(mo, { target, reason: "" });
    deepEqual(await moderation.lift(mo, "ban", { text }), imposed, text);
    deepEqual(moderation.list(), []);
    deepEqual(await Array.fromAsync(opened.bans.list()), []);
  }
});

Deno.test("bans and mutes of everywhere are listed together, and each is lifted by its id", async () => {
  using opened = await open();
  const { moderation } = opened;
  const imposed = [
    await moderation.ban(mo, { target: onAnn, reason: "" }),
    await moderation.mute(mo, { target: onEve, room: "garden", reason: "" }),
    await moderation.ban(mo, { target: onNetwork, reason: "" }),
    await moderation.ban(mo, { target: onAnn, room: "den", reason: "" }),
  ];
  deepEqual(moderation.listAll(), imposed);
  for (const { id } of imposed) {
    deepEqual(moderation.findById(id)?.id, id);
    await moderation.liftById(mo, id);
    equal(moderation.findById(id), undefined);
    await rejects(moderation.liftById(mo, id), banNotFound());
  }
  deepEqual([moderation.listAll(), await Array.fromAsync(opened.bans.list())], [[], []]);
  deepEqual(deedsOf(await opened.audit.latest(4)).map(({ what, whom }) => `${what} ${whom}`), [
    "unban ann in #den",
    "unban 192.0.2.0/24",
    "unmute eve4821 in #garden",
    "unban ann",
  ]);
});

Deno.test("what is not banned or muted there cannot be lifted", async () => {
  using opened = await open();
  const { moderation } = opened;
  await moderation.ban(mo, { target: onAnn, reason: "" });
  await moderation.ban(mo, { target: onNetwork, reason: "" });
  await moderation.mute(mo, { target: onEve, room: "garden", reason: "" });
  for (
    const text of ["", "bob", "ann's id", "0", "3", "9", "192.0.2.7", "192.0.2.0/25", "mo", "x".repeat(5_000)]
  ) {
    await rejects(moderation.lift(mo, "ban", { text }), notBanned(undefined), text);
  }
  await rejects(moderation.lift(mo, "mute", { text: "ann" }), notMuted(undefined));
  await rejects(moderation.lift(mo, "mute", { text: "eve4821" }), notMuted(undefined));
  await rejects(moderation.lift(mo, "ban", { text: "ann", room: "garden" }), notBanned("garden"));
  await rejects(moderation.lift(mo, "mute", { text: "eve4821", room: "lobby" }), notMuted("lobby"));
  match(notBanned("garden").message, /banned from #garden\. \/bans lists them\.$/);
  match(notMuted(undefined).message, / is muted\. \/bans lists them\.$/);
  equal(moderation.list().length, 2);
  equal((await opened.audit.latest(10)).length, 3);
});

Deno.test("a name comes before a number", async () => {
  using opened = await open();
  const { moderation } = opened;
  await moderation.ban(mo, { target: onAnn, reason: "" });
  await moderation.ban(mo, { target: { type: "account", account: "x", name: "1" }, reason: "" });
  equal((await moderation.lift(mo, "ban", { text: "1" })).number, 2);
  equal((await moderation.lift(mo, "ban", { text: "1" })).number, 1);
});

Deno.test("the list is in the order of the decisions, and its numbers stay", async () => {
  using opened = await open();
  const { moderation } = opened;
  const shown = (...asked: Parameters<Moderation["list"]>) =>
    moderation.list(...asked).map(({ number, kind, target }) => `${number} ${kind} ${target.type}`);
  await moderation.ban(mo, { target: onAnn, reason: "" });
  await moderation.mute(mo, { target: onEve, reason: "" });
  await moderation.ban(mo, { target: onEve, room: "garden", reason: "" });
  await moderation.ban(mo, { target: onNetwork, reason: "" });
  deepEqual(shown(), ["1 ban account", "2 mute guest", "4 ban network"]);
  deepEqual(shown("ban"), ["1 ban account", "4 ban network"]);
  deepEqual(shown("mute"), ["2 mute guest"]);
  deepEqual(shown(undefined, "garden"), ["3 ban guest"]);
  deepEqual(shown("mute", "garden"), []);
  deepEqual(shown(undefined, "lobby"), []);
  await moderation.lift(mo, "ban", { text: "1" });
  await moderation.ban(mo, { target: onNetwork, reason: "replaced" });
  await moderation.ban(mo, { target: onAnn, reason: "" });
  deepEqual(shown(), ["2 mute guest", "4 ban network", "5 ban account"]);
});

Deno.test("bans, mutes and the lockdown outlive the server, but for what is over by then", async () => {
  using opened = await open();
  const { moderation, clock } = opened;
  await moderation.ban(mo, { target: onNetwork, until: later(HOUR_MS), reason: "" });
  await moderation.ban(mo, { target: onAnn, reason: "for good" });
  await moderation.mute(mo, { target: onEve, room: "garden", until: later(DAY_MS), reason: "" });
  await moderation.lockDown(mo, { mode: "no-guests", minutes: 120 });
  clock.ms += HOUR_MS;
  using next = await opened.openAgain();
  next.moderation.checkAddress("192.0.2.1");
  throws(() => next.moderation.checkMayEnter(account("ann")), { code: "banned" });
  throws(() => next.moderation.checkMaySpeak(guest("eve4821"), "garden"), { code: "muted" });
  deepEqual(next.moderation.lockdown, moderation.lockdown);
  clock.ms += HOUR_MS;
  using last = await opened.openAgain();
  equal(last.moderation.lockdown, undefined);
});

Deno.test("a room that is no more takes its bans along", async () => {
  using opened = await open();
  const { moderation } = opened;
  await moderation.ban(mo, { target: onAnn, room: "garden", reason: "" });
  await moderation.mute(mo, { target: onAnn, room: "garden", reason: "" });
  await moderation.mute(mo, { target: onAnn, room: "yard", reason: "" });
  await moderation.ban(mo, { target: onAnn, reason: "" });
  await moderation.forgetRoom("garden");
  await moderation.forgetRoom("nowhere");
  deepEqual(moderation.list(undefined, "garden"), []);
  moderation.checkMayJoin(account("ann"), "garden");
  moderation.checkMaySpeak(account("ann"), "garden");
  deepEqual((await Array.fromAsync(opened.bans.list())).map(({ room }) => room), ["yard", undefined]);
});

Deno.test("every deed is in the audit trail: who, what, whom, why and from where", async () => {
  using opened = await open();
  const { moderation, audit } = opened;
  await moderation.ban(mo, { target: onAnn, until: later(HOUR_MS), reason: "spam" });
  await moderation.ban(mo, { target: onNetwork, reason: "" });
  await moderation.mute(mo, { target: onEve, room: "garden", until: later(HOUR_MS), reason: "" });
  await moderation.lift(mo, "ban", { text: "ANN" });
  await moderation.lift(mo, "mute", { text: "eve4821", room: "garden" });
  await moderation.lockDown(mo, { mode: "read-only", minutes: 5 });
  await moderation.endLockdown(mo);
  await moderation.record(mo, { what: "kick", whom: "bob", why: "rude" });
  deepEqual(
    deedsOf(await audit.latest(100)).reverse(),
    [
      ["ban", "ann", "spam (until 2026-02-03T05:05:00.000Z)"],
      ["ban", "192.0.2.0/24", ""],
      ["mute", "eve4821 in #garden", "(until 2026-02-03T05:05:00.000Z)"],
      ["unban", "ann", ""],
      ["unmute", "eve4821 in #garden", ""],
      ["lockdown", "", "read-only (until 2026-02-03T04:10:00.000Z)"],
      ["reopen", "", ""],
      ["kick", "bob", "rude"],
    ].map(([what, whom, why]) => ({ who: "mo", what, whom, why, from: "203.0.113.9" })),
  );
});

for (const store of ["audit", "bans", "lockdowns"] as const) {
  Deno.test(`where the store of the ${store} refuses, nothing changes`, async () => {
    using opened = await open();
    const { moderation } = opened;
    await moderation.ban(mo, { target: onAnn, reason: "before" });
    await moderation.lockDown(mo, { mode: "no-guests", minutes: 5 });
    const before = [moderation.list(), moderation.lockdown];
    opened[store].failing = true;
    const deeds = {
      audit: () => moderation.record(mo, { what: "kick", whom: "bob", why: "" }),
      bans: () => moderation.ban(mo, { target: onAnn, reason: "after" }),
      more: () => moderation.mute(mo, { target: onEve, reason: "" }),
      lifting: () => moderation.lift(mo, "ban", { text: "ann" }),
      lockdowns: () => moderation.lockDown(mo, { mode: "read-only", minutes: 5 }),
      opening: () => moderation.endLockdown(mo),
    };
    const asked = {
      audit: Object.values(deeds),
      bans: [deeds.bans, deeds.more, deeds.lifting],
      lockdowns: [deeds.lockdowns, deeds.opening],
    };
    for (const deed of asked[store]) await rejects(deed(), notStored());
    deepEqual([moderation.list(), moderation.lockdown], before);
    opened[store].failing = false;
    await moderation.lift(mo, "ban", { text: "ann" });
    await moderation.endLockdown(mo);
  });
}

Deno.test("there are so many bans and no more, of the server and of each room", async () => {
  using before = await open();
  const target = (index: number): BanTarget => ({ type: "account", account: `${index}`, name: `n${index}` });
  const places = [[undefined, 10_000], ["garden", 1_000], ["yard", 1_000]] as const;
  for (const [room, most] of places) {
    for (let index = 0; index < most; index++) {
      const kind = index % 2 === 0 ? "ban" : "mute";
      const until = index === 0 ? later(HOUR_MS) : undefined;
      await before.bans.add(banOf(`${room} ${index}`, { kind, target: target(index), room, until }));
    }
  }
  using opened = await before.openAgain();
  const { moderation, clock } = opened;
  for (const [room, most] of places) {
    const where = room === undefined ? "" : ` in #${room}`;
    await rejects(moderation.ban(mo, { target: target(most), room, reason: "" }), {
      code: "too_many_bans",
      message: `There are ${most} bans and mutes${where} already, which is the limit; lift one first.`,
    });
    await moderation.ban(mo, { target: target(2), room, reason: "replaced" });
  }
  clock.ms += HOUR_MS;
  for (const [room, most] of places) await moderation.ban(mo, { target: target(most), room, reason: "" });
});

Deno.test("a reason is at most 200 characters, none of which drives a terminal", async () => {
  using opened = await open();
  const { moderation } = opened;
  for (
    const reason of [
      "x".repeat(201),
      "a\nb",
      "\x1b[31mred",
      "a\x00b",
      "a\x9bb",
      "a\u202eb",
      "a\u2028b",
      "\ud800",
    ]
  ) {
    await rejects(moderation.ban(mo, { target: onAnn, reason }), { code: "bad_reason" }, reason);
    await rejects(moderation.mute(mo, { target: onAnn, reason }), { code: "bad_reason" }, reason);
  }
  equal((await opened.audit.latest(1)).length, 0);
  for (const reason of ["", "x".repeat(200), "😀".repeat(200), "two\twords", "ünïcode 密 👩‍👩‍👧"]) {
    equal((await moderation.ban(mo, { target: onAnn, reason })).reason, reason);
  }
  equal((await moderation.ban(mo, { target: onAnn, reason: " \n spam\r\n" })).reason, "spam");
});

Deno.test("a lockdown keeps out whom its mode says, and says until when", async () => {
  const guests = "Guests are not admitted until 04:35 UTC. /login <username>.";
  const signups = "Sign-up is closed until 04:35 UTC.";
  const speaking = "Only moderators may write until 04:35 UTC; that was not sent.";
  const cases: Record<LockdownMode, { guest?: string; signup?: string; speaking?: string }> = {
    "no-signups": { signup: signups },
    "no-guests": { guest: guests },
    "accounts-only": { guest: guests, signup: signups },
    "read-only": { speaking },
  };
  for (const [mode, expected] of Object.entries(cases)) {
    using opened = await open();
    const { moderation, clock } = opened;
    await moderation.lockDown(mo, { mode: mode as LockdownMode, minutes: 30 });
    const checks = {
      guest: () => moderation.checkMayEnter(guest("eve4821")),
      signup: () => moderation.checkMaySignUp({ name: "zoe", address: "192.0.2.200" }),
      speaking: () => moderation.checkMaySpeak(account("ann"), "lobby"),
      member: () => moderation.checkMayEnter(account("ann")),
      moderator: () => moderation.checkMaySpeak(account("max", { role: "moderator" }), "lobby"),
      admin: () => moderation.checkMaySpeak(account("adam", { role: "admin" })),
    };
    const said = Object.entries(checks).map(([what, check]) => [what, sentenceOf(check)]);
    deepEqual(Object.fromEntries(said.filter(([, sentence]) => sentence !== "")), expected, mode);
    equal(sentenceOf(() => moderation.checkMaySpeak(guest("eve4821"))), expected.speaking ?? "", mode);
    clock.ms += 30 * MINUTE_MS;
    for (const check of Object.values(checks)) check();
    equal(moderation.lockdown, undefined);
  }
});

Deno.test("a lockdown lasts from a minute to a week", async () => {
  using opened = await open();
  const { moderation } = opened;
  for (const minutes of [0, -5, 10_081, 1.5, NaN, Infinity]) {
    await rejects(moderation.lockDown(mo, { mode: "no-guests", minutes }), {
      code: "bad_minutes",
      message: "A lockdown lasts 1 to 10080 minutes.",
    });
  }
  equal(moderation.lockdown, undefined);
  equal((await opened.audit.latest(1)).length, 0);
  for (const minutes of [1, 10_080]) {
    const lockdown: Lockdown = { mode: "no-guests", until: later(minutes * MINUTE_MS), by: "mo" };
    deepEqual(await moderation.lockDown(mo, { mode: "no-guests", minutes }), lockdown);
    deepEqual(moderation.lockdown, lockdown);
  }
});

Deno.test("a lockdown that ends by itself is announced, once, however the clock jumps", async () => {
  using opened = await open();
  using timers = fakeTimers();
  const { moderation, clock } = opened;
  const ended: Lockdown[] = [];
  moderation.onLockdownEnd((lockdown) => ended.push(lockdown));
  const lockdown = await moderation.lockDown(mo, { mode: "no-guests", minutes: 1 });
  clock.ms -= DAY_MS;
  timers.tick(2 * MINUTE_MS);
  deepEqual([ended, moderation.lockdown], [[], lockdown]);
  clock.ms += DAY_MS + MINUTE_MS - 1;
  timers.tick(1_000);
  deepEqual(ended, []);
  clock.ms += 1;
  timers.tick(1);
  deepEqual([ended, moderation.lockdown], [[lockdown], undefined]);
  clock.ms += DAY_MS;
  timers.tick(MINUTE_MS);
  deepEqual(ended, [lockdown]);
  await rejects(moderation.endLockdown(mo), noLockdown());
});

Deno.test("a lockdown that was ended, or replaced, or whose server was stopped is not announced", async () => {
  using opened = await open();
  using timers = fakeTimers();
  const { moderation, clock } = opened;
  const ended: LockdownMode[] = [];
  moderation.onLockdownEnd(({ mode }) => ended.push(mode));
  const passMinute = () => {
    clock.ms += MINUTE_MS;
    timers.tick(MINUTE_MS);
  };
  await moderation.lockDown(mo, { mode: "no-guests", minutes: 1 });
  await moderation.endLockdown(mo);
  equal(moderation.lockdown, undefined);
  equal(await opened.lockdowns.find(), undefined);
  passMinute();
  await moderation.lockDown(mo, { mode: "no-signups", minutes: 1 });
  await moderation.lockDown(mo, { mode: "read-only", minutes: 2 });
  passMinute();
  deepEqual(ended, []);
  passMinute();
  deepEqual(ended, ["read-only"]);
  await moderation.lockDown(mo, { mode: "accounts-only", minutes: 1 });
  moderation[Symbol.dispose]();
  passMinute();
  deepEqual(ended, ["read-only"]);
});

Deno.test("a lockdown from before a restart is announced when it ends, but not one that was over", async () => {
  using opened = await open();
  using timers = fakeTimers();
  await opened.moderation.lockDown(mo, { mode: "no-guests", minutes: 1 });
  const ended: LockdownMode[] = [];
  using next = await opened.openAgain();
  next.moderation.onLockdownEnd(({ mode }) => ended.push(mode));
  opened.clock.ms += MINUTE_MS;
  timers.tick(MINUTE_MS);
  deepEqual(ended, ["no-guests"]);
  using last = await opened.openAgain();
  last.moderation.onLockdownEnd(({ mode }) => ended.push(mode));
  timers.tick(MINUTE_MS);
  deepEqual(ended, ["no-guests"]);
});

Deno.test("an account is banned as such, a guest by name and by network", () => {
  const cases: readonly (readonly [Visitor, BanTarget])[] = [
    [account("ann"), onAnn],
    [guest("eve4821", "192.0.2.7"), onEve],
    [guest("eve4821", "2001:db8::1:2:3:4"), onEve6],
    [guest("eve4821", "::ffff:192.0.2.7"), onEve],
  ];
  for (const [visitor, target] of cases) deepEqual(targetOf(visitor), target);
});

Deno.test("bans of before are taken up in the order of the decisions, whatever their ids", async () => {
  using opened = await open();
  const decided = (ms: number) => new Date(START.getTime() - ms);
  const kept: Ban[] = [
    banOf("1", { target: onNetwork, at: decided(1_000) }),
    banOf("2", { target: onEve, at: decided(3_000) }),
    banOf("3", { target: onAnn, at: decided(2_000) }),
    banOf("4", { kind: "mute", target: onAnn, at: decided(4_000), until: START }),
  ];
  for (const ban of kept) await opened.bans.add(ban);
  using next = await opened.openAgain();
  deepEqual(next.moderation.list().map(({ id, number }) => [id, number]), [["2", 1], ["3", 2], ["1", 3]]);
});

interface OpenModeration extends Disposable {
  readonly moderation: Moderation;
  readonly clock: { ms: number };
  readonly bans: MemoryBans;
  readonly audit: MemoryAudit;
  readonly lockdowns: MemoryLockdowns;
  /** Opens what is kept once more, as after a restart. */
  openAgain(): Promise<OpenModeration>;
}

async function open(
  kept: Omit<OpenModeration, "moderation" | "openAgain" | typeof Symbol.dispose> = {
    clock: { ms: START.getTime() },
    bans: new MemoryBans(),
    audit: new MemoryAudit(),
    lockdowns: new MemoryLockdowns(),
  },
): Promise<OpenModeration> {
  const moderation = await Moderation.open({ ...kept, now: () => kept.clock.ms });
  return {
    ...kept,
    moderation,
    openAgain: () => open(kept),
    [Symbol.dispose]: () => moderation[Symbol.dispose](),
  };
}

function fakeTimers(): Disposable & { tick(ms: number): void } {
  mock.timers.enable({ apis: ["setTimeout"] });
  return { tick: (ms) => mock.timers.tick(ms), [Symbol.dispose]: () => mock.timers.reset() };
}

function account(name: string, others: { address?: string; role?: Role } = {}): Visitor {
  return { account: `${name}'s id`, name, role: "member", address: "203.0.113.1", ...others };
}

function guest(name: string, address = "203.0.113.1"): Visitor {
  return { name, role: "guest", address };
}

function later(ms: number): Date {
  return new Date(START.getTime() + ms);
}

function codeOf(check: () => void): string {
  return refusalOf(check)?.code ?? "";
}

function sentenceOf(check: () => void): string {
  return refusalOf(check)?.message ?? "";
}

function refusalOf(check: () => void): Refusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
