import { strict as assert } from "node:assert";
import { recordsIn } from "../../server/cli/records.ts";
import { Bots, DOORS } from "../support/bot.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const GREETING = `Welcome to Parley.
Paste your access token, or /login <username>, or /signup <username>.
Or just type a name to come in as a guest.
Enter your username: 
`;
const NOT_EMPTY = "must be a text that is not empty.";
const ONE_WORD = "must be a text without spaces that is not empty.";
const COME_IN_FIRST = "Come in first: type a name, /login <username> or /signup <username>.";

/** An address of this machine under which it does not take itself for loopback. */
const OWN_ADDRESS = Deno.networkInterfaces().find(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
)?.address;

for (const door of DOORS) {
  Deno.test(`over ${door} a program comes in by its first object, and reads nothing but objects then`, async () => {
    await using server = await startServer();
    await using bots = new Bots(server);
    await server.hasAccount("ann");
    const token = await server.tokenOf("ann");
    const ways: [by: object, name: string | RegExp, role: string][] = [
      [{ type: "guest", name: "bot" }, /^bot\d{4}$/, "guest"],
      [{ type: "login", username: "ann", password: "correct horse" }, "ann", "member"],
      [{ type: "auth", token }, "ann", "member"],
      [{ type: "auth", token: ` ${token} `, ref: "own", more: { deep: [] } }, "ann", "member"],
    ];
    for (const [by, name, role] of ways) {
      const bot = await bots.connect(door);
      await bot.sends(by);
      const { ref } = by as { ref?: string };
      const version = /^\d+\.\d+\.\d+/;
      await bot.reads({ type: "welcome", server: "Parley", version, name, role, rooms: ["lobby"], ref });
      assert.equal(bot.preface, door.startsWith("ws") ? "" : GREETING);
      await bot.hasReadAll();
      await bot.vanishes();
    }
  });
}

for (const over of ["tls", "plain"] as const) {
  Deno.test(`over ${over} somebody who is in goes on in JSON by /json`, async () => {
    await using server = await startServer();
    const [ann] = await server.guests("ann");
    const bob = await server.connect(over);
    await bob.comesInAs("bob");
    await ann.reads(`${bob.name} has joined the chat.`);
    await bob.types("/json");
    const { type, name, role } = JSON.parse(await bob.readsLine());
    assert.deepEqual([type, name, role], ["welcome", bob.name, "guest"]);
    await ann.types("hi");
    const { id: _id, at: _at, ...message } = JSON.parse(await bob.readsLine());
    assert.deepEqual(message, { type: "message", room: "lobby", from: ann.name, text: "hi", action: false });
    await bob.sends('{"type":"say","room":"lobby","text":"hi"}\r\n{"type":"ping"}\n');
    await ann.reads(`${bob.name}: hi`);
    assert.deepEqual(
      await Promise.all([bob.readsLine(), bob.readsLine()].map(async (line) => JSON.parse(await line).type)),
      ["pong", "ack"], // a ping is not kept waiting by a commit
    );
  });
}

Deno.test("a program that is refused is told why, and may try again", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await using bots = new Bots(server);
  for (const username of ["ann", "gone"]) await server.hasAccount(username);
  const { revoked, expired, narrow, ofGone } = await unusableTokens(server);
  const password = "correct horse";
  const refused: [sent: object | string, code: string, text: string][] = [
    [{ type: "auth", token: "eyJ.eyJ.x" }, "token_not_valid", "This token is not valid."],
    [{ type: "auth", token: revoked }, "token_revoked", "This token has been revoked."],
    [{ type: "auth", token: expired }, "token_expired", "This token has expired."],
    [
      { type: "auth", token: narrow },
      "token_scope",
      "This token is for something else; its scope is post:#ops.",
    ],
    [
      { type: "auth", token: ofGone },
      "account_disabled",
      "This account is disabled. Ask an admin of this server.",
    ],
    [{ type: "auth" }, "bad_request", `Field "token" ${ONE_WORD}`],
    [{ type: "auth", token: 5 }, "bad_request", `Field "token" ${ONE_WORD}`],
    [
      { type: "login", username: "ann", password: "wrong horse" },
      "wrong_credentials",
      "Wrong username or password.",
    ],
    [{ type: "login", username: "nobody", password }, "wrong_credentials", "Wrong username or password."],
    [{ type: "login", username: "ann" }, "bad_request", `Field "password" ${NOT_EMPTY}`],
    [{ type: "login", password }, "bad_request", `Field "username" ${ONE_WORD}`],
    [{ type: "login", username: ["ann"], password }, "bad_request", `Field "username" ${ONE_WORD}`],
    [{ type: "guest", name: "a" }, "bad_name", "Names are 2 to 32 letters, digits, _ - or ."],
    [{ type: "guest", name: "Server" }, "name_taken", "That name is taken."],
    [{ type: "guest", name: null }, "bad_request", `Field "name" ${NOT_EMPTY}`],
    [{ type: "say", room: "lobby", text: "hi" }, "log_in_first", COME_IN_FIRST],
    [{ type: "who" }, "log_in_first", COME_IN_FIRST],
    [{ type: "__proto__" }, "log_in_first", COME_IN_FIRST],
    [{ type: 5 }, "bad_json", 'This is not a JSON object with a "type".'],
    ["{", "bad_json", 'This is not a JSON object with a "type".'],
  ];
  for (const [index, [sent, code, text]] of refused.entries()) {
    const bot = await bots.connect(DOORS[index % DOORS.length]);
    if (typeof sent === "string") {
      await bot.sends(sent);
      await bot.reads({ type: "error", code, text });
    } else await bot.isRefused(sent, code, text);
    await bot.asks({ type: "ping" }, { type: "pong" });
    await bot.comesIn({ type: "guest", name: "bot" });
    await bot.vanishes();
  }
});

Deno.test("where guests are not admitted, programs are not either without an account", async () => {
  await using server = await startServer("--guests=off");
  await using bots = new Bots(server);
  await server.hasAccount("ann");
  for (const door of DOORS) {
    const bot = await bots.connect(door);
    await bot.isRefused({ type: "guest", name: "bot" }, "no_guests", /^Guests are not admitted here\. /);
    await bot.comesIn({ type: "login", username: "ann", password: "correct horse" });
  }
});

Deno.test("after as many refusals as there are tries the connection is closed", async () => {
  await using server = await startServer("--login-tries=3");
  await using bots = new Bots(server);
  await Promise.all(DOORS.map(async (door) => {
    const bot = await bots.connect(door);
    for (let count = 0; count < 3; count++) await bot.isRefused({ type: "guest", name: "?" }, "bad_name");
    const { last, ending } = await bot.readsToTheEnd();
    assert.deepEqual(last, [{ type: "notice", text: "That was try 3 of 3; connect again." }]);
    assert.equal(ending.code, door.startsWith("ws") ? 1000 : undefined);
  }));
});

const hesitations: [how: string, flags: string[], lines: string[]][] = [
  ["time", ["--login-seconds=1"], []],
  ["lines", [], Array(19).fill('{"type":"ping"}')],
  ["bytes", [], Array(9).fill('{"type":"pong"}'.padEnd(2_000))],
];
for (const [how, flags, lines] of hesitations) {
  Deno.test(`a program that takes more ${how} than there are before it is in is closed`, async () => {
    await using server = await startServer(...flags);
    await using bots = new Bots(server);
    await Promise.all(DOORS.map(async (door) => {
      const bot = await bots.connect(door);
      await bot.hasReadAll();
      await bot.sends(...lines);
      const { last, ending } = await bot.readsToTheEnd();
      assert.deepEqual(last.at(-1), { type: "notice", text: "Login timed out." });
      if (door.startsWith("ws")) assert.deepEqual(ending, { code: 1008, reason: "timeout" });
    }));
  });
}

Deno.test("the twentieth line may be the one that leads in", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  for (const door of DOORS) {
    const bot = await bots.connect(door);
    for (let count = 0; count < 19; count++) await bot.hasReadAll();
    await bot.comesIn({ type: "guest", name: "bot" });
  }
});

Deno.test("a token that comes with the request for a WebSocket logs in, and what is sent meanwhile waits", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  for (const door of ["ws", "wss"] as const) {
    for (const authorization of [`Bearer ${token}`, `bearer   ${token}`]) {
      const bot = await bots.connect(door, { headers: { authorization } });
      await bot.sends({ type: "say", room: "lobby", text: "hi", ref: 1 });
      assert.equal((await bot.reads()).name, "ann");
      assert.equal((await bot.reads()).ref, 1);
      await bot.vanishes();
    }
  }
});

Deno.test("a token that comes with the request and is good for nothing is refused once", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  await server.hasAccount("ann");
  await server.hasAccount("gone");
  const { revoked, narrow } = await unusableTokens(server);
  for (
    const [token, code] of [["x", "token_not_valid"], [revoked, "token_revoked"], [narrow, "token_scope"]]
  ) {
    const bot = await bots.connect("ws", { headers: { authorization: `Bearer ${token}` } });
    await bot.sends({ type: "guest", name: "bot" });
    assert.equal((await bot.reads()).code, code);
    assert.equal((await bot.reads()).type, "welcome");
  }
  const bot = await bots.connect("ws", { headers: { authorization: "Basic YW5uOmNvcnJlY3QgaG9yc2U=" } });
  await bot.comesIn({ type: "guest", name: "bot" }); // and no refusal before it
});

Deno.test("who is banned is told so and closed, by whichever door", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await using bots = new Bots(server);
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const eve = await server.admin("eve");
  await eve.asks("/ban 127.0.0.0/8 1d noise", /^127\.0\.0\.0\/8 is banned until .+ UTC\.$/);
  const ways = [{ type: "guest", name: "bot" }, { type: "auth", token }];
  for (const door of DOORS) {
    for (const by of ways) {
      const bot = await bots.connect(door);
      const { retry_after_seconds: seconds } = await bot.isRefused(
        by,
        "banned",
        /^You are banned from this server until .+ UTC: noise\.$/,
      );
      assert.ok(Number(seconds) > 86_000 && Number(seconds) <= 86_400, String(seconds));
      const { last, ending } = await bot.readsToTheEnd();
      assert.deepEqual(last, [{ type: "notice", text: "Goodbye." }]);
      if (door.startsWith("ws")) assert.deepEqual(ending, { code: 1008, reason: "kicked" });
    }
  }
});

Deno.test("a WebSocket is opened for pages of this server and for programs, and for nobody else's pages", async () => {
  await using server = await startServer();
  const { port } = server.parley.addresses.http!;
  const other = server.parley.addresses.https!.port;
  const asked: [headers: string[], status: number][] = [
    [[], 101],
    [[`Origin: http://127.0.0.1:${port}`], 101],
    [[`Origin: http://127.0.0.1:${other}`], 403],
    [["Origin: http://127.0.0.1"], 403],
    [["Origin: https://evil.example"], 403],
    [[`Origin: http://127.0.0.1:${port}.evil.example`], 403],
    [["Origin: null"], 403],
    [["Origin: "], 403],
    [["Host: evil.example"], 421],
    [[`Host: evil.example:${port}`, `Origin: http://evil.example:${port}`], 421],
    [[`Host: localhost:${port}`, `Origin: http://localhost:${port}`], 101],
    [[`Host: [::1]:${port}`], 101],
  ];
  for (const [headers, status] of asked) {
    assert.equal((await opening(server, { headers })).status, status, headers.join());
  }
});

