import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Bots, TIME } from "../support/bot.ts";
import type { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const USERNAME = "Enter your username: ";
const WRONG_CODE = "Wrong code. Each is good once, for about a minute; see the clock of your device.";
const SECRET = /^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/;
const RECOVERY_CODE = /^ {2}([A-Z]{4}-){3}[A-Z]{4}$/;
const TRIES_OF_ONE = ["--login-tries=20", "--logins-per-minute=off"];

Deno.test("after a right password the code is asked for, and nobody comes in before it is right", async () => {
  await using server = await startServer();
  const { app } = await annWithCodes(server);
  for (const line of ["/login ann correct horse", "/login ANN  correct horse"]) {
    const ann = await types(server, line);
    await ann.isAsked("Code: ");
    await ann.asks("000000", WRONG_CODE);
    await ann.isAsked("Code: ");
    await ann.types(app.fresh());
    equal(await ann.isWelcomed(), "Users currently online (1): ann");
    await ann.leaves();
  }
});

Deno.test("openssl s_client comes in with name, password and code, a line each", async () => {
  await using server = await startServer();
  const { app } = await annWithCodes(server);
  const { port } = server.parley.addresses.tls!;
  await using client = new Program("openssl", ["s_client", "-quiet", "-connect", `127.0.0.1:${port}`]);
  const ann = client.person;
  await ann.readsUpTo(USERNAME);
  await ann.types("ann");
  await ann.isAsked("Password: ");
  await ann.types("correct horse");
  await ann.isAsked("Code: ");
  await ann.types(app.fresh().replace(/.../, "$& ")); // as the app shows it
  await ann.isWelcomed();
  await ann.leaves();
});

Deno.test("a wrong password tells nobody whether there are codes", async () => {
  await using server = await startServer();
  await annWithCodes(server);
  const ann = await types(server, "/login ann wrong horse");
  await ann.reads("Wrong username or password.");
  await ann.isAsked(USERNAME);
});

/** By how many half minutes the clock of a device is wrong, and whether its code is taken. */
const CLOCKS: [steps: number, taken: boolean][] = [[-3, false], [-2, false], [0, true], [1, true], [
  3,
  false,
]];

for (const [steps, taken] of CLOCKS) {
  Deno.test(`a code of ${steps} half minutes from now is ${taken ? "" : "not "}taken`, async () => {
    await using server = await startServer();
    const { app } = await annWithCodes(server);
    const ann = await types(server, "/login ann correct horse");
    await ann.isAsked("Code: ");
    await ann.types(app.shows({ steps }));
    if (taken) await ann.isWelcomed();
    else await ann.reads(WRONG_CODE);
  });
}

Deno.test("a code is good once, and none before it any more", async () => {
  await using server = await startServer();
  const { app } = await annWithCodes(server);
  const [now, next] = [app.fresh(), app.fresh()];
  const first = await types(server, "/login ann correct horse");
  await first.isAsked("Code: ");
  await first.types(next);
  await first.isWelcomed();
  for (const code of [next, now]) {
    const again = await types(server, "/login ann correct horse");
    await again.isAsked("Code: ");
    await again.asks(code, WRONG_CODE);
  }
});

Deno.test("of two who give the same code at once one comes in", async () => {
  await using server = await startServer();
  const { app } = await annWithCodes(server);
  const both = [
    await types(server, "/login ann correct horse"),
    await types(server, "/login ann correct horse"),
  ];
  for (const one of both) await one.isAsked("Code: ");
  const code = app.fresh();
  await Promise.all(both.map((one) => one.types(code)));
  const lines = await Promise.all(both.map((one) => one.readsLine()));
  deepEqual(lines.map((line) => line.startsWith("Hello")).sort(), [false, true], lines.join("\n"));
});

Deno.test("a recovery code stands in for a code, once and however it is written", async () => {
  await using server = await startServer(...TRIES_OF_ONE);
  const { app } = await annWithCodes(server);
  const [first, second] = app.recoveryCodes as [string, string];
  for (const code of [first, second.toLowerCase().replaceAll("-", " ")]) {
    const ann = await types(server, "/login ann correct horse");
    await ann.isAsked("Code: ");
    await ann.types(code);
    await ann.isWelcomed();
    await ann.leaves();
    const again = await types(server, "/login ann correct horse");
    await again.isAsked("Code: ");
    await again.asks(code, WRONG_CODE);
  }
  const ann = await comesIn(server, app);
  await ann.asks(
    "/mfa",
    /^Codes are on since \S+ \S+ UTC; 8 recovery codes are left\.$/,
    "You have no passkeys.",
  );
});

Deno.test("codes are tried no more often than passwords, five times on a connection", async () => {
  await using server = await startServer("--logins-per-minute=6"); // three of them before the first code
  await annWithCodes(server);
  const eve = await types(server, "/login ann correct horse");
  await eve.isAsked("Code: ");
  for (let tries = 0; tries < 3; tries++) {
    await eve.asks("123456", WRONG_CODE);
    await eve.isAsked("Code: ");
  }
  await eve.asks("123456", /^Too many attempts\. Try again in \d+ s\.$/);
  await eve.isAsked("Code: ");
  await eve.types("123456");
  match(await eve.readsToTheEnd(), /^Too many attempts.*\nThat was try 5 of 5; connect again\.\n$/);
});

Deno.test("after twenty wrong codes within an hour none is looked at, but for recovery codes", async () => {
  await using server = await startServer(...TRIES_OF_ONE, "--login-lines=1000");
  const { app } = await annWithCodes(server);
  let wrong = 0;
  await Promise.all([1, 2, 3, 4].map(async () => { // the pause after each refusal grows
    const eve = await types(server, "/login ann correct horse");
    for (let tries = 0; tries < 5; tries++) {
      await eve.isAsked("Code: ");
      await eve.types("123456");
      if (await eve.readsLine() === WRONG_CODE) wrong++;
    }
    await eve.vanishes();
  }));
  equal(wrong, 20);
  const ann = await types(server, "/login ann correct horse");
  await ann.isAsked("Code: ");
  await ann.asks(
    app.fresh(),
    /^Too many wrong codes for this account\. Try again in \d+ s, or use a recovery code\.$/,
  );
  await ann.isAsked("Code: ");
  await ann.types(app.recoveryCodes[0]!);
  await ann.isWelcomed();
});

Deno.test("between password and code nothing else can be done but to leave", async () => {
  await using server = await startServer();
  await annWithCodes(server);
  const ann = await types(server, "/login ann correct horse");
  await ann.isAsked("Code: ");
  await ann.types(" ");
  await ann.isAsked("Code: ");
  await ann.asks("/guest ann", WRONG_CODE);
  await ann.isAsked("Code: ");
  await ann.types(".exit");
  equal(await ann.readsToTheEnd(), "Goodbye.\n");
});

Deno.test("a password that is changed between the two steps makes the first one void", async () => {
  await using server = await startServer();
  const { app, id } = await annWithCodes(server);
  const eve = await types(server, "/login ann correct horse");
  await eve.isAsked("Code: ");
  {
    await using records = await recordsIn(server.dataDir);
    await records.accounts.setPassword(id, "battery staple");
  }
  await eve.asks(app.fresh(), "Wrong username or password.");
  await eve.isAsked(USERNAME);
});

Deno.test("a program gives password and code at once", async () => {
  await using server = await startServer(...TRIES_OF_ONE);
  await using bots = new Bots(server);
  const { app } = await annWithCodes(server);
  const login = { type: "login", username: "ann", password: "correct horse" };
  const [raw, web] = [await bots.connect("tls"), await bots.connect("ws")];
  await raw.isRefused(login, "code_required");
  await raw.isRefused({ ...login, code: 287082 }, "bad_request");
  await raw.isRefused({ ...login, code: "287082" }, "wrong_code", WRONG_CODE);
  await web.isRefused({ ...login, password: "wrong horse", code: app.shows() }, "wrong_credentials");
  await web.isRefused({ ...login, code: "" }, "bad_request");
  for (const bot of [raw, web]) {
    await bot.comesIn({ ...login, code: app.fresh() });
    equal(bot.name, "ann");
  }
});

Deno.test("a token is asked for no code", async () => {
  await using server = await startServer();
  const { token } = await annWithCodes(server);
  const ann = await types(server, token);
  await ann.isWelcomed();
});

Deno.test("somebody switches codes on and off in a terminal", async () => {
  await using server = await startServer();
  const [ann] = await server.members("ann");
  await ann.asks("/mfa", "Codes are off. /mfa on switches them on.", "You have no passkeys.");
  await ann.types("/mfa on");
  const app = await scans(ann);
  await ann.asks("000000", WRONG_CODE);
  await ann.isAsked("Code: ");
  await ann.types(app.fresh());
  equal((await readsRecoveryCodes(ann)).length, 10);
  await ann.asks("/mfa on", "Codes are switched on already. Switch them off first to begin anew.");

  await ann.types("/mfa codes");
  await ann.isAsked("Code: ");
  await ann.types(app.fresh());
  const recoveryCodes = await readsRecoveryCodes(ann);
  equal(recoveryCodes.length, 10);

  await ann.types("/MFA off");
  await ann.isAsked("Code: ");
  await ann.asks("000000", WRONG_CODE);
  await ann.isAsked("Code: ");
  await ann.asks(recoveryCodes[0]!, "Codes are off.");
  for (const line of ["/mfa off", "/mfa codes"]) await ann.asks(line, "Codes are not switched on.");
  await server.member("ann");
});

Deno.test("who types nothing for a code changes nothing", async () => {
  await using server = await startServer();
  const [ann] = await server.members("ann");
  await ann.types("/mfa on");
  await scans(ann);
  await ann.asks("", "Nothing was changed.");
  await ann.asks("/mfa", /^Codes are off\./, "You have no passkeys.");
  await ann.asks("/mfa maybe", "Use: /mfa [on | off | codes]");
});

Deno.test("with colours the drawing is white on black, whatever the terminal's are", async () => {
  await using server = await startServer();
  const [ann] = await server.members("ann");
  await ann.asks("/color on", "Colours are on.");
  await ann.types("/mfa on");
  match(await ann.readsLine(), new RegExp(String.raw`^\x1b\[37;40m█+\x1b\[0m$`));
  const [text] = (await ann.readsUntil(SECRET)).slice(-1);
  equal(text, "Scan this with your authenticator app. If it does not scan, type this secret into the app:");
});

Deno.test("a program that cannot be asked is shown no secret, and guests have none", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  await server.hasAccount("ann");
  const [guest] = await bots.guests("bob");
  const bot = await bots.member("ann", "ws");
  await guest.reads({ type: "joined", room: "lobby", name: "ann", at: TIME });
  await bot.isRefused({ type: "command", text: "/mfa on" }, "for_text_mode");
  await bot.asks({ type: "command", text: "/mfa" }, {
    type: "notice",
    text: "Codes are off. /mfa on switches them on.\nYou have no passkeys.",
  });
  await guest.isRefused({ type: "command", text: "/mfa" }, "guests_cannot");
});

