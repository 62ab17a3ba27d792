import type { Browser, Page } from "playwright-core";
import { Machine, type RunningParley, UNLIMITED } from "../tests/support/run_parley.ts";
import { type Figures, inMs } from "./_figures.ts";
import { FLUNG_PX_S, framesWhile, READING_PX_S, scroll } from "./_frames.ts";
import { contextFor } from "./_pages.ts";

const MESSAGES = 100_000;

/** How many are said before the speaker waits until they are stored. */
const AT_A_TIME = 2_000;

/** How smoothly one scrolls through a room in which very much was said. */
export async function measureScrolling(browser: Browser): Promise<Figures> {
  await using machine = await Machine.make();
  const server = await machine.serve(UNLIMITED);
  await server.http("/signup", { username: "ann", password: "correct horse", name_account: "ann" });
  await fill(server);
  const context = await contextFor(browser, server, "ann");
  const page = await context.newPage();
  const touch = await context.newCDPSession(page);
  await page.goto("/");
  await page.getByText(`Message ${MESSAGES},`).waitFor();
  const idle = await framesWhile(page, () => page.waitForTimeout(3_000));
  const reading = await framesOver(page, () => scroll(touch, { px: 12_000, pxPerSecond: READING_PX_S }));
  const flinging = await framesOver(page, () => scroll(touch, { px: 120_000, pxPerSecond: FLUNG_PX_S }));
  const loadedMs = await loadAll(page);
  const heap = await page.evaluate<number>("performance.memory.usedJSHeapSize");
  await page.evaluate("messages.scrollTop = messages.scrollHeight / 2");
  const all = await framesOver(page, () => scroll(touch, { px: 120_000, pxPerSecond: FLUNG_PX_S }));
  const dragged = await framesWhile(page, () => page.evaluate(dragScrollbar));
  const told = await framesWhile(page, () => tell(server, page));
  await context.close();
  return {
    "frames, nothing going on": idle,
    [`reading back, ${READING_PX_S} px/s, pages loading`]: reading,
    [`flinging back, ${FLUNG_PX_S} px/s, pages loading`]: flinging,
    [`going back to the first of ${MESSAGES} messages, all of them loaded`]: inMs(loadedMs),
    "memory of the page's script then": `${Math.round(heap / 1e6)} MB`,
    "flinging through all of them": all,
    "dragging the scrollbar through all of them": dragged,
    "20 messages a second coming in at the end of all of them": told,
  };
}

async function fill(server: RunningParley): Promise<void> {
  const carl = await server.guest("carl");
  for (let number = 1; number <= MESSAGES;) {
    const lines: string[] = [];
    for (; lines.length < AT_A_TIME; number++) {
      lines.push(`Message ${number}, ${"word ".repeat(number * 7 % 23)}\n`);
    }
    await carl.sends(lines.join(""));
    await carl.catchesUp();
  }
}

/** The same as of any frames, and over how many messages they went. */
async function framesOver(page: Page, deed: () => Promise<void>): Promise<string> {
  const from = await messageInSight(page);
  const frames = await framesWhile(page, deed);
  return `${frames}, over ${from - await messageInSight(page)} messages`;
}

/** The number of the message in the middle of the screen. */
async function messageInSight(page: Page): Promise<number> {
  await page.waitForTimeout(200); // until it is drawn
  const text = await page.evaluate<string>("document.elementFromPoint(600, 350).closest('.row').textContent");
  return Number(/Message (\d+),/.exec(text)![1]);
}

/** Goes up again and again, until there is no more. @returns How long it took, in ms. */
async function loadAll(page: Page): Promise<number> {
  const beganMs = performance.now();
  while (!await page.getByText("This is the beginning of #lobby.").isVisible()) {
    await page.evaluate("messages.scrollTop = 0");
    await page.waitForTimeout(20);
  }
  return performance.now() - beganMs;
}

/** Runs on the page: with each frame to somewhere else. */
async function dragScrollbar(): Promise<void> {
  // deno-lint-ignore no-explicit-any
  const { document, requestAnimationFrame } = globalThis as any;
  const frame = document.getElementById("messages");
  for (let step = 0; step < 300; step++) {
    frame.scrollTop = frame.scrollHeight * (0.5 + 0.45 * Math.sin(step / 40));
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
}

async function tell(server: RunningParley, page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "To the newest" }).click();
  const dora = await server.guest("dora");
  for (let number = 1; number <= 100; number++) {
    await dora.types(`And now ${number}`);
    await page.waitForTimeout(50);
  }
}
