import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { Chromium } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { eventually } from "../support/eventually.ts";
import type { Person } from "../support/person.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const chromium = new Chromium();

const HOUR_MS = 3_600_000;

/** By so much is scrolled at a time. */
const STEP_PX = 700;

Deno.test("scrolling back loads what was said before, and what one looks at stays where it is", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  const all = Array.from({ length: 1_500 }, (_, index) => `${index + 1}. ${"word ".repeat(index % 29)}end`);
  await says(carl, all);
  const viewport = { width: 1280, height: 1000 };
  await using ann = await ChatPage.guest("ann", { chromium, server, viewport });
  await ann.reads("1500. ");
  await ann.log.hover();
  const seen = new Set((await placesOf(ann)).map(({ text }) => text));
  for (let steps = 0; steps < 400 && !seen.has(all[0]!); steps++) {
    const before = await placesOf(ann);
    await ann.page.mouse.wheel(0, -STEP_PX);
    const after = await stillPlacesOf(ann);
    for (const { text } of after) seen.add(text);
    const moved = after.flatMap(({ text, top }) =>
      before.filter((row) => row.text === text).map((row) => top - row.top)
    );
    ok(moved.length > 0, `nothing stayed in sight: ${JSON.stringify([before, after])}`);
    const isAtTop = await ann.log.evaluate((log) => log.scrollTop === 0);
    const expected = isAtTop ? moved[0]! : STEP_PX;
    ok(moved.every((px) => Math.abs(px - expected) <= 2), `scrolled by ${STEP_PX} px, moved by ${moved} px`);
  }
  deepEqual(all.filter((text) => !seen.has(text)), []);
  await ann.log.getByText("This is the beginning of #lobby.").waitFor();
  await carl.types("Meanwhile");
  await ann.presses("1 new");
  await ann.reads("Meanwhile");
});

Deno.test("who reads what is old is not moved by what is said, and goes to the end by one press", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await says(carl, Array.from({ length: 60 }, (_, index) => `Message ${index + 1}`));
  await using ann = await ChatPage.guest("ann", { chromium, server });
  await ann.reads("Message 60");
  await ann.log.hover();
  await ann.page.mouse.wheel(0, -700);
  await ann.page.getByRole("button", { name: "To the newest" }).waitFor();
  const before = await stillPlacesOf(ann);
  await says(carl, ["Something new", "And more of it"]);
  await ann.page.getByRole("button", { name: "2 new" }).waitFor();
  deepEqual(await placesOf(ann), before);
  await ann.presses("2 new");
  await ann.row("And more of it").waitFor();
  await carl.types("Followed again");
  await ann.reads("Followed again");
  equal(await ann.page.getByRole("button", { name: / new$/ }).count(), 0);
});

Deno.test("who writes while reading what is old sees it, and the answer to a command as well", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await says(carl, Array.from({ length: 200 }, (_, index) => `Message ${index + 1}`));
  await using ann = await ChatPage.guest("ann", { chromium, server });
  for (
    const [line, seen] of [["Here I am", "Here I am"], ["/whois nobody", "User nobody not found."]] as const
  ) {
    await ann.reads("Message 200");
    await ann.log.hover();
    await ann.page.mouse.wheel(0, -2_000);
    await ann.row("Message 200").waitFor({ state: "detached" });
    await ann.types(line);
    await ann.reads(seen);
    await ann.page.getByRole("button", { name: "To the newest" }).waitFor({ state: "detached" });
  }
});

Deno.test("a room of which more is known than is shown draws no more rows than fit on a few screens", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await using ann = await ChatPage.guest("ann", { chromium, server });
  await says(carl, Array.from({ length: 1_200 }, (_, index) => `Line ${index + 1}`));
  await ann.reads("Line 1200");
  const drawn = await ann.log.getByRole("listitem").count();
  ok(drawn < 150, `${drawn} rows are drawn`);
});

