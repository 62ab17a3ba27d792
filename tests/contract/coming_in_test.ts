import { strict as assert } from "node:assert";
import { Tokens } from "../../server/accounts/tokens.ts";
import { recordsIn } from "../../server/cli/records.ts";
import { KvTokenStore } from "../../server/store/tokens.ts";
import type { Person } from "../support/person.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const USERNAME = "Enter your username: ";
const BAD_NAME = "Names are 2 to 32 letters, digits, _ - or .";
const TAKEN = "That name is taken.";
const WRONG = "Wrong username or password.";
const COME_IN_FIRST = "Come in first: type a name, /login <username> or /signup <username>.";

Deno.test("programs at the wrong port are told so and closed", async () => {
  await using server = await startServer();
  const http = "This is not an HTTP server.\n";
  const irc = "ERROR :This is Parley; join with a plain socket or the web page.\n";
  await assertAnswers(server, [
    ["GET / HTTP/1.1", http],
    ["POST /rooms/lobby/messages HTTP/1.0\r", http],
    ["OPTIONS * HTTP/1.1", http],
    ["PRI * HTTP/2.0", http],
    ["CAP LS 302\r", irc],
    ["NICK ann", irc],
    ["USER ann 0 * :Ann", irc],
    ["PASS secret", irc],
  ]);
});

Deno.test("nothing of what a browser posts is said or tried, however much it looks like chat", async () => {
  await using server = await startServer();
  const [ann] = await server.guests("ann");
  const browser = await server.connect();
  await browser.sends("POST / HTTP/1.1\r\nHost: x\r\n\r\neve\r\nbuy my things\r\n");
  await browser.readsUpTo(USERNAME);
  assert.equal(await browser.readsToTheEnd(), "This is not an HTTP server.\n");
  await ann.types("/u");
  await ann.reads(`Users currently online (1): ${ann.name}`);
});

Deno.test("who only looked in may leave", async () => {
  await using server = await startServer();
  const lines = [".exit", ".EXIT\r", " .exit ", "/exit", "/Quit"];
  await assertAnswers(server, lines.map((line) => [line, "Goodbye.\n"]));
});

Deno.test("what is no answer is asked for again", async () => {
  await using server = await startServer();
  const person = await server.connect();
  await person.readsUpTo(USERNAME);
  for (const line of ["", "\r", "  \t ", "\x00\x1b"]) {
    await person.types(line);
    await person.isAsked(USERNAME);
  }
  await person.types("/HELP");
  const help = await person.readsUpTo(USERNAME);
  const ways = ["/guest <name>", "/login <username>", "/signup <username>", "/token <token>"];
  for (const way of [...ways, "/ticket <ticket>", ".exit"]) assert.ok(help.includes(way), way);
});

