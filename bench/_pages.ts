import type { Browser, BrowserContext, Page } from "playwright-core";
import { Machine, type RunningParley, UNLIMITED } from "../tests/support/run_parley.ts";
import { type Figures, inKb, medianMs } from "./_figures.ts";

const ROUNDS = 15;

/** How large the pages are as they are sent, and how soon one reads what was said. */
export async function measurePages(browser: Browser): Promise<Figures> {
  await using machine = await Machine.make();
  const server = await machine.serve(UNLIMITED);
  await server.http("/signup", { username: "ann", password: "correct horse", name_account: "ann" });
  await saySome(server);
  const [chat, admin] = [await sizeOf(browser, server, "/"), await sizeOf(browser, server, "/admin")];
  const [cold, warm] = await firstMessages(browser, server);
  return {
    "/ and what it loads, over the wire": chat,
    "/admin and what it loads, over the wire": admin,
    "navigation to the first message on the screen, nothing cached": medianMs(cold),
    "the same, on a reload": medianMs(warm),
  };
}

/** A browser at the HTTPS port; with a name, one where that account is signed in. */
export async function contextFor(
  browser: Browser,
  server: RunningParley,
  username?: string,
): Promise<BrowserContext> {
  const { port } = server.address("https");
  const context = await browser.newContext({ baseURL: `https://127.0.0.1:${port}`, ignoreHTTPSErrors: true });
  if (username === undefined) return context;
  const page = await context.newPage();
  await page.goto("/join"); // any page of the server may sign in
  await page.evaluate(async (username) => {
    const body = JSON.stringify({ username, password: "correct horse" });
    const { ok } = await fetch("/session", { method: "POST", body });
    if (!ok) throw new Error("not signed in");
  }, username);
  await page.close();
  return context;
}

async function saySome(server: RunningParley): Promise<void> {
  const carl = await server.guest("carl");
  for (let number = 1; number <= 200; number++) await carl.types(`Message ${number}, and a few words more`);
  await carl.catchesUp();
}

/** Heads and bodies, as the browser counts them. */
async function sizeOf(browser: Browser, server: RunningParley, path: string): Promise<string> {
  const context = await contextFor(browser, server);
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  let bytes = 0;
  network.on("Network.loadingFinished", ({ encodedDataLength }) => bytes += encodedDataLength);
  const packed = new Set<string>();
  network.on("Network.responseReceived", ({ response, type }) => {
    if (type !== "Fetch") packed.add(response.headers["content-encoding"] ?? "unpacked");
  });
  await network.send("Network.enable");
  await page.goto(path, { waitUntil: "networkidle" });
  await context.close();
  return `${inKb(bytes)} (${[...packed].join(", ")})`;
}

/** From the navigation to the frame after the first message is there, in ms: with nothing cached, and on a reload. */
async function firstMessages(browser: Browser, server: RunningParley): Promise<[number[], number[]]> {
  const [cold, warm]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await contextFor(browser, server, "ann");
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    await network.send("Network.clearBrowserCache");
    await page.addInitScript(watchForMessage);
    await page.goto("/");
    cold.push(await shownAtMs(page));
    await page.reload();
    warm.push(await shownAtMs(page));
    await context.close();
  }
  return [cold, warm];
}

/** Runs on the page. */
function watchForMessage(): void {
  // deno-lint-ignore no-explicit-any
  const page = globalThis as any;
  const look = () => {
    if (page.document.querySelector('[role="log"] .said') === null) return page.requestAnimationFrame(look);
    page.requestAnimationFrame(() => page.shownAtMs = performance.now());
  };
  page.requestAnimationFrame(look);
}

async function shownAtMs(page: Page): Promise<number> {
  // deno-lint-ignore no-explicit-any
  const shown = await page.waitForFunction(() => (globalThis as any).shownAtMs);
  return await shown.jsonValue();
}
