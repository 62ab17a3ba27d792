import { strict as assert } from "node:assert";
import { type Asked, call } from "../support/api.ts";
import { Machine, UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const NARROW = { status: 403, message: /^This token is for something else; its scope is .+\.$/ };

/** `closed` is a private room that the account has joined, `other` one that it has not. */
const CALLS: Record<string, [method: string, path: string]> = {
  "read open": ["GET", "/rooms/open/messages"],
  "read closed": ["GET", "/rooms/closed/messages"],
  "read other": ["GET", "/rooms/other/messages"],
  "post open": ["POST", "/rooms/open/messages"],
  "post closed": ["POST", "/rooms/closed/messages"],
  "post other": ["POST", "/rooms/other/messages"],
  "listen to open": ["HEAD", "/events?room=open"],
  "listen to closed": ["HEAD", "/events?room=closed"],
  "listen to other": ["HEAD", "/events?room=other"],
  listen: ["HEAD", "/events"],
  rooms: ["GET", "/rooms"],
  direct: ["POST", "/direct/ann"],
  me: ["GET", "/me"],
  rename: ["PATCH", "/me"],
  tokens: ["GET", "/me/tokens"],
  "new token": ["POST", "/me/tokens"],
  "end a token": ["DELETE", "/me/tokens/01ARZ3NDEKTSV4RRFFQ69G5FAV"],
  password: ["POST", "/me/password"],
};

type CallName = keyof typeof CALLS;

/** Scope → the calls that it is good for, and their status; all others are refused for the scope. */
const RIGHTS: [scope: string, good: Partial<Record<CallName, number>>][] = [
  ["chat", everything()],
  ["admin", everything()],
  ["read:#open", { "read open": 200, "listen to open": 200, listen: 200, rooms: 200 }],
  ["read:#closed", { "read closed": 200, "listen to closed": 200, listen: 200, rooms: 200 }],
  ["read:#other", { "read other": 404, "listen to other": 404, listen: 404, rooms: 200 }],
  ["post:#open", { "post open": 200 }],
  ["post:#closed", { "post closed": 200 }],
  ["post:#other", { "post other": 404 }],
  ["read:#open post:#closed", {
    "read open": 200,
    "post closed": 200,
    "listen to open": 200,
    listen: 200,
    rooms: 200,
  }],
];

for (const [scope, good] of RIGHTS) {
  Deno.test(`a token for ${scope} is good for that and nothing else`, async () => {
    await using server = await startServer(...UNLIMITED);
    await town(server);
    const { json: { token } } = await call(server, "/me/tokens", {
      token: await adminToken(server),
      json: { scope },
    });
    for (const [name, [method, path]] of Object.entries(CALLS)) {
      const { status, text, json } = await call(server, path, { method, token, ...bodyOf(name) });
      const expected = good[name] ?? NARROW.status;
      assert.equal(status, expected, `${name}: ${text}`);
      if (good[name] === undefined && method !== "HEAD") assert.match(json.message, NARROW.message, name);
    }
    const rooms = await call(server, "/rooms", { token });
    if (rooms.status === 200 && scope.startsWith("read")) {
      const [, readable] = /read:#(\w+)/.exec(scope)!;
      const expected = readable === "other" ? [] : [readable];
      assert.deepEqual(rooms.json.map(({ name }: { name: string }) => name), expected);
    }
    const { status } = await call(server, "/logout", { method: "POST", token });
    assert.equal(status, 200, "every token may end itself");
  });
}

Deno.test("nobody issues a token that may do more than the one in use, and only admins one for admin", async () => {
  await using server = await startServer(...UNLIMITED);
  const { ann, root } = await town(server);
  const admin = await adminToken(server);
  const cases: [token: string, scope: unknown, status: number][] = [
    [ann, "chat", 200],
    [ann, undefined, 200],
    [ann, "read:#open", 200],
    [ann, "READ:#Open  post:#other\tpost:#other", 200],
    [ann, "admin", 403],
    [ann, "chat admin", 403],
    [root, "admin", 403],
    [root, "chat", 200],
    [admin, "admin", 200],
    [admin, "chat admin", 200],
    [ann, "", 400],
    [ann, "root", 400],
    [ann, "chat,admin", 400],
    [ann, "read:open", 400],
    [ann, "read:#", 400],
    [ann, "post:#a#b", 400],
    [ann, Array.from({ length: 21 }, (_, index) => `read:#room${index}`).join(" "), 400],
    [ann, ["chat"], 400],
    [ann, null, 400],
  ];
  for (const [token, scope, status] of cases) {
    const answer = await call(server, "/me/tokens", { token, json: { scope } });
    assert.equal(answer.status, status, `${JSON.stringify(scope)}: ${answer.text}`);
  }
  const { json } = await call(server, "/me/tokens", { token: ann });
  assert.deepEqual(json.map(({ scope }: { scope: string }) => scope).slice(-2), [
    "read:#open",
    "read:#open post:#other",
  ]);
});

Deno.test("/tokens new takes a scope behind the label; a token for chat is issued by one for chat", async () => {
  await using server = await startServer(...UNLIMITED);
  const { ann } = await town(server);
  const person = await server.connect();
  await person.readsUpTo("Enter your username: ");
  await person.types(ann);
  await person.isWelcomed();
  const cases: [typed: string, said: string | RegExp, label: string, scope: string][] = [
    [
      "ci job post:#open read:#open",
      /^A token for the HTTP API, good for post:#open read:#open, until/,
      "ci job",
      "post:#open read:#open",
    ],
    ["post:#open", /^A token for the HTTP API, good for post:#open, until/, "terminal", "post:#open"],
    ["my phone", /^Paste this as the first line to come in as ann, until/, "my phone", "chat"],
    ["chat", /^Paste this as the first line to come in as ann, until/, "terminal", "chat"],
  ];
  for (const [typed, said, label, scope] of cases) {
    await person.types(`/tokens new ${typed}`);
    await person.readsUntil(said);
    const jwt = await person.readsLine();
    const { json } = await call(server, "/me/tokens", { token: ann });
    assert.deepEqual([json.at(-1).label, json.at(-1).scope], [label, scope]);
    assert.ok(jwt.includes("."));
  }
  await person.types("/tokens new boss admin");
  await person.readsUntil("You may not do that.");
  await person.types("/tokens");
  await person.readsUntil(/ {2}ci job {2}for post:#open read:#open( |$)/);
});

Deno.test("a narrow token opens no session", async () => {
  await using server = await startServer(...UNLIMITED);
  const { ann } = await town(server);
  const { json } = await call(server, "/me/tokens", { token: ann, json: { scope: "read:#open post:#open" } });
  const person = await server.connect();
  await person.readsUpTo("Enter your username: ");
  await person.types(json.token);
  await person.reads("This token is for something else; its scope is read:#open post:#open.");
});

Deno.test("the host issues tokens of any scope that the account may have, for as long as the operator says", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  await machine.hasAccount("root", { role: "admin" });
  const cases: [command: string, scope: string, days: number, env?: Record<string, string>][] = [
    ["token issue ann", "chat", 30],
    ["token issue ann --scope post:#ops --name ci", "post:#ops", 30],
    ["token issue ann --scope READ:#Ops --days 3", "read:#ops", 3],
    ["token issue root --scope admin", "admin", 30],
    ["token issue ann", "chat", 7, { PARLEY_TOKEN_DAYS: "7" }],
    ["token issue ann --days 2", "chat", 2, { PARLEY_TOKEN_DAYS: "7" }],
    [`token issue ann --config=${machine.path("parley.toml")}`, "chat", 9],
  ];
  await machine.write("parley.toml", "token-days = 9\n");
  for (const [command, scope, days, env] of cases) {
    const jwt = (await machine.does(command, { env })).trim();
    const payload = JSON.parse(atob(jwt.split(".")[1]!));
    assert.deepEqual([payload.scope, payload.exp - payload.iat], [scope, days * 86_400], command);
  }
  const refused: [command: string, sentence: RegExp, env?: Record<string, string>][] = [
    [
      "token issue ann --scope admin",
      /^parley: Cannot issue a token for admin: ann is member; see parley user role$/m,
    ],
    ["token issue ann --scope ops", /^parley: Bad value "ops" for --scope: chat, admin, /m],
    ["token issue ann", /PARLEY_TOKEN_DAYS/, { PARLEY_TOKEN_DAYS: "soon" }],
  ];
  for (const [command, sentence, env] of refused) {
    const { code, out, err } = await machine.parley(command, { env });
    assert.deepEqual([code, out], [1, ""], command);
    assert.match(err, sentence);
  }
  await machine.does("user list", { env: { PARLEY_TOKEN_DAYS: "soon" } }); // which does not go by it
});

function everything(): Partial<Record<CallName, number>> {
  const others = { "read other": 404, "post other": 404, "listen to other": 404, "end a token": 404 };
  const all = Object.fromEntries(Object.keys(CALLS).map((name) => [name, 200]));
  return { ...all, ...others, rename: 400, password: 400 };
}

function bodyOf(name: CallName): Asked {
  const [method] = CALLS[name]!;
  if (name === "new token") return { json: {} };
  return method === "POST" && name !== "password" ? { json: { text: "hi" } } : {};
}

/** The rooms and accounts that the calls are about: root has joined `closed`, and ann `other`, both private. */
async function town(server: TestServer): Promise<{ ann: string; root: string }> {
  const account = { username: "root", password: "correct horse", name_account: "root" };
  await call(server, "/setup", { json: { code: server.parley.setupCode, ...account } });
  await server.hasAccount("ann");
  const [ann, root] = [await server.member("ann"), await server.member("root")];
  await ann.types("/join #open");
  await ann.types("/join #other");
  await root.types("/join #closed");
  for (const person of [ann, root]) {
    await person.types("/private on");
    await person.readsUntil(/is private now/);
  }
  return { ann: await server.tokenOf("ann"), root: await server.tokenOf("root") };
}

/** One that an admin has made after logging in by password. */
async function adminToken(server: TestServer): Promise<string> {
  const root = await server.member("root");
  await root.types("/tokens new boss admin");
  await root.readsUntil(/^Paste this/);
  return await root.readsLine();
}
