import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { type Answer, call } from "../support/api.ts";
import { Bots, DOORS, TIME } from "../support/bot.ts";
import { eventually } from "../support/eventually.ts";
import { PageOf } from "../support/page_of.ts";
import type { Person } from "../support/person.ts";
import { run } from "../support/program.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const USERNAME = "Enter your username: ";
const PASSWORD = "Password: ";
const OPEN = /^Open (https?:\/\/\S+\/link) and enter ([A-Z]{4}-[A-Z]{4})\.$/;
const NOBODY_WAITS =
  "Nobody waits with this code. It is good once, for five minutes; /login in the terminal shows another.";
const REFUSED = "The log-in was refused in the browser.";
const FOR_ANN = "This is a log-in as ann; only that account can decide on it.";
const NO_BROWSER = "No browser can confirm a log-in here. /login <username> asks for your password.";
const TOO_MANY = "Too many log-ins wait for a browser already. /login <username> asks for your password.";

/** An address of this machine under which it does not take itself for loopback. */
const OWN_ADDRESS = Deno.networkInterfaces().find(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
)?.address;

for (const over of ["tls", "plain"] as const) {
  Deno.test(`over ${over} a browser that is signed in lets a terminal in, without a password`, async () => {
    await using server = await startServer();
    await server.hasAccount("ann");
    const page = new PageOf(server);
    await page.signsIn("ann");
    const terminal = await server.connect(over);
    const { url, code } = await asksForBrowser(terminal, "/login", USERNAME);
    equal(url, `https://localhost:${server.parley.addresses.https!.port}/link`);

    const { status, json } = await page.calls(`/link/${code}`);
    equal(status, 200);
    match(json.asked_at, TIME);
    equal(Date.parse(json.expires_at) - Date.parse(json.asked_at), 300_000);
    const { asked_at: _asked, expires_at: _expires, ...rest } = json;
    const how = over === "tls" ? "TLS" : "plain";
    deepEqual(rest, { code, address: "127.0.0.1", how, username: null });

    const confirmed = await page.calls(`/link/${code}`, { method: "POST" });
    deepEqual([confirmed.status, confirmed.json], [200, { message: "The terminal is logged in as ann." }]);
    await isLetIn(terminal);
    equal(terminal.name, "ann");
    await terminal.asks("/whois ann", /^ann is online .+ Role: member\.$/);
  });
}

Deno.test("a code is typed in any case, with its dash or without, and good once", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  for (const typed of [code.toLowerCase(), code.replace("-", ""), code.replace("-", "%20")]) {
    equal((await call(server, `/link/${typed}`, { token })).json.code, code);
  }
  equal((await confirm(server, code.replace("-", "").toLowerCase(), token)).status, 200);
  await isLetIn(terminal);
  for (const method of ["GET", "POST", "DELETE"]) {
    const { status, json } = await call(server, `/link/${code}`, { method, token });
    deepEqual([status, json], [404, { message: NOBODY_WAITS }]);
  }
});

Deno.test("/login with a username shows the same before it asks for the password, and is for that account alone", async () => {
  await using server = await startServer();
  const [ann, bob] = [await tokenOfNew(server, "ann"), await tokenOfNew(server, "bob")];
  const terminal = await server.connect("tls");
  const { code } = await asksForBrowser(terminal, "/login ann", PASSWORD);
  const seen = await call(server, `/link/${code}`, { token: bob });
  deepEqual([seen.status, seen.json.username], [200, "ann"]);
  for (const method of ["POST", "DELETE"]) {
    const { status, json } = await call(server, `/link/${code}`, { method, token: bob });
    deepEqual([status, json], [403, { message: FOR_ANN }]);
  }
  equal((await confirm(server, code, ann)).status, 200);
  await isLetIn(terminal);
  equal(terminal.name, "ann");
});

Deno.test("what waits for a browser takes a password as well, or a guest's name; the code is no good then", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const ways: [first: string, prompt: string, then: string][] = [
    ["/login ann", PASSWORD, "correct horse"],
    ["/login", USERNAME, "/login ann correct horse"],
    ["/login", USERNAME, "guest"],
  ];
  for (const [first, prompt, then] of ways) {
    const terminal = await server.connect();
    const { code } = await asksForBrowser(terminal, first, prompt);
    await terminal.types(then);
    await terminal.isWelcomed();
    equal((await confirm(server, code, token)).status, 404, then);
    await terminal.leaves();
  }
});