Deno.test("where there are codes, the password is changed by one", async () => {
  await using server = await startServer();
  const { app } = await annWithCodes(server);
  const ann = await comesIn(server, app);
  const begins = async () => {
    await ann.types("/password");
    await ann.isAsked("Current password: ");
    await ann.types("correct horse");
    await ann.isAsked("Code: ");
  };
  await begins();
  await ann.asks("000000", WRONG_CODE);
  await begins();
  await ann.types(app.fresh());
  await ann.isAsked("Password: ");
  await ann.types("battery staple");
  await ann.isAsked("Repeat password: ");
  await ann.asks("battery staple", "Your password is changed.");
});

Deno.test("who has no password is told so, and has nothing to change", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const ann = await server.member("ann");
  {
    await using records = await recordsIn(server.dataDir);
    const { id } = (await records.accounts.findByHandle("ann"))!;
    await records.accounts.change(id, (account) => ({ ...account, passwordHash: undefined }));
  }
  await ann.asks("/password", "This account has no password. Set one at the web page first.");
});

Deno.test("who has but a passkey for a second factor is sent to a browser", async () => {
  await using server = await startServer("--require-mfa=everyone");
  await server.hasAccount("ann");
  await hasPasskey(server, "ann");
  const ann = await types(server, "/login ann correct horse");
  await ann.reads(/^This account is asked for its passkey as well: log in with a browser/);
  await ann.reads(/^Open https:\/\/localhost:\d+\/link and enter [A-Z]{4}-[A-Z]{4}\.$/);
  await ann.isAsked(USERNAME);
  await using bots = new Bots(server);
  const bot = await bots.connect("ws");
  await bot.isRefused({ type: "login", username: "ann", password: "correct horse" }, "passkey_required");
});

