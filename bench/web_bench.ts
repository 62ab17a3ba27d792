// deno-lint-ignore-file no-console
/**
 * What the pages cost those who look at them, and the server that tells them what happens:
 * `deno task bench:web [pages] [scrolling] [connections] [deliveries]`; without a word, all of it.
 *
 * Each part starts the server from its sources, or the binary that the environment names (`PARLEY=dist/parley`), and looks
 * at it with Chromium, without a screen and without a graphics card. Server, browser and those who talk share one machine.
 */
import { type Browser, chromium } from "playwright-core";
import { measureConnections } from "./_connections_page.ts";
import { measureDeliveries } from "./_deliveries.ts";
import type { Figures } from "./_figures.ts";
import { measurePages } from "./_pages.ts";
import { measureScrolling } from "./_scrolling.ts";

const PARTS: Readonly<Record<string, (browser: Browser) => Promise<Figures>>> = {
  pages: measurePages,
  scrolling: measureScrolling,
  connections: measureConnections,
  deliveries: measureDeliveries,
};

if (import.meta.main) {
  const wanted = Deno.args.length === 0 ? Object.keys(PARTS) : Deno.args;
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    for (const part of wanted) {
      const measure = PARTS[part];
      if (measure === undefined) {
        throw new Error(`No part ${part}; there are ${Object.keys(PARTS).join(", ")}`);
      }
      console.table(await measure(browser));
    }
  } finally {
    await browser.close();
  }
}