Deno.test("a code goes with its connection, and when another is asked for", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const terminal = await server.connect();
  const { code: first } = await asksForBrowser(terminal, "/login", USERNAME);
  await terminal.types("/login ann");
  const [, , second = ""] = OPEN.exec(await terminal.readsLine())!;
  equal((await confirm(server, first, token)).status, 404);
  equal((await call(server, `/link/${second}`, { token })).status, 200);
  await terminal.vanishes();
  const gone = await server.tokenOf("ann");
  await eventually("the code is gone", async () => {
    const { status } = await call(server, `/link/${second}`, { token: gone });
    await new Promise((resolve) => setTimeout(resolve, 100)); // twenty in a minute are allowed
    return status === 404;
  });
});

Deno.test("a browser may refuse, of which the terminal is told; it may try in another way", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const asked: [first: string, prompt: string, then: string][] = [
    ["/login", USERNAME, "/login ann correct horse"],
    ["/login ann", PASSWORD, "correct horse"],
  ];
  for (const [first, prompt, then] of asked) {
    const terminal = await server.connect();
    const { code } = await asksForBrowser(terminal, first, prompt);
    const { status, json } = await call(server, `/link/${code}`, { method: "DELETE", token });
    deepEqual([status, json], [200, { message: "Refused; the terminal has been told." }]);
    await terminal.readsInTurn("", REFUSED);
    await terminal.isAsked(prompt);
    equal((await confirm(server, code, token)).status, 404);
    await terminal.types(then);
    await terminal.isWelcomed();
    await terminal.leaves();
  }
});

Deno.test("a password that was under way when the browser opened the door is not said to everybody", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const [eve] = await server.guests("eve");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login ann", PASSWORD);
  await confirm(server, code, token);
  await terminal.types("correct horse");
  await isLetIn(terminal);
  await terminal.reads(
    "That line was not sent: it may have been your password. You are in; type it again if it was not.",
  );
  await terminal.types("hello");
  await eve.reads("ann has joined the chat.");
  await eve.reads("ann: hello");
});

Deno.test("who waits for a name to be typed is in with the first line after the browser's yes", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const [eve] = await server.guests("eve");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  await confirm(server, code, token);
  await isLetIn(terminal);
  await terminal.types("hello");
  await eve.readsInTurn("ann has joined the chat.", "ann: hello");
});

Deno.test("who waits for a browser has as long as its code", async () => {
  await using server = await startServer("--login-seconds=1");
  const token = await tokenOfNew(server, "ann");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  const hesitant = await server.connect();
  match(await hesitant.readsToTheEnd(), /Login timed out\.\n$/);
  equal((await confirm(server, code, token)).status, 200);
  await isLetIn(terminal);
});

for (const door of DOORS) {
  Deno.test(`over ${door} a program is let in by a browser as well`, async () => {
    await using server = await startServer();
    await using bots = new Bots(server);
    const token = await tokenOfNew(server, "ann");
    const bot = await bots.connect(door);
    const url = `https://localhost:${server.parley.addresses.https!.port}/link`;
    const expected = { type: "link", url, code: /^[A-Z]{4}-[A-Z]{4}$/, expires_at: TIME };
    await bot.sends({ type: "link", ref: 1 });
    const { code: first } = await bot.reads({ ...expected, ref: 1 });
    equal((await call(server, `/link/${first}`, { method: "DELETE", token })).status, 200);
    await bot.reads({ type: "error", code: "link_refused", text: REFUSED, ref: 1 });
    await bot.sends({ type: "link", username: "ann", ref: 2 });
    const { code } = await bot.reads({ ...expected, ref: 2 });
    const how = { tls: "TLS", plain: "plain", wss: "WebSocket", ws: "WebSocket" }[door];
    const { json } = await call(server, `/link/${code}`, { token });
    deepEqual([json.how, json.username], [how, "ann"]);
    await confirm(server, String(code), token);
    const { name, role, ref } = await bot.reads();
    deepEqual([name, role, ref], ["ann", "member", 2]);
    await bot.asks({ type: "say", room: "lobby", text: "hi" }, { type: "ack", id: /./ });
  });
}

Deno.test("a program that names nobody who could be is told", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  const bot = await bots.connect();
  const BAD = "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or .";
  await bot.isRefused({ type: "link", username: "x" }, "bad_username", BAD);
  await bot.isRefused(
    { type: "link", username: 5 },
    "bad_request",
    'Field "username" must be a text without spaces that is not empty.',
  );
});

