import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
  ok,
  strictEqual as equal,
} from "node:assert/strict";
import { recordsIn } from "../../server/cli/records.ts";
import { call } from "../support/api.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";
import { sentenceIn, Wanderer } from "../support/wanderer.ts";

const NOT_BEGUN =
  "This sign-in was not begun in this browser, took too long or was done already; begin again.";
const NOT_TRUSTED = "What Corp answered could not be verified, so nobody was signed in. Begin again.";
const REFUSED = "Corp did not sign you in. Begin again, or come in another way.";

/** Whether an address is where the issuer sends people back to. */
const back = (url: URL) => url.pathname.endsWith("/callback");

for (
  const [lie, tell] of [
    ["has another nonce", (issuer) => issuer.lies = { nonce: "another" }],
    ["has no nonce", (issuer) => issuer.lies = { nonce: undefined }],
    ["has expired", (issuer) => issuer.lies = { exp: Math.floor(Date.now() / 1_000) - 120 }],
    ["is not good yet", (issuer) => issuer.lies = { nbf: Math.floor(Date.now() / 1_000) + 120 }],
    ["has no end", (issuer) => issuer.lies = { exp: undefined }],
    ["is for somebody else", (issuer) => issuer.lies = { aud: "another" }],
    [
      "is for others as well, and was made for one of them",
      (issuer) => issuer.lies = { aud: ["parley", "another"], azp: "another" },
    ],
    ["is from another issuer", (issuer) => issuer.lies = { iss: "https://accounts.google.com" }],
    ["is about nobody", (issuer) => issuer.lies = { sub: undefined }],
    ["is about somebody whose name never ends", (issuer) => issuer.lies = { sub: "x".repeat(256) }],
    ["is signed by another key", (issuer) => issuer.signs = "with another key"],
    ["is not signed", (issuer) => issuer.signs = "not at all"],
  ] as [string, (issuer: ScriptedIssuer) => void][]
) {
  Deno.test(`an ID token that ${lie} signs nobody in`, async () => {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row());
    await new Wanderer(server).comesAs("ann");
    tell(issuer);
    const ann = new Wanderer(server);
    equal(sentenceIn((await ann.goes("/oauth/corp")).page), NOT_TRUSTED);
    equal(await ann.who(), undefined);
    deepEqual((await ann.calls("/session/pending")).json, { is: "nothing" });
  });
}

for (
  const [what, answers] of [
    ["is no JSON", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["never ends", () => new Response(endless(), { headers: { "content-type": "application/json" } })],
    [
      "leads elsewhere",
      () => new Response(null, { status: 307, headers: { location: "http://127.0.0.1:1/" } }),
    ],
    ["is an error of its own", () => Response.json({ error: "invalid_client" }, { status: 401 })],
    ["has no ID token", () => Response.json({ access_token: "x", token_type: "Bearer" })],
    ["is empty", () => new Response(null, { status: 204 })],
  ] as const
) {
  Deno.test(`an answer with tokens that ${what} signs nobody in`, async () => {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row());
    issuer.answersInstead = (path) => path === "/token" ? answers() : undefined;
    const ann = new Wanderer(server);
    equal(sentenceIn((await ann.goes("/oauth/corp")).page), NOT_TRUSTED);
    equal(await ann.who(), undefined);
  });
}

for (
  const [what, brings, sentence] of [
    ["another state", { state: "another" }, NOT_BEGUN],
    ["no state", { state: null }, NOT_BEGUN],
    ["another issuer's name", { iss: "https://accounts.google.com" }, NOT_TRUSTED],
    ["no issuer's name, where it is promised", { iss: null }, NOT_TRUSTED],
    ["another code", { code: "another" }, NOT_TRUSTED],
    ["no code", { code: null }, NOT_TRUSTED],
    ["a refusal", { code: null, error: "access_denied" }, REFUSED],
    ["a refusal with words for the page", {
      code: null,
      error: "access_denied",
      error_description: "Call 555-1234",
    }, REFUSED],
  ] as [string, Record<string, string | null>, string][]
) {
  Deno.test(`who comes back with ${what} is not signed in`, async () => {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row());
    await new Wanderer(server).comesAs("ann");
    issuer.sendsBackWith = brings;
    const ann = new Wanderer(server);
    const { page } = await ann.goes("/oauth/corp");
    equal(sentenceIn(page), sentence);
    equal(await ann.who(), undefined);
  });
}

