import { strict as assert } from "node:assert";
import type { Person } from "../support/person.ts";
import { Machine, UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const MAY_NOT = "You may not do that.";
const UTC = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

const MODERATORS = [
  "/kick bob",
  "/kick bob too loud",
  "/mute bob",
  "/mute bob 5m",
  "/unmute bob",
  "/ban bob",
  "/ban 203.0.113.7",
  "/ban 203.0.113.0/24 1d",
  "/ban ::1",
  "/unban bob",
  "/unban 203.0.113.7",
  "/unban 1",
  "/bans",
  "/announce hello",
  "/delete 1",
  "/quiet on",
  "/topic mine",
];

const ADMINS = [
  "/op bob",
  "/op bob admin",
  "/op mona member",
  "/deop bob",
  "/lockdown",
  "/lockdown off",
  "/lockdown 5 no-guests",
  "/audit",
  "/audit 5",
  "/mod bob",
];

Deno.test("who has no power over a thing is told so, whatever their role", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, member] = await server.members("bob", "member");
  const [guest] = await server.guests("guest");
  const mona = await server.moderator("mona");
  for (const person of [bob, member, guest, mona]) await person.catchesUp();
  for (const line of [...MODERATORS, ...ADMINS]) {
    for (const person of [member, guest]) await person.asks(line, MAY_NOT);
  }
  for (const line of ADMINS) await mona.asks(line, MAY_NOT);
  await member.types("that was all");
  await bob.reads("member: that was all"); // and nothing of any of it
});

Deno.test("moderators act on no moderators or admins, and nobody on themselves", async () => {
  await using server = await startServer(...UNLIMITED);
  const mona = await server.moderator("mona");
  const [mike, ada] = [await server.moderator("mike"), await server.admin("ada")];
  for (const person of [mona, mike]) await person.catchesUp();
  for (const deed of ["/kick", "/mute", "/ban"]) {
    for (const name of ["mike", "ADA", "mona"]) await mona.asks(`${deed} ${name}`, MAY_NOT);
    await ada.asks(`${deed} ada`, MAY_NOT);
  }
  await ada.asks("/op ada member", MAY_NOT);
  await ada.asks("/deop ada", MAY_NOT);
  await ada.asks("/mute mona", new RegExp(`^mona is muted until ${UTC}\\.$`));
  await mona.reads(new RegExp(`^You were muted by ada until ${UTC}\\.$`));
  await ada.types("/kick mike");
  await ada.readsUntil("mike was kicked.");
  await mike.reads("You were kicked by ada.");
  assert.equal(await mike.readsToTheEnd(), "");
});

Deno.test("/kick in the lobby ends every connection of somebody, who may come back", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const there = await server.member("bob");
  const [guest] = await server.guests("guest");
  const mona = await server.moderator("mona");
  for (const person of [bob, there, guest]) await person.catchesUp();
  await mona.types("/kick BOB too loud");
  await mona.readsUntil("bob was kicked.");
  for (const connection of [bob, there]) {
    assert.equal(await connection.readsToTheEnd(), "You were kicked by mona: too loud\n");
  }
  await guest.reads("bob has left the chat.");
  await mona.types(`/kick ${guest.name}`);
  await mona.readsUntil(`${guest.name} was kicked.`);
  assert.equal(await guest.readsToTheEnd(), "You were kicked by mona.\n");
  await mona.asks("/kick bob", "User bob not found.");
  await mona.asks("/kick nobody", "User nobody not found.");
  await mona.asks("/kick", "Use: /kick <name> [why]");
  await server.member("bob");
  await mona.reads("bob has joined the chat.");
});

Deno.test("a moderator who is muted lifts that no more than what was decided about other moderators", async () => {
  await using server = await startServer(...UNLIMITED);
  const [mona, max] = [await server.moderator("mona"), await server.moderator("max")];
  const root = await server.admin("root");
  for (const name of ["mona", "max"]) {
    await root.asks(`/mute ${name} 1h`, new RegExp(`^${name} is muted until`));
  }
  for (const moderator of [mona, max]) await moderator.catchesUp();
  await mona.asks("/unmute mona", "You may not do that.");
  await mona.asks("/unmute max", "You may not do that.");
  await root.asks("/unmute mona", "mona is muted no longer.");
  await mona.asks("/unmute max", "You may not do that.");
});

