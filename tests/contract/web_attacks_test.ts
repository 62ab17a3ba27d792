import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { AdminPage } from "../support/admin_page.ts";
import { Chromium, type Window } from "../support/browser.ts";
import { ChatPage } from "../support/chat_page.ts";
import { UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const chromium = new Chromium();

/** What would leave its mark if a page took it for anything but text. */
const ATTACKS = [
  "<script>globalThis.marked = 1</script>",
  "<img src=x onerror=globalThis.marked=1>",
  `"><img src=x onerror=globalThis.marked=1>`,
  "'><svg onload=globalThis.marked=1>",
  "<svg><animate onbegin=globalThis.marked=1 attributeName=x dur=1s>",
  "<svg><script>globalThis.marked=1</script></svg>",
  `<iframe srcdoc="<script>parent.marked=1</script>"></iframe>`,
  `<a href="javascript:globalThis.marked=1">press me</a>`,
  "javascript:globalThis.marked=1",
  "data:text/html,<script>globalThis.marked=1</script>",
  "vbscript:msgbox(1) file:///etc/passwd blob:https://evil.example/1",
  "&lt;img src=x onerror=globalThis.marked=1&gt; &#60;b&#62; &amp;amp;",
  "<style>* { display: none }</style>",
  `<base href="https://evil.example/">`,
  `<form action="https://evil.example/"><input name=password autofocus>`,
  `</p></div></textarea></title></script><img src=x onerror=globalThis.marked=1>`,
  "{{constructor.constructor('globalThis.marked=1')()}}",
  "`${globalThis.marked=1}`",
  `https://evil.example/"onmouseover="globalThis.marked=1`,
  "https://evil.example/<img/src=x/onerror=globalThis.marked=1>",
  "http://javascript:alert(1)@evil.example/ https://[::1 http:// https://% https://a..b",
  "javascript:alert(1)//https://evil.example/?x=javascript:alert(1)",
  "[press me](javascript:globalThis.marked=1)",
];

const MARKUP = "<img src=x onerror=globalThis.marked=1>";

/** High enough for all that is said. */
const viewport = { width: 1280, height: 4_000 };

Deno.test("what people say is text, whatever it looks like, and links lead to pages alone", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl] = await server.guests("carl");
  await using ann = await ChatPage.guest("ann", { chromium, server, viewport });
  await carl.readsUntil(`${ann.name} has joined the chat.`);
  for (const attack of ATTACKS) {
    await carl.types(attack);
    await carl.types(`/me ${attack}`);
    await carl.types(`/@ ${ann.name} ${attack}`);
  }
  const said = ATTACKS.flatMap((attack) => [`${carl.name}: ${attack}`, `* ${carl.name} ${attack}`]);
  await ann.readsAll(...said);
  await isUnharmed(ann.window);
  await ann.goesTo(carl.name);
  await ann.readsAll(...ATTACKS.map((attack) => `${carl.name}: ${attack}`));
  deepEqual(await linksIn(ann), [
    "https://evil.example/1",
    "https://evil.example/",
    "https://evil.example/",
    "https://evil.example/",
    "https://evil.example/",
    "http://javascript:alert(1)@evil.example/",
    "https://a..b/",
    "https://evil.example/?x=javascript:alert(1)",
  ]);
  await isUnharmed(ann.window);
  await ann.page.reload();
  await ann.isIn();
  await isUnharmed(ann.window);
});

Deno.test("what one types oneself is text, while it is sent, when it is stored and where it is refused", async () => {
  await using server = await startServer(...UNLIMITED, "--line-bytes=2048");
  await using ann = await ChatPage.guest("ann", { chromium, server, viewport });
  for (const attack of ATTACKS) await ann.types(attack);
  await ann.readsAll(...ATTACKS.map((attack) => `${ann.name}: ${attack}`));
  await ann.types(`/${MARKUP}`);
  await ann.reads(/^.*Unknown command \/<img/);
  await ann.types("/whois <img/src=x>");
  await ann.reads("User <img/src=x> not found.");
  await ann.types("/msg <img/src=x> hello");
  await ann.types(MARKUP.repeat(60));
  await ann.row("Try again").waitFor();
  await isUnharmed(ann.window);
  await ann.goesTo("<img/src=x>");
  await ann.row("hello").getByRole("button", { name: "Try again" }).waitFor();
  await isUnharmed(ann.window);
});

