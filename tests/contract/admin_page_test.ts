import { strict as assert } from "node:assert";
import { AdminPage } from "../support/admin_page.ts";
import { call } from "../support/api.ts";
import { Chromium } from "../support/browser.ts";
import type { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

const UTC = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

Deno.test("who is disconnected reads why, and may come again", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  await using ada = await admin(server);
  await ada.opens("Connections");
  await ada.presses("bob");
  await ada.fills("Last sentence", "Please come back with a newer client.");
  await ada.presses("Disconnect");
  await ada.reads("bob has been disconnected.");
  assert.match(await bob.readsToTheEnd(), /Please come back with a newer client\.\n$/);
  await ada.hasNoRow("bob");
  await server.member("bob");
  await ada.row("bob");
});

Deno.test("an account that an admin makes comes in with the password that is shown once", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ada = await admin(server);
  await ada.opens("People");
  await ada.presses("New account…");
  await ada.fills("Username", "carl@example.org");
  await ada.fills("Name in chat", "carl");
  await ada.chooses("Moderator");
  await ada.presses("Create");
  await ada.reads("carl has an account now.");
  const password = await ada.secret("Password");
  await ada.presses("I have it");
  const [, username, role] = await ada.row("carl");
  assert.deepEqual([username, role], ["carl@example.org", "moderator"]);
  const carl = await server.member("carl@example.org", password);
  await carl.asks("/announce tea", "Announcement: tea");

  await ada.presses("New account…");
  await ada.fills("Username", "carla");
  await ada.fills("Name in chat", "CARL");
  await ada.presses("Create");
  await ada.isRefused("That name is taken.");
});

Deno.test("people are found by a part of their name or username", async () => {
  await using server = await startServer(
    ...UNLIMITED,
    "--signups-per-hour=off",
    "--signups-per-hour-in-all=off",
  );
  for (const name of ["ann", "bob", "bobby"]) await server.hasAccount(name);
  await server.signsUp({ username: "carl@bob.example", name: "carl" });
  await using ada = await admin(server);
  await ada.opens("People");
  await ada.row("ann");
  await ada.fills("Search people", "BOB");
  await ada.hasNoRow("ann");
  for (const name of ["bob", "bobby", "carl"]) await ada.row(name);
  await ada.fills("Search people", "nobody");
  await ada.page.getByText("Nobody is called that.").waitFor();
});

Deno.test("a role that is given holds at once, on connections that are open", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  await using ada = await admin(server);
  await bob.asks("/announce tea", "You may not do that.");
  await ada.opens("People");
  await ada.presses("bob");
  await ada.presses("Change role…");
  await ada.chooses("Moderator");
  await ada.presses("Change role");
  await ada.reads("bob is a moderator now.");
  assert.equal((await ada.row("bob"))[2], "moderator");
  await bob.asks("/announce tea", "Announcement: tea");

  await ada.presses("ada");
  await ada.presses("Change role…");
  await ada.chooses("Member");
  await ada.presses("Change role");
  await ada.isRefused("This is the only admin's account; make somebody else an admin first.");
});

Deno.test("who is disabled is out at once and comes in again when enabled", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, ann] = await server.members("bob", "ann");
  await using ada = await admin(server);
  await ada.opens("People");
  await ada.presses("bob");
  await ada.presses("Disable…");
  await ada.presses("Disable");
  await ada.reads("bob is disabled.");
  assert.match(await bob.readsToTheEnd(), /This account is disabled\. Ask an admin of this server\.\n$/);
  await ann.readsUntil("bob has left the chat.");
  assert.equal((await ada.row("bob"))[3], "disabled");
  await refused(server, "/login bob correct horse", "This account is disabled. Ask an admin of this server.");
  await ada.presses("bob");
  await ada.presses("Enable…");
  await ada.presses("Enable");
  await ada.reads("bob is enabled.");
  await server.member("bob");
  await ann.reads("bob has joined the chat.");
});

