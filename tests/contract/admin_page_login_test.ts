import { strict as assert } from "node:assert";
import type { Page } from "playwright-core";
import { recordsIn } from "../../server/cli/records.ts";
import { Authenticator } from "../support/authenticator.ts";
import { Chromium, type Window } from "../support/browser.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";
import { VirtualDevice } from "../support/virtual_device.ts";

const chromium = new Chromium();

const PASSWORD = "correct horse";

const HOURS_12_MS = 12 * 3_600_000;

Deno.test("who has codes gives one to come to the admin page", async () => {
  await using server = await serverOf("ada");
  const app = await Authenticator.of(server, await server.tokenOf("ada"));
  await using ada = await Visitor.of(server);
  await ada.logsIn("ada");
  await ada.fills("Code", "000000");
  await ada.presses("Go on");
  await ada.isRefused("Wrong code.");
  await ada.fills("Code", app.fresh());
  await ada.presses("Go on");
  await ada.isIn();
});

Deno.test("who must have a second factor and has none is led through switching one on, and only then is in", async () => {
  await using server = await serverOf("ada", "--require-mfa=admins");
  await using ada = await Visitor.of(server);
  await ada.logsIn("ada");
  await ada.page.getByRole("heading", { name: "A second factor" }).waitFor();
  const secret = await ada.page.getByLabel("Secret", { exact: true }).textContent();
  const app = new Authenticator(secret!.replaceAll(" ", ""));
  await ada.fills("First code", app.shows({ steps: -1 }));
  await ada.presses("Switch on codes");
  await ada.page.getByRole("button", { name: "I have kept them" }).waitFor();
  assert.equal(await ada.page.getByLabel("Recovery codes").getByRole("listitem").count(), 10);
  await ada.presses("I have kept them");
  await ada.isIn();
  await ada.presses("Log out");
  await ada.logsIn("ada");
  await ada.fills("Code", app.fresh());
  await ada.presses("Go on");
  await ada.isIn();
});

Deno.test("an admin who asks all admins for a second factor is asked for one at once", async () => {
  await using server = await serverOf("ada");
  await using ada = await Visitor.of(server);
  await ada.logsIn("ada");
  await ada.isIn();
  await ada.opens("Settings");
  await ada.page.getByLabel("require-mfa", { exact: true }).selectOption("admins");
  await ada.presses("Save");
  await ada.page.getByRole("heading", { name: "A second factor" }).waitFor();
  assert.equal(await ada.page.getByRole("navigation").count(), 0);
});

Deno.test("no admin switches off on the page what all of them come in by", async () => {
  await using server = await serverOf("ada");
  await using ada = await Visitor.of(server);
  await ada.logsIn("ada");
  await ada.isIn();
  await ada.opens("Settings");
  await ada.page.getByLabel("password-login", { exact: true }).selectOption("off");
  await ada.presses("Save");
  await ada.page.getByRole("status").filter({
    hasText: "No admin could come in any more: one of them needs a passkey or a linked identity first.",
  }).waitFor();
});

Deno.test("a passkey lets an admin in alone, also where nobody logs in by password", async () => {
  await using server = await serverOf("ada", "--require-mfa=admins");
  await using ada = await Visitor.of(server);
  await ada.getsPasskey("ada");
  await ada.opens("Settings");
  await ada.page.getByLabel("password-login", { exact: true }).selectOption("off");
  await ada.presses("Save");
  await ada.page.getByRole("status").filter({ hasText: "Done: it holds from now on." }).waitFor();
  await ada.presses("Log out");
  await ada.page.getByRole("button", { name: "Log in with a passkey" }).waitFor();
  await ada.visits();
  assert.equal(await ada.page.getByLabel("Password").count(), 0);
  await ada.presses("Log in with a passkey");
  await ada.isIn();
});

for (const [whose, hasPassword] of [["with a password", true], ["without a password", false]] as const) {
  Deno.test(`twelve hours later an admin ${whose} shows by a passkey that it is still the same person`, async () => {
    const { now } = Date;
    let laterMs = 0;
    Date.now = () => now() + laterMs;
    try {
      await using server = await serverOf("ada", "--require-mfa=admins");
      await using ada = await Visitor.of(server);
      await ada.getsPasskey("ada");
      if (!hasPassword) await losePassword(server, "ada");
      laterMs = HOURS_12_MS;
      await ada.visits();
      await ada.page.getByRole("dialog", { name: "Is it still you?" }).waitFor();
      assert.equal(await ada.page.getByLabel("Password of ada").count(), hasPassword ? 1 : 0);
      await ada.presses("Use a passkey");
      await ada.page.getByRole("dialog").waitFor({ state: "detached" });
      await ada.page.getByRole("main").getByText("Messages").first().waitFor();
      await ada.opens("People");
      await ada.page.getByRole("rowheader", { name: "ada" }).waitFor();
    } finally {
      Date.now = now;
    }
  });
}