Deno.test("topics, announcements, reasons, absences and findings are text", async () => {
  await using server = await startServer(...UNLIMITED, `--name=${MARKUP}`, `--motd=${MARKUP}`);
  const [bob] = await server.members("bob");
  const mona = await server.moderator("mona");
  await server.hasAccount("ann");
  await using ann = await ChatPage.atDoor({ chromium, server });
  await ann.page.getByRole("heading", { name: MARKUP }).waitFor();
  await ann.page.getByText(MARKUP).nth(1).waitFor();
  await isUnharmed(ann.window);
  await ann.logsIn("ann");
  await ann.isIn();
  await ann.isTitled(`#lobby · ${MARKUP}`);
  await bob.types("/join #garden");
  await bob.types(`/topic ${MARKUP}`);
  await bob.types(MARKUP);
  await bob.types(`/away ${MARKUP}`);
  await bob.catchesUp();
  await mona.types(`/topic ${MARKUP}`);
  await mona.types(`/announce ${MARKUP}`);
  await ann.reads(`Announcement: ${MARKUP}`);
  await ann.reads(`mona has set the topic: ${MARKUP}`);
  await ann.page.getByRole("main").locator("header").getByText(MARKUP).waitFor();
  await isUnharmed(ann.window);

  await ann.picks("bob");
  await ann.dialog.getByText(`Away: ${MARKUP}`).waitFor();
  await isUnharmed(ann.window);
  await ann.closesDialog();
  await ann.presses("Find or make a room");
  await ann.dialog.getByRole("button", { name: /^#garden/ }).getByText(MARKUP).waitFor();
  await ann.page.getByLabel("Find a room, or name a new one").fill(MARKUP.slice(0, 30));
  await ann.presses(/^Make #<img/);
  await ann.dialog.getByRole("alert").getByText(/^Rooms are # and 1 to 32/).waitFor();
  await isUnharmed(ann.window);
  await ann.closesDialog();
  await ann.types("/join #garden");
  await ann.reads(MARKUP);
  await ann.presses("About #garden");
  await ann.dialog.getByText(MARKUP).waitFor();
  await isUnharmed(ann.window);
  await ann.closesDialog();
  await ann.types("/search onerror");
  await ann.dialog.getByRole("button", { name: MARKUP }).waitFor();
  await isUnharmed(ann.window);
  await ann.closesDialog();

  await mona.types(`/kick ann ${MARKUP}`);
  await ann.page.getByRole("alert").filter({ hasText: `You were kicked by mona: ${MARKUP}` }).waitFor();
  await isUnharmed(ann.window);
  await mona.types(`/ban ann 1d ${MARKUP}`);
  await mona.catchesUp();
  await ann.presses("Come back in");
  await ann.page.getByRole("alert").filter({ hasText: /^You are banned .+: <img/ }).waitFor();
  await isUnharmed(ann.window);
});

Deno.test("names and rooms that are words of the language mean nothing", async () => {
  await using server = await startServer(...UNLIMITED);
  const [carl, ...odd] = await server.members("carl", "constructor", "hasOwnProperty", "toString", "valueOf");
  await using ann = await ChatPage.guest("ann", { chromium, server });
  const rooms = ["__proto__", "constructor", "hasownproperty"];
  for (const room of rooms) {
    await ann.types(`/join #${room}`);
    await ann.page.getByRole("main", { name: `#${room}` }).waitFor();
    await carl.types(`/join #${room}`);
    await carl.types(`Hello in ${room}`);
    await ann.readsAll(`carl: Hello in ${room}`);
  }
  await ann.goesTo("lobby");
  for (const person of odd) {
    await person.types(`/@ ${ann.name} I am called so`);
    await ann.place(new RegExp(`^${person.name} .*1 unread$`, "i")).waitFor();
  }
  await ann.goesTo("toString");
  await ann.readsAll("toString: I am called so");
  await ann.goesTo("__proto__");
  await ann.readsAll("carl: Hello in __proto__");
  await isUnharmed(ann.window);
});

for (const width of [1280, 360]) {
  Deno.test(`nothing that is long, stacked or turned round breaks the page: ${width} px`, async () => {
    await using server = await startServer(...UNLIMITED);
    const carl = await server.connect();
    await carl.comesInAs("W".repeat(28));
    const room = "m".repeat(32);
    await carl.types(`/join #${room}`);
    await carl.types(`/topic ${"W".repeat(200)}`);
    await carl.types("W".repeat(4_000));
    await carl.types(`https://evil.example/${"w".repeat(3_000)}`);
    await carl.types("Z" + "\u0300\u0301\u0302\u0489".repeat(300) + "algo");
    await carl.types("\u202Egnp.exe\u2066 turned \u200F");
    await carl.types("أهلا وسهلا (https://evil.example/) بكم");
    await carl.types("👩‍👩‍👧‍👦".repeat(60));
    await carl.catchesUp();
    await using ann = await ChatPage.guest("ann", { chromium, server, viewport: { width, height: 3_000 } });
    await ann.page.goto(`${ann.page.url()}#${room}`);
    await ann.presses("Enter");
    await ann.reads("👩‍👩‍👧‍👦");
    await ann.window.isNoWiderThanItsWindow();
    equal(await ann.log.evaluate((log) => log.scrollWidth - log.clientWidth), 0);
    equal(await ann.log.evaluate((log) => /[\u202A-\u202E\u2066-\u2069\u200F]/.test(log.textContent)), false);
    equal(await ann.row("أهلا").locator("p").evaluate((line) => line.matches(":dir(rtl)")), true);
    equal(await ann.row("gnp.exe turned").count(), 1);
    await isUnharmed(ann.window);
  });
}

Deno.test("an address that somebody was lured to shows nothing but text", async () => {
  await using server = await startServer(...UNLIMITED);
  await server.hasAccount("ann");
  await server.hasRole("ann", "admin");
  await using ann = await ChatPage.member("ann", { chromium, server });
  const hostile = encodeURIComponent(MARKUP);
  for (
    const path of [
      ...[`/#${hostile}`, `/#@${hostile}`, `/#${MARKUP}`, "/#%E0%A4%A", "/#@", "/#javascript:alert(1)"],
      ...[`/link?code=${hostile}`, `/link#code=${hostile}`, "/link?code=BCDF-GHJK", `/join#${hostile}`],
      ...[`/admin#${hostile}`, `/admin?x=${hostile}#people`, `/setup#code=${hostile}`],
    ]
  ) {
    await ann.page.goto("about:blank");
    await ann.window.opens(server, path);
    await ann.page.getByRole("heading", { level: 1 }).or(ann.page.getByRole("main")).first().waitFor();
    await ann.page.waitForLoadState("networkidle");
    await isUnharmed(ann.window);
  }
});

Deno.test("what an admin reads of people is text, and what is downloaded is named as it should be", async () => {
  await using server = await startServer(...UNLIMITED, "--outbox-bytes=1MiB");
  const [bob] = await server.members("bob");
  await bob.types("/join #ops");
  for (const attack of ATTACKS) await bob.types(`/topic ${attack}`);
  await bob.types(`/topic ${MARKUP}`);
  await bob.catchesUp();
  await server.hasAccount("ada");
  await server.hasRole("ada", "admin");
  await using ada = await AdminPage.of("ada", { chromium, server });
  await ada.opens("Rooms");
  equal((await ada.row("#ops"))[1], MARKUP);
  await isUnharmed(ada.window);
  await ada.opens("Backup");
  await ada.presses("Make a backup");
  const link = ada.page.getByRole("link", { name: /^Download parley-/ });
  const backup = await ada.downloads((await link.getAttribute("aria-label"))!);
  match(backup.name, /^parley-[\w.-]+\.sqlite$/);
  const origin = new URL(ada.page.url()).origin;
  const [download] = await Promise.all([
    ada.page.waitForEvent("download"),
    ada.page.goto(`${origin}/me/export`).catch(() => {}), // it is no page
  ]);
  equal(download.suggestedFilename(), "parley-ada.json");
});

/** @throws where a page has run, or made an element of, something that it was to show */
async function isUnharmed({ page }: Window): Promise<void> {
  equal(await page.evaluate("globalThis.marked"), undefined);
  const foreign: string[] = await page.evaluate(`[
    ...document.querySelectorAll("body :is(script, style, link, meta, base, img, iframe, object, embed, math, animate)"),
    ...document.querySelectorAll("svg:not(.icon), [action], [formaction], [src]:not(head > script)"),
    ...document.querySelectorAll('[role="log"] .row :not(div, p, time, span, button, a, mark)'),
    ...[...document.querySelectorAll("*")].filter((element) =>
      element.getAttributeNames().some((name) => name.startsWith("on") || name === "srcdoc")),
    ...[...document.querySelectorAll("[href]")].filter(({ href }) => !/^https?:/.test(String(href))),
  ].map((element) => element.outerHTML)`);
  deepEqual(foreign, []);
  ok(await page.locator("body").isVisible());
}

/** Where the links lead that people have written. */
function linksIn({ log }: ChatPage): Promise<string[]> {
  return log.getByRole("link").evaluateAll((links) => links.map(({ href }) => href));
}