Deno.test("a new password ends what the old one had opened, and is the one that is good", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const token = await server.tokenOf("bob");
  await using ada = await admin(server, { permissions: ["clipboard-read", "clipboard-write"] });
  await ada.opens("People");
  await ada.presses("bob");
  await ada.presses("New password…");
  await ada.presses("New password");
  await ada.reads("bob has a new password.");
  const password = await ada.secret("Password");
  await ada.presses("Copy password");
  await ada.reads("Copied.");
  assert.equal(await ada.page.evaluate("navigator.clipboard.readText()"), password);
  await ada.presses("I have it");
  await bob.readsToTheEnd();
  await refused(server, token, "This token has been revoked.");
  await refused(server, "/login bob correct horse", "Wrong username or password.");
  await server.member("bob", password);
});

Deno.test("who is logged out everywhere keeps the password alone", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const token = await server.tokenOf("bob");
  await using ada = await admin(server);
  await ada.opens("People");
  await ada.presses("bob");
  await ada.presses("Log out everywhere…");
  await ada.presses("Log out everywhere");
  await ada.reads("bob is logged out everywhere.");
  await bob.readsToTheEnd();
  await refused(server, token, "This token has been revoked.");
  await server.member("bob");
});

for (const [choice, left] of [["Keep", true], ["Erase", false]] as const) {
  Deno.test(`who is deleted is gone at once, and what they said is ${left ? "kept" : "erased"}`, async () => {
    await using server = await startServer(...UNLIMITED);
    const [bob, ann] = await server.members("bob", "ann");
    await bob.types("I was here");
    await ann.reads("bob: I was here");
    await using ada = await admin(server);
    await ada.opens("People");
    await ada.presses("bob");
    await ada.presses("Delete…");
    await ada.chooses(`${choice} what they said`);
    await ada.presses("Delete");
    await ada.reads("The account is deleted.");
    assert.match(await bob.readsToTheEnd(), /This account has been deleted\.\n$/);
    await ada.hasNoRow("bob");
    await ann.types("/history 10");
    await ann.types("/ping");
    const shown = await ann.readsUntil("Pong.");
    assert.equal(shown.some((line) => line.includes("I was here")), left, shown.join("\n"));
    await refused(server, "/signup bob bob", "That name is taken.");
  });
}

Deno.test("a token is good for what it was issued for, until it is revoked", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, ann] = await server.members("bob", "ann");
  await using ada = await admin(server);
  await ada.opens("Tokens");
  await ada.presses("New token…");
  await ada.fills("For whom", "bob");
  await ada.fills("Label", "doorbell");
  await ada.chooses("Posting in rooms");
  await ada.fills("In which rooms", "#lobby");
  await ada.presses("Issue");
  await ada.reads("bob has a new token, “doorbell”.");
  const token = await ada.secret("Token");
  assert.match(
    await ada.secret("Example"),
    /curl --cacert cert\.pem .* -d 'Hello from a script' https:\S+\/rooms\/lobby\/messages$/,
  );
  await ada.presses("I have it");
  const say = () => call(server, "/rooms/lobby/messages", { token, text: "Somebody is at the door." });
  assert.equal((await say()).status, 200);
  await ann.readsUntil("bob: Somebody is at the door.");
  await bob.readsUntil("bob: Somebody is at the door.");
  assert.equal((await call(server, "/me", { token })).status, 403);

  await ada.presses("New token…");
  await ada.fills("For whom", "BOB");
  await ada.fills("Label", "terminal");
  await ada.fills("Good for how many days", "2");
  await ada.presses("Issue");
  const chatting = await ada.secret("Token");
  await ada.presses("I have it");
  const terminal = await server.connect();
  await terminal.readsUpTo("Enter your username: ");
  await terminal.types(chatting);
  await terminal.readsUntil(/^Users currently online/);
  await ada.fills("Filter tokens", "bob term");
  await ada.hasNoRow("doorbell");
  assert.deepEqual((await ada.row("terminal")).slice(1, 3), ["bob", "chat"]);
  await ada.presses("terminal");
  await ada.presses("Revoke");
  await ada.reads("The token “terminal” of bob is revoked.");
  assert.match(await terminal.readsToTheEnd(), /This token has been revoked\.\n$/);
  await ada.page.getByText("No token is like that.").waitFor();
  await bob.catchesUp(); // who came in by the password is still here

  await ada.presses("New token…");
  await ada.fills("For whom", "nobody");
  await ada.fills("Label", "x");
  await ada.presses("Issue");
  await ada.isRefused("There is no account called nobody.");
});