Deno.test("who is muted reads and does not speak, anywhere, over reconnect and restart, until it is lifted", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, ann] = await server.members("bob", "ann");
  const mona = await server.moderator("mona");
  for (const person of [bob, ann]) await person.catchesUp();
  await ann.asks("/@ bob psst", "Private message to bob: psst");
  await bob.reads("Private message from ann: psst");
  await mona.asks("/mute bob 1h drums", new RegExp(`^bob is muted until ${UTC}\\.$`));
  await bob.reads(new RegExp(`^You were muted by mona until ${UTC}: drums$`));
  const muted = /^You are muted until \d\d:\d\d UTC: drums\.$/;
  await bob.asks("/join #bobs", "You are in #bobs.", /^Users/);
  for (
    const line of [
      "hello",
      "/me drums",
      "/say hello",
      "/@ ann hi",
      "/r hi",
      "//slash",
      "/topic x",
      "/invite ann",
    ]
  ) {
    await bob.asks(line, muted);
  }
  await ann.types("can you read this?");
  await bob.reads("#lobby ann: can you read this?");
  await bob.leaves();
  const again = await server.member("bob");
  await again.readsUntil("ann: can you read this?");
  await again.asks("hello", muted);
  await server.restart();
  const later = await server.member("bob");
  await later.readsUntil("ann: can you read this?");
  await later.asks("hello", muted);
  const back = await server.member("mona");
  await back.readsUntil("ann: can you read this?");
  await back.asks("/unmute nobody", "No such name, address or number is muted. /bans lists them.");
  await back.asks("/unmute BOB", "bob is muted no longer.");
  await back.asks("/unmute bob", "No such name, address or number is muted. /bans lists them.");
  await later.types("hello");
  await back.reads("bob: hello");
});

Deno.test("a mute lasts ten minutes unless it is said how long; what is no time is refused", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("bob");
  const mona = await server.moderator("mona");
  const lasts: [rest: string, minutes: number, why?: string][] = [
    ["", 10],
    ["1m", 1],
    ["90M", 90],
    ["2h spam", 120, "spam"],
    ["1d", 1_440],
    ["2w 3 times", 20_160, "3 times"],
    ["3 times", 10, "3 times"],
  ];
  for (const [rest, minutes, why] of lasts) {
    const earliest = Date.now() + minutes * 60_000;
    await mona.types(`/mute bob ${rest}`);
    const [, until] = /^bob is muted until (.+) UTC\.$/.exec(await mona.readsLine()) ?? [];
    const lateMs = new Date(`${until!.replace(" ", "T")}Z`).getTime() - earliest;
    assert.ok(lateMs >= 0 && lateMs <= 61_000, `${rest}: ${lateMs} ms late`);
    await mona.types("/bans");
    await mona.reads("In force (1):");
    const line = await mona.readsLine();
    assert.ok(line.endsWith(` by mona${why === undefined ? "." : `: ${why}`}`), line);
  }
  for (const rest of ["30s", "0m", "1y", "99999w"]) {
    await mona.asks(`/mute bob ${rest}`, "Use: /mute <name> [10m] [why]");
  }
  await mona.asks(
    `/mute bob ${"x".repeat(201)}`,
    "Reasons are at most 200 characters, none of them a control character.",
  );
});

Deno.test("/announce is read by all, in every room and mode, in the server's name", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.guests("bob");
  const mona = await server.moderator("mona");
  await bob.reads("mona has joined the chat.");
  await bob.asks("/join #den", "You are in #den.", /^Users/);
  await mona.asks("/announce  Maintenance at \x1b[1mnoon ", "Announcement: Maintenance at [1mnoon");
  await bob.reads("Announcement: Maintenance at [1mnoon");
  await mona.asks("/announce", "Use: /announce <text>");
  await bob.types("/json");
  await bob.reads(/^\{"type":"welcome"/);
  await mona.asks("/announce again", "Announcement: again");
  assert.deepEqual(JSON.parse(await bob.readsLine()), { type: "notice", text: "Announcement: again" });
});

