/** Whether the admin page can be used by everybody: by keyboard alone, with a screen reader, on a phone, in the dark. */
import { strict as assert } from "node:assert";
import type { Invitation } from "../../server/accounts/invitation_store.ts";
import { recordsIn } from "../../server/cli/records.ts";
import { KvInvitationStore } from "../../server/store/invitations.ts";
import { AdminPage } from "../support/admin_page.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Chromium } from "../support/browser.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** One that somebody has come by, and somebody else may. */
const INVITATION: Invitation = {
  id: "01J0000000000000000000000A",
  code: "BCDF-GHJK-MNPQ",
  role: "member",
  room: "ops",
  uses: 2,
  usedBy: [{ account: "01J0000000000000000000000B", name: "dora", at: new Date() }],
  by: "ada",
  createdAt: new Date(),
  expiresAt: new Date(Date.now() + 86_400_000),
  revoked: false,
};

/** Section → what opens its dialogs, one after the other. */
const DIALOGS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  People: [
    ["New account…"],
    ["bob"],
    ["bob", "Change role…"],
    ["bob", "New password…"],
    ["bob", "Link for a new password…"],
    ["bob", "Log out everywhere…"],
    ["bob", "Disable…"],
    ["bob", "Delete…"],
    ["carl", "Take the codes away…"],
  ],
  Invitations: [["Invite…"], [INVITATION.code], [INVITATION.code, "Revoke…"]],
  Tokens: [["New token…"]],
  Rooms: [["#ops"], ["#ops", "Delete this room…"]],
  Bans: [["Ban or mute…"], ["eve4821"]],
  Announce: [],
  Lockdown: [["Lock down…"]],
  Settings: [],
  Backup: [],
  Audit: [],
};

Deno.test("nothing on the admin page keeps anybody from using it, by day or by night", async () => {
  await using server = await busyServer();
  await using ada = await AdminPage.of("ada", { chromium, server });
  await everywhere(ada, () => ada.window.isForEverybody());
});

Deno.test("the admin page fits on a phone", async () => {
  await using server = await busyServer();
  await using ada = await AdminPage.of("ada", { chromium, server, ...PHONE });
  await everywhere(ada, () => ada.window.isNoWiderThanItsWindow());
});

Deno.test("the keyboard alone does, and comes back to where it was", async () => {
  await using server = await busyServer();
  const bob = await server.member("bob");
  await using own = await chromium.window();
  const { page } = own;
  const { keyboard } = page;
  await own.opens(server, "/admin");
  await page.getByLabel("Username").and(page.locator(":focus")).waitFor();
  await keyboard.type("ada");
  await keyboard.press("Tab");
  await keyboard.type("correct horse");
  await keyboard.press("Enter");
  const focused = page.locator(":focus");
  await page.getByRole("navigation").waitFor();
  await tabsTo("People");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "People" }).waitFor();
  await page.getByRole("button", { name: "bob", exact: true }).waitFor();
  await tabsTo("bob");
  await keyboard.press("Enter");
  await page.getByRole("dialog", { name: "bob" }).waitFor();
  await tabsTo("Disable…");
  await keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Disable bob?" }).waitFor();
  await focused.and(page.getByRole("button", { name: "Cancel" })).waitFor();
  await tabsTo("Disable");
  await keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "bob is disabled." }).waitFor();
  await bob.readsToTheEnd();
  await focused.and(page.getByRole("button", { name: "bob", exact: true })).waitFor();
  await keyboard.press("Enter");
  await page.getByRole("dialog", { name: "bob" }).waitFor();
  await keyboard.press("Escape");
  await focused.and(page.getByRole("button", { name: "bob", exact: true })).waitFor();

  /** Presses Tab until what has the focus is called so. */
  async function tabsTo(name: string): Promise<void> {
    for (let presses = 0; presses < 100; presses++) {
      await keyboard.press("Tab");
      if (await page.evaluate("document.activeElement.textContent") === name) return;
    }
    assert.fail(`Tab does not come to ${name}`);
  }
});

/** Looks at each section and each of its dialogs. */
async function everywhere(page: AdminPage, look: () => Promise<void>): Promise<void> {
  for (const [section, dialogs] of Object.entries(DIALOGS)) {
    await page.opens(section);
    await look();
    for (const buttons of dialogs) {
      for (const button of buttons) await page.presses(button);
      await page.dialog.waitFor();
      await look();
      await page.page.keyboard.press("Escape");
      await page.dialog.waitFor({ state: "detached" });
    }
  }
}

/** A server with something in each list, and an admin. */
async function busyServer(): Promise<TestServer> {
  const server = await startServer(...UNLIMITED);
  const ada = await server.admin("ada");
  const [bob] = await server.members("bob");
  await server.hasAccount("carl");
  await Authenticator.of(server, await server.tokenOf("carl"));
  await keepInvitation(server);
  await ada.catchesUp();
  await bob.asks("/join #ops", "You are in #ops.", /^Users/);
  await bob.asks("/topic What is on fire", /What is on fire/);
  await ada.types("/ban eve4821 2h too loud");
  await ada.readsUntil(/^Guests called eve4821 are banned/);
  await bob.leaves();
  return server;
}

async function keepInvitation({ dataDir }: TestServer): Promise<void> {
  await using records = await recordsIn(dataDir);
  await new KvInvitationStore(records.database).add(INVITATION);
}
