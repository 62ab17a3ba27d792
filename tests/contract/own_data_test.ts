import { strict as assert } from "node:assert";
import { recordsIn } from "../../server/cli/records.ts";
import { call } from "../support/api.ts";
import { Bots, ID, TIME } from "../support/bot.ts";
import { eventually } from "../support/eventually.ts";
import { Machine, UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const PASSWORD = "correct horse";
const DELETED = "This account has been deleted.";

Deno.test("the export holds all that is kept about an account", async () => {
  await using server = await startServer(...UNLIMITED);
  const token = await aLifeIsLed(server);
  const { status, headers, json } = await call(server, "/me/export", { token });
  assert.equal(status, 200);
  assert.equal(headers.get("content-disposition"), 'attachment; filename="parley-annie.json"');
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("cache-control"), "no-store");
  const { server: name, exported_at, account, tokens, rooms, moderation, direct_messages, room_messages } =
    json;
  assert.equal(name, "Parley");
  assert.match(exported_at, TIME);
  const { _id, created_at, ...shown } = account;
  assert.match(_id, ID);
  assert.match(created_at, TIME);
  assert.deepEqual(shown, {
    username: "ann@example.org",
    name_account: "annie",
    role: "member",
    former_names: ["Ann"],
    ignored: ["eve"],
    disabled: false,
  });
  assert.deepEqual(tokens.map(({ label, current }: Record<string, unknown>) => ({ label, current })), [
    { label: "login", current: true },
    { label: "laptop", current: false },
  ]);
  assert.deepEqual(rooms.map(({ room }: { room: string }) => room).sort(), ["den", "garden", "lobby"]);
  assert.deepEqual(json.rooms_owned, ["garden"]);
  assert.deepEqual(json.rooms_moderated, ["den"]);
  assert.deepEqual(json.invitations.map(({ room, by }: Record<string, string>) => [room, by]), [[
    "attic",
    "mod",
  ]]);
  assert.deepEqual(json.bans.map(({ kind, by, reason }: Record<string, string>) => [kind, by, reason]), [
    ["mute", "mod", "too loud"],
  ]);
  assert.deepEqual(moderation.map(({ who, what, whom }: Record<string, string>) => [who, what, whom]), [
    ["mod", "mute", "annie"],
    ["Ann", "delete", "bob"],
    ["mod", "unmute", "Ann"],
    ["mod", "mute", "Ann"],
  ]);
  const directs = direct_messages.map((direct: Record<string, unknown>) => {
    const { id, at, ...rest } = direct;
    assert.match(String(id), ID);
    assert.match(String(at), TIME);
    return rest;
  });
  assert.deepEqual(
    directs.toSorted((one: { text: string }, other: { text: string }) => one.text < other.text ? -1 : 1),
    [
      { with: "mod", from: "Ann", to: "mod", text: "I did nothing", waits: false },
      { with: "bob", from: "Ann", to: "bob", text: "hello bob", waits: false },
      { with: "bob", from: "bob", to: "Ann", text: "how are you?", waits: false },
      { with: "mod", from: "mod", to: "annie", text: "you did", waits: true },
    ],
  );
  assert.deepEqual(
    room_messages.map(({ room, from, text, action }: Record<string, unknown>) => [room, from, text, action]),
    [
      ["lobby", "Ann", "one", false],
      ["lobby", "Ann", "waves", true],
      ["garden", "Ann", "roses “🌹”", false],
    ],
  );
});