Deno.test("without HTTPS the page is on the loopback port, and without that there is none", async () => {
  await using local = await startServer("--https=off");
  const terminal = await local.connect();
  const { url } = await asksForBrowser(terminal, "/login", USERNAME);
  equal(url, `http://localhost:${local.parley.addresses.http!.port}/link`);

  await using none = await startServer("--https=off", "--http=off");
  await using bots = new Bots(none);
  const other = await none.connect();
  await other.readsUpTo(USERNAME);
  await other.asks("/login", NO_BROWSER);
  await other.isAsked(USERNAME);
  await other.types("/login ann");
  await other.isAsked(PASSWORD);
  await (await bots.connect()).isRefused({ type: "link" }, "no_link", NO_BROWSER);
});

Deno.test("the page is under the name that the operator's certificate is for", async () => {
  const dir = await Deno.makeTempDir({ prefix: "parley-" });
  try {
    const [cert, key] = await issuedCertificate(dir, "IP:127.0.0.1,DNS:chat.example.org,DNS:example.org");
    await using server = await startServer(`--cert=${cert}`, `--key=${key}`);
    const terminal = await server.connect();
    const { url } = await asksForBrowser(terminal, "/login", USERNAME);
    equal(url, `https://chat.example.org:${server.parley.addresses.https!.port}/link`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("nobody decides who is not signed in with all that chat takes, or is called by another site's page", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const { json: { token: narrow } } = await call(server, "/me/tokens", {
    token,
    json: { scope: "post:#ops" },
  });
  const page = new PageOf(server);
  await page.signsIn("ann");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  const asked: [who: Parameters<typeof call>[2], status: number][] = [
    [{}, 401],
    [{ token: "eyJ.eyJ.x" }, 401],
    [{ token: narrow }, 403],
    [{ token, headers: { origin: "https://evil.example" } }, 403],
    [{ headers: { cookie: page.cookie, origin: "https://evil.example" } }, 403],
    [{ headers: { cookie: page.cookie } }, 403],
  ];
  for (const [who, status] of asked) {
    for (const method of ["POST", "DELETE"]) {
      const answer = await call(server, `/link/${code}`, { ...who, method });
      equal(answer.status, status, `${method} ${JSON.stringify(who)}: ${answer.text}`);
    }
  }
  equal((await call(server, `/link/${code}`)).status, 401);
  equal((await confirm(server, code, token)).status, 200); // it waited all the while
  await isLetIn(terminal);
});

Deno.test({
  name: "a terminal whose address is banned is let in by nobody, which the browser is told as well",
  ignore: OWN_ADDRESS === undefined,
}, async () => {
  await using server = await startServer("--plain=0.0.0.0:0", "--https=0.0.0.0:0");
  const token = await tokenOfNew(server, "ann");
  const root = await server.moderator("root");
  const { port } = server.parley.addresses.plain!;
  const terminal = server.welcomes(await Deno.connect({ hostname: OWN_ADDRESS!, port }));
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  await root.types(`/ban ${OWN_ADDRESS} 1d spam`);
  await root.reads(/banned/);
  const { status, json } = await confirm(server, code, token);
  equal(status, 403);
  match(json.message, /^You are banned from this server until .*: spam\.$/);
  await terminal.readsInTurn("", json.message, "Goodbye.");
  await terminal.readsToTheEnd();
});

Deno.test("who is banned lets nobody in", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const root = await server.moderator("root");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  await root.types("/ban ann 1d spam");
  await root.reads(/ann/);
  for (const method of ["GET", "POST", "DELETE"]) {
    const { status, json } = await call(server, `/link/${code}`, { method, token });
    equal(status, 403);
    match(json.message, /^You are banned from this server until .*: spam\.$/);
  }
  await terminal.types("/guest eve");
  await terminal.isWelcomed();
});

Deno.test("codes that are guessed are few", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  for (let guess = 0; guess < 20; guess++) {
    equal((await call(server, "/link/BBBB-BBBB", { token })).status, 404);
  }
  for (const method of ["GET", "POST", "DELETE"]) {
    const { status, json, headers } = await call(server, `/link/${code}`, { method, token });
    equal(status, 429);
    match(json.message, /^Too many attempts\. Try again in \d+ s\.$/);
    ok(Number(headers.get("retry-after")) > 0);
  }
  const other = await tokenOfNew(server, "bob");
  equal((await confirm(server, code, other)).status, 200);
  await isLetIn(terminal);
});

Deno.test({
  name: "only so many from one address wait for a browser; a password does as well then",
  ignore: OWN_ADDRESS === undefined,
}, async () => {
  await using server = await startServer("--plain=0.0.0.0:0", "--https=0.0.0.0:0");
  const { port } = server.parley.addresses.plain!;
  const connect = async () => server.welcomes(await Deno.connect({ hostname: OWN_ADDRESS!, port }));
  const { port: https } = server.parley.addresses.https!;
  for (let count = 0; count < 8; count++) {
    const { url } = await asksForBrowser(await connect(), "/login", USERNAME);
    equal(url, `https://${OWN_ADDRESS}:${https}/link`);
  }
  const ninth = await connect();
  await ninth.readsUpTo(USERNAME);
  await ninth.asks("/login", TOO_MANY);
  await ninth.isAsked(USERNAME);
  await ninth.types("/login ann");
  await ninth.isAsked(PASSWORD);
  await asksForBrowser(await server.connect(), "/login", USERNAME); // loopback is exempt
});

Deno.test("a terminal that a browser let in goes with that browser's session, which /logout there leaves alone", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [page, other] = [new PageOf(server), new PageOf(server)];
  await page.signsIn("ann");
  await other.signsIn("ann");
  const [first, second] = [await letIn(server, page), await letIn(server, page)];
  const third = await letIn(server, other);
  await first.types("/logout");
  await first.readsUntil("You are logged out. Goodbye.");
  equal((await page.calls("/me")).status, 200);
  await page.calls("/session", { method: "DELETE" });
  match(await second.readsToTheEnd(), /This token has been revoked\.\n$/);
  await third.asks("/me waits");
  await third.asks("/u", "Users currently online (1): ann");
});

