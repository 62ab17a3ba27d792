import {
  deepStrictEqual as deepEqual,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import { routes } from "../../server/http/routes/table.ts";
import { Chromium, type Window } from "../support/browser.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

const ELSEWHERE = "https://chat.example";

Deno.test("the documentation shows every call, and asks nobody but its own server for anything", async () => {
  await using server = await startServer();
  await using reader = await chromium.window();
  const asked = await opensAsElsewhere(reader, server);
  equal(await reader.page.locator(".opblock").count(), routes.length);
  await callOf(reader, "postRoomsRoomMessages").locator(".opblock-summary-control").click();
  await reader.page.getByText("There is no room #garden.").waitFor();
  deepEqual([...asked], [ELSEWHERE]);
});

Deno.test("a call is tried out with a token that was pasted under Authorize, and all is dark where the browser is", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const [bob] = await server.guests("bob");
  await using reader = await chromium.window({ colorScheme: "dark" });
  await reader.opens(server, "/docs");
  await reader.page.locator(".dark-mode .opblock").first().waitFor();
  const dark = await paperOf(reader);
  await reader.page.emulateMedia({ colorScheme: "light" });
  await reader.page.locator("html:not(.dark-mode) .opblock").first().waitFor();
  notEqual(await paperOf(reader), dark);

  await authorizes(reader, await server.tokenOf("ann"));
  const call = callOf(reader, "postRoomsRoomMessages");
  await call.locator(".opblock-summary-control").click();
  await call.getByRole("button", { name: "Try it out" }).click();
  await call.getByRole("button", { name: "Execute" }).click();
  await bob.reads("ann: backup done");
  await call.locator(".live-responses-table td", { hasText: /^200$/ }).waitFor();
});

/**
 * Opens the page under a name that is not this machine's, as people do.
 *
 * @returns The origins of all that is asked for; it grows.
 */
async function opensAsElsewhere({ page }: Window, server: TestServer): Promise<ReadonlySet<string>> {
  const here = `https://127.0.0.1:${server.parley.addresses.https!.port}`;
  const asked = new Set<string>();
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:") asked.add(origin);
  });
  await page.route(`${ELSEWHERE}/**`, async (route) => {
    const response = await route.fetch({ url: route.request().url().replace(ELSEWHERE, here) });
    await route.fulfill({ response });
  });
  await page.goto(`${ELSEWHERE}/docs`);
  await page.locator(".opblock").first().waitFor();
  return asked;
}

/** By its name in the document. */
function callOf({ page }: Window, operationId: string) {
  return page.locator(`.opblock[id$="-${operationId}"]`);
}

async function authorizes({ page }: Window, token: string): Promise<void> {
  await page.getByRole("button", { name: "Authorize" }).click();
  const dialog = page.locator(".dialog-ux");
  await dialog.getByRole("textbox").fill(token);
  await dialog.getByRole("button", { name: "Apply credentials" }).click();
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
}

function paperOf({ page }: Window): Promise<string> {
  return page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
}
