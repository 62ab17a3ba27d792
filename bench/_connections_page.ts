import type { Browser, Page } from "playwright-core";
import { Machine, type RunningParley, UNLIMITED } from "../tests/support/run_parley.ts";
import { type Figures, inMs, medianMs } from "./_figures.ts";
import { FLUNG_PX_S, framesWhile, READING_PX_S, scroll } from "./_frames.ts";
import { contextFor } from "./_pages.ts";

const CONNECTIONS = 10_000;

/** How many come in at a time. */
const AT_A_TIME = 100;

/** How soon the admin page shows very many connections, sorts and filters them. */
export async function measureConnections(browser: Browser): Promise<Figures> {
  await using machine = await Machine.make();
  const server = await machine.serve([
    ...UNLIMITED,
    "--max-connections=20000",
    "--outbox-bytes=16MiB",
    "--outbox-total-bytes=1024MiB",
  ]);
  const code = await server.setupCode();
  const account = { username: "ada", password: "correct horse", name_account: "ada" };
  await server.http("/setup", { code, ...account });
  const beganMs = performance.now();
  const crowd = await comeIn(server);
  const cameMs = performance.now() - beganMs;
  const context = await contextFor(browser, server, "ada");
  const page = await context.newPage();
  await page.goto("/admin#connections");
  const shownMs = await page.waitForFunction(isShown, CONNECTIONS).then(() =>
    page.evaluate<number>("performance.now()")
  );
  const sorts: number[] = [];
  for (const title of ["Name", "Address", "Since", "Name", "Name"]) sorts.push(await sort(page, title));
  const filters: number[] = [];
  for (const words of ["p", "pe", "person1", "person12", "plain person", ""]) {
    filters.push(await filter(page, words));
  }
  const hand = await context.newCDPSession(page);
  const gently = await framesWhile(page, () => scroll(hand, { px: -12_000, pxPerSecond: READING_PX_S }));
  const fast = await framesWhile(page, () => scroll(hand, { px: -100_000, pxPerSecond: FLUNG_PX_S }));
  const dragged = await framesWhile(page, () => page.evaluate(scrollTable));
  await context.close();
  for (const conn of crowd) conn.close();
  return {
    [`${CONNECTIONS} guests coming in, over plain sockets`]: inMs(cameMs),
    [`navigation to all ${CONNECTIONS} connections on the admin page`]: inMs(shownMs),
    "sorting them, to the next frame painted": medianMs(sorts),
    "filtering them, to the next frame painted": medianMs(filters),
    [`scrolling through them, ${READING_PX_S} px/s`]: gently,
    [`the same, ${FLUNG_PX_S} px/s`]: fast,
    "dragging the scrollbar to the end of them and back": dragged,
  };
}

/** Guests over plain sockets, who read what they are told and forget it. */
async function comeIn(server: RunningParley): Promise<Deno.Conn[]> {
  const all: Deno.Conn[] = [];
  while (all.length < CONNECTIONS) {
    const some = Array.from({ length: AT_A_TIME }, async (_, index) => {
      const conn = await Deno.connect(server.address("plain"));
      await conn.write(new TextEncoder().encode(`person${all.length + index}\n`));
      await readWelcome(conn);
      void forget(conn);
      return conn;
    });
    all.push(...await Promise.all(some));
  }
  return all;
}

async function readWelcome(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(65_536);
  let told = "";
  while (!told.includes("You are now connected.")) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`Not let in: ${told}`);
    told += new TextDecoder().decode(buffer.subarray(0, count));
  }
}

async function forget(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4_096);
  while (await conn.read(buffer).catch(() => null) !== null);
}

/** Runs on the page. */
function isShown(connections: number): boolean {
  // deno-lint-ignore no-explicit-any
  const { document } = globalThis as any;
  const rows = Number(document.querySelector("table")?.getAttribute("aria-rowcount"));
  return rows > connections && document.querySelectorAll("tbody th").length > 10;
}

/** Presses the title of a column. @returns How long it took until that was painted, in ms. */
function sort(page: Page, title: string): Promise<number> {
  return page.evaluate(async (title) => {
    // deno-lint-ignore no-explicit-any
    const { document, requestAnimationFrame } = globalThis as any;
    const titles = [...document.querySelectorAll("th button")];
    await new Promise((drawn) => requestAnimationFrame(drawn));
    const beganMs = performance.now();
    titles.find(({ textContent }) => textContent === title).click();
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    return performance.now() - beganMs;
  }, title);
}

/** Types into the filter. @returns How long it took until that was painted, in ms. */
function filter(page: Page, words: string): Promise<number> {
  return page.evaluate(async (words) => {
    // deno-lint-ignore no-explicit-any
    const { document, requestAnimationFrame, Event } = globalThis as any;
    const field = document.querySelector('input[type="search"]');
    await new Promise((drawn) => requestAnimationFrame(drawn));
    const beganMs = performance.now();
    field.value = words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    return performance.now() - beganMs;
  }, words);
}

/** Runs on the page: to the end and back, within five seconds. */
async function scrollTable(): Promise<void> {
  // deno-lint-ignore no-explicit-any
  const { document, requestAnimationFrame } = globalThis as any;
  const table = document.querySelector(".table");
  for (let step = 0; step <= 300; step++) {
    table.scrollTop = table.scrollHeight * Math.sin(step / 300 * Math.PI);
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
}
