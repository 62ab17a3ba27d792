import { strict as assert } from "node:assert";
import { type Answer, call } from "../support/api.ts";
import { type Person } from "../support/person.ts";
import { run } from "../support/program.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

Deno.test("the rooms are listed that one may see, the lobby first", async () => {
  await using server = await startServer();
  const [ann, bob] = await membersOf(server, "ann", "bob");
  await ann.person.types("/join #garden");
  await ann.person.types("/topic Roses");
  await ann.person.types("/join #secret");
  await ann.person.types("/private on");
  await ann.person.readsUntil(/is private now/);
  await bob.person.types("/join #garden");
  await bob.person.types("/u #garden");
  await bob.person.readsUntil(/\(2\): ann, bob$/);
  const open = [
    { name: "lobby", topic: "", present: 2, private: false, quiet: false },
    { name: "garden", topic: "Roses", present: 2, private: false, quiet: false },
  ];
  const secret = { name: "secret", topic: "", present: 1, private: true, quiet: false };
  assert.deepEqual((await call(server, "/rooms", { token: ann.token })).json, [...open, secret]);
  assert.deepEqual((await call(server, "/rooms", { token: bob.token })).json, open);
});

Deno.test("what was said is read by pages in both directions, as JSON mode shows it", async () => {
  await using server = await startServer(...UNLIMITED);
  const token = await tokenOf(server, "ann");
  const said = [];
  for (let index = 0; index < 7; index++) {
    const { json } = await call(server, "/rooms/lobby/messages", { token, json: { text: `line ${index}` } });
    const { id, at } = json;
    said.push({ type: "message", id, room: "lobby", from: "ann", text: `line ${index}`, action: false, at });
  }
  const read = async (query: string) => {
    const { status, json } = await call(server, `/rooms/lobby/messages${query}`, { token });
    assert.equal(status, 200, query);
    assert.equal(json.room, "lobby");
    return [json.messages, json.more];
  };
  assert.deepEqual(await read(""), [said, false]);
  assert.deepEqual(await read("?limit=3"), [said.slice(4), true]);
  assert.deepEqual(await read(`?limit=3&before=${said[4]!.id}`), [said.slice(1, 4), true]);
  assert.deepEqual(await read(`?limit=3&after=${said[1]!.id}`), [said.slice(2, 5), true]);
  assert.deepEqual(await read(`?after=${said[1]!.id}&before=${said[4]!.id}`), [said.slice(2, 4), false]);
  assert.deepEqual(await read(`?after=${said[6]!.id.toLowerCase()}`), [[], false]);
  assert.deepEqual(await read("?after=&limit=2"), [said.slice(0, 2), true]);
  assert.deepEqual(await read("?limit=1000"), [said, false]);
  assert.deepEqual(await read("?limit=99999999999999999999"), [said, false]);
});

Deno.test("a page holds 100 messages, up to 1,000 where so many are wanted, and no more", async () => {
  await using server = await startServer(...UNLIMITED);
  const token = await tokenOf(server, "ann");
  for (let hundred = 0; hundred < 11; hundred++) {
    await Promise.all(
      Array.from({ length: 100 }, () => call(server, "/rooms/lobby/messages", { token, text: "hi" })),
    );
  }
  for (const [query, count] of [["", 100], ["?limit=1000", 1000], ["?limit=5000", 1000]] as const) {
    const { json } = await call(server, `/rooms/lobby/messages${query}`, { token });
    assert.deepEqual([json.messages.length, json.more], [count, true], query);
  }
});

Deno.test("what is asked for in a way that means nothing is refused by a sentence", async () => {
  await using server = await startServer();
  const token = await tokenOf(server, "ann");
  const limit = 'Field "limit" must be a whole number from 1 to 1000.';
  const cases: [query: string, message: string][] = [
    ...["0", "-1", "1.5", "ten", "", "1e3", "%20", "0x10"].map((value): [string, string] => [
      `limit=${value}`,
      limit,
    ]),
    ["before=yesterday", 'Field "before" must be the id of a message.'],
    ["after=1", 'Field "after" must be the id of a message.'],
    ["after=ZZZZZZZZZZZZZZZZZZZZZZZZZZ", 'Field "after" must be the id of a message.'],
  ];
  for (const [query, message] of cases) {
    const answer = await call(server, `/rooms/lobby/messages?${query}`, { token });
    assertRefused(answer, 400, query);
    assert.equal(answer.json.message, message, query);
  }
});

