/** Whether the chat and the pages beside it can be used by everybody, with a screen reader as well, by day and by night. */
import { Chromium } from "../support/browser.ts";
import { throughTheEntrance } from "../support/entrance_tour.ts";
import { besideTheChat, busyServer, throughTheChat } from "../support/tour.ts";

const chromium = new Chromium();

Deno.test("nothing in the chat keeps anybody from using it, by day or by night", async () => {
  await using server = await busyServer();
  await throughTheChat({ chromium, server, look: (window) => window.isForEverybody() });
});

Deno.test("nothing on the pages beside the chat keeps anybody from using them, by day or by night", async () => {
  await using server = await busyServer();
  await besideTheChat({ chromium, server, look: (window) => window.isForEverybody() });
});

Deno.test("nothing on the way in keeps anybody from using it, by day or by night", async () => {
  await throughTheEntrance({ chromium, look: (window) => window.isForEverybody() });
});
