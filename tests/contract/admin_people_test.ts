import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { deedsSeenBy, firstAdmin, idOf, signedIn } from "../support/admin_calls.ts";
import { call } from "../support/api.ts";
import { firstOf, PageOf } from "../support/page_of.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const NOBODY = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

Deno.test("people are listed as they were made, page by page, with what they have open", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.members("ann", "bob");
  const tabs = [await server.member("ann"), await server.member("ann")];
  await server.tokenOf("ann");
  for (const tab of tabs) await tab.catchesUp();
  const { json: all } = await page.calls("/admin/api/people");
  deepEqual([all.people.map(({ name }: { name: string }) => name), all.more], [
    ["root", "ann", "bob"],
    false,
  ]);
  const [root, ann] = all.people;
  deepEqual([root.role, root.disabled, root.connections, root.tokens], ["admin", false, 0, 1]);
  deepEqual([ann.username, ann.role, ann.connections, ann.tokens], ["ann", "member", 3, 1]);
  const { json: first } = await page.calls("/admin/api/people?limit=2");
  deepEqual([first.people.length, first.more], [2, true]);
  const { json: rest } = await page.calls(`/admin/api/people?limit=2&after=${first.people[1].id}`);
  deepEqual([rest.people.map(({ name }: { name: string }) => name), rest.more], [["bob"], false]);
});

Deno.test("people are found by a part of their name or username, in any case", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.signsUp({ username: "Ann@Example.org", name: "Ann" });
  await server.signsUp({ username: "hannah", name: "Hanna" });
  await server.signsUp({ username: "bob", name: "Bob" });
  const found = async (search: string) => {
    const { json } = await page.calls(`/admin/api/people?search=${encodeURIComponent(search)}`);
    return json.people.map(({ name }: { name: string }) => name);
  };
  deepEqual(await found("ANN"), ["Ann", "Hanna"]);
  deepEqual(await found("example.org"), ["Ann"]);
  deepEqual(await found("nobody"), []);
  for (const query of ["limit=0", "limit=x", `search=${"x".repeat(201)}`]) {
    equal((await page.calls(`/admin/api/people?${query}`)).status, 400, query);
  }
});

Deno.test("an account is made with a password of its own or one that is made up and shown once", async () => {
  await using server = await startServer("--signup=closed", ...UNLIMITED);
  const page = await firstAdmin(server);
  const { json: carl } = await page.calls("/admin/api/people", {
    json: { username: "carl", name_account: "Carl", role: "moderator" },
  });
  deepEqual([carl.username, carl.name, carl.role, carl.disabled], ["carl", "Carl", "moderator", false]);
  match(carl.password, /^([B-Z]{4}-){4}[B-Z]{4}$/);
  const person = await server.member("carl", carl.password);
  await person.asks("/whois Carl", /Role: moderator\.$/);
  const { json: dora } = await page.calls("/admin/api/people", {
    json: { username: "dora", name_account: "Dora", role: "member", password: "battery staple" },
  });
  equal(dora.password, null);
  await server.member("dora", "battery staple");
  await person.reads("Dora has joined the chat.");
  deepEqual(await deedsSeenBy(page), [
    "root | create account | Dora | member",
    "root | create account | Carl | moderator",
  ]);
});

Deno.test("an account that cannot be is not made, nor noted", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [bob] = await server.guests("bob");
  const good = { username: "carl", name_account: "Carl", role: "member", password: "battery staple" };
  for (
    const [wrong, message] of [
      [{ username: "root" }, /taken/],
      [{ name_account: "ROOT" }, /taken/],
      [{ name_account: bob.name }, /taken/],
      [{ name_account: "server" }, /taken/],
      [{ name_account: "a b" }, /^Names are/],
      [{ username: "a b" }, /^Usernames are/],
      [{ password: "short" }, /^Passwords are/],
      [{ role: "guest" }, /role is one of member, moderator, admin/],
      [{ username: undefined }, /username and name_account are texts/],
    ] as const
  ) {
    const { status, json } = await page.calls("/admin/api/people", { json: { ...good, ...wrong } });
    equal(status, 400, JSON.stringify(wrong));
    match(json.message, message);
  }
  deepEqual(await deedsSeenBy(page), []);
  equal((await page.calls("/admin/api/people", { json: good })).status, 200);
});

Deno.test("a role holds at once, also for those who are in", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann, bob] = await server.members("ann", "bob");
  await ann.asks("/kick bob", "You may not do that.");
  const path = `/admin/api/people/${await idOf(page, "ann")}`;
  const { json } = await page.calls(path, { method: "PATCH", json: { role: "moderator" } });
  equal(json.role, "moderator");
  await ann.types("/kick bob");
  match(await bob.readsToTheEnd(), /You were kicked by ann\.\n$/);
  await page.calls(path, { method: "PATCH", json: { role: "moderator" } });
  deepEqual((await deedsSeenBy(page)).filter((deed) => deed.includes("role")), [
    "root | role | ann | moderator",
  ]);
});

