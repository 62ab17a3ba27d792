import { signedIn } from "../support/admin_calls.ts";
import { Chromium } from "../support/browser.ts";
import { Cable } from "../support/cable.ts";
import { ChatPage } from "../support/chat_page.ts";
import { freeAddress, UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

const LOST = "The connection is lost. What you write is sent when it is back.";

Deno.test("a server that is restarted is found again, and what was said without one is there, once", async () => {
  await using server = await startServer(...UNLIMITED, `--https=${freeAddress()}`);
  for (const name of ["ann", "carl"]) await server.hasAccount(name);
  await using cable = new Cable(server.parley.addresses.https!);
  await using ann = await ChatPage.member("ann", { chromium, server, over: cable });
  await using bob = await ChatPage.guest("bob", { chromium, server });
  for (const page of [ann, bob]) troubled(page);
  await ann.says("Before");
  await bob.says("Before, too");
  cable.cut();
  await server.restart();
  await ann.page.getByText(LOST).waitFor();
  await bob.says("First here again");
  const carl = await server.member("carl");
  await carl.types("Where is ann?");
  await bob.reads("Where is ann?");
  await ann.types("Typed while offline");
  await ann.row("Typed while offline").getByText("(being sent)").waitFor();
  cable.repair();
  await carl.readsUntil("ann: Typed while offline");
  const before = ["ann: Before", `${bob.name}: Before, too`];
  const since = [`${bob.name}: First here again`, "carl: Where is ann?", "ann: Typed while offline"];
  await ann.readsAll(...before, ...since);
  await bob.readsAll(...before, "Server is shutting down.", ...since);
  await ann.page.getByText(LOST).waitFor({ state: "detached" });
});

Deno.test("what was said elsewhere and privately in the meantime is counted as unread, once", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.members("carl");
  await using cable = new Cable(server.parley.addresses.https!);
  await server.hasAccount("ann");
  await using ann = await ChatPage.member("ann", { chromium, server, over: cable });
  troubled(ann);
  await ann.types("/join #garden");
  await carl.readsUntil("ann has joined the chat.");
  await carl.asks("/join #garden", "You are in #garden.", /^Users/);
  await carl.types("Here I am");
  await ann.reads("Here I am");
  await ann.goesTo("lobby");
  await carl.types("Read by nobody yet");
  await ann.place("garden 1 unread").waitFor();
  cable.cut();
  await ann.page.getByText(LOST).waitFor();
  await carl.types("ann, come back");
  await carl.types("/@ ann Where are you?");
  await carl.readsUntil(/^ann is offline/);
  cable.repair();
  await ann.place("garden 2 unread, 1 of them for you").waitFor();
  await ann.place("carl (online) 1 unread").waitFor();
  await ann.isTitled("(2) #lobby · Parley");
  await ann.goesTo("carl");
  await ann.readsAll("carl: Where are you?");
  await ann.goesTo("garden");
  await ann.readsAll("carl: Here I am", "carl: Read by nobody yet", "carl: ann, come back");
  await ann.isTitled("#garden · Parley");
});

Deno.test("a message whose receipt is lost on the way is not sent twice", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.members("carl");
  await using cable = new Cable(server.parley.addresses.https!);
  await server.hasAccount("ann");
  await using ann = await ChatPage.member("ann", { chromium, server, over: cable });
  troubled(ann);
  await carl.readsUntil("ann has joined the chat.");
  cable.losesAnswers();
  await ann.types("Once");
  await carl.reads("ann: Once");
  await ann.row("Once").getByText("(being sent)").waitFor();
  cable.cut();
  await carl.reads("ann has left the chat.");
  cable.repair();
  await carl.reads("ann has joined the chat.");
  await ann.row("Once").getByRole("img", { name: "stored" }).waitFor();
  await ann.says("Twice");
  await carl.reads("ann: Twice");
  await ann.readsAll("ann: Once", "ann: Twice");
});

Deno.test("a network that is gone without a word is noticed, and another one is taken", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.members("carl");
  await using cable = new Cable(server.parley.addresses.https!);
  await server.hasAccount("ann");
  await using ann = await ChatPage.atDoor({ chromium, server, over: cable });
  troubled(ann);
  await ann.page.clock.install();
  await ann.logsIn("ann");
  await ann.isIn();
  await ann.says("Still here");
  cable.fallsSilent();
  await carl.types("Can you hear me?");
  await carl.catchesUp();
  await ann.page.clock.fastForward(30_000); // asked for a sign of life
  await ann.page.clock.fastForward(15_000); // and given none
  await ann.readsAll("ann: Still here", "carl: Can you hear me?");
  await ann.says("I hear you");
  await carl.readsUntil("ann: I hear you");
});

Deno.test("what waited too long to be sent is shown as failed, and is sent or given up as one wants", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.members("carl");
  await using cable = new Cable(server.parley.addresses.https!);
  await server.hasAccount("ann");
  await using ann = await ChatPage.member("ann", { chromium, server, over: cable });
  troubled(ann);
  await carl.reads("ann has joined the chat.");
  cable.cut();
  await carl.reads("ann has left the chat.");
  await ann.page.getByText(LOST).waitFor();
  await ann.types("Lunch?");
  await ann.types("Never mind");
  await ann.page.clock.setFixedTime(Date.now() + 180_000);
  cable.repair();
  await carl.reads("ann has joined the chat.");
  await ann.page.getByText("It was not sent: the connection was lost for too long.").nth(1).waitFor();
  await ann.row("Never mind").getByRole("button", { name: "Discard" }).click();
  await ann.row("Lunch?").getByRole("button", { name: "Try again" }).click();
  await carl.reads("ann: Lunch?");
  await ann.readsAll("ann: Lunch?");
});

Deno.test("a message that is refused says why, and is sent when one tries again after that", async () => {
  await using server = await startServer(...UNLIMITED);
  const mona = await server.moderator("mona");
  await using bob = await ChatPage.guest("bob", { chromium, server });
  await mona.reads(`${bob.name} has joined the chat.`);
  await mona.asks("/quiet on", /quiet/);
  await bob.types("May I?");
  await bob.row("May I?").getByText("#lobby is quiet: its staff speaks, others read.").waitFor();
  await mona.asks("/quiet off", /speak/);
  await bob.row("May I?").getByRole("button", { name: "Try again" }).click();
  await mona.reads(`${bob.name}: May I?`);
  await bob.row("May I?").getByRole("img", { name: "stored" }).waitFor();
});

Deno.test("who is disconnected by an admin reads why, stays away, and comes back by a press", async () => {
  await using server = await startServer(...UNLIMITED);
  const ada = await signedIn(server, { name: "ada" });
  await using ann = await member("ann", server);
  await ann.says("Before");
  const { json: { connections } } = await ada.calls("/admin/api/connections");
  await ada.calls(`/admin/api/connections/${connections[0].id}`, {
    method: "DELETE",
    json: { sentence: "Have a break." },
  });
  await ann.page.getByRole("alert").filter({ hasText: "Have a break." }).waitFor();
  await ann.presses("Come back in");
  await ann.isIn();
  await ann.readsAll("ann: Before");
});

async function member(name: string, server: TestServer): Promise<ChatPage> {
  await server.hasAccount(name);
  return await ChatPage.member(name, { chromium, server });
}

/** What the browser says of a connection that cannot be made is what the test brings about. */
function troubled({ window }: ChatPage): void {
  window.expects(/^WebSocket connection to '.+' failed: /);
}
