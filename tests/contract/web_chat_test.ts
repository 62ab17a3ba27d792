import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { Chromium } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { eventually } from "../support/eventually.ts";
import { Program } from "../support/program.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

Deno.test("two browsers and a terminal talk in one room, and read the same in the same order", async () => {
  await using server = await startServer(...UNLIMITED);
  await using terminal = terminalAt(server);
  const carl = terminal.person;
  await carl.comesInAs("carl");
  await using ann = await member("ann", server);
  await carl.reads("ann has joined the chat.");
  await using bob = await ChatPage.guest("bob", { chromium, server });
  await carl.reads(`${bob.name} has joined the chat.`);

  await ann.says("Hello from a browser");
  await carl.reads("ann: Hello from a browser");
  await carl.types("Quite so, from a terminal");
  await ann.reads("Quite so, from a terminal");
  await bob.says("And a second browser");
  await carl.reads(`${bob.name}: And a second browser`);
  await ann.types("/me waves");
  await carl.reads("* ann waves");
  const all = [
    "ann: Hello from a browser",
    `${carl.name}: Quite so, from a terminal`,
    `${bob.name}: And a second browser`,
    "* ann waves",
  ];
  for (const reader of [ann, bob]) await reader.readsAll(...all);
});

Deno.test("who comes into a room just as its people are listed is among them", async () => {
  await using server = await startServer(...UNLIMITED);
  await using terminal = terminalAt(server);
  const carl = terminal.person;
  await carl.comesInAs("carl");
  await server.hasAccount("ann");
  await using ann = await ChatPage.atDoor({ chromium, server });
  const held = await holdBack(ann, (message) => /"type":"roster","room":"garden"/.test(message), {
    after: 1,
  });
  await ann.logsIn("ann");
  await ann.isIn();
  await carl.reads("ann has joined the chat.");

  await ann.presses("Find or make a room");
  await ann.page.getByLabel("Find a room, or name a new one").fill("Garden");
  await ann.presses("Make #garden");
  await eventually("the page has asked who is there", () => held.messages.length === 1);
  await carl.asks("/join #garden", "You are in #garden.", /^Users/);
  await eventually("the page is told who has come", () => held.messages.length === 2);
  held.letGo();
  await ann.people.getByRole("button", { name: carl.name }).waitFor();
});

Deno.test("who comes in later reads what was said, and says who has said it", async () => {
  await using server = await startServer(...UNLIMITED);
  await using terminal = terminalAt(server);
  await terminal.person.comesInAs("carl");
  await terminal.person.types("Nobody here yet");
  await terminal.person.catchesUp();
  await using bob = await ChatPage.guest("bob", { chromium, server });
  await bob.readsAll(`${terminal.person.name}: Nobody here yet`);
});

Deno.test("private messages go to and fro between browsers and a terminal, and nobody else reads them", async () => {
  await using server = await startServer(...UNLIMITED);
  await using terminal = terminalAt(server);
  const carl = terminal.person;
  await carl.comesInAs("carl");
  await using ann = await member("ann", server);
  await using bob = await ChatPage.guest("bob", { chromium, server });
  await carl.readsUntil(`${bob.name} has joined the chat.`);

  await ann.picks(carl.name);
  await ann.presses("Write privately");
  await ann.says("Only you");
  await carl.reads("Private message from ann: Only you");
  await carl.types("/r Me alone");
  await carl.reads("Private message to ann: Me alone");
  await ann.readsAll("ann: Only you", `${carl.name}: Me alone`);

  await carl.types(`/@ ${bob.name} And you?`);
  await carl.reads(`Private message to ${bob.name}: And you?`);
  await bob.place(`${carl.name} (online) 1 unread`).waitFor();
  await bob.isTitled("(1) #lobby · Parley");
  await bob.goesTo(carl.name);
  await bob.readsAll(`${carl.name}: And you?`);
  await bob.isTitled(`${carl.name} · Parley`);
  await bob.says("I, too");
  await carl.reads(`Private message from ${bob.name}: I, too`);
  await ann.readsAll("ann: Only you", `${carl.name}: Me alone`);

  await bob.goesTo("lobby");
  await bob.types(`/@ ${carl.name} From the lobby`);
  await carl.reads(`Private message from ${bob.name}: From the lobby`);
  await bob.readsAll(`To ${carl.name}: From the lobby`);
});

