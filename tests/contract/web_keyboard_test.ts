import { ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { Authenticator } from "../support/authenticator.ts";
import { Chromium } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { eventually } from "../support/eventually.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const chromium = new Chromium();

Deno.test("the keyboard alone does: to sign in, choose a room, write, read back, deal with people, and leave", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  await bob.sends(Array.from({ length: 200 }, (_, index) => `Message ${index + 1}\n`).join(""));
  await bob.types("/join #garden");
  await bob.types("Hello garden");
  await bob.catchesUp();
  await server.hasAccount("ann");
  await using ann = await ChatPage.atDoor({ chromium, server });
  const keys = new Keyboard(ann.page);

  await keys.isAt("Username");
  await keys.types("ann");
  await keys.presses("Tab");
  await keys.types("correct horse");
  await keys.presses("Enter");
  await ann.isIn();
  await keys.isAt("Message to #lobby");

  await keys.tabsTo("Find or make a room", "Shift+Tab");
  await keys.presses("Enter");
  await keys.isAt("Find a room, or name a new one");
  await keys.types("gard");
  await keys.tabsTo(/^#garden/);
  await keys.presses("Enter");
  await ann.reads("Hello garden");
  await keys.isAt("Message to #garden");
  await keys.types("Hello from the keyboard");
  await keys.presses("Enter");
  await bob.readsUntil("ann: Hello from the keyboard");
  await keys.isAt("Message to #garden");

  await keys.tabsTo(/^lobby/, "Shift+Tab");
  await keys.presses("ArrowDown");
  await keys.isAt("garden");
  await keys.presses("ArrowUp");
  await keys.isAt("lobby");
  await keys.presses("Enter");
  await ann.reads("Message 200");
  await keys.isAt("Message to #lobby");
  await keys.presses("Alt+ArrowDown");
  await keys.isAt("Message to #garden");
  await keys.presses("Alt+ArrowUp");
  await keys.isAt("Message to #lobby");

  await keys.presses("PageUp");
  await ann.page.getByRole("button", { name: "To the newest" }).waitFor();
  await keys.isAt("Message to #lobby");
  await keys.presses("ArrowUp");
  await keys.isAt("Messages in #lobby");
  await keys.presses("End");
  await keys.isAt(/Message 200$/);
  for (const number of [199, 198]) {
    await keys.presses("ArrowUp");
    await keys.isAt(new RegExp(`Message ${number}$`));
  }
  for (let presses = 0; presses < 40; presses++) await keys.presses("ArrowUp");
  await keys.isAt(/Message 158$/);
  await keys.presses("End");
  await keys.isAt(/Message 200$/);
  for (let presses = 0; presses < 8; presses++) await keys.presses("PageUp"); // past what is drawn around it
  await keys.isAt("Messages in #lobby");
  await keys.presses("Home");
  await keys.isAt(/Message 1$/);
  await keys.presses("ArrowDown");
  await keys.isAt(/Message 2$/);
  await keys.presses("Enter");
  await keys.isAt("Answer");
  await keys.presses("Enter");
  await keys.isAt("Message to #lobby");
  await ann.hasTyped("@bob ");
  await keys.types("I see");
  await keys.presses("Enter");
  await bob.readsUntil("#lobby ann: @bob I see");

  await keys.tabsTo("bob");
  await keys.presses("Enter");
  await keys.tabsTo("Ignore");
  await keys.presses("Enter");
  await keys.isAt("Stop ignoring");
  await keys.presses("Enter");
  await keys.isAt("Ignore");
  await keys.presses("Escape");
  await keys.isAt("bob");
  await keys.presses("Escape");
  await keys.isAt("Message to #lobby");

  await keys.presses("Control+k");
  await keys.isAt("Words to look for");
  await keys.presses("Escape");
  await keys.isAt("Message to #lobby");
  await keys.types("/hel");
  await keys.presses("Enter"); // takes what is offered
  await keys.presses("Enter");
  await ann.dialog.getByRole("heading", { name: "Help" }).waitFor();
  await keys.presses("Escape");
  await keys.isAt("Message to #lobby");

  await keys.tabsTo(/^ann/, "Shift+Tab");
  await keys.presses("Enter");
  await keys.tabsTo("Log out");
  await keys.presses("Enter");
  await ann.door.waitFor();
  await keys.isAt("Username");
  await bob.readsUntil("ann has left the chat.");
});

Deno.test("the keyboard alone does: to get codes, and to come in by one", async () => {
  await using server = await startServer(...UNLIMITED, "--require-mfa=everyone");
  await server.hasAccount("ann");
  await using ann = await ChatPage.atDoor({ chromium, server });
  const keys = new Keyboard(ann.page);
  await keys.types("ann");
  await keys.presses("Tab");
  await keys.types("correct horse");
  await keys.presses("Enter");
  await keys.isAt(/^First code/);
  const secret = await ann.page.getByLabel("Secret", { exact: true }).textContent();
  const app = new Authenticator(secret!.replaceAll(" ", ""));
  await keys.types(app.shows({ steps: -1 }));
  await ann.page.keyboard.press("Enter");
  await ann.page.getByRole("list", { name: "Recovery codes" }).waitFor();
  await keys.tabsTo("Copy the recovery codes");
  await keys.tabsTo("Download");
  await keys.tabsTo("I have kept them");
  await keys.presses("Enter");
  await ann.isIn();
  await keys.isAt("Message to #lobby");

  await keys.tabsTo(/^ann/, "Shift+Tab");
  await keys.presses("Enter");
  await keys.tabsTo("Log out");
  await keys.presses("Enter");
  await keys.isAt("Username");
  await keys.types("ann");
  await keys.presses("Tab");
  await keys.types("correct horse");
  await keys.presses("Enter");
  await keys.isAt(/^Code/);
  await keys.tabsTo("Use a recovery code");
  await keys.presses("Enter");
  await keys.tabsTo(/^Recovery code/, "Shift+Tab");
  await keys.tabsTo("Use a code of the app");
  await keys.presses("Enter");
  await keys.tabsTo(/^Code/, "Shift+Tab");
  await keys.types(app.fresh());
  await keys.presses("Enter");
  await ann.isIn();
  await keys.isAt("Message to #lobby");
});

Deno.test("Tab goes through the whole chat and round again, and what has the focus is always seen", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob] = await server.members("bob");
  await bob.types("See https://example.org/");
  await bob.catchesUp();
  await using ann = await ChatPage.guest("ann", { chromium, server });
  await ann.reads("example.org");
  const keys = new Keyboard(ann.page);
  const round: string[] = [];
  while (round.length < 60 && round.at(-1) !== "Message to #lobby") {
    round.push(await keys.tabs());
  }
  for (
    const name of [
      ...[
        "Skip to the messages",
        "Skip to writing",
        "Find or make a room",
        "lobby",
        ann.name,
        "Terminal",
        "Help",
      ],
      ...[
        "Search",
        "About #lobby",
        "People",
        "Messages in #lobby",
        "https://example.org/",
        "Message to #lobby",
      ],
      "bob",
    ]
  ) {
    ok(round.some((one) => one.startsWith(name)), `Tab does not come to ${name}: ${round.join(" | ")}`);
  }
});

