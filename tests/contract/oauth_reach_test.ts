import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { call } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";
import { freeAddress } from "../support/run_parley.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";
import type { TestServer } from "../support/start_server.ts";
import { sentenceIn, Wanderer } from "../support/wanderer.ts";

const UNREACHABLE = "Corp cannot be reached just now. Try again in a minute, or come in another way.";

Deno.test("the server starts without its issuer, says so, and finds it once it is there", async () => {
  await using clock = new Clock();
  const port = Number(freeAddress().split(":")[1]);
  const rows = await rowsAt(port);
  await using server = await serverWithProviders(rows);
  const ann = new Wanderer(server);
  equal(sentenceIn((await ann.goes("/oauth/corp?to=/link")).page), UNREACHABLE);
  equal(await available(server), false);
  ok(server.logged.some((line) => line.includes('"an identity provider does not answer')));

  await using issuer = await ScriptedIssuer.open(port);
  equal(sentenceIn((await ann.goes("/oauth/corp")).page), UNREACHABLE, "nobody asks again at once");
  equal(issuer.asked.length, 0);
  clock.goesOn(10_000);
  equal((await ann.goes("/oauth/corp")).page, "/#sign-in=pending");
  equal(await available(server), true);
  ok(server.logged.some((line) => line.includes('"an identity provider answers"')));
});

Deno.test("whoever asks whether it is there has it looked for", async () => {
  await using clock = new Clock();
  const port = Number(freeAddress().split(":")[1]);
  const rows = await rowsAt(port);
  await using server = await serverWithProviders(rows);
  await eventually(
    "the first look has failed",
    () => server.logged.some((line) => line.includes("does not answer")),
  );
  await using _issuer = await ScriptedIssuer.open(port);
  equal(await available(server), false);
  clock.goesOn(10_000);
  await eventually("it is found", () => available(server));
});

Deno.test("an issuer that goes away sends nobody to nowhere, and is waited for no longer than ten seconds", async () => {
  await using clock = new Clock();
  const issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const [ann, bob] = [new Wanderer(server), new Wanderer(server)];
  const back = ({ pathname }: URL) => pathname.endsWith("/callback");
  const { url } = await ann.goes("/oauth/corp", { until: back });
  await issuer[Symbol.asyncDispose]();
  equal(sentenceIn((await ann.goes(url)).page), UNREACHABLE, "it does not give the token");
  clock.goesOn(60_000);
  equal(sentenceIn((await bob.goes("/oauth/corp")).page), UNREACHABLE);
  equal(await available(server), false);
});

for (
  const [what, answers] of [
    ["is another one's", (url: string) => Response.json({ issuer: url.replace("localhost", "127.0.0.1") })],
    ["is no JSON", () => new Response("<html>")],
    ["is not there", () => new Response(null, { status: 404 })],
    [
      "leads elsewhere",
      () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } }),
    ],
    ["never ends", () => new Response(endless(), { headers: { "content-type": "application/json" } })],
  ] as const
) {
  Deno.test(`an issuer whose description ${what} is none`, async () => {
    await using issuer = await ScriptedIssuer.open();
    issuer.answersInstead = (path) => path.startsWith("/.well-known/") ? answers(issuer.url) : undefined;
    await using server = await serverWithProviders(issuer.row());
    equal(sentenceIn((await new Wanderer(server).goes("/oauth/corp")).page), UNREACHABLE);
    deepEqual(issuer.asked, ["/.well-known/openid-configuration"]);
  });
}

Deno.test("a server stops while its issuer keeps it waiting", async () => {
  await using issuer = await ScriptedIssuer.open();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  issuer.answersInstead = () => {
    asked.resolve();
    return new Response(new ReadableStream({ pull: () => answer.promise.then(() => {}) }));
  };
  const server = await serverWithProviders(issuer.row());
  await asked.promise;
  await server[Symbol.asyncDispose]();
  answer.resolve(new Response());
});

Deno.test("there is no other way to sign in than those of the file", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  for (const name of ["nobody", "Corp", "corp%2f..", "__proto__", "constructor"]) {
    const { page } = await new Wanderer(server).goes(`/oauth/${name}`);
    equal(sentenceIn(page), "There is no such way to sign in here.", name);
  }
  const { page } = await new Wanderer(server).goes("/oauth/nobody/callback?code=x&state=y");
  match(sentenceIn(page), /^This sign-in was not begun in this browser/);
});

/** A clock that can be set forward. */
class Clock implements AsyncDisposable {
  #real = performance.now;
  #laterMs = 0;

  constructor() {
    performance.now = () => this.#real.call(performance) + this.#laterMs;
  }

  goesOn(ms: number): void {
    this.#laterMs += ms;
  }

  [Symbol.asyncDispose](): Promise<void> {
    performance.now = this.#real;
    return Promise.resolve();
  }
}

/** What the file has of an issuer that is to be at a port. */
async function rowsAt(port: number): Promise<string> {
  await using issuer = await ScriptedIssuer.open(port);
  return issuer.row();
}

async function available(server: TestServer): Promise<boolean> {
  return (await call(server, "/server")).json.providers[0].available;
}

/** More than anybody would read. */
function endless(): ReadableStream<Uint8Array> {
  const piece = new TextEncoder().encode(" ".repeat(65_536));
  return new ReadableStream({ pull: (controller) => controller.enqueue(piece) });
}
