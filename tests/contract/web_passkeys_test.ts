/** Passkeys on the web page, in Chromium with a device that it takes for a real one. */
import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { Authenticator } from "../support/authenticator.ts";
import { Chromium } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";
import { VirtualDevice } from "../support/virtual_device.ts";

const chromium = new Chromium();

Deno.test("a passkey is added under a name, lets its owner in alone, and lets nobody in when it is removed", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ann = await memberWithDevice("ann", server);
  await adds("Laptop", ann);
  const rows = ann.dialog.locator("details[open] .plain-list > li");
  match((await rows.textContent())!, /^Laptopfor localhost, since .+, not used yet/);
  await ann.presses("Rename Laptop");
  await ann.page.getByLabel("New name of Laptop").fill("Old laptop");
  await ann.presses("Rename");
  await ann.presses("Remove Old laptop"); // asks first
  await ann.presses("Cancel");
  await ann.presses("Log out");
  await ann.presses("Log in with a passkey");
  await ann.isIn();
  equal(ann.name, "ann");

  await ann.opensAccount();
  await ann.opensSection("Passkeys (1)");
  match((await rows.textContent())!, /^Old laptopfor .+, used just now/);
  await ann.presses("Remove Old laptop");
  await ann.page.getByRole("dialog", { name: "Remove Old laptop?" }).getByRole("button", { name: "Remove" })
    .click();
  await ann.dialog.getByText("The passkey Old laptop is removed.").waitFor();
  await ann.presses("Log out");
  await ann.presses("Log in with a passkey");
  await ann.isRefused("That passkey was not accepted.");
});

Deno.test("after the password a passkey does in place of a code", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ann = await memberWithDevice("ann", server);
  await adds("Laptop", ann);
  await Authenticator.of(server, await server.tokenOf("ann"));
  await ann.presses("Log out");
  await ann.logsIn("ann");
  await ann.page.getByLabel(/^Code/).waitFor();
  await ann.presses("Use your passkey");
  await ann.isIn();
});

Deno.test("a passkey is a second factor for who must have one", async () => {
  await using server = await startServer(...UNLIMITED, "--require-mfa=everyone");
  await using ann = await ChatPage.atDoor({ chromium, server, byName: true });
  await VirtualDevice.in(ann.window);
  await ann.signsUp({ username: "ann", name: "ann" });
  await ann.presses("Use a passkey");
  await ann.page.getByLabel("Name of the passkey").fill("Laptop");
  await ann.presses("Add a passkey");
  await ann.isIn();
});

Deno.test("a finger that is not the owner's lets nobody in, and it is said", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await using ann = await ChatPage.atDoor({ chromium, server, byName: true });
  const device = await VirtualDevice.in(ann.window);
  await ann.logsIn("ann");
  await ann.isIn();
  await adds("Laptop", ann);
  await ann.presses("Log out");
  await device.isUnlocked(false);
  await ann.presses("Log in with a passkey");
  await ann.isRefused("The passkey was not used: that was cancelled, or took too long.");
});

for (
  const [where, looks, why] of [
    ["by the number of an address", {}, "Passkeys belong to a name"],
    ["under a certificate that browsers do not trust", { named: true }, "do not trust the certificate"],
  ] as const
) {
  Deno.test(`a page that was opened ${where} says why passkeys are not offered`, async () => {
    await using server = await startServer(...UNLIMITED);
    await server.hasAccount("ann");
    await using ann = await ChatPage.atDoor({ chromium, server });
    if ("named" in looks) await ann.page.goto(ann.page.url().replace("127.0.0.1", "localhost"));
    await ann.logsIn("ann");
    await ann.isIn();
    await ann.opensAccount();
    await ann.opensSection("Passkeys (0)");
    await ann.dialog.getByText(why).waitFor();
    equal(await ann.dialog.getByRole("button", { name: "Add a passkey" }).count(), "named" in looks ? 1 : 0);
    if (!("named" in looks)) return;
    await VirtualDevice.in(ann.window);
    await ann.page.getByLabel("Name of the passkey").fill("Laptop"); // this browser was told to trust it
    await ann.presses("Add a passkey");
    await ann.dialog.getByText("The passkey Laptop is added.").waitFor();
  });
}

Deno.test("who presses the passkey at a number of an address is told why that does nothing", async () => {
  await using server = await startServer(...UNLIMITED);
  await using page = await ChatPage.atDoor({ chromium, server });
  await page.presses("Log in with a passkey");
  await page.isRefused("Passkeys belong to a name");
});

Deno.test("long after the log-in the password is asked for once more, and then what was wanted is done", async () => {
  const { now } = Date;
  let laterMs = 0;
  Date.now = () => now() + laterMs;
  try {
    await using server = await startServer(...UNLIMITED);
    await using ann = await memberWithDevice("ann", server);
    await server.hasRole("ann", "admin"); // whose tokens could make more admins
    await adds("Laptop", ann);
    await ann.presses("Close");
    laterMs = 13 * 3_600_000;
    const again = ann.page.getByRole("dialog", { name: "Is it still you?" });
    await ann.opensAccount();
    await ann.opensSection(/^Where you are logged in/);
    await ann.page.getByLabel("What it is for").fill("robot");
    await ann.presses("New token");
    await again.getByLabel("Password of ann").fill("wrong horse");
    await again.getByRole("button", { name: "Go on" }).click();
    await again.getByText("Wrong password; nothing was changed.").waitFor();
    await again.getByRole("button", { name: "Cancel" }).click();
    await ann.dialog.getByText("The password was not given, so nothing was done.").waitFor();

    await ann.presses("New token");
    await again.getByRole("button", { name: "Use a passkey" }).click();
    await ann.dialog.getByText("There is a new token.").waitFor();
    await again.waitFor({ state: "detached" });
    const tokens = ann.dialog.getByRole("list", { name: "Access tokens" }).getByRole("listitem");
    deepEqual((await tokens.allTextContents()).map((text) => text.split("made")[0]), [
      "robot",
      "web page, this browser",
    ]);
  } finally {
    Date.now = now;
  }
});

/** Somebody at a page of the server by name, with a device at hand. */
async function memberWithDevice(name: string, server: TestServer): Promise<ChatPage> {
  await server.hasAccount(name);
  const page = await ChatPage.member(name, { chromium, server, byName: true });
  await VirtualDevice.in(page.window);
  return page;
}

async function adds(name: string, page: ChatPage): Promise<void> {
  await page.opensAccount();
  await page.opensSection(/^Passkeys/);
  await page.page.getByLabel("Name of the passkey").fill(name);
  await page.presses("Add a passkey");
  await page.dialog.getByText(`The passkey ${name} is added.`).waitFor();
}