const REFUSED: [line: string | Uint8Array, refusal: string][] = [
  // names
  ["x", BAD_NAME],
  ["x".repeat(33), BAD_NAME],
  ["two words", BAD_NAME],
  ["_ann", BAD_NAME],
  ["-ann", BAD_NAME],
  [".ann", BAD_NAME],
  ["ann:", BAD_NAME],
  ["ann😀", BAD_NAME],
  ["an\u200bn", BAD_NAME], // an invisible character
  ["\u0430nn", BAD_NAME], // a Cyrillic a: from two scripts
  [new Uint8Array([0x61, 0xff, 0x62]), BAD_NAME], // not UTF-8
  ["/guest x", BAD_NAME],
  ["/guest two words", BAD_NAME],
  ["/signup x", "Usernames are an e-mail address, or 2 to 32 letters, digits, _ - or ."],
  ["/signup ann an:n", BAD_NAME],

  // names that nobody may have
  ["admin", TAKEN],
  ["SERVER", TAKEN],
  ["system", TAKEN],
  ["everyone", TAKEN],
  ["Lobby", TAKEN],
  ["ｐａｒｌｅｙ", TAKEN],
  ["/guest admin", TAKEN],
  ["/signup ann Admin", TAKEN],

  // tokens that are none
  ["/token nonsense", "This token is not valid."],
  ["eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "This token is not valid."],

  // what must follow
  ["/signup", "Use: /signup <username> [name]"],
  ["/guest", "Use: /guest <name>"],
  ["/token", "Use: /token <token>"],
  ["/ticket", "Use: /ticket <ticket>"],

  // commands of those who are in, and none at all
  ["/u", COME_IN_FIRST],
  ["/@ ann hi", COME_IN_FIRST],
  ["/me waves", COME_IN_FIRST],
  ["/Password", COME_IN_FIRST],
  ["/dance", "Unknown command /dance. Type /help."],
  ["//hello", "Unknown command //hello. Type /help."],
  ["/\x1b[2J\u202edance", "Unknown command /[2jdance. Type /help."],
  [`/${"x".repeat(100)}`, `Unknown command /${"x".repeat(31)}…. Type /help.`],
];

Deno.test("a first line that does not lead in is refused, and the next one is welcome", async () => {
  await using server = await startServer("--connections-per-address=off");
  await Promise.all(REFUSED.map(async ([line, refusal]) => {
    const person = await server.connect();
    await person.readsUpTo(USERNAME);
    await person.sends(line);
    await person.types("");
    await person.reads(refusal);
    await person.isAsked(USERNAME);
    await person.types("/guest ann");
    await person.isWelcomed();
  }));
});

Deno.test("a guest gets four digits, so that two with one name never collide", async () => {
  await using server = await startServer();
  const [ann, otherAnn, given] = await server.guests("ann", "Ann", "/guest ann");
  for (const { name } of [ann, otherAnn, given]) assert.match(name, /^[Aa]nn\d{4}$/);
  assert.equal(new Set([ann, otherAnn, given].map(({ name }) => name.toLowerCase())).size, 3);
});

Deno.test("a guest's name that ends in four digits stays as it is while nobody has it or looks like it", async () => {
  await using server = await startServer();
  const [alice, same, shouting, lookAlike, wide] = await server.guests(
    ...["alice4821", "alice4821", "ALICE4821", "AIice4821", "ｂｏｂ1234"] as const,
  );
  assert.equal(alice.name, "alice4821");
  assert.equal(wide.name, "bob1234");
  for (const { name } of [same, shouting, lookAlike]) assert.match(name, /^a[il]ice\d{4}$/i);
  for (const { name } of [same, shouting, lookAlike]) assert.doesNotMatch(name, /4821$/);
  await alice.leaves();
  const next = await server.connect();
  await next.comesInAs("alice4821");
  assert.equal(next.name, "alice4821");
});

Deno.test("a guest's name may be written in any script, and be as long as its digits leave room", async () => {
  await using server = await startServer();
  const [nikos, long] = await server.guests("Νίκος", "x".repeat(32));
  assert.match(nikos.name, /^Νίκος\d{4}$/);
  assert.match(long.name, /^x{28}\d{4}$/);
});

Deno.test("a name that an account holds leads to its password, however it is written", async () => {
  await using server = await startServer();
  await server.signsUp({ username: "Ali@Example.org", name: "alice" });
  for (const line of ["alice", "ALICE", " ａlice ", "AIice", "ali@example.org", "ALI@EXAMPLE.ORG"]) {
    const person = await firstTypes(server, line);
    await person.isAsked("Password: ");
    await person.vanishes();
  }
});

Deno.test("a guest may have the name of an account with digits only", async () => {
  await using server = await startServer();
  await server.hasAccount("alice");
  await server.hasAccount("carl2024");
  const [alice, carl] = await server.guests("/guest alice", "/guest carl2024");
  assert.match(alice.name, /^alice\d{4}$/);
  assert.match(carl.name, /^carl\d{4}$/);
  assert.notEqual(carl.name, "carl2024");
});

Deno.test("a guest has to go when an account comes in that an operator has given the same name", async () => {
  await using server = await startServer();
  const [ann, guest] = await server.guests("ann", "bob1234");
  {
    await using records = await recordsIn(server.dataDir);
    await records.accounts.signUp({ username: "bob1234", name: "bob1234", password: "correct horse" });
  }
  const bob = await firstTypes(server, "/login bob1234 correct horse");
  await bob.isWelcomed();
  assert.equal(bob.name, "bob1234");
  await guest.reads("Your name now belongs to an account. Come in again under another.");
  assert.equal(await guest.readsToTheEnd(), "");
  await ann.reads("bob1234 has left the chat.");
  await ann.reads("bob1234 has joined the chat.");
});

Deno.test("where guests are off nobody comes in without an account", async () => {
  await using server = await startServer("--guests=off");
  await server.hasAccount("ann");
  const refusal = "Guests are not admitted here. /login <username> or /signup <username>.";
  for (const line of ["bob", "bob4821", "/guest bob"]) {
    const person = await firstTypes(server, line);
    await person.reads(refusal);
    await person.types("ann");
    await person.isAsked(USERNAME + "Password: ");
    await person.types("correct horse");
    await person.isWelcomed();
    assert.equal(person.name, "ann");
  }
});

/** What `/login` says before it asks. */
const OR_BY_BROWSER = /^Open https:\/\/localhost:\d+\/link and enter [A-Z]{4}-[A-Z]{4}\.\nPassword: $/;

/** What somebody types who has an account, what is then said and asked, and the answer to it. */
const LOGINS: [line: string, asked?: RegExp, answer?: string][] = [
  ["/login ann correct horse"],
  ["/login  ANN  correct horse"],
  ["/login Ann@Example.org correct horse"],
  ["/login ann", OR_BY_BROWSER, "correct horse"],
  ["/LOGIN ann@example.ORG", OR_BY_BROWSER, "correct horse"],
  ["ann", /^Password: $/, "correct horse"],
  ["Ann@example.org\r", /^Password: $/, "correct horse\r"],
];

Deno.test("an account comes in by its name or username and its password", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await server.signsUp({ username: "ann@example.org", name: "Ann" });
  for (const [line, asked, answer] of LOGINS) {
    const person = await firstTypes(server, line);
    if (asked !== undefined) {
      assert.match(await person.readsUpTo("Password: "), asked);
      await person.types(answer!);
    }
    assert.equal(await person.isWelcomed(), "Users currently online (1): Ann");
    assert.equal(person.name, "Ann");
    await person.leaves();
  }
});