Deno.test("who is brought back twice at once is signed in once", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await new Wanderer(server).comesAs("ann");
  const ann = new Wanderer(server);
  const { url } = await ann.goes("/oauth/corp", { until: back });
  const both = await Promise.all([ann.asks(url), ann.asks(url)]);
  const pages = both.map((headers) => sentenceIn(headers.get("location")!)).sort();
  deepEqual(pages, ["", NOT_BEGUN]);
  equal(issuer.asked.filter((path) => path === "/token").length, 2, "one for each log-in");
});

Deno.test("a callback that was used is no good again, in the same browser or with its cookies of then", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await new Wanderer(server).comesAs("ann");
  const ann = new Wanderer(server);
  const { url } = await ann.goes("/oauth/corp", { until: back });
  const eve = new Wanderer(server);
  eve.takes(ann.cookies);
  equal((await ann.goes(url)).page, "/");
  for (const browser of [ann, eve]) equal(sentenceIn((await browser.goes(url)).page), NOT_BEGUN);
  equal(await eve.who(), undefined);
});

Deno.test("a code that was used is no good for another who has begun", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await new Wanderer(server).comesAs("ann");
  const ann = new Wanderer(server);
  const { url } = await ann.goes("/oauth/corp", { until: back });
  const eve = new Wanderer(server);
  const hers = new URL((await eve.goes("/oauth/corp", { until: back })).url);
  hers.searchParams.set("code", new URL(url).searchParams.get("code")!); // seen on the way, before its owner has used it
  equal(sentenceIn((await eve.goes(hers.href)).page), NOT_TRUSTED);
  equal(await eve.who(), undefined);
});

Deno.test("nobody is signed in as whoever sends them a link: a callback is good in the browser that has begun", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await server.hasAccount("ann");
  await new Wanderer(server).comesAs("eve");
  const eve = new Wanderer(server);
  const { url } = await eve.goes("/oauth/corp", { until: back });
  const [ann, bob] = [new Wanderer(server), new Wanderer(server)];
  await ann.signsIn("ann");
  for (const victim of [ann, bob]) equal(sentenceIn((await victim.goes(url)).page), NOT_BEGUN);
  await bob.goes("/oauth/corp", { until: back });
  equal(sentenceIn((await bob.goes(url)).page), NOT_BEGUN, "nor in one that has begun on its own");
  deepEqual([await ann.who(), await bob.who()], ["ann", undefined]);
});

Deno.test("nobody's identity gets into the account of whoever sends them a link", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await server.hasAccount("eve");
  const eve = new Wanderer(server);
  await eve.signsIn("eve");
  const { json } = await eve.calls("/me/identities/corp", { method: "POST" });
  const ann = new Wanderer(server);
  equal(sentenceIn((await ann.goes(json.url)).page), NOT_BEGUN);
  deepEqual((await eve.calls("/me/identities")).json, []);
});

for (const site of ["cross-site", "same-site"]) {
  Deno.test(`a ${site} page sends nobody off to sign in`, async () => {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row());
    const ann = new Wanderer(server);
    const headers = await ann.asks(`${ann.origin}/oauth/corp`, { headers: { "sec-fetch-site": site } });
    equal(sentenceIn(headers.get("location")!), "Requests from other sites' pages are not taken.");
    equal(ann.cookies, "");
  });
}

