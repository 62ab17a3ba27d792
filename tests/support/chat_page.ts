import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { Authenticator } from "./authenticator.ts";
import type { Chromium, Window } from "./browser.ts";
import type { Cable } from "./cable.ts";
import { eventually } from "./eventually.ts";
import type { TestServer } from "./start_server.ts";

/** Where the chat is, and what it is looked at with. */
type Looks = BrowserContextOptions & {
  readonly chromium: Chromium;
  readonly server: TestServer;
  /** The way there, where it is not the straight one. */
  readonly over?: Cable;
  /** By name and without TLS, as passkeys work where no certificate is trusted. */
  readonly byName?: boolean;
  /** What the address ends with. */
  readonly path?: string;
};

/** An account that somebody wants to have. */
interface Wanted {
  readonly username: string;
  readonly name: string;
  readonly password?: string;
  readonly again?: string;
}

/** Somebody at the web chat, who writes, presses and reads what is there. */
export class ChatPage implements AsyncDisposable {
  /** As the server calls it. */
  name = "";
  readonly window: Window;

  private constructor(window: Window) {
    this.window = window;
  }

  /** Somebody who stands at the door. */
  static async atDoor(looks: Looks): Promise<ChatPage> {
    const page = await ChatPage.at(looks);
    await page.door.waitFor();
    return page;
  }

  /** Somebody who opens the page. */
  static async at({ chromium, ...looks }: Looks): Promise<ChatPage> {
    const { server: _, over: __, byName: ___, path: ____, ...options } = looks;
    const page = new ChatPage(await chromium.window(options));
    await page.page.goto(addressOf(looks));
    return page;
  }

  /** Somebody with an account, who logs in. */
  static async member(username: string, looks: Looks): Promise<ChatPage> {
    const page = await ChatPage.atDoor(looks);
    await page.logsIn(username);
    await page.isIn();
    return page;
  }

  /** Somebody without an account. */
  static async guest(name: string, looks: Looks): Promise<ChatPage> {
    const page = await ChatPage.atDoor(looks);
    await page.looksAround(name);
    await page.isIn();
    return page;
  }

  get page(): Page {
    return this.window.page;
  }

  /** How one may come in. */
  get door(): Locator {
    return this.page.getByRole("group", { name: "How to come in" });
  }

  /** What was said where one is. */
  get log(): Locator {
    return this.page.getByRole("log");
  }

  /** Where one writes. */
  get composer(): Locator {
    return this.page.getByRole("textbox", { name: /^(Message|Private message) to / });
  }

  /** What is open above the page. */
  get dialog(): Locator {
    return this.page.getByRole("dialog");
  }

  /** The rooms and conversations. */
  get places(): Locator {
    return this.page.getByRole("navigation", { name: "Rooms and conversations" });
  }

  /** Those who are in the room that one looks at. */
  get people(): Locator {
    return this.page.getByRole("complementary", { name: /^People in / });
  }

  async logsIn(username: string, password = "correct horse"): Promise<void> {
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel("Password").fill(password);
    await this.page.locator("form").getByRole("button", { name: "Log in" }).click();
  }

  /** Gives a code of an app, where the page asks for one. */
  async givesCode(code: string, deed = "Go on"): Promise<void> {
    await this.page.getByLabel(/^Code/).filter({ visible: true }).fill(code);
    await this.presses(deed);
  }

  /** Gives a recovery code in its place. */
  async givesRecoveryCode(code: string): Promise<void> {
    await this.presses("Use a recovery code");
    await this.page.getByLabel(/^Recovery code/).fill(code);
    await this.presses("Go on");
  }

  /** Waits until the page says why something was not done. */
  async isRefused(why: string | RegExp): Promise<void> {
    await this.page.getByRole("alert").filter({ hasText: why }).waitFor();
  }

  /** Fills in the form for a new account, and sends it. */
  async signsUp(wanted: Wanted): Promise<void> {
    await this.door.getByRole("button", { name: "Sign up" }).click();
    await this.fillsSignUp(wanted);
  }

  async fillsSignUp({ username, name, password = "correct horse", again = password }: Wanted): Promise<void> {
    await this.page.getByLabel(/^Username/).fill(username);
    await this.page.getByLabel("Name in the chat").fill(name);
    await this.page.getByLabel(/^Password(?! again)/).fill(password);
    await this.page.getByLabel("Password again").fill(again);
    await this.presses("Make the account");
  }

  async looksAround(name: string): Promise<void> {
    await this.presses("Look around");
    await this.page.getByLabel("Name").fill(name);
    await this.presses("Come in");
  }

  /** Waits until one is in, and can see what is said. */
  async isIn(): Promise<void> {
    const own = this.places.locator("footer .name");
    await own.filter({ hasText: /./ }).waitFor();
    this.name = (await own.textContent())!;
    await this.#hasRead();
  }

  /** Types a line where one writes, and Enter. */
  async types(line: string): Promise<void> {
    await this.composer.fill(line);
    await this.composer.press("Enter");
  }

  /** Waits until this stands where one writes. */
  async hasTyped(text: string): Promise<void> {
    await eventually(
      `${JSON.stringify(text)} where one writes`,
      async () => await this.composer.inputValue() === text,
    );
  }

  /** Types a line, and waits until the server has stored it. */
  async says(text: string): Promise<void> {
    await this.types(text);
    await this.row(text).getByRole("img", { name: "stored" }).waitFor();
  }

