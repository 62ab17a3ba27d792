/** Coming in by the web page in more than one step, by links, and where one stands. */
import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { firstAdmin } from "../support/admin_calls.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Chromium } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

Deno.test("who has codes is asked for one; a wrong one is told, the right one lets in", async () => {
  await using server = await startServer(...UNLIMITED);
  const app = await hasCodes("ann", server);
  await using ann = await ChatPage.atDoor({ chromium, server });
  await ann.logsIn("ann");
  const field = ann.page.getByLabel(/^Code/);
  await field.waitFor();
  equal(await field.getAttribute("inputmode"), "numeric");
  equal(await field.getAttribute("autocomplete"), "one-time-code");
  await ann.givesCode("000000");
  await ann.isRefused("Wrong code.");
  await ann.givesCode(app.fresh());
  await ann.isIn();
  await ann.page.reload();
  await ann.isIn();
});

Deno.test("a recovery code does in place of a code, once", async () => {
  await using server = await startServer(...UNLIMITED);
  const { recoveryCodes: [first = "", second = ""] } = await hasCodes("ann", server);
  await using ann = await ChatPage.atDoor({ chromium, server });
  await ann.logsIn("ann");
  await ann.givesRecoveryCode(first.toLowerCase());
  await ann.isIn();
  await ann.opensAccount();
  await ann.opensSection(/^Two factors/);
  await ann.dialog.getByText("9 recovery codes are left.").waitFor();
  await ann.presses("Log out");
  await ann.logsIn("ann");
  await ann.givesRecoveryCode(first);
  await ann.isRefused("Wrong code.");
  await ann.page.getByLabel(/^Recovery code/).fill(second);
  await ann.presses("Go on");
  await ann.isIn();
});

Deno.test("a log-in that is half done is begun anew as somebody else", async () => {
  await using server = await startServer(...UNLIMITED);
  await hasCodes("ann", server);
  await server.hasAccount("bob");
  await using page = await ChatPage.atDoor({ chromium, server });
  await page.logsIn("ann");
  await page.presses("Begin anew");
  await page.logsIn("bob");
  await page.isIn();
  equal(page.name, "bob");
});

Deno.test("who must have a second factor sees nothing else until it is on, and has codes for when it is gone", async () => {
  await using server = await startServer(...UNLIMITED, "--require-mfa=everyone");
  await server.hasAccount("ann");
  await using ann = await ChatPage.atDoor({ chromium, server });
  await ann.logsIn("ann");
  await ann.page.getByRole("heading", { name: "A second factor" }).waitFor();
  await ann.page.reload();
  await ann.page.getByRole("heading", { name: "A second factor" }).waitFor();
  equal(await ann.places.count(), 0);
  const app = await ann.switchesCodesOn();
  equal(await ann.places.count(), 0, "the recovery codes are to be read first");
  const download = ann.page.waitForEvent("download");
  await ann.page.getByRole("link", { name: "Download" }).click();
  const kept = await Deno.readTextFile(await (await download).path());
  deepEqual(kept.trimEnd().split("\n"), app.recoveryCodes);
  await ann.presses("I have kept them");
  await ann.isIn();
  await ann.opensAccount();
  await ann.presses("Log out");
  await ann.logsIn("ann");
  await ann.givesCode(app.fresh());
  await ann.isIn();
});

Deno.test("who must have a second factor and does not want one can leave", async () => {
  await using server = await startServer(...UNLIMITED, "--require-mfa=everyone");
  await using ann = await ChatPage.atDoor({ chromium, server });
  await ann.signsUp({ username: "ann", name: "ann" });
  await ann.presses("Log out");
  await ann.door.waitFor();
  await ann.page.reload();
  await ann.door.waitFor();
});

Deno.test("an invitation's link makes an account where nobody else can, and does not stay in the address", async () => {
  await using server = await startServer(...UNLIMITED, "--signup=invite");
  await using page = await ChatPage.atDoor({
    chromium,
    server,
    path: `/#invitation=${await invitationTo(server)}`,
  });
  await page.page.getByText("You are invited.").waitFor();
  equal(new URL(page.page.url()).hash, "");
  await page.fillsSignUp({ username: "bob", name: "bob" });
  await page.isIn();
  equal(page.name, "bob");
  await page.page.getByRole("link", { name: "garden" }).waitFor();

  await using other = await ChatPage.atDoor({ chromium, server });
  await other.door.getByRole("button", { name: "Sign up" }).click();
  await other.page.getByLabel(/^Invitation/).fill("BCDF-GHJK-LMNP");
  await other.fillsSignUp({ username: "eve", name: "eve" });
  await other.isRefused("This invitation is not valid");
});