for (
  const { timezoneId, days } of [
    { timezoneId: "UTC", days: 2 },
    { timezoneId: "America/New_York", days: 1 },
    { timezoneId: "Asia/Tokyo", days: 1 },
  ]
) {
  Deno.test(`days begin, and clocks go, as they do where the reader is: ${timezoneId}`, async () => {
    const { now } = Date;
    const midnightMs = new Date(now() - 10 * 24 * HOUR_MS).setUTCHours(24, 0, 0, 0);
    const [lateMs, earlyMs] = [midnightMs - HOUR_MS / 2, midnightMs + HOUR_MS / 2];
    let atMs = lateMs;
    Date.now = () => atMs;
    try {
      await using server = await startServer(...UNLIMITED);
      const [carl] = await server.guests("carl");
      await says(carl, ["Late"]);
      atMs = earlyMs;
      await says(carl, ["Early"]);
      atMs = now();
      await says(carl, ["Just now"]);
      await using ann = await ChatPage.guest("ann", { chromium, server, timezoneId });
      await ann.reads("Just now");
      const written = (how: Intl.DateTimeFormatOptions, atMs: number) =>
        new Intl.DateTimeFormat("en-GB", { ...how, timeZone: timezoneId }).format(atMs);
      const dayOf = (atMs: number) => written({ weekday: "long", day: "numeric", month: "long" }, atMs);
      deepEqual(
        await ann.log.locator(".day").allTextContents(),
        [...new Set([dayOf(lateMs), dayOf(earlyMs)]), "Today"],
      );
      for (const [text, atMs] of [["Late", lateMs], ["Early", earlyMs]] as const) {
        equal(await ann.row(text).locator("time").textContent(), written({ timeStyle: "short" }, atMs));
      }
      equal(days, new Set([dayOf(lateMs), dayOf(earlyMs)]).size);
    } finally {
      Date.now = now;
    }
  });
}

Deno.test("a message that is deleted vanishes from every screen, and one's own can be deleted there", async () => {
  await using server = await startServer(...UNLIMITED);
  for (const name of ["ann", "bob"]) await server.hasAccount(name);
  await using ann = await ChatPage.member("ann", { chromium, server });
  await using bob = await ChatPage.member("bob", { chromium, server });
  await ann.says("To be taken back");
  await ann.says("To stay");
  await bob.reads("To stay");
  await bob.row("To be taken back").hover();
  await bob.page.getByRole("button", { name: "About ann" }).waitFor();
  equal(await bob.page.getByRole("button", { name: "Delete this message" }).count(), 0);
  await ann.row("To be taken back").hover();
  await ann.presses("Delete this message");
  await ann.presses("Delete");
  for (const page of [ann, bob]) await page.readsAll("ann: To stay");
  await bob.page.reload();
  await bob.isIn();
  await bob.readsAll("ann: To stay");
});

Deno.test("what a moderator does to somebody in the list is felt in their terminal", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, carl, dora] = await server.members("bob", "carl", "dora");
  await server.hasAccount("mona");
  await server.hasRole("mona", "moderator");
  await using mona = await ChatPage.member("mona", { chromium, server });

  await bob.types("Something bad");
  await mona.row("Something bad").hover();
  await mona.presses("Delete this message");
  await mona.presses("Delete");
  await mona.row("Something bad").waitFor({ state: "detached" });

  await mona.picks("bob");
  await mona.page.getByLabel("For how long").selectOption("an hour");
  await mona.page.getByLabel("Why").fill("language");
  await mona.presses("Mute");
  await bob.readsUntil(/^You were muted by mona until .*: language$/);
  await bob.asks("Hello?", /^You are muted until /);
  await mona.closesDialog();

  await mona.picks("carl");
  await mona.page.getByLabel("Why").fill("calm down");
  await mona.presses("Kick");
  equal((await carl.readsToTheEnd()).endsWith("You were kicked by mona: calm down\n"), true);
  await mona.closesDialog();
  await server.member("carl");

  await mona.picks("dora");
  await mona.page.getByLabel("For how long").selectOption("a day");
  await mona.page.getByLabel("Why").fill("spam");
  await mona.presses("Ban");
  equal(/You were banned by mona until .*: spam\n$/.test(await dora.readsToTheEnd()), true);
  await mona.people.getByRole("button", { name: "dora" }).waitFor({ state: "detached" });
});

Deno.test("who may not moderate is not offered to", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.members("bob");
  await server.hasAccount("ann");
  await using ann = await ChatPage.member("ann", { chromium, server });
  await ann.picks("bob");
  await ann.dialog.getByText(/^bob is online/).waitFor();
  for (const deed of ["Kick", "Mute", "Ban"]) {
    equal(await ann.dialog.getByRole("button", { name: deed }).count(), 0, deed);
  }
});

Deno.test("commands, names and rooms are completed while they are typed", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await using ann = await ChatPage.guest("ann", { chromium, server });
  const options = ann.page.getByRole("listbox").getByRole("option");
  await ann.composer.pressSequentially("/jo");
  await options.filter({ hasText: "/join #<room>" }).waitFor();
  await ann.composer.press("Tab");
  await ann.hasTyped("/join ");
  await ann.page.getByText("/join #<room> — Enters a room").waitFor();
  await ann.composer.pressSequentially("#garden");
  await ann.composer.press("Enter");
  await ann.page.getByRole("main", { name: "#garden" }).waitFor();

  await ann.composer.pressSequentially("/msg ca");
  await options.filter({ hasText: carl.name }).waitFor({ state: "detached" }); // who is in the room, and carl is not
  await ann.goesTo("lobby");
  await ann.composer.fill("");
  await ann.composer.pressSequentially("/msg ca");
  await options.filter({ hasText: carl.name }).waitFor();
  await ann.composer.press("Enter");
  await ann.composer.pressSequentially("hello");
  await ann.composer.press("Enter");
  await carl.readsUntil(`Private message from ${ann.name}: hello`);
  await ann.composer.pressSequentially("/k");
  equal(await options.filter({ hasText: "/kick" }).count(), 0);
  await ann.composer.press("Escape");
  await ann.composer.fill("/nonsense");
  await ann.composer.press("Enter");
  await ann.reads("Unknown command /nonsense. Type /help.");
});