Deno.test("the export holds nothing that is others' own, and no secret", async () => {
  await using server = await startServer(...UNLIMITED);
  const token = await aLifeIsLed(server);
  await using records = await recordsIn(server.dataDir);
  const { text } = await call(server, "/me/export", { token });
  for (const username of ["bob@example.org", "mod", "eve@example.org"]) {
    const other = (await records.accounts.findByHandle(username))!;
    for (const [what, own] of Object.entries({ id: other.id, hash: other.passwordHash! })) {
      assert.ok(!text.includes(own), `${what} of ${username}`);
    }
  }
  const ann = (await records.accounts.findByHandle("ann@example.org"))!;
  const signature = token.split(".")[2]!;
  for (
    const secret of [
      "bob@example.org",
      "eve@example.org",
      "argon2",
      ann.passwordHash!,
      signature,
      "of others",
    ]
  ) {
    assert.ok(!text.includes(secret), secret);
  }
  const { moderation } = JSON.parse(text);
  assert.deepEqual(moderation.map(({ who, from }: { who: string; from?: string }) => [who, from]), [
    ["mod", undefined],
    ["Ann", "127.0.0.1"],
    ["mod", undefined],
    ["mod", undefined],
  ]);
});

Deno.test("a long history is exported whole, and HEAD and a broken download leave nothing behind", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  const token = await server.tokenOf("ann");
  const said = Array.from({ length: 1_500 }, (_, index) => `${index} ${"word ".repeat(20)}`.trim());
  for (let begin = 0; begin < said.length; begin += 100) {
    await ann.sends(said.slice(begin, begin + 100).join("\n") + "\n");
    await bob.types(`of others ${begin}`);
    await ann.readsUntil(`bob: of others ${begin}`);
  }
  await bob.readsUntil(`ann: ${said.at(-1)}`);
  for (let round = 0; round < 5; round++) {
    assert.equal((await call(server, "/me/export", { token, method: "HEAD" })).status, 200);
    const response = await server.http("/me/export", { headers: { authorization: `Bearer ${token}` } });
    await response.body?.cancel();
  }
  await eventually("the download is over", async () => {
    const { status, json } = await call(server, "/me/export", { token });
    if (status === 429) return false;
    assert.deepEqual(json.room_messages.map(({ text }: { text: string }) => text), said);
    return true;
  });
});

Deno.test("whoever is deleted is gone, and what was said in rooms is a deleted user's", async () => {
  await using server = await startServer(...UNLIMITED);
  const token = await aLifeIsLed(server);
  const [ann, bob] = [await memberBy(server, token), await server.member("bob@example.org")];
  await ann.readsUntil("bob has joined the chat.");
  const answer = await call(server, "/me", { token, method: "DELETE" });
  assert.deepEqual([answer.status, answer.json], [200, { message: "Your account has been deleted." }]);
  await ann.readsUntil(DELETED);
  await bob.readsUntil("annie has left the chat.");

  assert.equal((await call(server, "/me", { token })).status, 401);
  const login = await call(server, "/login", { json: { username: "ann@example.org", password: PASSWORD } });
  assert.equal(login.status, 401);
  for (const [username, name_account] of [["ann@example.org", "zoe"], ["zoe", "annie"], ["zoe", "Ann"]]) {
    const { status } = await call(server, "/signup", {
      json: { username, name_account, password: PASSWORD },
    });
    assert.equal(status, 400, `${username} ${name_account}`);
  }
  await assertNothingIsLeft(server);
  for (let start = 0; start < 2; start++) {
    const reader = await server.member("bob@example.org");
    await reader.catchesUp();
    await reader.asks("/history", /deleted user: one$/, /\* deleted user waves$/, /bob: of others$/);
    await reader.asks("/history @annie", "User annie not found.");
    await reader.asks("/@ annie are you there?", "User annie not found.");
    await reader.types("/join #garden");
    await reader.readsUntil(/deleted user: roses “🌹”$/);
    await reader.asks("/topic All roses", /has set the topic|^bob/); // the first of its moderators owns it now
    await server.restart();
  }
});

