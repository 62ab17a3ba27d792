import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { deedsSeenBy, signedIn } from "../support/admin_calls.ts";
import type { PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const NOBODY = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

Deno.test("a moderator bans somebody from the page: the connections end, and it is listed until it is lifted", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server, { name: "mo", role: "moderator" });
  const root = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  const wanted = { kind: "ban", target: "ANN", duration: "1d", reason: "spam" };
  const { status, json: row } = await page.calls("/admin/api/bans", { json: wanted });
  equal(status, 200);
  match(await ann.readsToTheEnd(), /You were banned by mo until .* UTC: spam\n$/);
  await bob.reads("ann has left the chat.");
  const { id, at, until, ...rest } = row;
  deepEqual(rest, {
    kind: "ban",
    target: "ann",
    target_type: "account",
    room: null,
    reason: "spam",
    by: "mo",
  });
  equal(Math.round((Date.parse(until) - Date.parse(at)) / 3_600_000), 24);
  deepEqual((await page.calls("/admin/api/bans")).json, { bans: [row], more: false });

  const lifted = await page.calls(`/admin/api/bans/${id}`, { method: "DELETE" });
  deepEqual([lifted.status, lifted.json.message], [200, "ann is banned no longer."]);
  equal((await page.calls(`/admin/api/bans/${id}`, { method: "DELETE" })).status, 404);
  await server.member("ann");
  const [second, first] = await deedsSeenBy(root);
  equal(second, "mo | unban | ann | ");
  match(first!, /^mo \| ban \| ann \| spam \(until /);
});

Deno.test("a guest who is banned by name is kept out, be it before or after leaving, and so is a network", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [eve] = await server.guests("eve");
  const ban = async (target: string) =>
    (await page.calls("/admin/api/bans", { json: { kind: "ban", target } })).json;
  deepEqual(pick(await ban(eve.name)), [eve.name, "guest", null]);
  match(await eve.readsToTheEnd(), /You were banned by root\.\n$/);
  deepEqual(pick(await ban("gone1234")), ["gone1234", "guest", null]);
  deepEqual(pick(await ban("2001:DB8::7/32")), ["2001:db8::/32", "network", null]);
  deepEqual(pick(await ban("192.0.2.7")), ["192.0.2.7/32", "network", null]);
  match((await ban("nobody")).message, /^User nobody not found\.$/);
});

Deno.test("somebody is muted from the page, for ten minutes where nothing is said, and is told", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  const { json } = await page.calls("/admin/api/bans", {
    json: { kind: "mute", target: "ann", reason: "loud" },
  });
  equal(Math.round((Date.parse(json.until) - Date.parse(json.at)) / 60_000), 10);
  await ann.reads(/^You were muted by root until .* UTC: loud$/);
  await ann.asks("hi", /^You are muted until/);
  await page.calls(`/admin/api/bans/${json.id}`, { method: "DELETE" });
  await ann.types("hi");
  await bob.readsUntil("ann: hi");
  for (const target of ["192.0.2.7", "gone1234"]) {
    equal((await page.calls("/admin/api/bans", { json: { kind: "mute", target } })).status, 404, target);
  }
});