/** The keys of somebody who has no pointer, and what has the focus. */
class Keyboard {
  #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Presses a key. What has the focus then must be seen. */
  async presses(key: string): Promise<void> {
    const at = await this.name();
    await this.#page.keyboard.press(key);
    await this.isSeen(`after ${key} at ${at}`);
  }

  async types(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  /** Presses Tab until what is called so has the focus. */
  async tabsTo(name: string | RegExp, key = "Tab"): Promise<void> {
    const passed: string[] = [];
    while (passed.length < 60) {
      passed.push(await this.tabs(key));
      if (isCalled(passed.at(-1)!, name)) return;
    }
    ok(false, `${key} does not come to ${name}: ${passed.join(" | ")}`);
  }

  /** Goes on to the next thing; between the last and the first comes the browser's own turn. */
  async tabs(key = "Tab"): Promise<string> {
    await this.#page.keyboard.press(key);
    if (await this.#page.evaluate("document.activeElement === document.body")) {
      await this.#page.keyboard.press(key);
    }
    await this.isSeen();
    return await this.name();
  }

  /** Waits until what is called so has the focus. */
  async isAt(name: string | RegExp): Promise<void> {
    let is = "";
    await eventually(
      () => `${name} has the focus; it is at ${is}`,
      async () => isCalled(is = await this.name(), name),
    );
    await this.isSeen();
  }

  /** What the thing is called that has the focus, as a screen reader says it. */
  async name(): Promise<string> {
    const focused = this.#page.locator(":focus");
    if (await focused.count() === 0) return "";
    const [, name] = /^- '?\w+ "(.+?)"/.exec(await focused.ariaSnapshot()) ?? [];
    return name ?? await focused.innerText();
  }

  /** Waits until what has the focus is on the screen, and can be told from the rest. */
  async isSeen(when = "now"): Promise<void> {
    let is: unknown;
    await eventually(() => `the focus is seen ${when}: ${JSON.stringify(is)}`, async () => {
      is = await this.#page.evaluate(`(() => {
        const element = document.activeElement;
        if (element === document.body) return "nothing has the focus";
        const { top, bottom, left, right, width, height } = element.getBoundingClientRect();
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const inSight = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && width > 1 && height > 1;
        const marked = element.matches(":focus-visible") && outlineStyle !== "none" && outlineWidth !== "0px";
        return inSight && marked ? true : { element: element.outerHTML.slice(0, 200), inSight, marked };
      })()`);
      return is === true;
    });
  }
}

function isCalled(is: string, name: string | RegExp): boolean {
  return typeof name === "string" ? is === name : name.test(is);
}