Deno.test("who was sent to one issuer does not come back from another", async () => {
  await using honest = await ScriptedIssuer.open();
  await using false_ = await ScriptedIssuer.open();
  await using server = await serverWithProviders(honest.row("corp") + false_.row("club"));
  await new Wanderer(server).comesAs("ann", { by: "corp" });
  honest.asked.length = false_.asked.length = 0;

  // somebody on the way has made them begin at the false one, which sends them on to the honest one
  const ann = new Wanderer(server);
  const begun = await ann.goes("/oauth/club", { until: ({ pathname }) => pathname === "/authorize" });
  const onward = new URL(begun.url);
  onward.port = new URL(honest.url).port;
  const { url } = await ann.goes(onward.href, { until: back });
  equal(new URL(url).pathname, "/oauth/club/callback");
  equal(
    sentenceIn((await ann.goes(url)).page),
    NOT_TRUSTED.replace("Corp", "Club"),
    "it says who it is from",
  );
  equal(false_.asked.includes("/token"), false, "the honest one's code is told to nobody");

  // the same, and brought back at the honest one's address
  const bob = new Wanderer(server);
  const other = new URL((await bob.goes("/oauth/club", { until: back })).url);
  other.pathname = "/oauth/corp/callback";
  equal(sentenceIn((await bob.goes(other.href)).page), NOT_BEGUN);
  deepEqual([await ann.who(), await bob.who()], [undefined, undefined]);
  equal(honest.asked.includes("/token"), false);
});

for (
  const to of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/link/../../evil",
    "/link?x",
    "/oauth/corp",
    "javascript:alert(1)",
    "/\r\nset-cookie: x=y",
    "",
    "/LINK",
  ]
) {
  Deno.test(`nobody is sent to ${JSON.stringify(to)} in the end`, async () => {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row());
    await new Wanderer(server).comesAs("ann");
    const ann = new Wanderer(server);
    equal((await ann.goes(`/oauth/corp?to=${encodeURIComponent(to)}`)).page, "/");
    issuer.signs = "not at all";
    match((await ann.goes(`/oauth/corp?to=${encodeURIComponent(to)}`)).page, /^\/#sign-in-error=/);
  });
}

Deno.test("those who sign in, and those who fail, come back to the page that they wanted", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await new Wanderer(server).comesAs("ann");
  for (const to of ["/", "/link", "/join", "/admin"]) {
    equal((await new Wanderer(server).goes(`/oauth/corp?to=${to}`)).page, to);
  }
  issuer.signs = "not at all";
  equal((await new Wanderer(server).goes("/oauth/corp?to=/link")).page.split("=")[0], "/link#sign-in-error");
});

for (
  const [how, person] of [
    ["an address that is its username", { email: "ann@corp.example", email_verified: true }],
    ["its name", { preferred_username: "ann", name: "ann" }],
    ["its address in other letters", { email: "ANN@CORP.EXAMPLE", email_verified: true }],
    ["the address of its other identity", { email: "ann@club.example", email_verified: true }],
  ] as const
) {
  Deno.test(`an account is not taken over by ${how}`, async () => {
    await using issuer = await ScriptedIssuer.open();
    await using club = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row() + club.row("club"));
    await server.signsUp({ username: "ann@corp.example", name: "ann" });
    const ann = new Wanderer(server);
    await ann.signsIn("ann@corp.example");
    club.person = { sub: "7", email: "ann@club.example", email_verified: true };
    await ann.links({ by: "club" });

    issuer.person = { sub: "eve", ...person };
    const eve = new Wanderer(server);
    equal((await eve.goes("/oauth/corp")).page, "/#sign-in=pending");
    const { json: { suggested } } = await eve.calls("/session/pending");
    notEqual(suggested, "ann");
    for (const name of ["ann", "Ann", "ann@corp.example"]) {
      equal((await eve.calls("/session/identity", { json: { name } })).status, 400, name);
    }
    equal((await eve.calls("/session/identity", { json: { name: "eve" } })).status, 200);
    equal(await eve.who(), "eve");
    equal((await ann.calls("/me/identities")).json.length, 1);
  });
}

Deno.test("the same subject at another issuer is somebody else", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using club = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row() + club.row("club"));
  await new Wanderer(server).comesAs("ann");
  club.person = issuer.person;
  equal((await new Wanderer(server).goes("/oauth/club")).page, "/#sign-in=pending");
});

