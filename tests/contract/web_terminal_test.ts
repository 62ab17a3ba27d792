import { match, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { Chromium, type Window } from "../support/browser.ts";
import { Program, type ProgramName, run } from "../support/program.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const chromium = new Chromium();

for (const way of ["The quick way", "OpenSSL, verified", "Ncat"]) {
  Deno.test(`the page on joining from a terminal shows a line that does it: ${way}`, async () => {
    await using server = await startServer();
    await using browser = await chromium.window({ permissions: ["clipboard-read", "clipboard-write"] });
    await browser.opens(server, "/join");
    await browser.page.getByRole("button", { name: `Copy the line: ${way}`, exact: true }).click();
    const line: string = await browser.page.evaluate("navigator.clipboard.readText()");
    const [program, ...args] = line.replace("cert.pem", join(server.dataDir, "cert.pem")).split(" ");
    await using terminal = new Program(program as ProgramName, args);
    await terminal.person.comesInAs("carl");
  });
}

Deno.test("the certificate that is downloaded has the fingerprint that the page shows", async () => {
  await using server = await startServer();
  await using browser = await chromium.window();
  const { page } = browser;
  await browser.opens(server, "/join");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download cert.pem" }).click(),
  ]);
  equal(download.suggestedFilename(), "cert.pem");
  const shown = await page.getByText("SHA-256 fingerprint").locator("xpath=following::code").first()
    .textContent();
  const { stdout } = await run("openssl", [
    "x509",
    "-in",
    await download.path(),
    "-noout",
    "-fingerprint",
    "-sha256",
  ]);
  equal(stdout.trim().split("=")[1], shown);
});

Deno.test("a ticket from the page lets one terminal in, and is counted down", async () => {
  await using server = await startServer();
  await using browser = await signedIn(server);
  await browser.opens(server, "/join");
  await browser.page.getByRole("button", { name: "Get a ticket" }).click();
  const line = await browser.page.getByText(/^\/ticket [A-Z-]+$/).textContent();
  match(await browser.page.getByRole("timer").textContent() ?? "", /^good once, for (1:00|0:5\d)/);
  const terminal = await server.connect();
  await terminal.readsUpTo("Enter your username: ");
  await terminal.types(line!);
  await terminal.isWelcomed();
  equal(terminal.name, "ann");
  const second = await server.connect();
  await second.readsUpTo("Enter your username: ");
  await second.types(line!);
  await second.reads(/ticket/);
});

for (
  const [deed, told] of [["Confirm", "The terminal is logged in as ann."], [
    "Refuse",
    "Refused; the terminal has been told.",
  ]] as const
) {
  Deno.test(`a terminal that waits with a code is shown, and hears of it at once: ${deed}`, async () => {
    await using server = await startServer();
    await using browser = await signedIn(server);
    const { page } = browser;
    const terminal = await server.connect("tls");
    await terminal.readsUpTo("Enter your username: ");
    await terminal.types("/login");
    const [, path, code] = /^Open https:\/\/localhost:\d+(\/link) and enter (\S+)\.$/.exec(
      await terminal.readsLine(),
    )!;
    await browser.opens(server, path!);
    await page.getByLabel("Code").fill(code!.toLowerCase().replace("-", ""));
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("A terminal wants to be logged in as you, ann.").waitFor();
    await page.getByText("127.0.0.1 (the server’s own machine)").waitFor();
    await page.getByText("TLS", { exact: true }).waitFor();
    await page.getByRole("button", { name: deed }).click();
    await page.getByRole("status").filter({ hasText: told }).waitFor();
    await (deed === "Confirm"
      ? terminal.readsUntil("Hello ann! You are now connected.")
      : terminal.readsUntil("The log-in was refused in the browser."));
  });
}

Deno.test("a code that nobody waits with is refused; none is taken from an address that somebody was sent", async () => {
  await using server = await startServer();
  await using browser = await signedIn(server);
  const { page } = browser;
  await browser.opens(server, "/link?code=BCDF-GHJK#code=BCDF-GHJK");
  equal(await page.getByLabel("Code").inputValue(), "");
  await page.getByLabel("Code").fill("BCDFGHJK");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("alert").filter({ hasText: "Nobody waits with this code." }).waitFor();
  equal(await page.getByLabel("Code").inputValue(), "BCDF-GHJK");
});

/** A window in which ann is signed in. */
async function signedIn(server: TestServer): Promise<Window> {
  await server.hasAccount("ann");
  const browser = await chromium.window();
  await browser.opens(server, "/");
  await browser.page.getByLabel("Username").fill("ann");
  await browser.page.getByLabel("Password").fill("correct horse");
  await browser.page.locator("form").getByRole("button", { name: "Log in" }).click();
  await browser.page.getByRole("navigation").waitFor();
  return browser;
}
