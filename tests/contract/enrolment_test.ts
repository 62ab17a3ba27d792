import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { call } from "../support/api.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Bots } from "../support/bot.ts";
import type { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const USERNAME = "Enter your username: ";
const WRONG_CODE = "Wrong code. Each is good once, for about a minute; see the clock of your device.";
const MUST_ENROL = "This server asks for a second factor: switch codes on now, to come in. " +
  "It takes an authenticator app; .exit leaves.";
const MFA_REQUIRED =
  "This server asks for a second factor: log in at its web page or in a terminal, and switch one on.";

Deno.test("who lacks the second factor that the server wants is led through switching codes on, and is in", async () => {
  await using server = await startServer("--require-mfa=everyone");
  await server.hasAccount("ann");
  const ann = await types(server, "/login ann correct horse");
  const app = await isLed(ann);
  await ann.asks("000000", WRONG_CODE);
  await ann.isAsked("Code: ");
  await ann.types(app.fresh());
  await readsRecoveryCodes(ann);
  equal(await ann.isWelcomed(), "Users currently online (1): ann");
  await ann.leaves();

  const again = await types(server, "/login ann correct horse");
  await again.isAsked("Code: ");
  await again.types(app.fresh());
  await again.isWelcomed();
  await again.types("/mfa off");
  await again.isAsked("Code: ");
  await again.asks("000000", "This server asks for a second factor; it is the only one that you have.");
});

Deno.test("openssl s_client is led through it as well", async () => {
  await using server = await startServer("--require-mfa=everyone");
  await server.hasAccount("ann");
  const { port } = server.parley.addresses.tls!;
  await using client = new Program("openssl", ["s_client", "-quiet", "-connect", `127.0.0.1:${port}`]);
  const ann = client.person;
  await ann.readsUpTo(USERNAME);
  await ann.types("/login ann correct horse");
  const app = await isLed(ann);
  await ann.types(app.fresh());
  await readsRecoveryCodes(ann);
  await ann.isWelcomed();
});

Deno.test("nothing else can be done before, but to leave", async () => {
  await using server = await startServer("--require-mfa=everyone");
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob"); // guests have no account, and so no second factor
  const ann = await types(server, "/login ann correct horse");
  await isLed(ann);
  for (const line of ["hello", "/u"]) {
    await ann.asks(line, WRONG_CODE);
    await ann.isAsked("Code: ");
  }
  await bob.asks("/u", `Users currently online (1): ${bob.name}`);
  await ann.types(".exit");
  equal(await ann.readsToTheEnd(), "Goodbye.\n");
  {
    await using records = await recordsIn(server.dataDir);
    equal((await records.accounts.findByHandle("ann"))!.totp, undefined);
  }
});

Deno.test("who has to find an app first is given the time", async () => {
  await using server = await startServer("--require-mfa=everyone", "--login-seconds=1");
  await server.hasAccount("ann");
  const ann = await types(server, "/login ann correct horse");
  const app = await isLed(ann);
  const other = await server.connect();
  await other.readsUpTo(USERNAME);
  equal(await other.readsToTheEnd(), "Login timed out.\n"); // more than a second has passed
  await ann.types(app.fresh());
  await readsRecoveryCodes(ann);
  await ann.isWelcomed();
});

Deno.test("a new account is led through it before it is in, and a guest before becoming a member", async () => {
  await using server = await startServer("--require-mfa=everyone");
  const ann = await types(server, "/signup ann ann");
  for (const question of ["Password: ", "Repeat password: "]) {
    await ann.isAsked(question);
    await ann.types("correct horse");
  }
  const app = await isLed(ann);
  await ann.types(app.fresh());
  await readsRecoveryCodes(ann);
  await ann.isWelcomed();

  const [guest] = await server.guests("zoe");
  await ann.reads(`${guest.name} has joined the chat.`);
  await guest.types("/signup zoe zoe");
  for (const question of ["Password: ", "Repeat password: "]) {
    await guest.isAsked(question);
    await guest.types("correct horse");
  }
  const other = await scans(guest);
  await guest.types(other.fresh());
  await readsRecoveryCodes(guest);
  await guest.readsInTurn(
    `${guest.name} is now called zoe.`,
    "You have an account now, zoe. Next time: /login zoe",
  );
});

Deno.test("a guest who gives up has an account, and stays a guest", async () => {
  await using server = await startServer("--require-mfa=everyone");
  const [guest] = await server.guests("zoe");
  await guest.types("/signup zoe zoe");
  for (const question of ["Password: ", "Repeat password: "]) {
    await guest.isAsked(question);
    await guest.types("correct horse");
  }
  await scans(guest);
  await guest.asks("", MFA_REQUIRED);
  await guest.asks("/u", `Users currently online (1): ${guest.name}`);
  await isLed(await types(server, "/login zoe correct horse"));
});

Deno.test("programs, tokens and tickets cannot be led through anything", async () => {
  await using server = await startServer("--require-mfa=admins");
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const { json: { ticket } } = await call(server, "/me/ticket", { method: "POST", token });
  await server.hasRole("ann", "admin");
  for (const line of [token, `/ticket ${ticket}`]) {
    const ann = await types(server, line);
    await ann.reads(MFA_REQUIRED);
    await ann.isAsked(USERNAME);
  }
  await using bots = new Bots(server);
  const bot = await bots.connect("ws");
  await bot.isRefused(
    { type: "login", username: "ann", password: "correct horse" },
    "mfa_required",
    MFA_REQUIRED,
  );
  await bot.isRefused({ type: "auth", token }, "mfa_required");
});

Deno.test("a program makes no account that could not come in", async () => {
  await using server = await startServer("--require-mfa=everyone");
  await using bots = new Bots(server);
  const [guest] = await bots.guests("zoe");
  await guest.isRefused({ type: "signup", username: "zoe", password: "correct horse" }, "mfa_required");
  await using records = await recordsIn(server.dataDir);
  equal(await records.accounts.findByHandle("zoe"), undefined);
});

Deno.test("where admins alone must have one, others come in without", async () => {
  await using server = await startServer("--require-mfa=admins");
  for (const name of ["ann", "root"]) await server.hasAccount(name);
  await server.hasRole("root", "admin");
  await server.member("ann");
  await isLed(await types(server, "/login root correct horse"));
});

Deno.test("who is made an admin while connected is none in the chat before having one", async () => {
  await using server = await startServer("--require-mfa=admins", "--command-rate=off");
  const [ann] = await server.members("ann");
  await server.hasRole("ann", "admin");
  for (let line = ""; !/^This server asks/.test(line);) { // the server learns of it within two seconds
    await ann.types("/announce hear");
    line = await ann.readsLine();
    ok(["You may not do that.", MFA_REQUIRED].includes(line), line);
  }
  await ann.types("/mfa on");
  const app = await scans(ann);
  await ann.types(app.fresh());
  await readsRecoveryCodes(ann);
  await ann.asks("/announce hear", "Announcement: hear");
});

async function types(server: TestServer, line: string): Promise<Person> {
  const person = await server.connect();
  await person.readsUpTo(USERNAME);
  await person.types(line);
  return person;
}

async function isLed(person: Person): Promise<Authenticator> {
  await person.reads(MUST_ENROL);
  return await scans(person);
}

/** Reads the drawing and the secret, up to the question; answers an app that has it. */
async function scans(person: Person): Promise<Authenticator> {
  const shown = (await person.readsUpTo("Code: ")).split("\n");
  const [secret, question] = shown.slice(-2) as [string, string];
  equal(question, "Code: ");
  match(shown[0]!, /^█+$/);
  return new Authenticator(secret.replaceAll(" ", ""));
}

async function readsRecoveryCodes(person: Person): Promise<void> {
  const lines: string[] = [];
  while (lines.length < 12) lines.push(await person.readsLine());
  const codes = lines.slice(2);
  deepEqual(codes.filter((code) => !/^ {2}([A-Z]{4}-){3}[A-Z]{4}$/.test(code)), []);
  equal(new Set(codes).size, 10);
}
