import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { call } from "../support/api.ts";
import { Bots, DOORS, TIME } from "../support/bot.ts";
import { PageOf } from "../support/page_of.ts";
import type { Person } from "../support/person.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const USERNAME = "Enter your username: ";
const NOT_VALID = "This ticket is not valid: it is good once, for a minute. Get another one.";

for (const over of ["tls", "plain"] as const) {
  Deno.test(`over ${over} a ticket from the browser lets a terminal in, once`, async () => {
    await using server = await startServer();
    const page = await signedIn(server, "ann");
    const before = Date.now();
    const { status, json } = await page.calls("/me/ticket", { method: "POST" });
    equal(status, 200);
    deepEqual(Object.keys(json), ["ticket", "expires_at"]);
    match(json.ticket, /^[A-Z]{4}-[A-Z]{4}-[A-Z]{4}$/);
    match(json.expires_at, TIME);
    const lifetimeMs = Date.parse(json.expires_at) - before;
    ok(lifetimeMs >= 60_000 && lifetimeMs < 70_000, `${lifetimeMs} ms`);

    const terminal = await typesFirst(server, `/ticket ${json.ticket}`, over);
    await terminal.isWelcomed();
    equal(terminal.name, "ann");
    const second = await typesFirst(server, `/ticket ${json.ticket}`, over);
    await second.reads(NOT_VALID);
    await second.isAsked(USERNAME);
  });
}

Deno.test("a ticket is typed in any case, with its dashes, spaces or neither", async () => {
  await using server = await startServer();
  const page = await signedIn(server, "ann");
  const spellings = [
    (ticket: string) => ticket.toLowerCase(),
    (ticket: string) => ticket.replaceAll("-", ""),
    (ticket: string) => `  ${ticket.replaceAll("-", " ")} \r`,
  ];
  for (const spelled of spellings) {
    const terminal = await typesFirst(server, `/TICKET ${spelled(await ticketOf(page))}`);
    await terminal.isWelcomed();
  }
});

for (const door of DOORS) {
  Deno.test(`over ${door} a program comes in by a ticket`, async () => {
    await using server = await startServer();
    await using bots = new Bots(server);
    const page = await signedIn(server, "ann");
    const ticket = await ticketOf(page);
    const bot = await bots.connect(door);
    const { name } = await bot.comesIn({ type: "auth", ticket });
    equal(name, "ann");
    await (await bots.connect(door)).isRefused({ type: "auth", ticket }, "ticket_not_valid", NOT_VALID);
  });
}

Deno.test("what is no ticket is refused, to a program as well", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  for (const wrong of ["BCDF-GHJK-MNPQ", "BCDF", "ann", "x".repeat(2_000)]) {
    const terminal = await typesFirst(server, `/ticket ${wrong}`);
    await terminal.reads(NOT_VALID);
    await terminal.isAsked(USERNAME);
  }
  const bot = await bots.connect();
  await bot.isRefused({ type: "auth", ticket: "BCDF-GHJK-MNPQ" }, "ticket_not_valid", NOT_VALID);
  const empty = 'Field "ticket" must be a text that is not empty.';
  await bot.isRefused({ type: "auth", ticket: 5 }, "bad_request", empty);
  const both = { type: "auth", ticket: "BCDF-GHJK-MNPQ", token: "eyJ.eyJ.x" };
  await bot.isRefused(both, "token_not_valid", "This token is not valid.");
});

Deno.test("tickets that are tried count as log-ins", async () => {
  await using server = await startServer("--logins-per-minute=3");
  const page = await signedIn(server, "ann"); // the first
  const ticket = await ticketOf(page);
  for (const refusal of [NOT_VALID, NOT_VALID, /^Too many attempts\. Try again in \d+ s\.$/]) {
    const terminal = await typesFirst(server, "/ticket BCDF-GHJK-MNPQ");
    await terminal.reads(refusal);
  }
  const late = await typesFirst(server, `/ticket ${ticket}`);
  await late.reads(/^Too many attempts\./);
});