Deno.test("a ban or mute of one room holds there alone, and puts out whoever is in it", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  await ann.asks("/join #den", "You are in #den.", /^Users/);
  await bob.asks("/join #den", "You are in #den.", /^Users/);
  await ann.reads("bob has joined #den.");
  const { json } = await page.calls("/admin/api/bans", {
    json: { kind: "ban", target: "bob", room: "#Den", reason: "no" },
  });
  deepEqual([json.room, json.until], ["den", null]);
  await bob.readsInTurn("You were kicked from #den by root: no", "bob has left #den.");
  await ann.reads("bob has left #den.");
  await bob.asks("/join #den", "You are banned from #den: no.");
  await page.calls("/admin/api/bans", { json: { kind: "mute", target: "ann", room: "den" } });
  await ann.reads(/^You were muted in #den by root/);
  await ann.asks("hi", /^You are muted in #den/);
  const missing = await page.calls("/admin/api/bans", {
    json: { kind: "ban", target: "ann", room: "attic" },
  });
  equal(missing.status, 404);
});

Deno.test("moderators have power over those below them, and not in private rooms where they do not belong", async () => {
  await using server = await startServer(...UNLIMITED);
  const root = await signedIn(server);
  const page = await signedIn(server, { name: "mo", role: "moderator" });
  await signedIn(server, { name: "max", role: "moderator" });
  const [ann, bob] = await server.members("ann", "bob");
  for (const target of ["root", "max", "mo"]) {
    const { status } = await page.calls("/admin/api/bans", { json: { kind: "ban", target } });
    equal(status, 403, target);
  }
  await ann.asks("/join #den", "You are in #den.", /^Users/);
  await ann.asks("/private on", /private now/);
  const hidden = await page.calls("/admin/api/bans", { json: { kind: "ban", target: "bob", room: "den" } });
  deepEqual([hidden.status, hidden.json.message], [404, "There is no room #den."]);
  const { json } = await root.calls("/admin/api/bans", { json: { kind: "ban", target: "bob", room: "den" } });
  deepEqual((await page.calls("/admin/api/bans")).json.bans, []);
  equal((await page.calls(`/admin/api/bans/${json.id}`, { method: "DELETE" })).status, 404);
  equal((await root.calls("/admin/api/bans")).json.bans.length, 1);
  equal((await root.calls(`/admin/api/bans/${json.id}`, { method: "DELETE" })).status, 200);
  await bob.asks("/ping", "Pong.");
});

Deno.test("moderators lift nothing that admins have decided about them or other moderators", async () => {
  await using server = await startServer(...UNLIMITED);
  const root = await signedIn(server);
  const page = await signedIn(server, { name: "mo", role: "moderator" });
  await signedIn(server, { name: "max", role: "moderator" });
  await server.hasAccount("ann");
  const lifts = async (who: PageOf, kind: string, target: string) => {
    const { json: { id } } = await root.calls("/admin/api/bans", { json: { kind, target } });
    const { status, json } = await who.calls(`/admin/api/bans/${id}`, { method: "DELETE" });
    return [status, json.message];
  };
  deepEqual(await lifts(page, "mute", "mo"), [403, "You may not do that."]);
  deepEqual(await lifts(page, "mute", "max"), [403, "You may not do that."]);
  deepEqual(await lifts(page, "ban", "max"), [403, "You may not do that."]);
  deepEqual(await lifts(page, "ban", "ann"), [200, "ann is banned no longer."]);
  deepEqual(await lifts(root, "mute", "mo"), [200, "mo is muted no longer."]);
});

Deno.test("admins have power over other admins, and nobody over themselves", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await signedIn(server, { name: "ann" });
  equal((await page.calls("/admin/api/bans", { json: { kind: "ban", target: "root" } })).status, 403);
  equal((await page.calls("/admin/api/bans", { json: { kind: "ban", target: "ann" } })).status, 200);
});

Deno.test("a ban that is not understood bans nobody", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.hasAccount("ann");
  for (
    const json of [
      { kind: "kick", target: "ann" },
      { kind: "ban" },
      { kind: "ban", target: "" },
      { kind: "ban", target: "ann", duration: "soon" },
      { kind: "ban", target: "ann", duration: "5s" },
      { kind: "ban", target: "ann", reason: "x".repeat(201) },
      { kind: "ban", target: "ann", reason: "\x1b[31m" },
      { kind: "ban", target: "ann", room: "a b" },
      ["ban", "ann"],
    ]
  ) {
    equal((await page.calls("/admin/api/bans", { json })).status, 400, JSON.stringify(json));
  }
  deepEqual((await page.calls("/admin/api/bans")).json.bans, []);
  for (const id of [NOBODY, "x", "%00"]) {
    equal((await page.calls(`/admin/api/bans/${id}`, { method: "DELETE" })).status, 404, id);
  }
});

Deno.test("bans are listed page by page, oldest first", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  for (let host = 1; host <= 5; host++) {
    await page.calls("/admin/api/bans", { json: { kind: "ban", target: `192.0.2.${host}` } });
  }
  const targets: string[] = [];
  let after = "";
  for (let pages = 1;; pages++) {
    const { json } = await page.calls(`/admin/api/bans?limit=2&after=${after}`);
    targets.push(...json.bans.map(({ target }: { target: string }) => target));
    after = json.bans.at(-1).id;
    if (!json.more) break;
    ok(pages < 5);
  }
  deepEqual(targets, [1, 2, 3, 4, 5].map((host) => `192.0.2.${host}/32`));
});

function pick({ target, target_type, until }: Awaited<ReturnType<PageOf["calls"]>>["json"]) {
  return [target, target_type, until];
}
