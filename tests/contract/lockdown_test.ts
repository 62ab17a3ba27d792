import { strict as assert } from "node:assert";
import type { Person } from "../support/person.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const UTC = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;
const NO_GUESTS = /^Guests are not admitted until \d\d:\d\d UTC\. \/login <username>\.$/;
const NO_SIGNUPS = /^Sign-up is closed until \d\d:\d\d UTC\.$/;
const READ_ONLY = /^Only moderators may write until \d\d:\d\d UTC; that was not sent\.$/;

const MODES = ["no-signups", "no-guests", "accounts-only", "read-only"] as const;

for (const mode of MODES) {
  Deno.test(`under ${mode} that alone is closed, over a restart too, until it is over`, async () => {
    await using server = await startServer(...UNLIMITED);
    const ada = await server.admin("ada");
    for (const name of ["bob", "mona"]) await server.hasAccount(name);
    await server.hasRole("mona", "moderator");
    await isOpen(server);
    await locksDown(ada, mode);
    await closes(server, mode);
    await server.restart();
    await closes(server, mode);
    const later = await server.member("ada");
    await later.catchesUp();
    await later.asks("/lockdown", new RegExp(`^Lockdown ${mode} until ${UTC}\\.$`));
    await later.asks("/lockdown off", "Announcement: The lockdown is over.");
    await later.asks("/lockdown off", "There is no lockdown.");
    await later.asks("/lockdown", "There is no lockdown.");
    await isOpen(server);
  });
}

Deno.test("accounts-only sends the guests away, no-guests only keeps further ones out", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const [guest] = await server.guests("guest");
  const ada = await server.admin("ada");
  for (const person of [bob, guest]) await person.catchesUp();
  await locksDown(ada, "no-guests");
  const announced = (mode: string) => new RegExp(`^Announcement: Lockdown by ada until ${UTC}: ${mode}\\.$`);
  for (const person of [bob, guest]) await person.reads(announced("no-guests"));
  await guest.types("still here");
  await bob.reads(`${guest.name}: still here`);
  await locksDown(ada, "accounts-only"); // in the other's place
  await guest.reads(announced("accounts-only"));
  assert.equal(await guest.readsToTheEnd(), "Only accounts are admitted for now; come again later.\n");
  await bob.reads(announced("accounts-only"));
  await bob.reads(`${guest.name} has left the chat.`);
});

Deno.test("no guest who is in makes an account while sign-up is closed", async () => {
  await using server = await startServer(...UNLIMITED);
  const [guest] = await server.guests("guest");
  const ada = await server.admin("ada");
  await guest.catchesUp();
  await locksDown(ada, "no-signups");
  await guest.reads(/^Announcement: /);
  await guest.asks("/signup zoe zoe", NO_SIGNUPS);
});

Deno.test("under read-only nothing is said, wherever and however, but by moderators", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const [mona, ada] = [await server.moderator("mona"), await server.admin("ada")];
  for (const person of [bob, mona]) await person.catchesUp();
  await bob.asks("/join #bobs", "You are in #bobs.", /^Users/);
  await locksDown(ada, "read-only");
  for (const person of [bob, mona]) await person.reads(/^Announcement: /);
  for (const line of ["hello", "/me waves", "/@ mona hi", "/say hello", "//x"]) {
    await bob.asks(line, READ_ONLY);
  }
  await mona.asks("/@ bob wait a moment", "Private message to bob: wait a moment");
  await mona.types("all quiet");
  await bob.readsInTurn("Private message from mona: wait a moment", "#lobby mona: all quiet");
  await bob.asks("/r why?", READ_ONLY);
});

Deno.test("what is no lockdown is refused", async () => {
  await using server = await startServer(...UNLIMITED);
  const ada = await server.admin("ada");
  const usage = "Use: /lockdown [<minutes> no-signups|no-guests|accounts-only|read-only | off]";
  for (
    const rest of [
      "5",
      "no-guests",
      "5 nobody",
      "1.5 no-guests",
      "-5 no-guests",
      "on",
      "5 no-guests now",
      "5m no-guests",
    ]
  ) {
    await ada.asks(`/lockdown ${rest}`, usage);
  }
  for (const minutes of ["0", "10081", "999999"]) {
    await ada.asks(`/lockdown ${minutes} no-guests`, "A lockdown lasts 1 to 10080 minutes.");
  }
  await ada.asks("/lockdown", "There is no lockdown.");
});

async function locksDown(admin: Person, mode: string): Promise<void> {
  await admin.types(`/lockdown 30 ${mode}`);
  await admin.readsUntil(new RegExp(`^Announcement: Lockdown by ada until ${UTC}: ${mode}\\.$`));
}

/** Whether guests come in, accounts are made, and all may speak. */
function isOpen(server: TestServer): Promise<void> {
  return admits(server, { guests: true, signups: true, speech: true });
}

function closes(server: TestServer, mode: typeof MODES[number]): Promise<void> {
  return admits(server, {
    guests: mode === "no-signups" || mode === "read-only",
    signups: mode === "no-guests" || mode === "read-only",
    speech: mode !== "read-only",
  });
}

async function admits(
  server: TestServer,
  { guests, signups, speech }: { guests: boolean; signups: boolean; speech: boolean },
): Promise<void> {
  const guest = await server.connect();
  await guest.readsUpTo("Enter your username: ");
  await guest.types("guest");
  await guest.reads(guests ? /^Hello guest\d{4}!/ : NO_GUESTS);
  await guest.vanishes();

  const name = `new${crypto.randomUUID().slice(0, 8)}`;
  const newcomer = await server.connect("tls");
  await newcomer.readsUpTo("Enter your username: ");
  await newcomer.types(`/signup ${name} ${name}`);
  if (signups) await newcomer.isAsked("Password: ");
  else await newcomer.reads(NO_SIGNUPS);
  await newcomer.vanishes();
  const body = JSON.stringify({ username: name, password: "correct horse", name_account: name });
  const response = await server.http("/signup", { method: "POST", body });
  assert.equal(response.status, signups ? 200 : 403);
  if (signups) await response.body?.cancel();
  else assert.match((await response.json()).message, NO_SIGNUPS);

  const [bob, mona] = [await server.member("bob"), await server.member("mona")];
  for (const person of [bob, mona]) await person.catchesUp();
  if (speech) {
    await bob.types("may I?");
    await mona.reads("bob: may I?");
  } else {
    await bob.asks("may I?", READ_ONLY);
  }
  await mona.types("I may");
  await bob.reads("mona: I may");
  for (const person of [bob, mona]) await person.leaves();
}