Deno.test("who asks for anything but a WebSocket at its address is told what it takes", async () => {
  await using server = await startServer();
  const { http, https } = server.parley.addresses;
  using client = Deno.createHttpClient({ caCerts: [server.parley.certificate.certPem] });
  for (
    const [url, ws] of [[`http://127.0.0.1:${http!.port}`, "ws"], [`https://127.0.0.1:${https!.port}`, "wss"]]
  ) {
    const response = await fetch(`${url}/ws`, { client });
    assert.equal(response.status, 426);
    const address = `${url}/ws`.replace(/^https?/, ws!);
    assert.deepEqual(await response.json(), {
      message: "This address takes WebSockets only. " +
        `Connect to ${address} with a WebSocket client; each message is one JSON object.`,
    });
    const posted = await fetch(`${url}/ws`, { client, method: "POST", body: "{}" });
    assert.equal(posted.status, 405);
    await posted.body?.cancel();
  }
});

Deno.test("WebSockets are connections like all others: they count", async () => {
  await using server = await startServer("--max-connections=2");
  await using bots = new Bots(server);
  const [ann] = await bots.guests("ann", "bob");
  const full = { message: "Server is full. Its limit is 2 connections; try again later." };
  assert.deepEqual(await opening(server), { status: 503, body: full });
  await ann.vanishes();
  for (;;) { // until that is noticed
    if ((await opening(server)).status === 101) break;
  }
});