Deno.test("a wrong password and an unknown account are told apart by nobody", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await server.hasAccount("ann");
  const lines = [
    ...["/login ann wrong horse", "/login nobody wrong horse", "/login ann Correct horse"],
    ...["/login ann@example.org correct horse", "/login admin correct horse", "/login \x1b[2J correct horse"],
  ];
  await Promise.all(lines.map(async (line) => {
    const person = await firstTypes(server, line);
    await person.reads(WRONG);
    await person.isAsked(USERNAME);
  }));
  for (const username of ["ann", "nobody@example.org"]) {
    const person = await firstTypes(server, username);
    await person.isAsked("Password: ");
    await person.types("");
    await person.reads(WRONG);
    await person.isAsked(USERNAME);
    await person.types("/login ann correct horse");
    await person.isWelcomed();
  }
});

Deno.test("five refusals are one's last, each later than the one before", async () => {
  await using server = await startServer();
  const person = await server.connect();
  await person.readsUpTo(USERNAME);
  const tookMs: number[] = [];
  for (let tries = 1; tries <= 5; tries++) {
    const typedAt = performance.now();
    await person.types(tries % 2 === 0 ? "/login nobody wrong horse" : "x");
    await person.reads(tries % 2 === 0 ? WRONG : BAD_NAME);
    tookMs.push(performance.now() - typedAt);
    if (tries < 5) await person.isAsked(USERNAME);
  }
  await person.types("ann");
  assert.equal(await person.readsToTheEnd(), "That was try 5 of 5; connect again.\n");
  const [, ...later] = tookMs;
  for (const [index, ms] of later.entries()) assert.ok(ms > 450 * 2 ** index, `${tookMs}`);
});

Deno.test("who types on while a refusal is held back is answered in order", async () => {
  await using server = await startServer();
  const person = await server.connect();
  await person.readsUpTo(USERNAME);
  await person.sends("x\ny\nann4821\nhello\n/u\n");
  for (let refusal = 0; refusal < 2; refusal++) {
    await person.reads(BAD_NAME);
    await person.isAsked(USERNAME);
  }
  await person.isWelcomed();
  assert.equal(person.name, "ann4821");
  await person.reads("Users currently online (1): ann4821");
});

Deno.test("a token leads in, pasted alone or after /token", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  for (const line of [token, ` ${token}\r`, `/token ${token}`, `/TOKEN  ${token} `]) {
    const person = await firstTypes(server, line);
    await person.isWelcomed();
    assert.equal(person.name, "ann");
  }
});

