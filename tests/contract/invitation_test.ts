import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import type { Invitation } from "../../server/accounts/invitation_store.ts";
import { recordsIn } from "../../server/cli/records.ts";
import { Bots } from "../support/bot.ts";
import type { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const USERNAME = "Enter your username: ";
const NOT_VALID = "This invitation is not valid: it is used up, over or mistyped. Ask for another one.";

Deno.test("where sign-up is by invitation, its code is asked for first, and a wrong one asked for again", async () => {
  await using server = await startServer("--signup=invite");
  const { code } = await invitation(server);
  const ann = await types(server, "/signup ann@example.org");
  await ann.isAsked("Invitation: ");
  await ann.types("");
  await ann.isAsked("Invitation: ");
  await ann.asks("BCDF-GHJK-MNPQ", NOT_VALID);
  await ann.isAsked("Invitation: ");
  await ann.types(code.toLowerCase().replaceAll("-", ""));
  await ann.isAsked("Choose a name: ");
  await ann.types("Ann");
  await givesPassword(ann);
  await ann.isWelcomed();
  equal(ann.name, "Ann");
});

Deno.test("openssl s_client signs up by what stands in the link, the name in the first line", async () => {
  await using server = await startServer("--signup=invite");
  const { link } = await invitation(server);
  const { port } = server.parley.addresses.tls!;
  await using client = new Program("openssl", ["s_client", "-quiet", "-connect", `127.0.0.1:${port}`]);
  const ann = client.person;
  await ann.readsUpTo(USERNAME);
  await ann.types("/signup ann ann");
  await ann.isAsked("Invitation: ");
  await ann.types(link);
  await givesPassword(ann);
  await ann.isWelcomed();
});

Deno.test("who was not invited does not learn who has an account", async () => {
  await using server = await startServer("--signup=invite");
  const { code } = await invitation(server, { uses: 2 });
  await signsUpByInvitation(server, "/signup bob bob", code);
  for (const line of ["/signup bob", "/signup bob bob", "/signup zoe bob", "/signup x"]) {
    await (await types(server, line)).isAsked("Invitation: ");
  }
  const ann = await types(server, "/signup bob");
  await ann.isAsked("Invitation: ");
  await ann.asks(code, "That name is taken.");
  await ann.isAsked(USERNAME);
});

Deno.test("an invitation is good so many times, and says by whom it was used", async () => {
  await using server = await startServer("--signup=invite");
  const { id, code } = await invitation(server, { uses: 2 });
  for (const name of ["ann", "bob"]) await signsUpByInvitation(server, `/signup ${name} ${name}`, code);
  const carl = await types(server, "/signup carl carl");
  await carl.isAsked("Invitation: ");
  await carl.asks(code, NOT_VALID);
  await using records = await recordsIn(server.dataDir);
  const used = (await records.invitations.list()).find((invitation) => invitation.id === id)!;
  deepEqual(used.usedBy.map(({ name }) => name), ["ann", "bob"]);
});

Deno.test("of two who use the last of an invitation at once one has an account", async () => {
  await using server = await startServer("--signup=invite");
  const { code } = await invitation(server);
  const both = await Promise.all(["ann", "bob"].map(async (name) => {
    const person = await types(server, `/signup ${name} ${name}`);
    await person.isAsked("Invitation: ");
    await person.types(code);
    await person.isAsked("Password: ");
    await person.types("correct horse");
    await person.isAsked("Repeat password: ");
    return person;
  }));
  await Promise.all(both.map((person) => person.types("correct horse")));
  const lines = await Promise.all(both.map((person) => person.readsLine()));
  equal(lines.filter((line) => line.startsWith("Hello ")).length, 1, lines.join("\n"));
  equal(lines.filter((line) => line === NOT_VALID).length, 1, lines.join("\n"));
});

Deno.test("one that is revoked while the password is typed makes no account", async () => {
  await using server = await startServer("--signup=invite");
  const { id, code } = await invitation(server);
  const ann = await types(server, "/signup ann ann");
  await ann.isAsked("Invitation: ");
  await ann.types(code);
  await ann.isAsked("Password: ");
  {
    await using records = await recordsIn(server.dataDir);
    await records.invitations.revoke(id);
  }
  await ann.types("correct horse");
  await ann.isAsked("Repeat password: ");
  await ann.asks("correct horse", NOT_VALID);
});

Deno.test("invitations are guessed no faster than passwords", async () => {
  await using server = await startServer("--signup=invite", "--logins-per-minute=2");
  const eve = await types(server, "/signup eve eve");
  for (let tries = 0; tries < 2; tries++) {
    await eve.isAsked("Invitation: ");
    await eve.asks("BCDF-GHJK-MNPQ", NOT_VALID);
  }
  await eve.isAsked("Invitation: ");
  await eve.asks("BCDF-GHJK-MNPQ", /^Too many attempts\. Try again in \d+ s\.$/);
  const [guest] = await server.guests("mal");
  await guest.types("/signup mal mal");
  await guest.isAsked("Invitation: ");
  await guest.asks("BCDF-GHJK-MNPQ", /^Too many attempts\. Try again in \d+ s\.$/);
  await using bots = new Bots(server);
  const bot = await bots.connect("ws");
  await bot.comesIn({ type: "guest", name: "bot" });
  const signup = { type: "signup", username: "bot", password: "correct horse", invitation: "BCDF-GHJK-MNPQ" };
  await bot.isRefused(signup, "too_many_attempts");
});

Deno.test("an invitation has somebody in a room from the start, and in a role", async () => {
  await using server = await startServer("--signup=invite");
  const { code } = await invitation(server, { room: "dev", role: "moderator" });
  const ann = await signsUpByInvitation(server, "/signup ann ann", code);
  await ann.asks("/u #dev", "Users currently online (1): ann");
  await ann.asks("/whois ann", /Role: moderator\.$/);
});

Deno.test("a guest who was invited becomes a member, and enters the room", async () => {
  await using server = await startServer("--signup=invite");
  const { code } = await invitation(server, { room: "dev" });
  const [bob, guest] = await server.guests("bob", "zoe");
  await guest.types("/signup zoe zoe");
  await guest.isAsked("Invitation: ");
  await guest.asks("BCDF-GHJK-MNPQ", NOT_VALID);
  await guest.isAsked("Invitation: ");
  await guest.types(code);
  await givesPassword(guest);
  await guest.readsInTurn(
    `${guest.name} is now called zoe.`,
    "zoe has joined #dev.",
    "You have an account now, zoe. Next time: /login zoe",
  );
  await bob.reads(`${guest.name} is now called zoe.`);
  await guest.asks("/u #dev", "Users currently online (1): zoe");
});

Deno.test("a guest who gives no invitation stays a guest", async () => {
  await using server = await startServer("--signup=invite");
  const [guest] = await server.guests("zoe");
  await guest.types("/signup zoe");
  await guest.isAsked("Invitation: ");
  await guest.asks("", "Sign-up is by invitation only here. Give the code of yours.");
  await guest.asks("/tokens", "Guests cannot do that. /signup first.");
});

Deno.test("a program gives its invitation with its request; where anybody may sign up it is good for role and room", async () => {
  for (const policy of ["invite", "open"]) {
    await using server = await startServer(`--signup=${policy}`);
    await using bots = new Bots(server);
    const { code } = await invitation(server, { room: "dev" });
    const [guest] = await bots.guests("zoe");
    const signup = { type: "signup", username: "zoe", password: "correct horse" };
    if (policy === "invite") await guest.isRefused(signup, "invitation_required");
    await guest.isRefused({ ...signup, invitation: "BCDF-GHJK-MNPQ" }, "invitation_not_valid");
    await guest.sends({ ...signup, invitation: code, ref: "r" });
    const who = { name: "zoe", role: "member", rooms: ["lobby", "dev"] };
    await guest.readsUntil({ type: "welcome", server: /./, version: /./, ...who, ref: "r" });
  }
});

Deno.test("no invitation is logged", async () => {
  await using server = await startServer("--signup=invite");
  const { code } = await invitation(server);
  await signsUpByInvitation(server, "/signup ann ann", code);
  ok(server.logged.some((line) => line.includes("ann")));
  for (const line of server.logged) ok(!line.includes(code), line);
});

async function invitation(
  server: TestServer,
  wanted: Partial<Pick<Invitation, "role" | "room" | "uses">> = {},
): Promise<{ id: string; code: string; link: string }> {
  await using records = await recordsIn(server.dataDir);
  const made = await records.invitations.make({ name: "operator", role: "admin" }, {
    role: "member",
    room: undefined,
    uses: 1,
    days: 7,
    ...wanted,
  });
  match(made.code, /^[A-Z]{4}-[A-Z]{4}-[A-Z]{4}$/);
  return { id: made.id, code: made.code, link: await records.invitations.linkOf(made) };
}

async function types(server: TestServer, line: string): Promise<Person> {
  const person = await server.connect();
  await person.readsUpTo(USERNAME);
  await person.types(line);
  return person;
}

async function givesPassword(person: Person): Promise<void> {
  for (const question of ["Password: ", "Repeat password: "]) {
    await person.isAsked(question);
    await person.types("correct horse");
  }
}

/** @param line `/signup` with a name. */
async function signsUpByInvitation(server: TestServer, line: string, code: string): Promise<Person> {
  const person = await types(server, line);
  await person.isAsked("Invitation: ");
  await person.types(code);
  await givesPassword(person);
  await person.isWelcomed();
  return person;
}
