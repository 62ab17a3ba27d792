/** Whether the chat and the pages beside it can be used on a small screen. */
import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { Chromium, type Window } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { throughTheEntrance } from "../support/entrance_tour.ts";
import { besideTheChat, busyServer, throughTheChat } from "../support/tour.ts";

const chromium = new Chromium();

const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };

Deno.test("the chat fits on a phone, and all of it can be reached there", async () => {
  await using server = await busyServer();
  await throughTheChat({ chromium, server, ...PHONE, look: fits });
});

Deno.test("the pages beside the chat fit on a phone", async () => {
  await using server = await busyServer();
  await besideTheChat({ chromium, server, ...PHONE, look: fits });
});

Deno.test("the way in fits on a phone, step by step", async () => {
  await throughTheEntrance({ chromium, ...PHONE, look: fits });
});

Deno.test("on a phone one sees the rooms, what is said, or the people, one at a time", async () => {
  await using server = await busyServer();
  await server.hasAccount("ann");
  await using ann = await ChatPage.member("ann", { chromium, server, ...PHONE });
  const panes = [ann.places, ann.page.getByRole("main"), ann.people];
  const seen = () => Promise.all(panes.map((pane) => pane.isVisible()));
  deepEqual(await seen(), [true, false, false]);
  await ann.goesTo("lobby");
  deepEqual(await seen(), [false, true, false]);
  await ann.presses("People");
  deepEqual(await seen(), [false, false, true]);
  await ann.picks("bob");
  await ann.presses("Answer here");
  deepEqual(await seen(), [false, true, false]);
  await ann.hasTyped("@bob ");
  await ann.says("From a phone");
  await ann.seesPlaces();
  deepEqual(await seen(), [true, false, false]);
  await ann.page.goBack();
  deepEqual(await seen(), [false, true, false]);
});

/** @throws where something is wider than the screen, or out of its reach */
async function fits(tab: Window): Promise<void> {
  await tab.isNoWiderThanItsWindow();
  const tooWide: string[] = await tab.page.evaluate(`[...document.querySelectorAll("body *")]
    .filter((element) => {
      const { overflowX } = getComputedStyle(element);
      const scrolls = overflowX === "auto" || overflowX === "scroll";
      return scrolls && element.scrollWidth > element.clientWidth && !element.matches("pre, .listing, .table, nav ul");
    })
    .map((element) => element.outerHTML.slice(0, 200))`);
  deepEqual(tooWide, []);
  const outside: string[] = await tab.page.evaluate(
    `[...document.querySelectorAll("a, button, input, textarea")]
    .filter((element) => element.checkVisibility() && !element.closest(".table, .skips, nav ul"))
    .filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < 0 || right > innerWidth;
    })
    .map((element) => element.outerHTML)`,
  );
  deepEqual(outside, []);
}
