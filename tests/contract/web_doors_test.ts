import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { Chromium } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const chromium = new Chromium();

Deno.test("who signs up is in at once, also after a reload, until they log out", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await using ann = await ChatPage.atDoor({ chromium, server });
  await ann.signsUp({ username: "ann@example.org", name: "ann" });
  await ann.isIn();
  equal(ann.name, "ann");
  await carl.reads("ann has joined the chat.");
  await ann.page.reload();
  await ann.isIn();
  await carl.reads("ann has left the chat.");
  await carl.reads("ann has joined the chat.");

  await ann.opensAccount();
  await ann.presses("Log out");
  await ann.door.waitFor();
  await carl.reads("ann has left the chat.");
  await ann.page.reload();
  await ann.door.waitFor();
  await ann.logsIn("ann@example.org");
  await ann.isIn();
  await carl.reads("ann has joined the chat.");
});

Deno.test("what is wrong with a new account is said, and what was typed stays to be put right", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await using page = await ChatPage.atDoor({ chromium, server });
  const alert = page.page.getByRole("alert");
  for (
    const [wanted, sentence] of [
      [{ username: "eve", name: "eve", again: "correct house" }, "The two passwords differ."],
      [{ username: "eve", name: "x" }, "Names are 2 to 32 letters, digits, _ - or ."],
      [{ username: "eve", name: "ANN" }, "That name is taken."],
      [{ username: "ann", name: "eve" }, "User already exists"],
      [{ username: "eve", name: "admin" }, "That name is taken."],
    ] as const
  ) {
    await page.signsUp(wanted);
    await alert.filter({ hasText: sentence }).waitFor();
    equal(await page.page.getByLabel(/^Username/).inputValue(), wanted.username);
  }
  await page.signsUp({ username: "eve", name: "eve" });
  await page.isIn();
});

Deno.test("a wrong password is told, and the right one lets in after it", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await using ann = await ChatPage.atDoor({ chromium, server });
  await ann.logsIn("ann", "wrong horse");
  await ann.page.getByRole("alert").filter({ hasText: "Wrong username or password." }).waitFor();
  await ann.logsIn("ann");
  await ann.isIn();
});

Deno.test("a guest gets digits to the name, keeps it over a reload, and is forgotten on leaving", async () => {
  await using server = await startServer(...UNLIMITED);
  await using bob = await ChatPage.guest("bob", { chromium, server });
  const { name } = bob;
  equal(/^bob\d{4}$/.test(name), true, name);
  await bob.page.reload();
  await bob.isIn();
  equal(bob.name, name);
  await bob.opensAccount();
  await bob.presses("Leave");
  await bob.door.waitFor();
  await bob.page.reload();
  await bob.door.waitFor();
});

Deno.test("a guest whose name is not taken is told why at the door, and tries another one", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await using page = await ChatPage.atDoor({ chromium, server });
  await page.looksAround("no/name");
  await page.page.getByRole("alert").filter({ hasText: "Names are 2 to 32 letters, digits, _ - or ." })
    .waitFor();
  await page.looksAround("bob");
  await page.isIn();
});

Deno.test("a guest who makes an account talks on under a name of their own", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await using bob = await ChatPage.guest("bob", { chromium, server });
  const { name } = bob;
  await carl.reads(`${name} has joined the chat.`);
  await bob.says("As a guest");
  await carl.reads(`${name}: As a guest`);
  await bob.opensAccount();
  await bob.dialog.getByText("Make an account").click();
  await bob.fillsSignUp({ username: "bob", name: "bob" });
  await bob.dialog.waitFor({ state: "detached" });
  await bob.page.locator("footer .name", { hasText: /^bob$/ }).waitFor();
  await bob.says("As myself");
  await carl.readsUntil("bob: As myself");
  await bob.page.reload();
  await bob.isIn();
  await bob.readsAll(`${name}: As a guest`, "bob: As myself");
});