  /** A row of what is said that has this in it. */
  row(text: string | RegExp): Locator {
    return this.log.getByRole("listitem").filter({ hasText: text });
  }

  /** Waits until a row has this in it. */
  async reads(text: string | RegExp): Promise<void> {
    await this.row(text).first().waitFor();
  }

  /** Waits until what was said is this and nothing else: `name: text`, `* name text`, and of notes their text. */
  async readsAll(...lines: string[]): Promise<void> {
    let said: string[] = [];
    await eventually(() => `${lines.join(" | ")} is what was said; it is ${said.join(" | ")}`, async () => {
      said = await this.log.locator(".row").evaluateAll(linesOf);
      return said.join("\n") === lines.join("\n");
    });
  }

  async presses(button: string | RegExp): Promise<void> {
    await this.page.getByRole("button", { name: button, exact: typeof button === "string" }).click();
  }

  /** A room or a conversation as it is listed, with what is unread: `garden 2 unread, 1 of them for you`. */
  place(name: string | RegExp): Locator {
    return this.places.getByRole("link", { name, exact: typeof name === "string" });
  }

  /** Goes to a room or a conversation, where one can write then. */
  async goesTo(name: string): Promise<void> {
    await this.places.getByRole("link", { name: new RegExp(`^${RegExp.escape(name)}( |$)`) }).click();
    const composer = new RegExp(`essage to #?${RegExp.escape(name)}$`);
    await this.page.getByRole("textbox", { name: composer }).waitFor();
    await this.#hasRead();
  }

  /** Comes to see the rooms, where one column is seen at a time. */
  async seesPlaces(): Promise<void> {
    const back = this.page.getByRole("link", { name: "Rooms and conversations" });
    const messages = this.page.getByRole("button", { name: "Messages", exact: true });
    if (await messages.isVisible()) await messages.click();
    if (await back.isVisible()) await back.click();
    await this.places.waitFor();
  }

  /** Comes to see who is in the room, where that is not seen always. */
  async seesPeople(): Promise<void> {
    if (!await this.people.isVisible()) await this.presses("People");
    await this.people.waitFor();
  }

  /** Presses somebody's name in the list of people. */
  async picks(name: string): Promise<void> {
    await this.people.getByRole("button", { name: new RegExp(`^${RegExp.escape(name)}( ?you)?$`) }).click();
    await this.dialog.getByRole("heading", { name, exact: true }).waitFor();
  }

  /** Opens what is about oneself. */
  async opensAccount(): Promise<void> {
    await this.places.locator("footer").getByRole("button", { name: this.name }).click();
    await this.dialog.getByRole("heading", { name: this.name, exact: true }).waitFor();
  }

  /** Opens a part of what is about oneself. */
  async opensSection(title: string | RegExp): Promise<void> {
    await this.dialog.locator("summary").filter({ hasText: title }).click();
  }

  /** Gives the secret that is shown to an app, whose first code switches codes on; answers the recovery codes. */
  async switchesCodesOn(): Promise<Authenticator & { readonly recoveryCodes: readonly string[] }> {
    const secret = await this.page.getByLabel("Secret", { exact: true }).textContent();
    const app = new Authenticator(secret!.replaceAll(" ", ""));
    await this.page.getByLabel(/^First code/).fill(app.shows({ steps: -1 }));
    await this.page.locator("form").getByRole("button", { name: "Switch on codes" }).click();
    const list = this.page.getByRole("list", { name: "Recovery codes" });
    await list.waitFor();
    return Object.assign(app, { recoveryCodes: await list.getByRole("listitem").allTextContents() });
  }

  async closesDialog(): Promise<void> {
    await this.dialog.getByRole("button", { name: "Close" }).click();
    await this.dialog.waitFor({ state: "detached" });
  }

  /** Waits until the title of the page is this. */
  async isTitled(title: string): Promise<void> {
    let is = "";
    await eventually(() => `the title is ${title}; it is ${is}`, async () => {
      is = await this.page.title();
      return is === title;
    });
  }

  /** Waits until what was said is there; on a small screen it may not be in sight. */
  #hasRead(): Promise<void> {
    return this.page.locator('[role="log"][aria-busy="false"]').waitFor({ state: "attached" });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.window[Symbol.asyncDispose]();
  }
}

function addressOf({ server, over, byName = false, path = "/" }: Omit<Looks, "chromium">): string {
  const { https, http } = server.parley.addresses;
  if (byName) return `http://localhost:${http!.port}${path}`;
  return `https://127.0.0.1:${over?.port ?? https!.port}${path}`;
}

/** What of an element is asked for on the page. */
interface Element {
  readonly textContent: string;
  querySelector(selectors: string): Element | null;
  cloneNode(deep: true): Element;
  remove(): void;
}

/** Runs on the page. */
function linesOf(rows: Element[]): string[] {
  return rows.map((row) => {
    const text = row.querySelector(".words > p, .note > p")!.cloneNode(true);
    text.querySelector(".kept")?.remove();
    const by = row.querySelector(".by, .words > .unseen")?.textContent.replace(/:$/, "");
    const isAction = row.querySelector(".action") !== null;
    return by === undefined
      ? text.textContent
      : isAction
      ? `* ${by} ${text.textContent}`
      : `${by}: ${text.textContent}`;
  });
}
