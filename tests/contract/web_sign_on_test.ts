/** Single sign-on on the web page: an issuer, a browser, and what the page asks between. */
import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { firstAdmin } from "../support/admin_calls.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Chromium } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";

const chromium = new Chromium();

Deno.test("who comes by an identity provider for the first time chooses a name, and then just comes in", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await server.hasAccount("ann"); // somebody else
  await using page = await ChatPage.atDoor({ chromium, server });
  await logsInByCorp(page);
  await page.page.getByRole("heading", { name: "Your name here" }).waitFor();
  equal(new URL(page.page.url()).hash, "");
  await page.page.getByLabel("Name in the chat").fill("ann");
  await page.presses("Make the account");
  await page.isRefused("That name is taken.");
  await page.page.getByLabel("Name in the chat").fill("annie");
  await page.presses("Make the account");
  await page.isIn();
  equal(page.name, "annie");
  await page.opensAccount();
  await page.presses("Log out");
  await page.door.waitFor();
  await logsInByCorp(page);
  await page.isIn();
  equal(page.name, "annie");

  await page.opensAccount();
  await page.opensSection(/^Password/);
  await page.page.getByLabel("New password").fill("battery staple");
  await page.presses("Set a password");
  await page.dialog.getByText("Your password is set.").waitFor();
  await page.page.getByLabel("Current password").waitFor();
});

Deno.test("an identity is linked from within, asks for the code where codes are on, and is removed", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await server.hasAccount("ann");
  await using ann = await ChatPage.member("ann", { chromium, server });
  await ann.opensAccount();
  await ann.opensSection("Single sign-on (0)");
  await ann.presses("Link Corp");
  await ann.reads("You can log in by Corp from now on.");
  equal(new URL(ann.page.url()).hash, "");

  const app = await Authenticator.of(server, await server.tokenOf("ann"));
  await ann.opensAccount();
  await ann.presses("Log out");
  await logsInByCorp(ann);
  await ann.givesCode(app.fresh());
  await ann.isIn();
  equal(ann.name, "ann");

  await ann.opensAccount();
  await ann.opensSection("Single sign-on (1)");
  await ann.presses(/^Remove Corp: /);
  await ann.page.getByRole("dialog", { name: "Remove Corp?" }).getByRole("button", { name: "Remove" })
    .click();
  await ann.dialog.getByText("You do not come in by Corp any more.").waitFor();
  await ann.dialog.locator("summary", { hasText: "Single sign-on (0)" }).waitFor();
});

Deno.test("an invitation whose link was opened before is still there after the way to the provider and back", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row(), "--signup=invite");
  const admin = await firstAdmin(server);
  const { json: { url } } = await admin.calls("/admin/api/invitations", { json: {} });
  const link = new URL(url).hash;
  await using page = await ChatPage.atDoor({ chromium, server, path: `/${link}` });
  await page.door.getByRole("button", { name: "Log in" }).click();
  await logsInByCorp(page);
  await page.page.getByLabel("Name in the chat").fill("annie");
  equal(await page.page.getByLabel(/^Invitation/).inputValue(), link.split("=")[1]);
  await page.presses("Make the account");
  await page.isIn();
});

Deno.test("who comes by a provider to let a terminal in is back there", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await using page = await ChatPage.at({ chromium, server, path: "/link" });
  await logsInByCorp(page);
  await page.page.getByLabel("Name in the chat").fill("annie");
  await page.presses("Make the account");
  await page.page.getByText("You are signed in as annie.").waitFor();
  equal(new URL(page.page.url()).pathname, "/link");
});

Deno.test("what went wrong at the provider is said at the door", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await using page = await ChatPage.atDoor({ chromium, server });
  issuer.signs = "with another key";
  await logsInByCorp(page);
  await page.door.waitFor();
  const alert = page.page.getByRole("alert").filter({ hasText: /./ });
  match((await alert.first().textContent())!, /Corp/);
  equal(new URL(page.page.url()).hash, "");
});

Deno.test("a provider that does not answer cannot be pressed, and the page says why", async () => {
  const issuer = await ScriptedIssuer.open();
  const row = issuer.row();
  await issuer[Symbol.asyncDispose]();
  await using server = await serverWithProviders(row);
  await using page = await ChatPage.atDoor({ chromium, server });
  const button = page.page.getByRole("button", { name: "Log in with Corp" });
  deepEqual([await button.isDisabled(), await button.getAttribute("aria-describedby") !== null], [
    true,
    true,
  ]);
  await page.page.getByText("Corp does not answer this server just now.").waitFor();
});

async function logsInByCorp(page: ChatPage): Promise<void> {
  await page.page.getByRole("link", { name: "Log in with Corp" }).click();
}