Deno.test("a message is answered when it is kept, by its id, and everybody there reads it", async () => {
  await using server = await startServer();
  const [bob] = await server.guests("bob");
  const token = await tokenOf(server, "ann");
  const { status, json } = await call(server, "/rooms/lobby/messages", { token, json: { text: "hello" } });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json), ["id", "room", "at"]);
  assert.match(json.id, ULID);
  assert.equal(json.room, "lobby");
  assert.equal(json.at, new Date(json.at).toISOString());
  await bob.reads("ann: hello");
  await call(server, "/rooms/%23Lobby/messages", { token, json: { text: "waves", action: true } });
  await bob.reads("* ann waves");
  await server.restart();
  const { json: { messages } } = await call(server, "/rooms/lobby/messages", { token });
  assert.deepEqual(messages.map(({ text, action }: Said) => [text, action]), [["hello", false], [
    "waves",
    true,
  ]]);
});

Deno.test("one call of curl posts a message, whatever it says that the body is", async () => {
  await using server = await startServer();
  const [bob] = await server.guests("bob");
  const token = await tokenOf(server, "ann");
  const { port } = server.parley.addresses.http!;
  const file = `${server.dataDir}/report.txt`;
  await Deno.writeTextFile(file, "first\nsecond\r\nthird\n\n");
  const cases: [args: string[], read: string][] = [
    [["-d", "backup done"], "backup done"],
    [["-d", "100% + a&b=c"], "100% + a&b=c"],
    [["-H", "content-type: text/plain", "-d", "backup done"], "backup done"],
    [["-H", "content-type: text/plain; charset=utf-8", "-d", "fertig: ä 😀"], "fertig: ä 😀"],
    [["-H", "content-type: text/plain", "-d", '{"text":"as it is"}'], '{"text":"as it is"}'],
    [["--data-binary", `@${file}`], "first second third"],
    [["-d", '{"text":"as JSON"}'], "as JSON"],
    [["-H", "content-type: application/json", "-d", '{"text":"said to be JSON"}'], "said to be JSON"],
    [["--json", '{"text":"/me is no command here"}'], "/me is no command here"],
  ];
  for (const [args, text] of cases) {
    const url = `http://127.0.0.1:${port}/rooms/lobby/messages`;
    const { code, stdout } = await run("curl", [
      "-s",
      "--fail-with-body",
      "-H",
      `Authorization: Bearer ${token}`,
      ...args,
      url,
    ]);
    assert.equal(code, 0, stdout);
    assert.match(JSON.parse(stdout).id, ULID);
    await bob.reads(`ann: ${text}`);
  }
});

Deno.test("what is said is one printable line, and whatever cannot be is refused", async () => {
  await using server = await startServer(...UNLIMITED, "--line-bytes=100");
  const [bob] = await server.guests("bob");
  const token = await tokenOf(server, "ann");
  const said: [sent: string, read: string][] = [
    ["one\ntwo\r\nthree\rfour", "one two three four"],
    ["\u001b[2Jboo\u0007\u009b", "[2Jboo"],
    ["a\tb", "a\tb"],
    ["\u202egnol\u2066", "gnol"],
    ["ä".repeat(50), "ä".repeat(50)],
  ];
  for (const [text, read] of said) {
    for (const asked of [{ json: { text } }, { text }]) {
      assert.equal((await call(server, "/rooms/lobby/messages", { token, ...asked })).status, 200);
      await bob.reads(`ann: ${read}`);
    }
  }
  const invalid = new Uint8Array([0x68, 0xff, 0x69]);
  assert.equal((await call(server, "/rooms/lobby/messages", { token, text: invalid })).status, 200);
  await bob.reads("ann: h\ufffdi");
  const tooLong = "Line too long (limit 100 bytes); nothing was sent.";
  const empty = 'Field "text" must be a text that is not empty.';
  const refused: [asked: { json?: unknown; text?: string }, status: number, message: string][] = [
    [{ text: "x".repeat(101) }, 413, tooLong],
    [{ json: { text: "ä".repeat(51) } }, 413, tooLong],
    [{ text: "" }, 400, empty],
    [{ text: " \n\r\n" }, 400, empty],
    [{ text: "\u0007" }, 400, empty],
    [{ json: { text: "" } }, 400, empty],
    [{ json: {} }, 400, empty],
    [{ json: { text: 7 } }, 400, empty],
    [{ json: { text: "x", action: "yes" } }, 400, 'Field "action" must be true or false.'],
    [{ json: ["x"] }, 400, 'The body is {"text": …} as JSON, or text/plain.'],
    [{ json: "x" }, 400, 'The body is {"text": …} as JSON, or text/plain.'],
  ];
  for (const path of ["/rooms/lobby/messages", "/direct/bob"]) {
    for (const [asked, status, message] of refused) {
      if (path === "/direct/bob" && message.includes("action")) continue;
      const answer = await call(server, path, { token, ...asked });
      assert.deepEqual([answer.status, answer.json], [status, { message }], JSON.stringify(asked));
    }
    const broken = { token, text: '{"text":"x', headers: { "content-type": "application/json" } };
    assertRefused(await call(server, path, broken), 400, "broken JSON");
  }
  await call(server, "/rooms/lobby/messages", { token, text: "done" });
  await bob.reads("ann: done");
});