Deno.test("who gives it up to show that it is still the same person sees so, and may go on later", async () => {
  const { now } = Date;
  let laterMs = 0;
  Date.now = () => now() + laterMs;
  try {
    await using server = await serverOf("ada");
    await using ada = await Visitor.of(server);
    await ada.logsIn("ada");
    await ada.isIn();
    laterMs = HOURS_12_MS;
    await ada.visits();
    await ada.presses("Cancel");
    await ada.page.getByText("Nothing is live until you have shown who you are.").waitFor();
    await ada.presses("Go on");
    await ada.fills("Password of ada", "wrong horse");
    await ada.page.getByRole("dialog").getByRole("button", { name: "Go on" }).click();
    await ada.page.getByRole("dialog").getByText("Wrong password").waitFor();
    await ada.fills("Password of ada", PASSWORD);
    await ada.page.getByRole("dialog").getByRole("button", { name: "Go on" }).click();
    await ada.page.getByText("Messages").first().waitFor();
  } finally {
    Date.now = now;
  }
});

Deno.test("a member who comes to the admin page is told whom it is for", async () => {
  await using server = await serverOf("ada");
  await server.hasAccount("bob");
  await using bob = await Visitor.of(server);
  await bob.logsIn("bob");
  await bob.page.getByText("bob is a member, and these pages are for admins and moderators.").waitFor();
  await bob.presses("Log out");
  await bob.logsIn("ada");
  await bob.isIn();
});

Deno.test("the first admin takes no password that others would try first", async () => {
  await using server = await startServer(...UNLIMITED);
  await using eve = await Visitor.of(server);
  await eve.visits(`/setup#code=${server.parley.setupCode}`);
  await eve.fills("Username", "root");
  await eve.fills("Name in chat", "root");
  for (
    const [password, says] of [
      ["password123", "That is one of the 10,000 most common passwords. Choose another."],
      ["root1234", "A password must be more than your name. Choose another."],
    ] as const
  ) {
    await eve.fills("Password", password);
    await eve.fills("Password again", password);
    await eve.presses("Make me admin");
    await eve.isRefused(says);
  }
  await eve.fills("Password", PASSWORD);
  await eve.fills("Password again", PASSWORD);
  await eve.presses("Make me admin");
  await eve.isIn();
});

/** Somebody who comes to the admin page by name, with a device for passkeys. */
class Visitor implements AsyncDisposable {
  private constructor(readonly window: Window, readonly server: TestServer) {}

  static async of(server: TestServer): Promise<Visitor> {
    const visitor = new Visitor(await chromium.window(), server);
    await VirtualDevice.in(visitor.window);
    await visitor.visits();
    return visitor;
  }

  get page(): Page {
    return this.window.page;
  }

  async visits(path = "/admin"): Promise<void> {
    await this.page.goto("about:blank"); // else nothing is loaded where only what stands behind the # is another
    await this.page.goto(`http://localhost:${this.server.parley.addresses.http!.port}${path}`);
  }

  async logsIn(username: string): Promise<void> {
    await this.fills("Username", username);
    await this.fills("Password", PASSWORD);
    await this.presses("Log in");
  }

  /** Comes in for the first time where a second factor is wanted. */
  async getsPasskey(username: string): Promise<void> {
    await this.logsIn(username);
    await this.presses("Use a passkey");
    await this.page.getByLabel("Name of the passkey").fill("Laptop");
    await this.presses("Add a passkey");
    await this.isIn();
  }

  async isIn(): Promise<void> {
    await this.page.getByRole("navigation").waitFor();
  }

  async isRefused(sentence: string): Promise<void> {
    await this.page.getByRole("alert").filter({ hasText: sentence }).waitFor();
  }

  async opens(section: string): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: section, exact: true }).click();
    await this.page.getByRole("heading", { name: section, level: 1 }).waitFor();
  }

  async presses(button: string): Promise<void> {
    await this.page.getByRole("button", { name: button, exact: true }).click();
  }

  /** @param label That of a field, before its hint. */
  async fills(label: string, text: string): Promise<void> {
    const field = this.page.locator("label").filter({ has: this.page.getByText(label, { exact: true }) });
    await field.locator("input").fill(text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.window[Symbol.asyncDispose]();
  }
}

/** A server with an admin. */
async function serverOf(name: string, ...flags: string[]): Promise<TestServer> {
  const server = await startServer(...UNLIMITED, ...flags);
  await server.hasAccount(name);
  await server.hasRole(name, "admin");
  return server;
}

/** Somebody comes in by other ways only. */
async function losePassword({ dataDir }: TestServer, username: string): Promise<void> {
  await using records = await recordsIn(dataDir);
  const { id } = (await records.accounts.findByHandle(username))!;
  await records.accounts.change(id, (account) => ({ ...account, passwordHash: undefined }));
}