Deno.test("who is shut out loses every connection, that by password as well, and comes back when let in again", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann] = await server.members("ann");
  const [eve] = await server.guests("eve");
  await ann.reads(`${eve.name} has joined the chat.`);
  const token = await server.tokenOf("ann");
  const tab = new PageOf(server);
  await tab.signsIn("ann");
  const socket = tab.opens("/ws");
  await firstOf(socket);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  const events = await server.http("/events", { headers: { authorization: `Bearer ${token}` } });
  const path = `/admin/api/people/${await idOf(page, "ann")}`;
  const { json } = await page.calls(path, { method: "PATCH", json: { disabled: true } });
  deepEqual([json.disabled, json.connections], [true, 0]);
  match(await ann.readsToTheEnd(), /This account is disabled\. Ask an admin of this server\.\n$/);
  await closed;
  match(await events.text(), /This account is disabled/);
  await eve.reads("ann has left the chat.");
  equal((await call(server, "/me", { token })).status, 403);
  await page.calls(path, { method: "PATCH", json: { disabled: false } });
  await server.member("ann");
  deepEqual(await deedsSeenBy(page), ["root | enable | ann | ", "root | disable | ann | "]);
});

Deno.test("a new password ends whatever came in by the old one, but not the page of whoever sets their own", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann] = await server.members("ann");
  const token = await server.tokenOf("ann");
  const id = await idOf(page, "ann");
  const { json } = await page.calls(`/admin/api/people/${id}/password`, { json: {} });
  match(await ann.readsToTheEnd(), /This account was logged out everywhere; log in again\.\n$/);
  equal((await call(server, "/me", { token })).status, 401);
  equal((await new PageOf(server).signsIn("ann")).status, 401);
  await server.member("ann", json.password);
  const given = await page.calls(`/admin/api/people/${id}/password`, {
    json: { password: "battery staple" },
  });
  deepEqual(given.json, { password: null });
  await server.member("ann", "battery staple");
  equal((await page.calls(`/admin/api/people/${id}/password`, { json: { password: "short" } })).status, 400);

  const own = await idOf(page, "root");
  await page.calls(`/admin/api/people/${own}/password`, { json: { password: "battery staple" } });
  equal((await page.calls("/admin/api/people")).status, 200);
  equal((await deedsSeenBy(page))[0], "root | password | root | ");
});

Deno.test("logging somebody out everywhere ends tokens, browsers and connections by password", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann] = await server.members("ann");
  const tab = new PageOf(server);
  await tab.signsIn("ann");
  const id = await idOf(page, "ann");
  const { status, json } = await page.calls(`/admin/api/people/${id}/logout`, { method: "POST" });
  deepEqual([status, json.message], [200, "Logged out everywhere."]);
  match(await ann.readsToTheEnd(), /This account was logged out everywhere; log in again\.\n$/);
  equal((await tab.calls("/me")).status, 401);
  await server.member("ann"); // with the password, which has stayed
  deepEqual(await deedsSeenBy(page), ["root | log out | ann | "]);
});

for (
  const [messages, left] of [["keep", "deleted user: hi all"], ["erase", undefined]] as const
) {
  Deno.test(`deleting an account ends its connections, and may ${messages} what it has said`, async () => {
    await using server = await startServer(...UNLIMITED);
    const page = await signedIn(server);
    const [ann, bob] = await server.members("ann", "bob");
    await ann.types("hi all");
    await bob.reads("ann: hi all");
    const id = await idOf(page, "ann");
    const { status, json } = await page.calls(`/admin/api/people/${id}`, {
      method: "DELETE",
      json: { messages },
    });
    deepEqual([status, json.message], [200, "The account is deleted."]);
    match(await ann.readsToTheEnd(), /This account has been deleted\.\n$/);
    await bob.reads("ann has left the chat.");
    await bob.catchesUp();
    await bob.types("/history 1");
    if (left === undefined) await bob.reads("Nothing was said there.");
    else await bob.reads(new RegExp(`${left}$`));
    equal((await page.calls(`/admin/api/people/${id}`, { method: "DELETE", json: {} })).status, 404);
    equal((await new PageOf(server).signsIn("ann")).status, 401);
    deepEqual(await deedsSeenBy(page), [`root | delete account | ann | ${messages}`]);
  });
}

Deno.test("the last admin can be neither demoted nor shut out nor deleted, and the last but one can", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const id = await idOf(page, "root");
  const path = `/admin/api/people/${id}`;
  const deeds = [
    { method: "PATCH", json: { role: "member" } },
    { method: "PATCH", json: { disabled: true } },
    { method: "DELETE", json: {} },
  ];
  for (const deed of deeds) {
    const { status, json } = await page.calls(path, deed);
    equal(status, 409, JSON.stringify(deed));
    match(json.message, /^This is the only admin's account;/);
  }
  const other = await signedIn(server, { name: "ann" });
  await page.calls(`/admin/api/people/${await idOf(page, "ann")}`, {
    method: "PATCH",
    json: { disabled: true },
  });
  equal((await page.calls(path, deeds[0])).status, 409, "one who is shut out does not count");
  await page.calls(`/admin/api/people/${await idOf(page, "ann")}`, {
    method: "PATCH",
    json: { disabled: false },
  });
  equal((await page.calls(path, deeds[0])).status, 200);
  equal((await page.calls("/admin/api/people")).status, 403);
  equal((await other.calls("/admin/api/people")).status, 200);
});