Deno.test("those in a room hear of its new topic, and of quiet and private as soon as they hold", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, ann] = await server.members("bob", "ann");
  await bob.asks("/join #ops", "You are in #ops.", /^Users/);
  await ann.asks("/join #ops", "You are in #ops.", /^Users/);
  await bob.reads("ann has joined #ops.");
  await using ada = await admin(server);
  await ada.opens("Rooms");
  await ada.presses("#ops");
  await ada.fills("Topic", "What is on fire");
  await ada.chooses("Private");
  await ada.chooses("Quiet");
  await ada.fills("Days that messages are kept", "7");
  await ada.presses("Save");
  await ada.reads("#ops is as you want it.");
  assert.deepEqual((await ada.row("#ops")).slice(1, 7), [
    "What is on fire",
    "private, quiet",
    "bob",
    "2",
    "2",
    "7 d",
  ]);
  await ann.readsUntil(/^ada .*What is on fire/);
  await ann.types("may I?");
  await ann.readsUntil("#ops is quiet: its staff speaks, others read.");
  await bob.types("I may");
  await ann.reads("bob: I may");
  const [eve] = await server.guests("eve");
  await eve.asks("/join #ops", "#ops is private; its staff can invite you.");

  await ada.presses("#ops");
  await ada.fills("Days that messages are kept", "400");
  await ada.presses("Save");
  await ada.isRefused("This server keeps messages for 90 days; a room may only shorten that.");
});

Deno.test("a deleted room is gone with what was said in it, and those in it are put out", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  await bob.asks("/join #ops", "You are in #ops.", /^Users/);
  await bob.types("a secret");
  await using ada = await admin(server);
  await ada.opens("Rooms");
  await ada.presses("#ops");
  await ada.presses("Delete this room…");
  await ada.presses("Delete");
  await ada.reads("#ops is deleted.");
  await bob.readsUntil("#ops: ada has deleted the room.");
  await ada.hasNoRow("#ops");
  await bob.catchesUp();
  await bob.asks("/join #ops", "You are in #ops.", /^Users/);
  await bob.asks("/history", /^Nothing/);

  await ada.presses("#lobby");
  assert.equal(await ada.dialog.getByRole("button", { name: "Delete this room…" }).count(), 0);
});

Deno.test("who is banned is out at once and kept out, until the ban is lifted", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, ann] = await server.members("bob", "ann");
  await using ada = await admin(server);
  await ada.opens("Bans");
  await ada.page.getByText("Nobody is banned or muted.").waitFor();
  await ada.presses("Ban or mute…");
  await ada.fills("Whom", "BOB");
  await ada.page.getByLabel("For how long").selectOption("2 hours");
  await ada.fills("Why", "too loud");
  await ada.presses("Ban");
  await ada.reads(/^bob is banned until /);
  const told = new RegExp(`You were banned by ada until ${UTC}: too loud\n$`);
  assert.match(await bob.readsToTheEnd(), told);
  await ann.readsUntil("bob has left the chat.");
  const cells = await ada.row("bob");
  assert.deepEqual([cells[1], cells[2], cells[3], cells[5], cells[6]], [
    "ban",
    "account",
    "everywhere",
    "too loud",
    "ada",
  ]);
  await refused(
    server,
    "/login bob correct horse",
    new RegExp(`^You are banned from this server until ${UTC}: too loud\\.$`),
  );
  await ada.presses("bob");
  await ada.presses("Lift");
  await ada.reads("bob is banned no longer.");
  await ada.hasNoRow("bob");
  await server.member("bob");

  await ada.presses("Ban or mute…");
  await ada.fills("Whom", "nobody");
  await ada.presses("Ban");
  await ada.isRefused("User nobody not found.");
});