Deno.test("a passkey that nobody asks for is one more way in", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await hasPasskey(server, "ann");
  const ann = await server.member("ann");
  await ann.asks(
    "/mfa",
    /^Codes are off\./,
    "Your passkeys (1):",
    /^ {2}phone, for localhost, since \S+ \S+ UTC$/,
  );
});

Deno.test("no code, no secret and no invitation is ever logged", async () => {
  await using server = await startServer();
  const [ann] = await server.members("ann");
  await ann.types("/mfa on");
  const { secret, fresh } = await scans(ann).then((app) => ({ secret: app.secret, fresh: app.fresh() }));
  await ann.types(fresh);
  const [recoveryCode] = await readsRecoveryCodes(ann);
  const again = await types(server, "/login ann correct horse");
  await again.isAsked("Code: ");
  await again.types(recoveryCode!);
  await again.isWelcomed();
  const secrets = [fresh, secret, secret.replaceAll(" ", ""), recoveryCode!];
  ok(server.logged.some((line) => line.includes("ann")));
  for (const line of server.logged) for (const word of secrets) ok(!line.includes(word), line);
});

/** Somebody who has read the greeting and typed a first line; what `/login` says of browsers is read. */
async function types(server: TestServer, line: string): Promise<Person> {
  const person = await server.connect();
  await person.readsUpTo(USERNAME);
  await person.types(line);
  return person;
}

