import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { deedsSeenBy, firstAdmin, signedIn } from "../support/admin_calls.ts";
import { type Answer, call } from "../support/api.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const PATH = "/admin/api/invitations";

const NOBODY = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

Deno.test("an admin invites: what is not said is as usual, and the link leads to where the admin is", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const { status, json: row } = await page.calls(PATH, { json: {} });
  equal(status, 200);
  deepEqual([row.role, row.room, row.uses, row.used_by, row.by], ["member", null, 1, [], "root"]);
  deepEqual([row.revoked, row.open], [false, true]);
  equal((Date.parse(row.expires_at) - Date.parse(row.created_at)) / 86_400_000, 7);
  match(row.code, /^[B-Z]{4}-[B-Z]{4}-[B-Z]{4}$/);
  equal(row.url.replace(/=.*/, ""), `${page.origin}/#invitation`);
  const { json: other } = await page.calls(PATH, {
    json: { role: "moderator", room: "#Dev", uses: 5, days: 30 },
  });
  deepEqual([other.role, other.room, other.uses], ["moderator", "dev", 5]);
  deepEqual((await page.calls(PATH)).json.invitations, [other, row]);
  deepEqual(await deedsSeenBy(page), [
    `root | invite | ${other.id} | moderator in #dev, 5 times within 30 days`,
    `root | invite | ${row.id} | member, 1 time within 7 days`,
  ]);
});

Deno.test("who was invited by an admin has the role and the room that go with it, and is listed", async () => {
  await using server = await startServer("--signup=invite", ...UNLIMITED);
  const page = await firstAdmin(server);
  const { json: row } = await page.calls(PATH, { json: { role: "moderator", room: "dev", uses: 2 } });
  equal((await signUp(server, "ann", "")).status, 403);
  equal((await signUp(server, "ann", row.code)).status, 200);
  equal((await signUp(server, "bob", row.url.split("#invitation=")[1])).status, 200);
  const [ann, bob] = [await server.member("ann"), await server.member("bob")];
  await ann.reads("bob has joined the chat.");
  await ann.asks("/join #dev", /^You are (already )?in #dev\.$/, "Users currently online (2): ann, bob");
  await ann.types("hello");
  await bob.reads("#dev ann: hello");
  await bob.asks("/announce tea", "Announcement: tea");
  const [shown] = (await page.calls(PATH)).json.invitations;
  deepEqual(shown.used_by.map(({ name }: { name: string }) => name), ["ann", "bob"]);
  equal(shown.open, false);
});

Deno.test("a revoked invitation lets nobody in, and is not revoked twice", async () => {
  await using server = await startServer("--signup=invite", ...UNLIMITED);
  const page = await firstAdmin(server);
  const { json: row } = await page.calls(PATH, { json: { uses: 2 } });
  equal((await signUp(server, "ann", row.code)).status, 200);
  const revoked = await page.calls(`${PATH}/${row.id}`, { method: "DELETE" });
  deepEqual([revoked.status, revoked.json.message], [200, "The invitation has ended."]);
  for (const given of [row.code, row.url.split("=")[1]]) {
    const { status, json } = await signUp(server, "bob", given);
    equal(status, 403);
    match(json.message, /^This invitation is not valid/);
  }
  for (const id of [row.id, NOBODY, "x"]) {
    const { status, json } = await page.calls(`${PATH}/${id}`, { method: "DELETE" });
    deepEqual([status, json.message], [404, `There is no open invitation ${id}.`]);
  }
  const [shown] = (await page.calls(PATH)).json.invitations;
  deepEqual([shown.revoked, shown.open, shown.used_by.length], [true, false, 1]);
  equal((await deedsSeenBy(page))[0], `root | revoke invitation | ${row.id} | `);
});

Deno.test("an invitation that cannot be is not made, nor noted", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  for (
    const wrong of [
      { role: "guest" },
      { role: "owner" },
      { room: "a/b" },
      { room: 7 },
      { uses: 0 },
      { uses: 1_001 },
      { uses: 1.5 },
      { days: 0 },
      { days: 366 },
    ]
  ) {
    const { status } = await page.calls(PATH, { json: wrong });
    equal(status, 400, JSON.stringify(wrong));
  }
  deepEqual((await page.calls(PATH)).json.invitations, []);
  deepEqual(await deedsSeenBy(page), []);
});

Deno.test("invitations are for admins alone", async () => {
  await using server = await startServer(...UNLIMITED);
  const root = await signedIn(server);
  const { json: row } = await root.calls(PATH, { json: {} });
  for (const [name, role] of [["mo", "moderator"], ["ann", "member"]] as const) {
    const page = await signedIn(server, { name, role });
    equal((await page.calls(PATH)).status, 403);
    equal((await page.calls(PATH, { json: {} })).status, 403);
    equal((await page.calls(`${PATH}/${row.id}`, { method: "DELETE" })).status, 403);
  }
  const token = await server.tokenOf("root"); // for chatting
  equal((await call(server, PATH, { token })).status, 403);
  equal((await call(server, PATH)).status, 401);
});

function signUp(server: TestServer, username: string, invitation: string): Promise<Answer> {
  const json = { username, password: "correct horse", name_account: username, invitation };
  return call(server, "/signup", { json });
}
