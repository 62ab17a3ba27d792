/** One's own account on the web page: second factors, where one is logged in, and becoming a member. */
import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { Authenticator } from "../support/authenticator.ts";
import { Chromium } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

Deno.test("codes are switched on with the app's first one; new recovery codes and switching off ask for one", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ann = await member("ann", server);
  await ann.opensAccount();
  await ann.opensSection("Two factors (off)");
  await ann.presses("Switch on codes");
  const code = ann.dialog.getByRole("img", { name: "QR code for an authenticator app" });
  match((await code.locator("path").getAttribute("d"))!, /^(M\d+ \d+h\d+v1h-\d+z)+$/);
  const { recoveryCodes: [first = ""] } = await ann.switchesCodesOn();
  await ann.presses("I have kept them");
  await ann.dialog.getByText("10 recovery codes are left.").waitFor();

  await ann.presses("New recovery codes");
  await ann.givesCode("000000", "Make new recovery codes");
  await ann.isRefused("Wrong code.");
  await ann.presses("Use a recovery code");
  await ann.page.getByLabel(/^Recovery code/).fill(first);
  await ann.presses("Make new recovery codes");
  const list = ann.dialog.getByRole("list", { name: "Recovery codes" });
  await list.waitFor();
  const [renewed = ""] = await list.getByRole("listitem").allTextContents();
  await ann.presses("I have kept them");

  await ann.presses("Switch off codes");
  await ann.presses("Use a recovery code");
  await ann.page.getByLabel(/^Recovery code/).fill(renewed);
  await ann.presses("Switch codes off");
  await ann.dialog.getByText("Codes are switched off.").waitFor();
  await ann.dialog.locator("summary", { hasText: "Two factors (off)" }).waitFor();
});

Deno.test("a new password asks for a code where codes are on", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ann = await member("ann", server);
  await ann.opensAccount();
  const app = await Authenticator.of(server, await server.tokenOf("ann")); // elsewhere, while the panel is open
  await ann.opensSection(/^Password/);
  await ann.page.getByLabel("Current password").fill("correct horse");
  await ann.page.getByLabel("New password").fill("battery staple");
  await ann.presses("Change the password");
  await ann.givesCode(app.fresh(), "Change the password");
  await ann.dialog.getByText("Your password is changed, and you are logged out everywhere else.").waitFor();
  await ann.closesDialog();
  await ann.says("Still here");
});

Deno.test("a new log-in is told in the chat, is listed with from where and by what, and can be ended", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ann = await member("ann", server);
  const terminal = await server.member("ann");
  await ann.reads("New login from 127.0.0.1 by netcat.");
  await ann.opensAccount();
  await ann.opensSection(/^Where you are logged in/);
  const connections = ann.dialog.getByRole("list", { name: "Connections" }).getByRole("listitem");
  await connections.nth(1).waitFor();
  const [own = "", other = ""] = await connections.allTextContents();
  match(own, /^127\.0\.0\.1, this browserChrome, by token; since /);
  match(other, /^127\.0\.0\.1.*, by password; since /);
  await connections.nth(1).getByRole("button", { name: /^End the connection/ }).click();
  await ann.dialog.getByText("That connection has ended.").waitFor();
  equal(
    (await terminal.readsToTheEnd()).endsWith("This connection was ended from another one of yours.\n"),
    true,
  );
  await connections.nth(1).waitFor({ state: "detached" });
  const token = ann.dialog.getByRole("list", { name: "Access tokens" }).getByRole("listitem");
  match(
    (await token.textContent())!,
    /^web page, this browser.*from 127\.0\.0\.1 by Chrome; used .+; until /,
  );
});

Deno.test("a browser that is ended elsewhere says so, and asks who one is", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ann = await member("ann", server);
  await using other = await ChatPage.member("ann", { chromium, server });
  await ann.opensAccount();
  await ann.opensSection(/^Where you are logged in/);
  const others = ann.dialog.getByRole("list", { name: "Access tokens" }).getByRole("listitem").filter({
    hasNotText: "this browser",
  });
  await others.getByRole("button").click();
  await ann.dialog.getByText("That token has ended.").waitFor();
  await other.isRefused("This token has been revoked.");
  await other.door.waitFor();
});

Deno.test("a guest who makes an account stays where they are, with all that is on the screen", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await using bob = await ChatPage.guest("bob", { chromium, server });
  const { name } = bob;
  await bob.types("/join #garden");
  await bob.page.getByRole("main", { name: "#garden" }).waitFor();
  await carl.readsUntil(`${name} has joined the chat.`);
  await carl.asks("/join #garden", "You are in #garden.", /^Users/);
  await bob.says("As a guest");
  await carl.reads(`${name}: As a guest`);
  await carl.types(`/@ ${name} psst`);
  await carl.reads(`Private message to ${name}: psst`);
  await bob.place(`${carl.name} (online) 1 unread`).waitFor();
  await bob.composer.fill("Half a sentence");

  await bob.opensAccount();
  await bob.opensSection("Make an account");
  await bob.fillsSignUp({ username: "bob@example.org", name: "bob" });
  await bob.dialog.waitFor({ state: "detached" });
  await bob.reads("You have an account now, and are bob.");
  deepEqual(await bob.places.locator("footer button.self").allTextContents(), ["bobmember"]);
  await bob.page.getByRole("main", { name: "#garden" }).waitFor();
  await bob.hasTyped("Half a sentence");
  await bob.reads("As a guest");
  await bob.place(`${carl.name} (online) 1 unread`).waitFor();
  await bob.people.getByRole("button", { name: "bob" }).waitFor();
  equal(await bob.people.getByRole("button", { name }).count(), 0);
  await bob.says("As myself");
  equal(await bob.row(/^New login/).count(), 0, "it was no other log-in");
  const said = await carl.readsUntil("bob: As myself");
  equal(said.filter((line) => line.includes("has left")).length, 0);

  await bob.page.reload();
  await bob.isIn();
  equal(bob.name, "bob");
  await bob.goesTo(carl.name);
  await bob.reads("psst");
});

Deno.test("a guest whom the server gives no account is told why, and stays a guest", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("bob");
  await using guest = await ChatPage.guest("carl", { chromium, server });
  await guest.opensAccount();
  await guest.opensSection("Make an account");
  await guest.fillsSignUp({ username: "bob", name: "bob" });
  await guest.isRefused("That name is taken.");
  await guest.closesDialog();
  await guest.says("Still a guest");
});

async function member(name: string, server: TestServer): Promise<ChatPage> {
  await server.hasAccount(name);
  return await ChatPage.member(name, { chromium, server });
}