/** An account whose codes were switched on over HTTP. */
async function annWithCodes(server: TestServer) {
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const app = await Authenticator.of(server, token);
  await using records = await recordsIn(server.dataDir);
  return { app, token, id: (await records.accounts.findByHandle("ann"))!.id };
}

async function comesIn(server: TestServer, app: Authenticator): Promise<Person> {
  const ann = await types(server, "/login ann correct horse");
  await ann.isAsked("Code: ");
  await ann.types(app.fresh());
  await ann.isWelcomed();
  return ann;
}

/** Reads the drawing and the secret, up to the question; answers an app that has it. */
async function scans(person: Person): Promise<Authenticator & { secret: string }> {
  const drawing: string[] = [];
  let line = await person.readsLine();
  for (; /^[█▀▄ ]+$/.test(line); line = await person.readsLine()) drawing.push(line);
  ok(drawing.length > 15, `${drawing.length} lines`);
  equal(
    line,
    "Scan this with your authenticator app. It is drawn for a dark background. " +
      "If it does not scan, type this secret into the app:",
  );
  const secret = await person.reads(SECRET);
  await person.isAsked("Code: ");
  return Object.assign(new Authenticator(secret.replaceAll(" ", "")), { secret });
}

async function readsRecoveryCodes(person: Person): Promise<string[]> {
  await person.readsInTurn(
    "Codes are on. If you lose your app, each of these recovery codes stands in for a code once;",
    "write them down, for they are shown only now:",
  );
  const codes: string[] = [];
  while (codes.length < 10) codes.push((await person.reads(RECOVERY_CODE)).trim());
  return codes;
}

async function hasPasskey(server: TestServer, username: string): Promise<void> {
  await using records = await recordsIn(server.dataDir);
  const { id } = (await records.accounts.findByHandle(username))!;
  const passkey = {
    id: "a2V5",
    name: "phone",
    publicKey: new Uint8Array(1),
    counter: 0,
    transports: [],
    host: "localhost",
    createdAt: new Date(),
    lastUsedAt: undefined,
  };
  await records.accounts.changePasskeys(id, () => [passkey]);
}