Deno.test("a ban can be of a network, for good, and of one room alone", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  await bob.asks("/join #ops", "You are in #ops.", /^Users/);
  const { hostname, port } = server.parley.addresses.plain!;
  await using elsewhere = new Program("socat", ["-", `TCP:${hostname}:${port},bind=127.0.0.2`]);
  const eve = elsewhere.person;
  await eve.comesInAs("eve");
  await using ada = await admin(server);
  await ada.opens("Bans");
  await ada.presses("Ban or mute…");
  await ada.fills("Whom", "bob");
  await ada.page.getByLabel("For how long").selectOption("For good");
  await ada.fills("Room", "#ops");
  await ada.presses("Ban");
  await ada.reads("bob is banned in #ops.");
  await bob.readsUntil("bob has left #ops.");
  await bob.asks("/join #ops", "You are banned from #ops.");
  assert.equal((await ada.row("bob"))[4], "for good");

  await ada.presses("Ban or mute…");
  await ada.fills("Whom", "127.0.0.2");
  await ada.page.getByLabel("For how long").selectOption("Other…");
  await ada.fills("So long", "3d");
  await ada.presses("Ban");
  await ada.reads(/^127\.0\.0\.2\/32 is banned until /);
  assert.match(await eve.readsToTheEnd(), /You were banned by ada until .* UTC\.\n$/);
  await bob.catchesUp(); // who is somewhere else stays
});

Deno.test("who is muted reads on, and says nothing until the mute is lifted", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, ann] = await server.members("bob", "ann");
  await using ada = await admin(server);
  await ada.opens("Bans");
  await ada.presses("Ban or mute…");
  await ada.chooses("Mute");
  await ada.fills("Whom", "bob");
  await ada.page.getByLabel("For how long").selectOption("10 minutes");
  await ada.presses("Mute");
  await ada.reads(/^bob is muted until /);
  await bob.readsUntil(new RegExp(`^You were muted by ada until ${UTC}\\.$`));
  await bob.asks("hello", /^You are muted until \d\d:\d\d UTC\.$/);
  await ann.types("poor bob");
  await bob.reads("ann: poor bob");
  await ada.presses("bob");
  await ada.presses("Lift");
  await ada.reads("bob is muted no longer.");
  await bob.types("thanks");
  await ann.readsUntil("bob: thanks");
});

Deno.test("every deed stands in the trail, which is searched, gone back through and exported", async () => {
  await using server = await startServer(...UNLIMITED);
  const mona = await server.moderator("mona");
  for (let number = 1; number <= 120; number++) await mona.types(`/announce number ${number}`);
  await mona.readsUntil("Announcement: number 120");
  await using ada = await admin(server);
  await ada.opens("Announce");
  await ada.fills("What everybody is to know", 'Tea, "green"');
  await ada.presses("Announce…");
  await ada.presses("Announce");
  await ada.reads("Everybody has been told.");
  await ada.opens("Audit");
  const entries = ada.page.getByRole("listitem").filter({ hasText: "from 127.0.0.1" });
  await entries.filter({ hasText: "ada" }).filter({ hasText: 'announce Tea, "green"' }).waitFor();
  assert.equal(await entries.count(), 100);
  await ada.presses("Show older entries");
  await entries.filter({ hasText: /number 1\b/ }).waitFor();
  assert.equal(await entries.count(), 121);

  await ada.fills("Who", "ADA");
  await entries.filter({ hasText: "number" }).first().waitFor({ state: "detached" });
  assert.equal(await entries.count(), 1);
  const csv = await ada.downloads("CSV");
  assert.equal(csv.name, "parley-audit.csv");
  const [titles, line, ...more] = new TextDecoder().decode(csv.bytes).trimEnd().split("\r\n");
  assert.equal(titles, '"id","at","who","what","whom","why","from"');
  assert.match(line ?? "", /,"ada","announce","","Tea, ""green""","127\.0\.0\.1"$/);
  assert.deepEqual(more, []);

  await ada.fills("Who", "");
  await ada.fills("What", "announce");
  await ada.fills("Search the trail", "NUMBER 12");
  await entries.filter({ hasText: "number 120" }).waitFor();
  await entries.filter({ hasText: "number 119" }).waitFor({ state: "detached" });
  const jsonl = await ada.downloads("JSON lines");
  const lines = new TextDecoder().decode(jsonl.bytes).trimEnd().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line).why), ["number 120", "number 12"]);
  await ada.fills("What", "nothing");
  await ada.page.getByText("Nothing like that was done.").waitFor();
});