Deno.test("a link leads to its page in a window of its own, which knows nothing of the chat", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await using ann = await ChatPage.guest("ann", { chromium, server });
  const address = `http://127.0.0.1:${server.parley.addresses.http!.port}/healthz?a=1&b=(2)`;
  await carl.types(`See ${address}, it is good (or https://example.org/(x)).`);
  const link = ann.log.getByRole("link", { name: address, exact: true });
  equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
  await ann.log.getByRole("link", { name: "https://example.org/(x)", exact: true }).waitFor();
  const [opened] = await Promise.all([ann.page.waitForEvent("popup"), link.click()]);
  await opened.waitForLoadState();
  equal(opened.url(), address);
  equal(await opened.evaluate("opener === null && document.referrer === ''"), true);
});

for (const where of ["the same room", "another room", "a room not opened yet"]) {
  Deno.test(`what was said long ago is found, shown where it was said, and left again: in ${where}`, async () => {
    await using server = await startServer(...UNLIMITED);
    const [carl, terminal] = await server.members("carl", "ann");
    const hay = (from: number) => Array.from({ length: 400 }, (_, index) => `Hay ${from + index}`);
    if (where !== "the same room") {
      for (const person of [carl, terminal]) await person.types("/join #barn");
    }
    await says(carl, [...hay(1), "The needle is here", ...hay(401)]);
    await terminal.catchesUp();
    await terminal.leaves();
    await using ann = await ChatPage.member("ann", { chromium, server });
    if (where === "another room") {
      await ann.goesTo("barn");
      await ann.reads("Hay 800");
      await ann.goesTo("lobby");
    }
    await ann.page.keyboard.press("Control+k");
    await eventually("the search finds it", async () => {
      await ann.page.getByLabel("Words to look for").fill("needle");
      await ann.presses("Find");
      return await ann.dialog.getByText("1 found, the newest first.").isVisible();
    });
    const found = ann.dialog.getByRole("button", { name: /The needle is here/ });
    await found.click();
    await ann.row("The needle is here").waitFor();
    const around = (await stillPlacesOf(ann)).map(({ text }) => text);
    const needle = around.indexOf("The needle is here");
    deepEqual(around.slice(needle - 2, needle + 3), [
      ...["Hay 399", "Hay 400", "The needle is here", "Hay 401", "Hay 402"],
    ]);
    await says(carl, ["Do you see it?"]);
    await ann.page.getByRole("button", { name: "1 new" }).waitFor();
    await ann.presses("1 new");
    await ann.reads("Do you see it?");
    await says(carl, ["Yes?"]);
    await ann.reads("Yes?");
  });
}

/** All of it at once, and stored when this is done. */
async function says(person: Person, lines: readonly string[]): Promise<void> {
  await person.sends(lines.map((line) => `${line}\n`).join(""));
  await person.catchesUp();
}

/** A message that one sees. */
interface Place {
  readonly text: string;
  /** How far below the top of what one sees, in px. */
  readonly top: number;
}

/** What of an element is asked for on the page. */
interface Element {
  readonly textContent: string;
  getBoundingClientRect(): {
    readonly top: number;
    readonly bottom: number;
    toJSON(): { readonly top: number; readonly bottom: number };
  };
}

/** The messages that one sees, and where. */
function placesOf({ log }: ChatPage): Promise<Place[]> {
  return log.evaluate((frame) => {
    const { top, bottom } = frame.getBoundingClientRect();
    const lines: Element[] = [...frame.querySelectorAll(".words > p")];
    return lines.map((line) => ({ text: line.textContent, ...line.getBoundingClientRect().toJSON() }))
      .filter((line) => line.bottom > top && line.top < bottom)
      .map((line) => ({ text: line.text, top: line.top - top }));
  });
}

/** The same, once the wheel has been turned and they stand still. */
async function stillPlacesOf(page: ChatPage): Promise<Place[]> {
  await page.log.evaluate((frame) =>
    new Promise<void>((still) => {
      let [last, times] = [-1, 0];
      const look = () => {
        times = frame.scrollTop === last ? times + 1 : 0;
        last = frame.scrollTop;
        if (times > 4) still();
        else frame.ownerDocument.defaultView.requestAnimationFrame(look);
      };
      look();
    })
  );
  return await placesOf(page);
}
