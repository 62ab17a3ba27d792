import type { BrowserContextOptions } from "playwright-core";
import type { Chromium, Window } from "./browser.ts";
import { ChatPage } from "./chat_page.ts";
import { UNLIMITED } from "./run_parley.ts";
import { startServer, type TestServer } from "./start_server.ts";

/** How one goes through the pages. */
export interface Tour extends BrowserContextOptions {
  readonly chromium: Chromium;
  readonly server: TestServer;
  /** Looks at a page as it is just now. */
  readonly look: (window: Window) => Promise<void>;
}

/** Looks at the door, the chat, and each of its dialogs. */
export async function throughTheChat({ look, ...looks }: Tour): Promise<void> {
  const { server } = looks;
  await using mona = await ChatPage.atDoor(looks);
  const { window: tab, page } = mona;
  for (const way of ["Sign up", "Look around", "Log in"]) {
    await mona.door.getByRole("button", { name: way }).click();
    await look(tab);
  }
  await mona.logsIn("mona", "wrong horse");
  await page.getByRole("alert").filter({ hasText: "Wrong username" }).waitFor();
  await look(tab);
  await mona.logsIn("mona");
  await mona.isIn();
  await mona.place("bob (online) 1 unread").waitFor();
  await look(tab);

  await mona.seesPlaces();
  await mona.goesTo("lobby");
  await mona.reads("https://example.org/");
  await mona.says("One's own");
  await mona.types("/whois bob");
  await mona.reads(/bob is online/);
  await mona.types("x".repeat(300));
  await mona.row("Try again").waitFor();
  const toMona = mona.row("hello mona").getByText("how are you");
  const choose = () => looks.hasTouch ? toMona.tap() : toMona.hover();
  await choose();
  await mona.page.getByRole("button", { name: "Answer" }).waitFor();
  await look(tab);
  await mona.composer.fill("/");
  await page.getByRole("listbox").waitFor();
  await look(tab);
  await mona.composer.fill("/topic ");
  await page.getByText("/topic [text]").waitFor();
  await look(tab);
  await mona.composer.fill("");

  await choose();
  await mona.presses("Delete this message");
  await look(tab);
  await mona.presses("Cancel");
  await mona.presses("Search");
  await page.getByLabel("Words to look for").fill("hello");
  await mona.presses("Find");
  await mona.dialog.getByText("1 found").waitFor();
  await look(tab);
  await mona.closesDialog();
  await mona.presses("About #lobby");
  await look(tab);
  await mona.closesDialog();

  await mona.seesPeople();
  await look(tab);
  await mona.picks("bob");
  await mona.dialog.getByText("bob is online").waitFor();
  await look(tab);
  await mona.closesDialog();

  await mona.seesPlaces();
  await mona.presses("Find or make a room");
  await mona.dialog.getByRole("button", { name: /^#garden/ }).waitFor();
  await look(tab);
  await mona.closesDialog();
  await mona.presses("Help");
  await look(tab);
  await mona.closesDialog();
  await mona.opensAccount();
  for (const section of await mona.dialog.locator("summary").all()) await section.click();
  await look(tab);
  await mona.closesDialog();

  await mona.goesTo("bob");
  await mona.reads("psst");
  await look(tab);
  await mona.seesPlaces();
  await page.goto(`${page.url().split("#")[0]}#garden`);
  await page.getByText("You are not in #garden.").waitFor();
  await look(tab);
  await mona.presses("Enter");
  await mona.presses("About #garden");
  await look(tab);
  await mona.closesDialog();

  const ada = await server.member("ada");
  await ada.types("/kick mona That is enough");
  await page.getByRole("alert").filter({ hasText: "That is enough" }).waitFor();
  await look(tab);
}

/** Looks at the pages for terminals, and at those of admins that admin_page_use_test.ts does not look at. */
export async function besideTheChat({ chromium, server, look, ...looks }: Tour): Promise<void> {
  await using tab = await chromium.window(looks);
  const { page } = tab;
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  await tab.opens(server, "/join");
  await press("Sign in to get one");
  await page.getByLabel("Username").waitFor();
  await look(tab);
  await tab.opens(server, "/link");
  await page.getByLabel("Username").waitFor();
  await look(tab);
  await tab.opens(server, "/setup#code=none");
  await page.getByRole("button", { name: "Make me admin" }).waitFor();
  await look(tab);
  await page.goto("about:blank");
  await tab.opens(server, "/setup");
  await page.getByText("This page needs the whole link").waitFor();
  await look(tab);
  await tab.opens(server, "/admin");
  await page.getByRole("button", { name: "Log in", exact: true }).waitFor();
  await look(tab);
  await tab.signsIn(server, "ada");
  await page.getByText("Messages").first().waitFor();
  await look(tab);
  await page.getByRole("link", { name: "Connections" }).click();
  await press("bob");
  await look(tab);

  await tab.opens(server, "/join");
  await press("Get a ticket");
  await page.getByText(/^\/ticket/).waitFor();
  await look(tab);
  const terminal = await server.connect();
  await terminal.readsUpTo("Enter your username: ");
  await terminal.types("/login");
  const [, code] = /enter ([A-Z-]+)\./.exec(await terminal.readsLine())!;
  await tab.opens(server, "/link");
  await page.getByLabel("Code").fill(code!);
  await look(tab);
  await press("Go on");
  await page.getByText("A terminal wants to be logged in as you").waitFor();
  await look(tab);
  await press("Confirm");
  await page.getByText("The terminal is logged in as ada.").waitFor();
  await look(tab);
}

/** A server with people, rooms and messages of all kinds, a moderator who has been away and an admin. */
export async function busyServer(): Promise<TestServer> {
  const server = await startServer(...UNLIMITED, "--motd=Mind the gap.", "--line-bytes=256");
  await server.admin("ada").then((ada) => ada.leaves());
  await server.moderator("mona").then((mona) => mona.leaves());
  const [bob] = await server.members("bob");
  await server.guests("carl");
  await bob.types("hello mona, how are you?");
  await bob.types("/me looks around");
  await bob.types("Look: https://example.org/");
  await bob.types("/@ mona psst");
  await bob.types("/join #garden");
  await bob.types("/topic What grows where, and who waters it while everybody is on holiday");
  await bob.catchesUp();
  return server;
}
