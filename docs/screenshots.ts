/**
 * Draws the pictures of the README: a real server, people who talk, and Chromium that looks at it.
 *
 *     deno task screenshots
 */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Person } from "../tests/support/person.ts";
import { startServer, type TestServer } from "../tests/support/start_server.ts";

const OUT = `${import.meta.dirname}/screenshots`;

const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 760 },
  isMobile: true,
  hasTouch: true,
};

/** Who says what, in order; a room's lines begin with its name. */
const TALK: readonly (readonly [name: string, line: string])[] = [
  ["ben", "/join #boats"],
  ["rosa", "/join #boats"],
  ["ada", "/join #boats"],
  ["ada", "/topic Who takes which boat out, and when"],
  ["ben", "The varnish on the blue one is dry, she can go back in the water"],
  ["rosa", "Finally. I have her booked for Saturday morning"],
  ["ada", "Two of you are down for Saturday: see https://boathouse.example/plan"],
  ["ben", "Then I take the dinghy, no harm done"],
  ["rosa", "Thank you! I bring cake"],
  ["ben", "/me writes that down"],
  ["ada", "Wind: 3 from the west until noon, says the harbour. After that it turns"],
  ["rosa", "Everybody: life jackets are in the red box now, not in the shed"],
  ["ben", "ada: could you ask the harbour about the mooring?"],
  ["ada", "Asked. They call back tomorrow"],
];

if (import.meta.main) {
  await Deno.mkdir(OUT, { recursive: true });
  await using server = await startServer("--name=The Boathouse", "--rate=off", "--command-rate=off");
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const people = await talk(server);
    for (const scheme of ["light", "dark"] as const) {
      await take(browser, server, { name: `chat-${scheme}`, ...DESK, colorScheme: scheme, draw: chat });
      await take(browser, server, { name: `admin-${scheme}`, ...DESK, colorScheme: scheme, draw: status });
    }
    await take(browser, server, { name: "chat-phone", ...PHONE, draw: chat });
    await take(browser, server, { name: "admin-people", ...DESK, draw: section("people") });
    await take(browser, server, { name: "admin-connections", ...DESK, draw: section("connections") });
    await take(browser, server, { name: "join", ...DESK, draw: (page) => page.goto("/join") });
    await Promise.all(people.map((person) => person.leaves()));
  } finally {
    await browser.close();
  }
}

/** Lets people come in and talk; they stay. */
async function talk(server: TestServer): Promise<Person[]> {
  const people = new Map<string, Person>();
  people.set("ada", await server.admin("ada"));
  for (const name of ["ben", "rosa"]) {
    await server.hasAccount(name);
    people.set(name, await server.member(name));
  }
  const guests = await server.guests("theo", "ivan", "carla");
  for (const [name, line] of TALK) {
    const person = people.get(name)!;
    await person.types(line);
    await person.catchesUp();
  }
  await guests[0].types("Is this the place to ask about Saturday?");
  await guests[0].catchesUp();
  await people.get("ben")!.types("/@ ada The key is under the third stone");
  await people.get("ben")!.catchesUp();
  return [...people.values(), ...guests];
}

async function take(
  browser: Browser,
  server: TestServer,
  { name, draw, ...look }: BrowserContextOptions & { name: string; draw: (page: Page) => Promise<unknown> },
): Promise<void> {
  const baseURL = `http://localhost:${server.parley.addresses.http!.port}`;
  const context = await browser.newContext({
    baseURL,
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    ...look,
  });
  try {
    const page = await context.newPage();
    await page.goto("/join"); // any page of the server may sign in
    await page.evaluate(async () => {
      await fetch("/session", { method: "POST", body: '{"username":"ada","password":"correct horse"}' });
    });
    await draw(page);
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: `${OUT}/${name}.png` });
  } finally {
    await context.close();
  }
}

async function chat(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByRole("link", { name: /boats/ }).or(page.getByRole("button", { name: /boats/ })).first()
    .click();
  await page.getByText("Asked. They call back tomorrow").waitFor();
}

/** A minute of lines to be drawn. */
async function status(page: Page): Promise<void> {
  await page.goto("/admin");
  await page.waitForTimeout(20_000);
}

function section(name: string): (page: Page) => Promise<unknown> {
  return (page) => page.goto(`/admin#${name}`);
}