Deno.test("a link that brings something works in a page that is open already", async () => {
  await using server = await startServer(...UNLIMITED);
  const link = await invitationTo(server);
  await using page = await ChatPage.atDoor({ chromium, server });
  await page.page.evaluate(`location.hash = "#invitation=${link}"`);
  await page.page.getByText("You are invited.").waitFor();
  equal(await page.page.getByLabel(/^Invitation/).inputValue(), link);
});

Deno.test("an admin's link sets a password, once, with a code where codes are on", async () => {
  await using server = await startServer(...UNLIMITED);
  const app = await hasCodes("ann", server);
  const path = `/#password=${await passwordLinkOf("ann", server)}`;
  await using ann = await ChatPage.at({ chromium, server, path });
  await setsPassword(ann, "battery staple");
  await ann.givesCode(app.fresh(), "Set the password");
  await ann.page.getByRole("status").filter({ hasText: "Your password is set. Log in with it." }).waitFor();
  equal(new URL(ann.page.url()).hash, "");
  await ann.logsIn("ann", "battery staple");
  await ann.givesRecoveryCode(app.recoveryCodes[0]!);
  await ann.isIn();

  await using again = await ChatPage.at({ chromium, server, path });
  await setsPassword(again, "battery staples");
  await again.isRefused("This link is not valid: it is good once.");
});

for (
  const { hash, said } of [
    { hash: "sign-in-error=Call%20us%20at%200900", said: "That log-in came to nothing." },
    { hash: "sign-in=pending", said: undefined },
    { hash: "sign-in=whatever", said: undefined },
    { hash: "sign-in-error=%E0%A4%A", said: "That log-in came to nothing." },
  ]
) {
  Deno.test(`what an address says that nobody has set out from is not believed: #${hash}`, async () => {
    await using server = await startServer(...UNLIMITED);
    await using page = await ChatPage.atDoor({ chromium, server, path: `/#${hash}` });
    const alerts = await page.page.getByRole("alert").allTextContents();
    deepEqual(alerts.filter((text) => text !== ""), said === undefined ? [] : [said]);
  });
}

Deno.test("who signs in to let a terminal in stays there, with all the steps that it takes", async () => {
  await using server = await startServer(...UNLIMITED);
  const app = await hasCodes("ann", server);
  const terminal = await server.connect("tls");
  await terminal.readsUpTo("Enter your username: ");
  await terminal.types("/login");
  const [, code] = /enter (\S+)\.$/.exec(await terminal.readsLine())!;
  await using ann = await ChatPage.at({ chromium, server, path: "/link" });
  await ann.logsIn("ann");
  await ann.givesCode(app.fresh());
  await ann.page.getByText("You are signed in as ann.").waitFor();
  await ann.givesCode(code!);
  await ann.presses("Confirm");
  await terminal.readsUntil("Hello ann! You are now connected.");
});

Deno.test("who signs in for a ticket stays there", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await using ann = await ChatPage.at({ chromium, server, path: "/join" });
  await ann.presses("Sign in to get one");
  await ann.logsIn("ann");
  await ann.presses("Get a ticket");
  await ann.page.getByText(/^\/ticket [A-Z-]+$/).waitFor();
});

Deno.test("where nobody logs in by password none is asked for", async () => {
  await using server = await startServer(...UNLIMITED, "--password-login=off", "--guests=off");
  await using page = await ChatPage.atDoor({ chromium, server });
  await page.page.getByRole("button", { name: "Log in with a passkey" }).waitFor();
  equal(await page.page.locator("input").count(), 0);
  deepEqual(await page.door.getByRole("button").allTextContents(), ["Log in"]);
});

/** An account that has switched codes on, and its app. */
async function hasCodes(username: string, server: TestServer) {
  await server.hasAccount(username);
  return await Authenticator.of(server, await server.tokenOf(username));
}

/** What stands in the link of an invitation to a room. */
async function invitationTo(server: TestServer): Promise<string> {
  const page = await firstAdmin(server);
  const root = await server.member("root");
  await root.asks("/join #garden", "You are in #garden.", /^Users/);
  const { json } = await page.calls("/admin/api/invitations", { json: { room: "garden" } });
  return json.url.split("#invitation=")[1];
}

async function passwordLinkOf(username: string, server: TestServer): Promise<string> {
  const page = await firstAdmin(server);
  await using records = await recordsIn(server.dataDir);
  const { id } = (await records.accounts.findByHandle(username))!;
  const { json } = await page.calls(`/admin/api/people/${id}/password-link`, { method: "POST" });
  return json.url.split("#password=")[1];
}

async function setsPassword(page: ChatPage, password: string): Promise<void> {
  await page.page.getByLabel("New password").fill(password);
  await page.page.getByLabel("Password again").fill(password);
  await page.presses("Set the password");
}