Deno.test("a token that may not be used is refused by its reason, and a good one is welcome after it", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await using elsewhere = await startServer();
  await elsewhere.hasAccount("ann");
  const [good, revoked] = [await server.tokenOf("ann"), await server.tokenOf("ann")];
  await server.http("/logout", { method: "POST", headers: { authorization: `Bearer ${revoked}` } })
    .then((response) => response.body?.cancel());
  const [header, payload, signature] = good.split(".") as [string, string, string];
  const refused: [token: string, refusal: string][] = [
    [`${header}.${payload}.${signature.slice(0, -4)}AAAA`, "This token is not valid."],
    [`${header}.${payload.slice(0, -4)}AAAA.${signature}`, "This token is not valid."],
    [`${btoa('{"alg":"none"}').replace("=", "")}.${payload}.`, "This token is not valid."],
    [await elsewhere.tokenOf("ann"), "This token is not valid."],
    [revoked, "This token has been revoked."],
    [await expiredToken(server, "ann"), "This token has expired."],
  ];
  await Promise.all(refused.map(async ([token, refusal]) => {
    const person = await firstTypes(server, token);
    await person.reads(refusal);
    await person.isAsked(USERNAME);
    await person.types(good);
    await person.isWelcomed();
  }));
});

Deno.test("somebody makes an account and is in", async () => {
  await using server = await startServer();
  const [eve] = await server.guests("eve");
  const ann = await firstTypes(server, "/signup ann@example.org");
  await ann.isAsked("Choose a name: ");
  await ann.types("Ann");
  await ann.isAsked("Password: ");
  await ann.types(" correct horse ");
  await ann.isAsked("Repeat password: ");
  await ann.types(" correct horse ");
  await ann.isWelcomed();
  assert.equal(ann.name, "Ann");
  await eve.reads("Ann has joined the chat.");
  await ann.leaves();
  await eve.reads("Ann has left the chat.");

  const again = await firstTypes(server, "ann@example.org");
  await again.isAsked("Password: ");
  await again.types(" correct horse "); // a password is what was typed, spaces and all
  await again.isWelcomed();
  assert.equal(again.name, "Ann");
});

Deno.test("whose name is in the first line is not asked for it", async () => {
  await using server = await startServer();
  const ann = await firstTypes(server, "/signup ann@example.org Ann");
  await ann.isAsked("Password: ");
  await ann.types("correct horse");
  await ann.isAsked("Repeat password: ");
  await ann.types("correct horse");
  await ann.isWelcomed();
  assert.equal(ann.name, "Ann");
});

Deno.test("an account is not made under what somebody holds, once held, or is here under", async () => {
  await using server = await startServer();
  await server.signsUp({ username: "ali@example.org", name: "alice" });
  await server.signsUp({ username: "ben", name: "ben" });
  const ben = await server.member("ben");
  await ben.types("/name benjamin");
  await ben.reads("ben is now called benjamin.");
  await server.guests("eve4821");
  const lines = [
    ...["/signup ALI@example.org", "/signup alice", "/signup AIice", "/signup ben"],
    ...[
      "/signup zoe alice",
      "/signup zoe ALICE",
      "/signup zoe AIice",
      "/signup zoe ben",
      "/signup zoe BenjamIn",
    ],
    ...["/signup zoe eve4821", "/signup zoe EVE4821"],
  ];
  await Promise.all(lines.map(async (line) => {
    const person = await firstTypes(server, line);
    await person.reads(TAKEN);
    await person.isAsked(USERNAME);
  }));
  const zoe = await firstTypes(server, "/signup zoe");
  await zoe.isAsked("Choose a name: ");
  await zoe.types("AIice");
  await zoe.reads(TAKEN);
  await zoe.isAsked("Choose a name: "); // what follows is no guest's name
  await zoe.types("/signup zoe al!ce");
  await zoe.reads("Names are 2 to 32 letters, digits, _ - or .");
  await zoe.isAsked(USERNAME);
});

Deno.test("whoever has begun to sign up leaves as from anywhere else", async () => {
  await using server = await startServer();
  for (const beginning of ["/signup ann", "/signup ann ann"]) {
    const ann = await firstTypes(server, beginning);
    await ann.types(".exit");
    assert.match(await ann.readsToTheEnd(), /^(Choose a name|Password): Goodbye\.\n$/);
  }
});

Deno.test("the name of a deleted account is never given out again", async () => {
  await using server = await startServer();
  await server.signsUp({ username: "ann@example.org", name: "ann" });
  {
    await using records = await recordsIn(server.dataDir);
    const account = await records.accounts.findByHandle("ann");
    await records.accounts.delete(account!.id);
  }
  for (const line of ["/signup ann", "/signup ANN@example.org", "/signup zoe Ann"]) {
    const person = await firstTypes(server, line);
    await person.reads(TAKEN);
  }
  const person = await firstTypes(server, "ann");
  await person.isAsked("Password: ");
  await person.types("correct horse");
  await person.reads(WRONG);
});