Deno.test("one may post without having joined, but no call makes a room", async () => {
  await using server = await startServer();
  const [ann, bob] = await membersOf(server, "ann", "bob");
  await ann.person.types("/join #garden");
  await ann.person.readsUntil(/#garden/);
  const { json } = await call(server, "/rooms/garden/messages", { token: bob.token, text: "hi" });
  assert.equal(json.room, "garden");
  await ann.person.readsUntil("bob: hi");
  const { json: rooms } = await call(server, "/rooms", { token: bob.token });
  assert.equal(rooms.find(({ name }: { name: string }) => name === "garden").present, 1);
  for (const method of ["GET", "POST"]) {
    const text = method === "POST" ? "hi" : undefined;
    const answer = await call(server, "/rooms/nowhere/messages", { token: bob.token, method, text });
    assert.deepEqual([answer.status, answer.json], [404, { message: "There is no room #nowhere." }]);
    const bad = await call(server, "/rooms/a%20b/messages", { token: bob.token, method, text });
    assert.deepEqual([bad.status, bad.json], [400, {
      message: "Rooms are # and 1 to 32 letters, digits, _ - or .",
    }]);
  }
  assert.equal((await call(server, "/rooms", { token: bob.token })).json.length, 2);
});

Deno.test("a private room is not there for whoever may not enter it, by any call", async () => {
  await using server = await startServer();
  const [ann, bob] = await membersOf(server, "ann", "bob");
  await makeSecret(ann.person);
  await call(server, "/rooms/secret/messages", { token: ann.token, text: "the plan" });
  const calls: [path: string, asked: { text?: string; method?: string }][] = [
    ["/rooms/ROOM/messages", {}],
    ["/rooms/ROOM/messages?after=&limit=1000", {}],
    ["/rooms/ROOM/messages", { text: "hi" }],
    ["/rooms/ROOM/messages", { text: "" }],
    ["/events?room=ROOM", {}],
    ["/events?room=lobby&room=ROOM", {}],
    ["/events?room=ROOM", { method: "HEAD" }],
  ];
  for (const [path, asked] of calls) {
    const [secret, nowhere] = await Promise.all(
      ["secret", "nowhere"].map((room) =>
        call(server, path.replace("ROOM", room), { token: bob.token, ...asked })
      ),
    );
    const told = ({ status, text }: Answer) => [status, text.replace("secret", "nowhere")];
    assert.equal(secret!.status, 404, path);
    assert.deepEqual(told(secret!), told(nowhere!), path);
  }
  await ann.person.types("/invite bob");
  await ann.person.readsUntil(/is invited/);
  const { json } = await call(server, "/rooms/secret/messages", { token: bob.token });
  assert.deepEqual(json.messages.map(({ text }: Said) => text), ["the plan"]);
  assert.equal((await call(server, "/rooms/secret/messages", { token: bob.token, text: "hi" })).status, 200);
});

Deno.test("who may not speak may not post either", async () => {
  await using server = await startServer();
  const [ann, bob] = await membersOf(server, "ann", "bob");
  const post = () => call(server, "/rooms/garden/messages", { token: bob.token, text: "hi" });
  await ann.person.types("/join #garden");
  await ann.person.types("/quiet on");
  await ann.person.readsUntil(/is quiet now/);
  assert.deepEqual(statusAndText(await post()), [403, "#garden is quiet: its staff speaks, others read."]);
  await ann.person.types("/quiet off");
  await ann.person.readsUntil(/may speak now/);
  assert.equal((await post()).status, 200);
  await ann.person.types("/mute bob 5m");
  await ann.person.readsUntil(/bob is muted/);
  assert.match(statusAndText(await post())[1], /^You are muted in #garden until .+ UTC\.$/);
  assert.equal((await post()).status, 403);
  await ann.person.types("/unmute bob");
  await ann.person.readsUntil(/muted no longer/);
  await ann.person.types("/ban bob spam");
  await ann.person.readsUntil(/bob is banned from #garden/);
  assert.deepEqual(statusAndText(await post()), [403, "You are banned from #garden: spam."]);
  const elsewhere = await call(server, "/rooms/lobby/messages", { token: bob.token, text: "hi" });
  assert.equal(elsewhere.status, 200);
});

Deno.test("posting holds the pace of messages, over all calls of an account", async () => {
  await using server = await startServer("--rate=4,1", "--command-rate=off");
  await server.hasAccount("bob");
  const token = await tokenOf(server, "ann");
  const other = await server.tokenOf("ann");
  const paths = ["/rooms/lobby/messages", "/direct/bob"];
  const answers = [];
  for (let index = 0; index < 6; index++) {
    answers.push(
      await call(server, paths[index % 2]!, { token: index < 3 ? token : other, text: `${index}` }),
    );
  }
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 429, 429]);
  const [refused] = answers.slice(-1);
  assert.equal(refused!.headers.get("retry-after"), "1");
  assert.equal(
    refused!.json.message,
    "You are sending too fast (limit 1 a second for an account); that was not sent.",
  );
  assert.equal((await call(server, "/rooms/lobby/messages", { token })).status, 200);
  const bob = await server.tokenOf("bob");
  assert.equal((await call(server, "/rooms/lobby/messages", { token: bob, text: "hi" })).status, 200);
});

Deno.test("a private message reaches who is here, waits for an account that is away, and nobody else", async () => {
  await using server = await startServer();
  const [bob] = await membersOf(server, "bob");
  await server.hasAccount("carl");
  const token = await tokenOf(server, "ann");
  const here = await call(server, "/direct/BOB", { token, json: { text: "psst" } });
  assert.equal(here.status, 200);
  assert.match(here.json.id, ULID);
  assert.deepEqual({ ...here.json, id: "" }, { id: "", to: "bob", kept: false });
  await bob.person.reads("Private message from ann: psst");
  await bob.person.types("/away lunch");
  await bob.person.types("/limits");
  await bob.person.readsUntil(/^Waiting for you/);
  const away = await call(server, "/direct/bob", { token, text: "psst\n" });
  assert.equal(away.json.note, "bob is away: lunch");
  const offline = await call(server, "/direct/carl", { token, text: "hello" });
  assert.deepEqual({ ...offline.json, id: "" }, {
    id: "",
    to: "carl",
    kept: true,
    note: "carl is offline and will get it on return.",
  });
  const carl = await server.connect();
  await carl.readsUpTo("Enter your username: ");
  await carl.types("/login carl correct horse");
  await carl.isWelcomed();
  await carl.readsInTurn(
    "You have 1 private messages from while you were away:",
    /Private message from ann: hello$/,
  );
  for (const name of ["nobody", "no%20body", "%1b%5b2J"]) {
    const { status, json } = await call(server, `/direct/${name}`, { token, text: "hi" });
    assert.equal(status, 404, name);
    assert.match(json.message, /^User .* not found\.$/);
    assert.ok(!json.message.includes("\u001b"));
  }
});

Deno.test("whoever is banned is refused by every call, with the sentence; admins are let in, pages and health are for all", async () => {
  await using server = await startServer(...UNLIMITED);
  const admin = await adminOf(server);
  await server.hasAccount("bob");
  const token = await server.tokenOf("bob");
  const calls: [method: string, path: string][] = [
    ["GET", "/me"],
    ["PATCH", "/me"],
    ["GET", "/me/tokens"],
    ["POST", "/me/tokens"],
    ["GET", "/rooms"],
    ["GET", "/rooms/lobby/messages"],
    ["POST", "/rooms/lobby/messages"],
    ["POST", "/direct/root"],
    ["GET", "/events"],
    ["POST", "/logout"],
  ];
  await admin.types("/ban bob 1h spam");
  await admin.readsUntil(/bob is banned/);
  for (const [method, path] of calls) {
    const { status, json } = await call(server, path, { method, token });
    assert.equal(status, 403, `${method} ${path}`);
    assert.match(json.message, /^You are banned from this server until .+ UTC: spam\.$/);
  }
  const login = (username: string) =>
    call(server, "/login", { json: { username, password: "correct horse" } });
  const refused = await login("bob");
  assert.equal(refused.status, 403);
  assert.match(refused.json.message, /^You are banned/);
  await admin.types("/unban bob");
  await admin.readsUntil(/banned no longer/);
  assert.equal((await call(server, "/me", { token })).status, 200);

  await admin.types("/ban 127.0.0.0/8 1h flood");
  await admin.readsUntil(/is banned/);
  const body = { username: "eve", password: "correct horse", name_account: "eve" };
  for (const [method, path] of [["POST", "/signup"], ...calls]) {
    const answer = await call(server, path!, { method, token, json: method === "POST" ? body : undefined });
    assert.match(String(answer.json?.message), /^You are banned from this server/, path);
    assert.equal(answer.status, 403, path);
  }
  assert.equal((await login("bob")).status, 403);
  for (const path of ["/healthz", "/cert.pem", "/", "/session"]) {
    assert.equal((await call(server, path)).status, 200, path);
  }

  const root = { token: (await login("root")).json["Access Token"] };
  assert.equal((await call(server, "/rooms/lobby/messages", { ...root, json: { text: "hi" } })).status, 200);
});

Deno.test("a lockdown closes sign-up and speaking over HTTP, too", async () => {
  await using server = await startServer(...UNLIMITED);
  const admin = await adminOf(server);
  const token = await tokenOf(server, "ann");
  await admin.types("/lockdown 5 no-signups");
  await admin.readsUntil(/no-signups\.$/);
  const eve = { username: "eve", password: "correct horse", name_account: "eve" };
  const signup = await call(server, "/signup", { json: eve });
  assert.match(statusAndText(signup)[1], /^Sign-up is closed until /);
  assert.equal(signup.status, 403);
  assert.equal((await call(server, "/rooms/lobby/messages", { token, text: "hi" })).status, 200);
  await admin.types("/lockdown 5 read-only");
  await admin.readsUntil(/read-only\.$/);
  for (const path of ["/rooms/lobby/messages", "/direct/root"]) {
    const { status, json } = await call(server, path, { token, text: "hi" });
    assert.equal(status, 403);
    assert.match(json.message, /^Only moderators may write until /);
  }
});

interface Said {
  readonly text: string;
  readonly action: boolean;
}

/** Accounts that are present, with a token each. */
async function membersOf<Names extends string[]>(
  server: TestServer,
  ...names: Names
): Promise<{ [Index in keyof Names]: { person: Person; token: string } }> {
  const members = [];
  for (const name of names) {
    await server.hasAccount(name);
    const member = { person: await server.member(name), token: await server.tokenOf(name) };
    members.push(member);
  }
  for (const { person } of members) {
    await person.types("/limits");
    await person.readsUntil(/^Waiting for you/);
  }
  return members as { [Index in keyof Names]: { person: Person; token: string } };
}

/** An account that is not present. */
async function tokenOf(server: TestServer, name: string): Promise<string> {
  await server.hasAccount(name);
  return await server.tokenOf(name);
}

/** The first admin, present over the plain port. */
async function adminOf(server: TestServer): Promise<Person> {
  const root = { username: "root", password: "correct horse", name_account: "root" };
  await call(server, "/setup", { json: { code: server.parley.setupCode, ...root } });
  return await server.member("root");
}

async function makeSecret(owner: Person): Promise<void> {
  await owner.types("/join #secret");
  await owner.types("/private on");
  await owner.readsUntil(/is private now/);
}

function statusAndText({ status, json }: Answer): [number, string] {
  return [status, json.message];
}

/** A refusal is JSON with a message that is a sentence, and nothing else. */
function assertRefused({ status, json, text }: Answer, expected: number, what: string): void {
  assert.equal(status, expected, `${what}: ${text}`);
  assert.deepEqual(Object.keys(json), ["message"], what);
  assert.match(json.message, /^[A-Z].*\.$/, what);
}