Deno.test("a room is made, joined, given a topic and left, in browsers and in a terminal", async () => {
  await using server = await startServer(...UNLIMITED);
  await using terminal = terminalAt(server);
  const carl = terminal.person;
  await carl.comesInAs("carl");
  await using ann = await member("ann", server);
  await using bob = await ChatPage.guest("bob", { chromium, server });
  await carl.readsUntil(`${bob.name} has joined the chat.`);

  await ann.presses("Find or make a room");
  await ann.page.getByLabel("Find a room, or name a new one").fill("Garden");
  await ann.presses("Make #garden");
  await ann.page.getByRole("heading", { name: "#garden" }).waitFor();
  await carl.asks("/join #garden", "You are in #garden.", /^Users/);
  await ann.people.getByRole("button", { name: carl.name }).waitFor();

  await bob.presses("Find or make a room");
  await bob.dialog.getByRole("button", { name: /^#garden 2 people/ }).click();
  await carl.reads(`${bob.name} has joined #garden.`);
  await bob.page.getByRole("main", { name: "#garden" }).waitFor();

  await ann.presses("About #garden");
  await ann.page.getByLabel("Topic").fill("What grows where");
  await ann.presses("Set the topic");
  await ann.closesDialog();
  await bob.page.getByRole("main").locator("header").getByText("What grows where").waitFor();
  await bob.reads("ann has set the topic: What grows where");
  await carl.reads(/^ann .*What grows where/);

  await bob.says("Beans, over there");
  await carl.reads(`${bob.name}: Beans, over there`);
  await ann.reads("Beans, over there");
  await bob.presses("About #garden");
  await bob.presses("Leave #garden");
  await carl.reads(`${bob.name} has left #garden.`);
  await bob.page.getByRole("main", { name: "#lobby" }).waitFor();
  await bob.place("garden").waitFor({ state: "detached" });
  await ann.people.getByRole("button", { name: bob.name }).waitFor({ state: "detached" });

  await carl.types("Only for those who are here");
  await ann.reads("Only for those who are here");
  await ann.types("/leave");
  await carl.reads("ann has left #garden.");
});

Deno.test("what is said elsewhere is counted until one goes there, and a mention is told from the rest", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.members("carl");
  await using ann = await member("ann", server);
  await ann.says("I am here");
  await ann.types("/join #garden");
  await ann.page.getByRole("main", { name: "#garden" }).waitFor();
  await ann.isTitled("#garden · Parley");
  await carl.types("Hello all");
  await ann.place("lobby 1 unread").waitFor();
  await ann.isTitled("• #garden · Parley");
  await carl.types("Annie is not meant");
  await carl.types("but ANN, you are");
  await ann.place("lobby 3 unread, 1 of them for you").waitFor();
  await ann.isTitled("(1) #garden · Parley");
  await ann.goesTo("lobby");
  await ann.place("lobby").waitFor();
  await ann.isTitled("#lobby · Parley");
  const mention = ann.row("but ANN, you are");
  equal(await mention.locator("mark").textContent(), "ANN");
  await ann.row("Hello all").getByText("New", { exact: true }).waitFor();
});

Deno.test("the list of people follows who comes, goes and takes another name", async () => {
  await using server = await startServer(...UNLIMITED);
  await using ann = await member("ann", server);
  deepEqual(await ann.people.getByRole("button").allTextContents(), ["annyou"]);
  const [bob, carl] = await server.members("Bob", "carl");
  await ann.people.getByRole("button", { name: "carl" }).waitFor();
  deepEqual(await ann.people.getByRole("button").allTextContents(), ["annyou", "Bob", "carl"]);
  await bob.types("/name Zoe");
  await ann.people.getByRole("button", { name: "Zoe" }).waitFor();
  await carl.leaves();
  await ann.people.getByRole("button", { name: "carl" }).waitFor({ state: "detached" });
  deepEqual(await ann.people.getByRole("button").allTextContents(), ["annyou", "Zoe"]);
  await ann.people.getByRole("heading", { name: "People 2" }).waitFor();
});

Deno.test("whom one ignores is neither read nor counted, until one hears them again", async () => {
  await using server = await startServer(...UNLIMITED);
  const [bob, carl] = await server.members("bob", "carl");
  await using ann = await member("ann", server);
  await ann.picks("bob");
  await ann.presses("Ignore");
  await ann.dialog.getByRole("button", { name: "Stop ignoring" }).waitFor();
  await ann.closesDialog();
  await bob.types("You do not hear me");
  await bob.catchesUp();
  await carl.readsUntil("bob: You do not hear me");
  await carl.types("But me");
  await ann.readsAll("carl: But me");
  await ann.types("/unignore bob");
  await ann.reads("You see again what bob says.");
  await bob.types("And now?");
  await ann.reads("And now?");
});

/** The real program that the README names. */
function terminalAt(server: TestServer): Program {
  const { port } = server.parley.addresses.tls!;
  return new Program("openssl", ["s_client", "-quiet", "-connect", `127.0.0.1:${port}`]);
}

async function member(name: string, server: TestServer): Promise<ChatPage> {
  await server.hasAccount(name);
  return await ChatPage.member(name, { chromium, server });
}

/**
 * Has what the server tells a page wait from a message on, and come in one piece then, as over a slow network.
 *
 * @param options.after So many of those that `which` picks come through before.
 */
async function holdBack(
  { page }: ChatPage,
  which: (message: string) => boolean,
  { after }: { after: number },
): Promise<{ readonly messages: readonly string[]; letGo(): void }> {
  const messages: string[] = [];
  let letGo = () => {};
  let seen = 0;
  await page.routeWebSocket(/\/ws$/, (socket) => {
    let isOpen = true;
    letGo = () => {
      isOpen = true;
      seen = -Infinity;
      socket.send(messages.join("\n"));
    };
    socket.connectToServer().onMessage((data) => {
      const message = String(data);
      if (which(message) && ++seen > after) isOpen = false;
      if (isOpen) socket.send(message);
      else messages.push(message);
    });
  });
  await page.reload();
  return { messages, letGo: () => letGo() };
}