Deno.test("signing in gives a new session and a new name to what is pending, whatever the browser had before", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await new Wanderer(server).comesAs("ann");
  await server.hasAccount("eve");
  const eve = new Wanderer(server);
  await eve.signsIn("eve");
  const planted = eve.cookies;
  const ann = new Wanderer(server);
  ann.takes(planted);
  const before = tokensOf(ann.cookies);
  equal((await ann.goes("/oauth/corp")).page, "/");
  equal(await ann.who(), "ann");
  ok(!tokensOf(ann.cookies).some((token) => before.includes(token)), "the planted cookie is replaced");
  equal(await eve.who(), "eve", "whoever has planted it has nothing of it");

  issuer.person = { sub: "new" };
  const newcomer = new Wanderer(server);
  const { url } = await newcomer.goes("/oauth/corp", { until: back });
  const seen = newcomer.cookies;
  await newcomer.goes(url);
  eve.takes(seen);
  deepEqual((await eve.calls("/session/pending")).json, { is: "nothing" });
  equal((await eve.calls("/session/identity", { json: { name: "mallory" } })).status, 401);
  equal((await newcomer.calls("/session/identity", { json: { name: "newcomer" } })).status, 200);
});

Deno.test("the cookies of a sign-in are for this host alone, for no script, and over before long", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const headers = await new Wanderer(server).asks(
    `http://127.0.0.1:${server.parley.addresses.http!.port}/oauth/corp`,
  );
  const port = server.parley.addresses.http!.port;
  match(
    headers.get("set-cookie")!,
    new RegExp(
      `^__Host-parley-oauth-${port}=[\\w-]{43}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600$`,
    ),
  );
  equal(headers.get("referrer-policy"), "no-referrer");
  equal(headers.get("cache-control"), "no-store");
});

Deno.test("a page elsewhere names nobody, nor does anything that does not say from which page it is", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  await ann.goes("/oauth/corp");
  const named = (headers: Record<string, string>) =>
    call(server, "/session/identity", {
      json: { name: "mallory" },
      headers: { cookie: ann.cookies, ...headers },
    });
  equal((await named({})).status, 403);
  equal((await named({ origin: "https://evil.example" })).status, 403);
});

Deno.test("ten minutes after it was begun a sign-in is over", async () => {
  const { now } = performance;
  let laterMs = 0;
  performance.now = () => now.call(performance) + laterMs;
  try {
    await using issuer = await ScriptedIssuer.open();
    await using server = await serverWithProviders(issuer.row());
    const ann = new Wanderer(server);
    const { url } = await ann.goes("/oauth/corp", { until: back });
    laterMs = 600_000;
    equal(sentenceIn((await ann.goes(url)).page), NOT_BEGUN);
    await ann.goes("/oauth/corp");
    laterMs += 600_000;
    equal((await ann.calls("/session/identity", { json: { name: "ann" } })).status, 401);
  } finally {
    performance.now = now;
  }
});

Deno.test("sign-ins by identity count as attempts to log in", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row(), "--logins-per-minute=2");
  const ann = new Wanderer(server);
  for (let tried = 0; tried < 2; tried++) await ann.goes("/oauth/corp");
  match(sentenceIn((await ann.goes("/oauth/corp")).page), /^Too many attempts\. Try again in \d+ s\.$/);
});

Deno.test("what a browser has begun before is over when it begins anew", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  const first = await ann.goes("/oauth/corp", { until: back });
  const second = await ann.goes("/oauth/corp", { until: back });
  equal(sentenceIn((await ann.goes(first.url)).page), NOT_BEGUN);
  equal((await ann.goes(second.url)).page, "/#sign-in=pending", "and this one goes on all the same");
});

Deno.test("nothing is kept of those who do not finish", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await new Wanderer(server).goes("/oauth/corp");
  await using records = await recordsIn(server.dataDir);
  deepEqual(await Array.fromAsync(records.accounts.list()), []);
});

function tokensOf(cookies: string): string[] {
  return cookies.split("; ").map((pair) => pair.split("=")[1]!);
}

/** More than anybody would read. */
function endless(): ReadableStream<Uint8Array> {
  const piece = new TextEncoder().encode(`${" ".repeat(65_536)}`);
  return new ReadableStream({ pull: (controller) => controller.enqueue(piece) });
}