Deno.test("who wishes it takes along what was said in rooms, and those who are there are told", async () => {
  await using server = await startServer(...UNLIMITED);
  await using bots = new Bots(server);
  const token = await aLifeIsLed(server);
  const bob = await bots.member("bob@example.org", "ws");
  const { messages } = await bob.asks({ type: "history", room: "lobby" });
  const own = messages!.filter(({ from }) => from === "Ann");
  const answer = await call(server, "/me", { token, method: "DELETE", json: { messages: "erase" } });
  assert.equal(answer.status, 200);
  for (const { id } of own) {
    await bob.readsUntil({ type: "deleted", room: "lobby", id, by: "Ann", at: TIME });
  }
  const after = await bob.asks({ type: "history", room: "lobby" });
  assert.deepEqual(after.messages, messages!.filter(({ from }) => from !== "Ann"));
  const garden = await bob.asks({ type: "join", room: "garden" });
  assert.doesNotMatch(JSON.stringify(garden), /roses/);
  await assertNothingIsLeft(server);
});

Deno.test("what was said by the hundreds goes without a word about each", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  await ann.sends(Array.from({ length: 120 }, (_, index) => `line ${index}\n`).join(""));
  await bob.readsUntil("ann: line 119");
  await bob.types("so much");
  await ann.reads("bob: so much");
  const token = await server.tokenOf("ann");
  const { status } = await call(server, "/me", { token, method: "DELETE", json: { messages: "erase" } });
  assert.equal(status, 200);
  await bob.reads("ann has left the chat."); // and nothing else
  await bob.asks("/history", /bob: so much$/);
  const [eve] = await server.guests("eve");
  await eve.reads("bob: so much");
});

Deno.test("an erasure that was cut short goes on at the next start", async () => {
  await using server = await startServer(...UNLIMITED);
  for (const [username, said] of [["ann", "keep"], ["carl", "erase"]] as const) {
    await server.hasAccount(username);
    const person = await server.member(username);
    await person.asks("/join #den", /./);
    await person.types(`from ${username}`);
    await person.asks(`/@ ${username} a note`, /./);
    await person.catchesUp();
    await person.leaves();
    const id = await server.restart(async () => {
      await using records = await recordsIn(server.dataDir);
      const { id } = (await records.accounts.findByHandle(username))!;
      const { database } = records;
      await database.commit((operation) => operation.delete(["account", id]).set(["erasing", id], said));
    });
    assert.equal(id, undefined);
  }
  await eventually(
    "nothing is left to be erased",
    async () => (await kept(server, ["erasing"])).length === 0,
  );
  await server.hasAccount("bob");
  const bob = await server.member("bob");
  await bob.types("/join #den\n/history");
  await bob.readsUntil(/\d deleted user: from ann$/);
  await bob.catchesUp();
  await assertNothingIsLeft(server);
});

Deno.test("the only admin stays", async () => {
  await using server = await startServer();
  await server.admin("root");
  const token = await server.tokenOf("root");
  const erase = () => call(server, "/me", { token, method: "DELETE" });
  const { status, json } = await erase();
  assert.deepEqual([status, json], [409, {
    message: "This is the only admin's account; make somebody else an admin first.",
  }]);
  assert.equal((await call(server, "/me", { token })).status, 200);
  await server.admin("other");
  assert.equal((await erase()).status, 200);
});

Deno.test("a deletion that is not understood, or not by the account itself, deletes nothing", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const narrow = (await call(server, "/me/tokens", { token, json: { scope: "post:#lobby" } })).json.token;
  const erase = (asked: object) => call(server, "/me", { method: "DELETE", ...asked });
  assert.equal((await erase({ token, json: { messages: "burn" } })).status, 400);
  assert.equal((await erase({ token, headers: { origin: "https://elsewhere.example" } })).status, 403);
  assert.equal((await erase({ token: narrow })).status, 403);
  assert.equal((await call(server, "/me/export", { token: narrow })).status, 403);
  assert.equal((await erase({})).status, 401);
  assert.equal((await call(server, "/me", { token })).status, 200);
});