Deno.test("a ticket is void when its giver is signed out, disabled or gone", async () => {
  await using server = await startServer();
  const [out, gone] = [await signedIn(server, "ann"), await signedIn(server, "bob")];
  const tickets = [await ticketOf(out), await ticketOf(gone)];
  await out.calls("/session", { method: "DELETE" });
  await gone.calls("/me", { method: "DELETE", json: {} });
  for (const ticket of tickets) {
    const terminal = await typesFirst(server, `/ticket ${ticket}`);
    await terminal.reads(NOT_VALID);
    await terminal.isAsked(USERNAME);
  }
});

Deno.test("a terminal that came in by a ticket goes with the browser's session, which /logout there leaves alone", async () => {
  await using server = await startServer();
  const page = await signedIn(server, "ann");
  const terminals: Person[] = [];
  for (let count = 0; count < 2; count++) {
    const terminal = await typesFirst(server, `/ticket ${await ticketOf(page)}`);
    await terminal.isWelcomed();
    terminals.push(terminal);
  }
  const [first, second] = terminals;
  await first!.types("/logout");
  await first!.readsUntil("You are logged out. Goodbye.");
  equal((await page.calls("/me")).status, 200);
  await page.calls("/session", { method: "DELETE" });
  match(await second!.readsToTheEnd(), /This token has been revoked\.\n$/);
});

Deno.test("who is banned comes in by no ticket, and gets none", async () => {
  await using server = await startServer();
  const page = await signedIn(server, "ann");
  const ticket = await ticketOf(page);
  const root = await server.moderator("root");
  await root.types("/ban ann 1d spam");
  await root.reads(/ann/);
  equal((await page.calls("/me/ticket", { method: "POST" })).status, 403);
  const terminal = await typesFirst(server, `/ticket ${ticket}`);
  await terminal.reads(/^You are banned from this server until .*: spam\.$/);
  await terminal.readsToTheEnd();
});

Deno.test("a ticket is for who is signed in with all that chat takes, from a page of this server", async () => {
  await using server = await startServer();
  const page = await signedIn(server, "ann");
  const token = await server.tokenOf("ann");
  const { json: { token: narrow } } = await call(server, "/me/tokens", {
    token,
    json: { scope: "post:#ops" },
  });
  const asked: [who: Parameters<typeof call>[2], status: number][] = [
    [{}, 401],
    [{ token: narrow }, 403],
    [{ headers: { cookie: page.cookie } }, 403],
    [{ headers: { cookie: page.cookie, origin: "https://evil.example" } }, 403],
    [{ token }, 200],
  ];
  for (const [who, status] of asked) {
    const answer = await call(server, "/me/ticket", { ...who, method: "POST" });
    equal(answer.status, status, `${JSON.stringify(who)}: ${answer.text}`);
  }
});

Deno.test("a ticket gives no more than its giver has", async () => {
  await using server = await startServer();
  await server.hasAccount("root");
  await server.hasRole("root", "admin");
  const token = await server.tokenOf("root"); // whose scope is chat
  const { json } = await call(server, "/me/ticket", { method: "POST", token });
  const terminal = await typesFirst(server, `/ticket ${json.ticket}`);
  await terminal.isWelcomed();
  await terminal.asks("/tokens new x admin", "This token is for something else; its scope is chat.");
});

Deno.test("how somebody came in is logged, and by which ticket is not", async () => {
  await using server = await startServer();
  const ticket = await ticketOf(await signedIn(server, "ann"));
  await (await typesFirst(server, `/ticket ${ticket}`)).isWelcomed();
  await (await typesFirst(server, `/ticket ${ticket}`)).reads(NOT_VALID);
  equal(server.logged.filter((line) => line.includes('"by":"ticket"')).length, 1);
  ok(!server.logged.some((line) => line.includes(ticket)));
});

/** The page of an account that is made for it. */
async function signedIn(server: TestServer, username: string): Promise<PageOf> {
  await server.hasAccount(username);
  const page = new PageOf(server);
  await page.signsIn(username);
  return page;
}

async function ticketOf(page: PageOf): Promise<string> {
  const { json } = await page.calls("/me/ticket", { method: "POST" });
  return json.ticket;
}

/** Somebody who types a line at the greeting. */
async function typesFirst(
  server: TestServer,
  line: string,
  over: "tls" | "plain" = "plain",
): Promise<Person> {
  const terminal = await server.connect(over);
  await terminal.readsUpTo(USERNAME);
  await terminal.types(line);
  return terminal;
}
