import { strict as assert } from "node:assert";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import type { Chromium, Window } from "./browser.ts";
import type { TestServer } from "./start_server.ts";

/** Somebody at the admin page, who presses, fills and reads what is there. */
export class AdminPage implements AsyncDisposable {
  readonly window: Window;

  private constructor(window: Window) {
    this.window = window;
  }

  /** Somebody who has an account with power signs in. */
  static async of(
    username: string,
    { chromium, server, ...options }: BrowserContextOptions & { chromium: Chromium; server: TestServer },
  ): Promise<AdminPage> {
    const window = await chromium.window(options);
    await window.signsIn(server, username);
    return new AdminPage(window);
  }

  get page(): Page {
    return this.window.page;
  }

  /** What stands before the page. */
  get dialog(): Locator {
    return this.page.getByRole("dialog");
  }

  async opens(section: string): Promise<void> {
    await this.page.getByRole("navigation").getByRole("link", { name: section, exact: true }).click();
    await this.page.getByRole("heading", { name: section, level: 1 }).waitFor();
  }

  async presses(button: string): Promise<void> {
    await this.page.getByRole("button", { name: button, exact: true }).click();
  }

  /** @param label How it begins. */
  async fills(label: string, text: string): Promise<void> {
    await this.page.getByLabel(beginningWith(label)).fill(text);
  }

  /** Chooses one of several, or ticks a box. @param label How it begins. */
  async chooses(label: string): Promise<void> {
    await this.page.getByLabel(beginningWith(label)).check();
  }

  /** Waits until the page says so. */
  async reads(sentence: string | RegExp): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: sentence }).waitFor();
  }

  /** Waits until the dialog says why something was not done, and gives that up. */
  async isRefused(sentence: string | RegExp): Promise<void> {
    await this.dialog.getByRole("alert").filter({ hasText: sentence }).waitFor();
    await this.presses("Cancel");
    await this.dialog.waitFor({ state: "detached" });
  }

  /** Waits for a row of the table, and answers its cells. @param name What its first cell says. */
  async row(name: string): Promise<string[]> {
    const row = this.page.getByRole("row").filter({
      has: this.page.getByRole("rowheader", { name, exact: true }),
    });
    await row.waitFor();
    return await row.locator("th, td").allTextContents();
  }

  /** Waits until the table has no such row any more. */
  async hasNoRow(name: string): Promise<void> {
    await this.page.getByRole("rowheader", { name, exact: true }).waitFor({ state: "detached" });
  }

  /** What is shown once under a name. */
  async secret(name: string): Promise<string> {
    const text = await this.page.getByRole("textbox", { name, exact: true }).textContent();
    return text ?? assert.fail(`${name} is empty`);
  }

  /** Presses something that downloads a file, and answers what is in it. */
  async downloads(link: string): Promise<{ name: string; bytes: Uint8Array }> {
    const [download] = await Promise.all([
      this.page.waitForEvent("download"),
      this.page.getByRole("link", { name: link, exact: true }).click(),
    ]);
    const bytes = await Deno.readFile(await download.path());
    return { name: download.suggestedFilename(), bytes };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.window[Symbol.asyncDispose]();
  }
}

function beginningWith(label: string): RegExp {
  return new RegExp(`^${RegExp.escape(label)}`);
}