Deno.test("parley user delete erases what is left, with a server and without", async () => {
  await using machine = await Machine.make();
  for (const name of ["ann", "bob", "carl"]) {
    await machine.hasAccount(name);
  }
  {
    await using server = await machine.serve(UNLIMITED);
    const people = [];
    for (const name of ["ann", "bob", "carl"]) people.push(await server.member(`/login ${name} ${PASSWORD}`));
    const [ann, bob, carl] = people;
    await ann!.types("secret one");
    await bob!.readsUntil("ann: secret one");
    await carl!.types("secret one");
    await bob!.readsUntil("carl: secret one");
    await carl!.asks("/@ bob psst", /./);
    assert.equal(await machine.does("user delete ann --erase-messages"), "ann is deleted.\n");
    await ann!.readsUntil(DELETED);
    await bob!.readsUntil("ann has left the chat.");
    await bob!.readsUntil(/deleted/);
    server.kill("SIGTERM");
    await server.ends();
  }
  assert.equal(await machine.does("user delete carl"), "carl is deleted.\n");
  await using server = await machine.serve(UNLIMITED);
  const bob = await server.member(`/login bob ${PASSWORD}`);
  await bob.readsUntil("deleted user: secret one");
  await bob.catchesUp();
  await bob.asks("/history", /deleted user: secret one$/);
  await bob.asks("/search psst", /^Nothing/);
});

/**
 * Ann, whose name is annie now, has talked with others in rooms and privately, and was muted; another of her tokens is in
 * use nowhere. Answers one of hers.
 */
async function aLifeIsLed(server: TestServer): Promise<string> {
  for (const name of ["bob", "eve"]) await server.signsUp({ username: `${name}@example.org`, name });
  await server.signsUp({ username: "ann@example.org", name: "Ann" });
  const token = await server.tokenOf("ann@example.org");
  await call(server, "/me/tokens", { token, json: { label: "laptop" } });
  const mod = await server.moderator("mod");
  const bob = await server.member("bob@example.org");
  const ann = await memberBy(server, token);
  const all = [ann, bob, mod];
  const settled = () => Promise.all(all.map((person) => person.catchesUp()));
  await ann.types("one\n/me waves\n/ignore eve\n/join #garden\nroses “🌹”\n/mod bob\n/join #lobby");
  await settled();
  await mod.types("/join #attic\n/private on\n/invite Ann\n/join #lobby\n/mute Ann 1h too loud");
  await settled();
  await mod.types("/unmute Ann");
  await settled();
  await bob.types(
    "/join #den\n/mod Ann\nof others, to be deleted\n/@ Ann how are you?\n/join #lobby\nof others",
  );
  await settled();
  await ann.types("/join #den\n/@ bob hello bob\n/@ mod I did nothing");
  await settled();
  await ann.types("/delete 1\n/name annie");
  await settled();
  await ann.leaves();
  await mod.types("/@ annie you did\n/mute annie 1h too loud\n/@ bob of others");
  await Promise.all([mod.catchesUp(), bob.catchesUp()]);
  for (const person of [bob, mod]) await person.leaves();
  return token;
}

async function memberBy(server: TestServer, token: string) {
  const person = await server.connect();
  await person.readsUpTo("Enter your username: ");
  await person.types(token);
  await person.isWelcomed();
  return person;
}

/** Of an account that is deleted nothing is kept but that its names are taken, who has moderated it, and what others ignore. */
async function assertNothingIsLeft(server: TestServer): Promise<void> {
  const ids = new Set((await kept(server, ["account"])).map(({ key }) => key.at(-1)));
  const held = (await kept(server, ["handle"])).map(({ value }) => value as string);
  const gone = [...new Set(held)].filter((id) => !ids.has(id));
  assert.ok(gone.length > 0);
  const elsewhere = (await kept(server, [])).filter(({ key }) =>
    !["handle", "ban", "change"].includes(String(key[0]))
  );
  for (const { key, value } of elsewhere) {
    const text = Deno.inspect([key, value], { depth: 10, strAbbreviateSize: 100_000 });
    for (const id of gone) assert.ok(!text.includes(id), text);
  }
}

async function kept(server: TestServer, prefix: Deno.KvKey): Promise<Deno.KvEntry<unknown>[]> {
  await using records = await recordsIn(server.dataDir);
  return await Array.fromAsync(records.database.kv.list({ prefix }));
}