Deno.test("a terminal that a browser let in may give no token that may do more than the browser's", async () => {
  await using server = await startServer();
  await server.hasAccount("root");
  await server.hasRole("root", "admin");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  await confirm(server, code, await server.tokenOf("root")); // whose scope is chat
  await isLetIn(terminal);
  await terminal.asks("/tokens new x admin", "This token is for something else; its scope is chat.");
});

Deno.test("how somebody came in is logged, and by which code is not", async () => {
  await using server = await startServer();
  const token = await tokenOfNew(server, "ann");
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  await confirm(server, code, token);
  await isLetIn(terminal);
  const joined = server.logged.filter((line) => line.includes('"by":"link"'));
  equal(joined.length, 1, server.logged.join("\n"));
  ok(!server.logged.some((line) => line.includes(code) || line.includes(token)));
});

/** Types a line at the greeting, and reads of the page and the code, and what is asked then. */
async function asksForBrowser(
  terminal: Person,
  line: string,
  prompt: string,
): Promise<{ url: string; code: string }> {
  await terminal.readsUpTo(USERNAME);
  await terminal.types(line);
  const [, url = "", code = ""] = OPEN.exec(await terminal.reads(OPEN))!;
  await terminal.isAsked(prompt);
  return { url, code };
}

/** The prompt has no line ending, so that one comes first. */
async function isLetIn(terminal: Person): Promise<void> {
  await terminal.reads("");
  await terminal.isWelcomed();
}

async function letIn(server: TestServer, page: PageOf): Promise<Person> {
  const terminal = await server.connect();
  const { code } = await asksForBrowser(terminal, "/login", USERNAME);
  equal((await page.calls(`/link/${code}`, { method: "POST" })).status, 200);
  await isLetIn(terminal);
  return terminal;
}

function confirm(server: TestServer, code: string, token: string): Promise<Answer> {
  return call(server, `/link/${code}`, { method: "POST", token });
}

/** The access token of an account that is made for it. */
async function tokenOfNew(server: TestServer, username: string): Promise<string> {
  await server.hasAccount(username);
  return await server.tokenOf(username);
}

/** A certificate that an authority has issued for some names, and its key. */
async function issuedCertificate(dir: string, names: string): Promise<[cert: string, key: string]> {
  const [authority, authorityKey] = [join(dir, "ca.pem"), join(dir, "ca.key")];
  const [cert, key] = [join(dir, "cert.pem"), join(dir, "key.pem")];
  const made = ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  for (
    const args of [
      ["-subj", "/CN=authority", "-keyout", authorityKey, "-out", authority],
      ["-CA", authority, "-CAkey", authorityKey, "-subj", "/CN=chat", "-addext", `subjectAltName=${names}`]
        .concat(["-keyout", key, "-out", cert]),
    ]
  ) {
    const { code, stderr } = await run("openssl", [...made, ...args]);
    equal(code, 0, stderr);
  }
  return [cert, key];
}