Deno.test("/op and /deop give and take power at once, and for good", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const [guest] = await server.guests("guest");
  const ada = await server.admin("ada");
  await bob.catchesUp();
  await bob.asks("/bans", MAY_NOT);
  await ada.asks("/op BOB", "bob is a moderator now.");
  await bob.asks("/bans", "Nobody is banned or muted.");
  await bob.asks("/audit", MAY_NOT);
  await ada.asks("/op bob Admin", "bob is an admin now.");
  await bob.types("/audit");
  await bob.readsUntil(/ada \(127\.0\.0\.1\): role bob — admin$/);
  await bob.asks("/deop ada", "ada is a member now.");
  await ada.asks("/bans", MAY_NOT);
  await server.restart();
  const again = await server.member("bob");
  await again.asks("/op ada moderator", "ada is a moderator now.");
  for (const line of ["/op", "/op ada king", "/op ada admin now", "/op ada guest"]) {
    await again.asks(line, "Use: /op <name> [moderator|admin|member]");
  }
  await again.asks("/deop", "Use: /deop <name>");
  for (const name of ["nobody", guest.name]) await again.asks(`/op ${name}`, `User ${name} not found.`);
});

Deno.test("what the command line says of roles holds at once for those who are here", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("bob");
  const server = await machine.serve(UNLIMITED);
  const bob = await server.member("/login bob correct horse");
  await machine.does("user role bob moderator");
  for (;;) {
    await bob.types("/bans");
    if (await bob.readsLine() !== MAY_NOT) break;
  }
  await machine.does("user role bob member");
  for (;;) {
    await bob.types("/bans");
    if (await bob.readsLine() === MAY_NOT) break;
  }
});

Deno.test("every deed is in the audit trail: who, from where, what, whom, why; over a restart", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const ada = await server.admin("ada");
  await bob.catchesUp();
  await ada.asks("/audit", "Nothing has been done yet.");
  await bob.types("too loud");
  await ada.reads("bob: too loud");
  await bob.asks("/join #den", "You are in #den.", /^Users/);
  await ada.asks("/join #den", "You are in #den.", /^Users/);
  const deeds: [line: string, entry: string | undefined][] = [
    ["/kick bob den rules", "kick bob — #den den rules"],
    ["/kick bob", undefined], // is not there any more
    ["/join #lobby", undefined],
    ["/mute bob 1h drums", "mute bob — drums (until <time>)"],
    ["/unmute bob", "unmute bob"],
    ["/unmute bob", undefined], // was not muted
    ["/delete 1", "delete bob — #lobby"],
    ["/delete 1", undefined],
    ["/announce hello", "announce — hello"],
    ["/op bob", "role bob — moderator"],
    ["/deop bob", "role bob — member"],
    ["/ban 203.0.113.0/24 spam", "ban 203.0.113.0/24 — spam"],
    ["/unban 203.0.113.0/24", "unban 203.0.113.0/24"],
    ["/lockdown 5 no-signups", "lockdown — no-signups (until <time>)"],
    ["/lockdown off", "reopen"],
    ["/lockdown off", undefined],
    ["/kick bob bye", "kick bob — bye"],
    ["/ban bob 1d", "ban bob — (until <time>)"],
  ];
  for (const [line] of deeds) {
    await ada.types(line);
    await ada.catchesUp();
  }
  const expected = deeds.flatMap(([, entry]) => entry === undefined ? [] : [`ada (127.0.0.1): ${entry}`]);
  assert.deepEqual(await auditOf(ada), expected);
  await server.restart();
  const again = await server.member("ada");
  assert.deepEqual(await auditOf(again), expected);
  await again.types("/audit 2");
  await again.reads(/kick bob — bye$/);
  await again.reads(/ban bob — \(until /);
  await again.asks("/audit all", "Use: /audit [n]");
});

/** The entries that an admin reads, without when they were made. */
async function auditOf(admin: Person): Promise<string[]> {
  await admin.catchesUp();
  await admin.types("/audit 200\n/ping");
  const lines = await admin.readsUntil("Pong.");
  for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\d \d\d:\d\d /);
  return lines.map((line) => line.slice("2026-01-31 14:02 ".length).replace(/until [^)]+/, "until <time>"));
}
