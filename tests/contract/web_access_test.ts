/** Whether the chat and the pages beside it can be used by everybody, with a screen reader as well, by day and by night. */
import { Chromium } from "../support/browser.ts";
import { throughTheEntrance } from "../support/entrance_tour.ts";
import { besideTheChat, busyServer, throughTheChat } from "../support/tour.ts";

const chromium = new Chromium();

for (const colorScheme of ["light", "dark"] as const) {
  Deno.test(`nothing in the ${colorScheme} chat keeps anybody from using it`, async () => {
    await using server = await busyServer();
    await throughTheChat({ chromium, server, colorScheme, look: (window) => window.isForEverybody() });
  });

  Deno.test(`nothing on the ${colorScheme} pages beside the chat keeps anybody from using them`, async () => {
    await using server = await busyServer();
    await besideTheChat({ chromium, server, colorScheme, look: (window) => window.isForEverybody() });
  });

  Deno.test(`nothing on the ${colorScheme} way in keeps anybody from using it`, async () => {
    await throughTheEntrance({ chromium, colorScheme, look: (window) => window.isForEverybody() });
  });
}