Deno.test("an address has so many WebSockets at a time, loopback any number", {
  ignore: OWN_ADDRESS === undefined,
}, async () => {
  await using server = await startServer(
    "--http=0.0.0.0:0",
    "--plain=0.0.0.0:0",
    "--connections-per-address=2",
  );
  for (const status of [101, 101, 429]) {
    assert.equal((await opening(server, { hostname: OWN_ADDRESS })).status, status);
  }
  for (let count = 0; count < 4; count++) assert.equal((await opening(server)).status, 101);
});

/** Asks for a WebSocket by hand, and keeps it until the server stops. Headers replace those of the same name. */
async function opening(
  server: TestServer,
  { headers = [], hostname = "127.0.0.1" }: { headers?: readonly string[]; hostname?: string } = {},
): Promise<{ status: number; body: unknown }> {
  const { port } = server.parley.addresses.http!;
  const person = server.welcomes(await Deno.connect({ hostname, port }));
  const usual = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
  ];
  const host = headers.some((header) => header.startsWith("Host: ")) ? [] : [`Host: ${hostname}:${port}`];
  await person.sends(["GET /ws HTTP/1.1", ...host, ...usual, ...headers].join("\r\n") + "\r\n\r\n");
  const head = await person.readsUpTo("\r\n\r\n");
  const status = Number(head.split(" ")[1]);
  return { status, body: status === 101 ? undefined : JSON.parse(await person.readsUpTo("}")) };
}

/** Tokens of ann, and of gone, whose account is disabled. */
async function unusableTokens(server: TestServer) {
  await using records = await recordsIn(server.dataDir);
  const { accounts, tokens } = records;
  const ann = (await accounts.findByHandle("ann"))!;
  const gone = (await accounts.findByHandle("gone"))!;
  const issue = async (account: string, options: { days?: number; scope?: string }) =>
    await tokens.issue(account, { days: 1, label: "test", ...options });
  const [revoked, expired, narrow, ofGone] = [
    await issue(ann.id, {}),
    await issue(ann.id, { days: 0 }),
    await issue(ann.id, { scope: "post:#ops" }),
    await issue(gone.id, {}),
  ];
  await tokens.revoke(revoked.record.id);
  await accounts.setDisabled(gone.id, true);
  return { revoked: revoked.jwt, expired: expired.jwt, narrow: narrow.jwt, ofGone: ofGone.jwt };
}