Deno.test("a setting holds at once, for those who are connected as well, and goes back to its default", async () => {
  await using server = await startServer(...UNLIMITED, "--name=Elsewhere");
  const [bob] = await server.guests("bob");
  await using ada = await admin(server);
  await ada.opens("Settings");
  await set(ada, "guests", "off");
  await ada.reads("Done: it holds from now on.");
  await refused(server, "eve", /^Guests are not admitted here\./);
  await set(ada, "line-bytes", "64");
  await bob.types("x".repeat(65));
  await bob.readsUntil("Line too long (limit 64 bytes); nothing was sent.");

  const field = ada.page.getByLabel("line-bytes", { exact: true });
  await field.fill("63");
  await field.press("Enter");
  await ada.reads(/from 64 to 16000/);
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  await ada.presses("Undo");
  assert.equal(await field.inputValue(), "64");

  assert.equal(await ada.page.getByLabel("name", { exact: true }).textContent(), "Elsewhere");
  await ada.page.getByText("Fixed by the command line; the default is Parley.").waitFor();

  const guests = ada.page.locator("form").filter({ has: ada.page.getByLabel("guests", { exact: true }) });
  await guests.getByRole("button", { name: "Back to default" }).click();
  await guests.getByText("The default.").waitFor();
  await server.guests("eve");
});

Deno.test("a backup is made, verified and downloaded", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  await bob.types("to be kept");
  await bob.catchesUp();
  await using ada = await admin(server);
  await ada.opens("Backup");
  await ada.page.getByText("No backup was made and verified yet.").waitFor();
  await ada.presses("Make a backup");
  await ada.reads(/^parley-\S+\.sqlite is made, opened and counted: /);
  await ada.page.getByText(/The last one that was verified: just now, 1 messages? in parley-/).waitFor();
  const link = ada.page.getByRole("link", { name: /^Download parley-/ });
  const { name, bytes } = await ada.downloads((await link.getAttribute("aria-label"))!);
  assert.match(name, /^parley-.*\.sqlite$/);
  assert.equal(new TextDecoder().decode(bytes.subarray(0, 15)), "SQLite format 3");
});

Deno.test("what is announced is asked about first, and everybody reads it", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, eve] = await server.guests("bob", "eve");
  await using ada = await admin(server);
  await ada.opens("Announce");
  await ada.fills("What everybody is to know", "never mind");
  await ada.presses("Announce…");
  await ada.presses("Cancel");
  await ada.fills("What everybody is to know", "Tea at five.");
  await ada.presses("Announce…");
  await ada.presses("Announce");
  await ada.reads("Everybody has been told.");
  await bob.readsUntil("Announcement: Tea at five.");
  await eve.reads("Announcement: Tea at five.");
});

