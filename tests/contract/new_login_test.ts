import { strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { call } from "../support/api.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Bots } from "../support/bot.ts";
import type { Person } from "../support/person.ts";
import { startServer } from "../support/start_server.ts";

/** An address of this machine that is not loopback. */
const OWN_ADDRESS = Deno.networkInterfaces().find(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
)?.address;

const USERNAME = "Enter your username: ";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

Deno.test("whoever is in by an account reads of each further log-in, by name of what it came by", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  const [ann, eve] = await server.members("ann", "eve");
  const login = { type: "login", username: "ann", password: "correct horse" };

  const overTls = await server.connect("tls");
  await logsIn(overTls, "/login ann correct horse");
  await ann.reads("New login from 127.0.0.1 by openssl.");

  const inJson = await bots.connect("tls");
  await inJson.comesIn(login);
  for (const person of [ann, overTls]) await person.reads("New login from 127.0.0.1 by openssl.");

  const page = await bots.connect("ws", { headers: { "user-agent": FIREFOX } });
  await page.comesIn(login);
  for (const person of [ann, overTls]) await person.reads("New login from 127.0.0.1 by Firefox.");
  await inJson.reads({ type: "notice", text: "New login from 127.0.0.1 by Firefox." });

  await logsIn(await server.connect(), "/login ann correct horse");
  for (const bot of [inJson, page]) {
    await bot.reads({ type: "notice", text: "New login from 127.0.0.1 by netcat." });
  }
  await eve.asks("/ping", "Pong."); // nobody else was told
});

Deno.test("log-ins by code, ticket and link are told, and those that fail are not", async () => {
  await using server = await startServer("--logins-per-minute=off");
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const ann = await server.member("ann");
  const app = await Authenticator.of(server, token);

  await logsIn(await server.connect(), "/login ann wrong horse", "Wrong username or password.");
  const byCode = await server.connect();
  await byCode.readsUpTo(USERNAME);
  await byCode.types("/login ann correct horse");
  await byCode.isAsked("Code: ");
  await byCode.asks("000000", /^Wrong code\./);
  await ann.asks("/ping", "Pong."); // and nothing of what did not lead in
  await byCode.isAsked("Code: ");
  await byCode.types(app.fresh());
  await byCode.isWelcomed();
  await ann.readsOfLogin();

  const { json: { ticket } } = await call(server, "/me/ticket", { method: "POST", token });
  await logsIn(await server.connect(), `/ticket ${ticket}`);
  await ann.readsOfLogin();

  const terminal = await server.connect("tls");
  await terminal.readsUpTo(USERNAME);
  await terminal.types("/login");
  const [, code] = /enter (\S+)\.$/.exec(await terminal.readsLine())!;
  await terminal.isAsked(USERNAME);
  equal((await call(server, `/link/${code}`, { method: "POST", token })).status, 200);
  await terminal.reads("");
  await terminal.isWelcomed();
  await ann.readsOfLogin("openssl");
});

Deno.test("a token that is used where it was issued is not told again and again", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const [first, second] = [await server.connect(), await server.connect()];
  for (const connection of [first, second]) await logsIn(connection, token);
  await first.asks("/ping", "Pong.");
});

Deno.test({
  name: "a token that is used elsewhere is told",
  ignore: OWN_ADDRESS === undefined,
}, async () => {
  await using server = await startServer("--plain=0.0.0.0:0");
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann");
  const here = await server.connect();
  await logsIn(here, token);
  const { port } = server.parley.addresses.plain!;
  for (let times = 0; times < 2; times++) {
    await logsIn(server.welcomes(await Deno.connect({ hostname: OWN_ADDRESS!, port })), token);
    if (times === 0) await here.reads(`New login from ${OWN_ADDRESS} by netcat.`);
  }
  await here.asks("/ping", "Pong."); // once is enough
});

Deno.test("a token that the operator gives is told when it is used first", async () => {
  await using server = await startServer();
  const [ann] = await server.members("ann");
  let jwt: string;
  {
    await using records = await recordsIn(server.dataDir);
    const { id } = (await records.accounts.findByHandle("ann"))!;
    ({ jwt } = await records.tokens.issue(id, { days: 1, label: "operator" }));
  }
  for (let times = 0; times < 2; times++) await logsIn(await server.connect(), jwt);
  await ann.readsOfLogin();
  await ann.asks("/ping", "Pong.");
});

Deno.test("/tokens says to whom a token was issued and where it was used last", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const { json } = await call(server, "/login", {
    method: "POST",
    json: { username: "ann", password: "correct horse" },
    headers: { "user-agent": FIREFOX },
  });
  const ann = await server.connect("tls");
  await logsIn(ann, json["Access Token"]);
  await ann.asks(
    "/tokens",
    "Your tokens (1):",
    / {2}login {2}\(this connection\) {2}issued to 127\.0\.0\.1 by Firefox {2}last used \S+ \S+ UTC from 127\.0\.0\.1 by openssl$/,
    "Your connections (1):",
    /^[\da-f-]{36} {2}127\.0\.0\.1 by openssl {2}TLS {2}by token {2}since \S+ \S+ UTC {2}\(this one\)$/,
  );
});

/** Comes in by a line, or is refused. */
async function logsIn(person: Person, line: string, refusal?: string): Promise<void> {
  await person.readsUpTo(USERNAME);
  await person.types(line);
  if (refusal === undefined) await person.isWelcomed();
  else await person.reads(refusal);
}
