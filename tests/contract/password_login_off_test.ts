import { match, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { call } from "../support/api.ts";
import { Bots } from "../support/bot.ts";
import type { Person } from "../support/person.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const USERNAME = "Enter your username: ";
const OFF = "Nobody logs in by password here. Use the web page, or /login, which a browser confirms.";
const OFFER = /^Open https:\/\/localhost:\d+\/link and enter ([A-Z]{4}-[A-Z]{4})\.$/;

Deno.test("where nobody logs in by password, a browser is asked for wherever a password would be", async () => {
  await using server = await startServer("--password-login=off");
  await ann(server);
  for (const line of ["/login ann", "/login", "ann", "ANN", "ann@example.org"]) {
    const person = await types(server, line);
    await person.reads(OFFER);
    await person.isAsked(USERNAME);
  }
});

Deno.test("a browser lets in whoever gave a name that an account holds", async () => {
  await using server = await startServer("--password-login=off");
  const token = await ann(server);
  const person = await types(server, "ann");
  const [, code] = OFFER.exec(await person.readsLine())!;
  await person.isAsked(USERNAME);
  equal((await call(server, `/link/${code}`, { method: "POST", token })).status, 200);
  await person.reads("");
  await person.isWelcomed();
  equal(person.name, "ann");
});

Deno.test("no password is looked at, be it right or wrong, and none makes an account", async () => {
  await using server = await startServer("--password-login=off");
  await ann(server);
  for (
    const line of ["/login ann correct horse", "/login ann wrong horse", "/signup zoe", "/signup zoe zoe"]
  ) {
    const person = await types(server, line);
    await person.reads(OFF);
    await person.isAsked(USERNAME);
  }
  const [guest] = await server.guests("zoe");
  await guest.asks("/signup zoe zoe", OFF);
  await using bots = new Bots(server);
  const bot = await bots.connect("ws");
  await bot.isRefused(
    { type: "login", username: "ann", password: "correct horse" },
    "password_login_off",
    OFF,
  );
  await bot.comesIn({ type: "guest", name: "bot" });
  await bot.isRefused({ type: "signup", username: "bot", password: "correct horse" }, "password_login_off");
});

Deno.test("tokens lead in as ever", async () => {
  await using server = await startServer("--password-login=off");
  const person = await types(server, await ann(server));
  await person.isWelcomed();
});

Deno.test("where no browser can confirm either, that is said", async () => {
  await using server = await startServer("--password-login=off", "--https=off", "--http=off");
  await ann(server);
  for (const line of ["ann", "/login ann", "/login", "/login ann correct horse"]) {
    const person = await types(server, line);
    match(await person.readsLine(), /^Nobody logs in by password here\./);
    await person.isAsked(USERNAME);
  }
});

/** The access token of an account that the operator has made. */
async function ann(server: TestServer): Promise<string> {
  await using records = await recordsIn(server.dataDir);
  const { id } = await records.accounts.signUp({
    username: "ann@example.org",
    name: "ann",
    password: "correct horse",
  });
  return (await records.tokens.issue(id, { days: 1, label: "test" })).jwt;
}

async function types(server: TestServer, line: string): Promise<Person> {
  const person = await server.connect();
  await person.readsUpTo(USERNAME);
  await person.types(line);
  return person;
}
