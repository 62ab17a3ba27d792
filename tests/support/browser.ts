import { strict as assert } from "node:assert";
import { join } from "node:path";
import axe from "axe-core";
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { eventually } from "./eventually.ts";
import { inTime } from "./in_time.ts";
import { PATIENCE_MS } from "./patience.ts";
import type { TestServer } from "./start_server.ts";

const LOOK_EVERY_MS = 20;

/** What Chromium itself says of a call that was refused, as tests have it: the page says so in its own words. */
const REFUSED = /^Failed to load resource: the server responded with a status of 4\d\d/;

/** The first that is installed: the same browser without what only a desktop needs takes half the time. */
const PROGRAMS = ["chromium-headless-shell", "chromium"];

/**
 * Chromium, started before the first test of a file and ended after the last; each test opens windows of its own. To be
 * made once, at the top of the file.
 */
export class Chromium {
  #process: Deno.ChildProcess | undefined;
  #dir = "";
  #endpoint = "";

  constructor() {
    Deno.test.beforeAll(() => this.#start());
    Deno.test.afterAll(() => this.#end());
  }

  /** A window that knows nothing of others, as on another computer. */
  async window(options: BrowserContextOptions = {}): Promise<Window> {
    const browser = await chromium.connectOverCDP(this.#endpoint, { artifactsDir: this.#dir });
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB", ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(reportViolations);
    const page = await context.newPage();
    return new Window(page, async () => {
      await context.close();
      await browser.close();
    });
  }

  async #start(): Promise<void> {
    this.#dir = await Deno.makeTempDir({ prefix: "parley-chromium-" });
    const args = ["--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${this.#dir}`];
    this.#process = spawn([...args, "about:blank"]);
    this.#endpoint = await inTime(this.#whereItListens(), "Chromium to start");
  }

  /** It writes a port and a path into a file as soon as it listens. */
  async #whereItListens(): Promise<string> {
    for (;;) {
      const text = await Deno.readTextFile(join(this.#dir, "DevToolsActivePort")).catch(() => "");
      const [, port, path] = /^(\d+)\n(.+)/.exec(text) ?? [];
      if (path !== undefined) return `ws://127.0.0.1:${port}${path}`;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** It is asked to, as what was started may be a script that a signal would end alone. */
  async #end(): Promise<void> {
    const browser = await chromium.connectOverCDP(this.#endpoint);
    const session = await browser.newBrowserCDPSession();
    await session.send("Browser.close");
    await browser.close();
    await this.#process?.status;
    const removed = () => Deno.remove(this.#dir, { recursive: true }).then(() => true, () => false);
    await eventually("Chromium's helpers write no more", removed);
  }
}

/** A page in a window. Whatever goes wrong on it fails the test when the window is closed. */
export class Window implements AsyncDisposable {
  readonly page: Page;
  #close: () => Promise<void>;
  /** Errors in the console, errors that nobody caught, what the Content-Security-Policy forbade. */
  #trouble: string[] = [];
  #expected: RegExp[] = [REFUSED];

  constructor(page: Page, close: () => Promise<void>) {
    this.page = page;
    this.#close = close;
    page.on("pageerror", (error) => this.#trouble.push(error.stack ?? error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.#trouble.push(message.text());
    });
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  /** Something that the test brings about, and that is no trouble. */
  expects(text: RegExp): void {
    this.#expected.push(text);
  }

  /** Opens a page of a server, which it is asked for over TLS. */
  async opens(server: TestServer, path: string): Promise<void> {
    await this.page.goto(`https://127.0.0.1:${server.parley.addresses.https!.port}${path}`);
  }

  /** Signs in at the admin page. */
  async signsIn(server: TestServer, username: string, password = "correct horse"): Promise<void> {
    await this.opens(server, "/admin");
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Log in", exact: true }).click();
    await this.page.getByRole("navigation").waitFor();
  }

  /**
   * Looks at the page as it is just now, by day, and at its colors by night as well: nothing else differs then.
   *
   * @throws where axe-core finds something that keeps people from using it
   */
  async isForEverybody(): Promise<void> {
    if (!await this.page.evaluate("'axe' in globalThis")) await this.page.evaluate(axe.source);
    await this.#isAccessible("light", {});
    await this.#isAccessible("dark", { runOnly: ["color-contrast", "link-in-text-block"] });
  }

  /** @throws where the page is wider than its window */
  async isNoWiderThanItsWindow(): Promise<void> {
    const [page, window] = await this.page.evaluate<[number, number]>(
      "[document.documentElement.scrollWidth, innerWidth]",
    );
    assert.ok(page <= window, `the page is ${page} px wide, its window ${window} px`);
  }

  async #isAccessible(colorScheme: "light" | "dark", options: axe.RunOptions): Promise<void> {
    await this.page.emulateMedia({ colorScheme });
    const asked = JSON.stringify({ resultTypes: ["violations"], ...options });
    const { violations } = await this.page.evaluate<axe.AxeResults>(`axe.run(${asked})`);
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    const found = serious.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => ({ id, html, failureSummary }))
    );
    assert.deepEqual(found, [], `what keeps people from using the ${colorScheme} page`);
  }

  /** @throws where something has gone wrong on the page */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    const trouble = this.#trouble.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
    assert.deepEqual(trouble, [], "what went wrong on the page");
  }
}

/** Runs on each page. */
function reportViolations(): void {
  addEventListener("securitypolicyviolation", (event) => {
    const { violatedDirective, blockedURI } = event as Event & Record<string, string>;
    reportError(new Error(`The Content-Security-Policy forbade ${blockedURI}: ${violatedDirective}`));
  });
}

function spawn(args: string[]): Deno.ChildProcess {
  for (const program of PROGRAMS) {
    try {
      return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  assert.fail("This test needs chromium; on Debian: apt-get install chromium-headless-shell");
}