Deno.test("logging out everywhere ends the other browser and the terminal, and says so there", async () => {
  await using server = await startServer(...UNLIMITED);
  const [terminal] = await server.members("ann");
  await using ann = await ChatPage.member("ann", { chromium, server });
  await using other = await ChatPage.member("ann", { chromium, server });
  await ann.opensAccount();
  await ann.presses("Log out everywhere");
  await other.page.getByRole("alert").filter({ hasText: "This token has been revoked." }).waitFor();
  await other.door.waitFor();
  const told = await terminal.readsToTheEnd();
  equal(told.endsWith("This account was logged out everywhere; log in again.\n"), true, told);
  await ann.page.getByRole("alert").filter({ hasText: "You are logged out everywhere." }).waitFor();
  for (const page of [ann, other]) {
    await page.page.reload();
    await page.door.waitFor();
  }
});

Deno.test("a new password ends the other browser, and is the one that is good from then on", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await using ann = await ChatPage.member("ann", { chromium, server });
  await using other = await ChatPage.member("ann", { chromium, server });
  await ann.opensAccount();
  await ann.dialog.locator("summary", { hasText: "Password" }).click();
  await ann.page.getByLabel("Current password").fill("wrong horse");
  await ann.page.getByLabel("New password").fill("battery staple");
  await ann.presses("Change the password");
  await ann.dialog.getByText("Wrong password; nothing was changed.").waitFor();
  await ann.page.getByLabel("Current password").fill("correct horse");
  await ann.presses("Change the password");
  await ann.dialog.getByText("Your password is changed, and you are logged out everywhere else.").waitFor();
  await other.door.waitFor();
  await other.logsIn("ann");
  await other.page.getByRole("alert").filter({ hasText: "Wrong username or password." }).waitFor();
  await other.logsIn("ann", "battery staple");
  await other.isIn();
  await ann.closesDialog();
  await ann.says("Still here");
  await other.reads("Still here");
});

Deno.test("a token that one ends on the page lets nobody in any more", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await using ann = await ChatPage.member("ann", { chromium, server });
  await ann.opensAccount();
  await ann.dialog.locator("summary", { hasText: "Where you are logged in" }).click();
  await ann.page.getByLabel("What it is for").fill("<b>laptop</b>");
  await ann.presses("New token");
  const token = await ann.dialog.locator("pre").textContent();
  const terminal = await server.connect();
  await terminal.readsUpTo("Enter your username: ");
  await terminal.types(token!);
  await terminal.isWelcomed();
  await ann.presses("End the token <b>laptop</b>");
  equal((await terminal.readsToTheEnd()).endsWith("This token has been revoked.\n"), true);
  await ann.dialog.getByText("That token has ended.").waitFor();
});

for (
  const { flags, ways } of [
    { flags: [], ways: ["Log in", "Sign up", "Look around"] },
    { flags: ["--signup=closed"], ways: ["Log in", "Look around"] },
    { flags: ["--guests=off"], ways: ["Log in", "Sign up"] },
    { flags: ["--signup=invite", "--guests=off"], ways: ["Log in", "Sign up"] },
  ]
) {
  Deno.test(`the door offers what the server allows: ${flags.join(" ") || "everything"}`, async () => {
    await using server = await startServer(...UNLIMITED, ...flags, "--name=Castle", "--motd=Mind the gap.");
    await using page = await ChatPage.atDoor({ chromium, server });
    deepEqual(await page.door.getByRole("button").allTextContents(), ways);
    await page.page.getByRole("heading", { name: "Castle" }).waitFor();
    await page.page.getByText("Mind the gap.").waitFor();
  });
}

Deno.test("who is banned while away reads until when and why at the door", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  const mona = await server.moderator("mona");
  await using ann = await ChatPage.member("ann", { chromium, server });
  await mona.reads("ann has joined the chat.");
  await mona.types("/ban ann 1d too loud");
  await ann.page.getByRole("alert").filter({ hasText: /You were banned by mona until .+: too loud/ })
    .waitFor();
  await ann.presses("Come back in");
  const banned = ann.page.getByRole("alert").filter({
    hasText: /You are banned from this server until .+: too loud\./,
  });
  await banned.waitFor();
  await mona.types("/unban ann");
  await mona.readsUntil("ann is banned no longer.");
  await ann.presses("Come back in");
  await ann.isIn();
});