Deno.test("passwords that differ or are not taken are asked for again, and are never taken for a guest's name", async () => {
  await using server = await startServer();
  const ann = await firstTypes(server, "/signup ann ann");
  await ann.isAsked("Password: ");
  await ann.types("correct horse");
  await ann.isAsked("Repeat password: ");
  await ann.types("Correct horse");
  await ann.reads("The two passwords differ; try again.");
  await ann.isAsked("Password: ");
  await ann.types("1234567");
  await ann.isAsked("Repeat password: ");
  await ann.types("1234567");
  await ann.reads("Passwords are 8 to 1024 bytes long.");
  for (const refused of ["password1", "annannann"]) {
    await ann.isAsked("Password: ");
    await ann.types(refused);
    await ann.isAsked("Repeat password: ");
    await ann.types(refused);
    await ann.reads(/Choose another\.$/);
  }
  await ann.isAsked("Password: ");
  await ann.types("correct horse");
  await ann.isAsked("Repeat password: ");
  await ann.types("correct horse");
  await ann.isWelcomed();
  assert.equal(ann.name, "ann");
});

Deno.test("where sign-up is closed nobody makes an account", async () => {
  await using server = await startServer("--signup=closed");
  for (const line of ["/signup ann", "/signup ann Ann"]) {
    const person = await firstTypes(server, line);
    await person.reads("Sign-up is closed here. Ask an admin of this server for an account.");
    await person.isAsked(USERNAME);
  }
});

Deno.test("who does not log in is closed after a time, so many lines or so many bytes", async () => {
  await using server = await startServer("--login-seconds=1", "--login-lines=4", "--login-bytes=4KiB");
  const [ann] = await server.guests("ann"); // she is in, and may stay
  const [silent, blank, wordy] = [await server.connect(), await server.connect(), await server.connect()];
  await blank.readsUpTo(USERNAME);
  await blank.sends("\n".repeat(3));
  await blank.isAsked(USERNAME + USERNAME + USERNAME);
  await blank.types("");
  assert.match(await blank.readsToTheEnd(), /Login timed out\.\n$/);
  await wordy.readsUpTo(USERNAME);
  await wordy.sends("x".repeat(4_096));
  assert.match(await wordy.readsToTheEnd(), /^(Line too long .*\n)?Login timed out\.\n$/);
  await silent.readsUpTo(USERNAME);
  assert.equal(await silent.readsToTheEnd(), "Login timed out.\n");
  await ann.types("/u");
  await ann.reads(`Users currently online (1): ${ann.name}`);
});

Deno.test("no password and no token is ever logged, right or wrong", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  for (const line of ["/login ann correct horse", "/login ann wrong-secret", token, "eyJhb.wrong-secret.e"]) {
    const person = await firstTypes(server, line);
    await person.readsUpTo("\n");
  }
  assert.ok(server.logged.some((line) => line.includes("ann")));
  for (const line of server.logged) assert.doesNotMatch(line, /correct horse|wrong-secret|eyJhb/);
});

/** Somebody who has read the greeting and typed a first line. */
async function firstTypes(server: TestServer, line: string): Promise<Person> {
  const person = await server.connect();
  await person.readsUpTo(USERNAME);
  await person.types(line);
  return person;
}

/** A token that the server signed long ago. */
async function expiredToken(server: TestServer, username: string): Promise<string> {
  await using records = await recordsIn(server.dataDir);
  const account = await records.accounts.findByHandle(username);
  const longAgo = () => Date.now() - 2 * 86_400_000;
  const tokens = await Tokens.open(new KvTokenStore(records.database, records.changes), longAgo);
  return (await tokens.issue(account!.id, { days: 1, label: "old" })).jwt;
}

/** For each first line: all that is answered until the server closes. */
async function assertAnswers(
  server: TestServer,
  cases: (readonly [line: string, answer: string])[],
): Promise<void> {
  await Promise.all(cases.map(async ([line, answer], index) => {
    const stranger = await server.connect(index % 2 === 0 ? "tls" : "plain");
    await stranger.readsUpTo(USERNAME);
    await stranger.types(line);
    assert.equal(await stranger.readsToTheEnd(), answer, line);
  }));
}
