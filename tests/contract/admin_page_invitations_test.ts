import { strict as assert } from "node:assert";
import { AdminPage } from "../support/admin_page.ts";
import { call } from "../support/api.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Chromium } from "../support/browser.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

const PASSWORD = "correct horse";

Deno.test("who is invited on the page comes by link or code, and the page says who did", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ada = await admin(server, { permissions: ["clipboard-read", "clipboard-write"] });
  await ada.opens("Invitations");
  await ada.page.getByText("Nobody has been invited yet.").waitFor();
  await ada.presses("Invite…");
  await ada.chooses("Moderator");
  await ada.fills("Room", "#dev");
  await ada.fills("For how many people", "2");
  await ada.fills("Good for how many days", "30");
  await ada.presses("Invite");
  const url = await ada.secret("Link");
  const code = await ada.secret("Code");
  assert.ok(url.startsWith(new URL("/#invitation=", ada.page.url()).href), url);
  await ada.presses("Copy link");
  await ada.reads("Copied.");
  assert.equal(await ada.page.evaluate("navigator.clipboard.readText()"), url);
  await ada.presses("Close");
  assert.deepEqual((await ada.row(code)).slice(1, 7), ["open", "moderator", "#dev", "0 of 2", "", "ada"]);

  await signsUp(server, "bob", code);
  await signsUp(server, "carl", url.split("#invitation=")[1]!);
  const bob = await server.member("bob");
  await bob.asks("/announce tea", "Announcement: tea");
  await ada.opens("People");
  await ada.opens("Invitations");
  assert.deepEqual((await ada.row(code)).slice(1, 6), [
    "used up",
    "moderator",
    "#dev",
    "2 of 2",
    "bob, carl",
  ]);
  await ada.fills("Filter invitations", "carl used");
  await ada.presses(code);
  await ada.dialog.getByRole("listitem").filter({ hasText: "carl" }).waitFor();
  assert.equal(await ada.dialog.getByRole("button", { name: "Revoke…" }).count(), 0);
  assert.equal(await ada.dialog.getByRole("textbox").count(), 0, "nothing is left to pass on");
});

Deno.test("an invitation that is revoked on the page lets nobody in any more", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ada = await admin(server);
  await ada.opens("Invitations");
  await ada.presses("Invite…");
  await ada.presses("Invite");
  const code = await ada.secret("Code");
  await ada.presses("Revoke…");
  await ada.presses("Revoke");
  await ada.reads(`The invitation ${code} is revoked.`);
  assert.equal((await ada.row(code))[1], "revoked");
  const wanted = { username: "bob", password: PASSWORD, name_account: "bob", invitation: code };
  assert.equal((await call(server, "/signup", { json: wanted })).status, 403);

  await ada.presses("Invite…");
  await ada.fills("Room", "a/b");
  await ada.presses("Invite");
  await ada.isRefused("Rooms are # and 1 to 32 letters, digits, _ - or .");
});

Deno.test("who has lost the password is given a link, and sets one that the admin does not know", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  await using ada = await admin(server);
  await ada.opens("People");
  await ada.presses("bob");
  await ada.presses("Link for a new password…");
  await ada.presses("Make a link");
  await ada.reads("There is a link for bob.");
  const url = await ada.secret("Link");
  await ada.presses("I have it");
  await bob.asks("/ping", "Pong.");
  const [, link] = url.split("#password=");
  assert.equal((await call(server, "/password", { json: { link, password: "battery staple" } })).status, 200);
  await bob.readsToTheEnd();
  await server.member("bob", "battery staple");
});

Deno.test("the page says by what people come in, and takes the codes of who has lost them away", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("bob");
  await server.hasAccount("carl");
  await Authenticator.of(server, await server.tokenOf("bob"));
  await using ada = await admin(server);
  await ada.opens("People");
  assert.equal((await ada.row("bob"))[6], "password, codes");
  assert.equal((await ada.row("carl"))[6], "password");
  await ada.presses("carl");
  assert.equal(await ada.dialog.getByRole("button", { name: "Take the codes away…" }).count(), 0);
  await ada.presses("Close");
  await ada.presses("bob");
  await ada.presses("Take the codes away…");
  await ada.presses("Take away");
  await ada.reads("bob is asked for no code any more.");
  assert.equal((await ada.row("bob"))[6], "password");
  await server.member("bob");
});

/** An admin at the page. */
async function admin(server: TestServer, options: { permissions?: string[] } = {}): Promise<AdminPage> {
  await server.hasAccount("ada");
  await server.hasRole("ada", "admin");
  return await AdminPage.of("ada", { chromium, server, ...options });
}

async function signsUp(server: TestServer, username: string, invitation: string): Promise<void> {
  const json = { username, password: PASSWORD, name_account: username, invitation };
  assert.equal((await call(server, "/signup", { json })).status, 200);
}