Deno.test("a lockdown sends away whom it keeps out, runs down, and is ended", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const [eve] = await server.guests("eve");
  await using ada = await admin(server);
  await ada.opens("Lockdown");
  await ada.chooses("Accounts only");
  await ada.fills("For how many minutes", "20");
  await ada.presses("Lock down…");
  await ada.presses("Lock down");
  await ada.reads("Accounts only, for 20 minutes. Everybody has been told.");
  await bob.readsUntil(new RegExp(`^Announcement: Lockdown by ada until ${UTC}: accounts-only\\.$`));
  assert.match(await eve.readsToTheEnd(), /Only accounts are admitted for now; come again later\.\n$/);
  const clock = ada.page.getByRole("timer");
  await clock.filter({ hasText: /^19:5\d$/ }).waitFor();
  await ada.presses("End it now");
  await ada.reads("The lockdown is over. Everybody has been told.");
  await bob.readsUntil("Announcement: The lockdown is over.");
  await clock.waitFor({ state: "detached" });
  await server.guests("eve");
});

Deno.test("a moderator sees what moderators may do, and nothing else", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  const mona = await server.moderator("mona");
  await using page = await AdminPage.of("mona", { chromium, server });
  assert.deepEqual(await page.page.getByRole("navigation").getByRole("link").allTextContents(), [
    "Connections",
    "Bans",
    "Announce",
  ]);
  await page.opens("Announce");
  await page.fills("What everybody is to know", "Hush.");
  await page.presses("Announce…");
  await page.presses("Announce");
  await page.reads("Everybody has been told.");
  await bob.readsUntil("Announcement: Hush.");
  await page.opens("Bans");
  await page.presses("Ban or mute…");
  await page.fills("Whom", "bob");
  await page.presses("Ban");
  await page.reads(/^bob is banned until /);
  assert.match(await bob.readsToTheEnd(), /You were banned by mona until/);
  await mona.catchesUp();
});

Deno.test("what people have typed is text on the page, whatever it looks like", async () => {
  const markup = "<img src=x onerror=alert(1)>";
  await using server = await startServer(...UNLIMITED, "--outbox-bytes=1MiB");
  const [bob] = await server.members("bob");
  await bob.asks("/join #ops", "You are in #ops.", /^Users/);
  await bob.types(`/topic ${markup}`);
  await using ada = await admin(server);
  await ada.opens("Bans");
  await ada.presses("Ban or mute…");
  await ada.fills("Whom", "bob");
  await ada.fills("Why", markup);
  await ada.presses("Ban");
  assert.equal((await ada.row("bob"))[5], markup);
  await ada.opens("Rooms");
  assert.equal((await ada.row("#ops"))[1], markup);
  await ada.opens("Tokens");
  await ada.presses("New token…");
  await ada.fills("For whom", "bob");
  await ada.fills("Label", markup);
  await ada.presses("Issue");
  await ada.presses("I have it");
  await ada.row(markup);
  await ada.opens("Announce");
  await ada.fills("What everybody is to know", markup);
  await ada.presses("Announce…");
  await ada.dialog.getByText(`Announcement: ${markup}`).waitFor();
  await ada.presses("Announce");
  await ada.reads("Everybody has been told.");
  await ada.opens("Audit");
  await ada.page.getByText(`announce ${markup}`).waitFor();
  assert.equal(await ada.page.locator("img").count(), 0);
});

/** An admin at the page, with nothing open beside it. */
async function admin(
  server: TestServer,
  options: { permissions?: string[] } = {},
): Promise<AdminPage> {
  await server.hasAccount("ada");
  await server.hasRole("ada", "admin");
  return await AdminPage.of("ada", { chromium, server, ...options });
}

/** Changes a setting and saves it by Enter, or by its button. */
async function set(page: AdminPage, flag: string, value: string): Promise<void> {
  const field = page.page.getByLabel(flag, { exact: true });
  if (await field.evaluate((element) => element.tagName) === "SELECT") {
    await field.selectOption(value);
    await page.presses("Save");
  } else {
    await field.fill(value);
    await field.press("Enter");
  }
  await page.page.locator("form").filter({ has: field }).getByText("Set here").waitFor();
}

/** Whether what somebody types at the greeting is answered so. */
async function refused(server: TestServer, line: string, refusal: string | RegExp): Promise<void> {
  const person: Person = await server.connect();
  await person.readsUpTo("Enter your username: ");
  await person.types(line);
  await person.reads(refusal);
  await person.vanishes();
}