Deno.test("two admins who take each other's role at once leave one of them", async () => {
  await using server = await startServer(...UNLIMITED);
  const [one, two] = [await signedIn(server), await signedIn(server, { name: "ann" })];
  const [idOfOne, idOfTwo] = [await idOf(one, "root"), await idOf(one, "ann")];
  const demote = { method: "PATCH", json: { role: "member" } };
  const answers = await Promise.all([
    one.calls(`/admin/api/people/${idOfTwo}`, demote),
    two.calls(`/admin/api/people/${idOfOne}`, demote),
  ]);
  const [done, refused] = answers.map(({ status }) => status).sort();
  equal(done, 200);
  ok(refused === 409 || refused === 403, `${refused}`); // the second may be no admin any more when its call comes
  const winner = answers[0]!.status === 200 ? one : two;
  const { json: all } = await winner.calls("/admin/api/people");
  equal(all.people.filter(({ role }: { role: string }) => role === "admin").length, 1);
});

Deno.test("who is not there can be neither changed nor deleted", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  for (const id of [NOBODY, "x", "..%2f", "%00"]) {
    for (
      const [method, path, json] of [
        ["PATCH", id, { role: "admin" }],
        ["DELETE", id, {}],
        ["POST", `${id}/password`, {}],
        ["POST", `${id}/logout`, undefined],
      ] as const
    ) {
      const { status } = await page.calls(`/admin/api/people/${path}`, { method, json });
      equal(status, 404, `${method} ${path}`);
    }
  }
  deepEqual(await deedsSeenBy(page), []);
});

Deno.test("tokens are issued for an account, shown once, listed while they live, and end what came in by them", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  const [ann] = await server.members("ann");
  const account = await idOf(page, "ann");
  const wanted = { account, label: "ci \x07bot", scope: "chat", days: 7 };
  const { status, json: issued } = await page.calls("/admin/api/tokens", { json: wanted });
  equal(status, 200);
  const { token, ...row } = issued;
  deepEqual([row.account, row.name, row.label, row.scope], [account, "ann", "ci bot", "chat"]);
  equal(Math.round((Date.parse(row.expires_at) - Date.parse(row.issued_at)) / 86_400_000), 7);
  const { json: listed } = await page.calls("/admin/api/tokens");
  deepEqual(listed.tokens.map(({ label }: { label: string }) => label), ["web page", "ci bot"]);
  deepEqual((await page.calls(`/admin/api/tokens?account=${account}`)).json.tokens, [row]);
  deepEqual((await page.calls(`/admin/api/tokens?account=${NOBODY}`)).json.tokens, []);
  ok(!JSON.stringify(listed).includes(token));

  const bot = await server.connect();
  await bot.readsUpTo("Enter your username: ");
  await bot.types(token);
  await bot.isWelcomed();
  const ended = await page.calls(`/admin/api/tokens/${row.id}`, { method: "DELETE" });
  equal(ended.status, 200);
  match(await bot.readsToTheEnd(), /This token has been revoked\.\n$/);
  await ann.readsOfLogin();
  await ann.asks("/ping", "Pong."); // came in by a password
  equal((await page.calls(`/admin/api/tokens/${row.id}`, { method: "DELETE" })).status, 404);
  deepEqual(await deedsSeenBy(page), [
    "root | revoke token | ann | ci bot",
    "root | issue token | ann | ci bot (chat)",
  ]);
});

Deno.test("tokens are listed page by page", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.hasAccount("ann");
  for (let count = 0; count < 3; count++) await server.tokenOf("ann");
  const { json: first } = await page.calls("/admin/api/tokens?limit=3");
  deepEqual([first.tokens.length, first.more], [3, true]);
  const { json: rest } = await page.calls(`/admin/api/tokens?limit=3&after=${first.tokens[2].id}`);
  deepEqual([rest.tokens.length, rest.more], [1, false]);
  const account = await idOf(page, "ann");
  const { json: own } = await page.calls(`/admin/api/tokens?account=${account}&after=${first.tokens[1].id}`);
  equal(own.tokens.length, 2);
});

Deno.test("a token may do no more than its account", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.hasAccount("ann");
  const account = await idOf(page, "ann");
  const good = { account, label: "ci", scope: "chat", days: 7 };
  for (
    const [wrong, status] of [
      [{ scope: "admin" }, 403],
      [{ scope: "everything" }, 400],
      [{ days: 0 }, 400],
      [{ label: "" }, 400],
      [{ account: NOBODY }, 404],
    ] as const
  ) {
    equal((await page.calls("/admin/api/tokens", { json: { ...good, ...wrong } })).status, status);
  }
  deepEqual(await deedsSeenBy(page), []);
});
