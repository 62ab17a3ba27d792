import { strict as assert } from "node:assert";
import { call } from "./api.ts";
import { Bots, type Received } from "./bot.ts";
import { PageOf } from "./page_of.ts";
import { PasskeyPage } from "./passkey_page.ts";
import type { SoftDevice } from "./soft_device.ts";
import type { TestServer } from "./start_server.ts";
import { sentenceIn, Wanderer } from "./wanderer.ts";

/** What somebody has in hand who wants to come in. */
export type Means =
  | { readonly by: "password"; readonly username: string; readonly password: string; readonly code?: string }
  | { readonly by: "token"; readonly jwt: string }
  | { readonly by: "ticket"; readonly ticket: string }
  | { readonly by: "guest name"; readonly name: string }
  /** A browser that is signed in confirms it. */
  | { readonly by: "link"; readonly browser: PageOf }
  | { readonly by: "passkey"; readonly device: SoftDevice }
  | { readonly by: "password and passkey"; readonly username: string; readonly device: SoftDevice }
  | { readonly by: "identity provider"; readonly provider: string };

/** As whom one is in, or the sentence that keeps one out; undefined where the door knows no such way. */
export type Outcome = string | undefined;

/** Where one may come in. */
export type Door = (server: TestServer, means: Means) => Promise<Outcome>;

export const DOORS: Readonly<Record<string, Door>> = {
  "openssl": (server, means) => inText(server, means, "tls"),
  "netcat": (server, means) => inText(server, means, "plain"),
  "JSON over TLS": (server, means) => inJson(server, means, "tls"),
  "WebSocket": (server, means) => inJson(server, means, "ws"),
  "HTTP": overHttp,
  "page": onPage,
};

/** Somebody at a terminal. */
async function inText(server: TestServer, means: Means, over: "tls" | "plain"): Promise<Outcome> {
  const line = lineFor(means);
  if (line === undefined) return undefined;
  const person = await server.connect(over);
  await person.readsUpTo("Enter your username: ");
  await person.types(line);
  if (means.by === "link") {
    const [, code] = /enter (\S+)\.$/.exec(await person.readsLine())!;
    await person.isAsked("Enter your username: ");
    await means.browser.calls(`/link/${code}`, { method: "POST" });
    await person.reads(""); // the question had no line ending
  }
  if (means.by === "password" && means.code !== undefined) {
    await person.isAsked("Code: ");
    await person.types(means.code);
  }
  const said = await person.readsLine();
  await person.vanishes();
  return nameIn(said) ?? said;
}

function lineFor(means: Means): string | undefined {
  switch (means.by) {
    case "password":
      return `/login ${means.username} ${means.password}`;
    case "token":
      return means.jwt;
    case "ticket":
      return `/ticket ${means.ticket}`;
    case "guest name":
      return `/guest ${means.name}`;
    case "link":
      return "/login";
    default:
      return undefined;
  }
}

function nameIn(line: string): string | undefined {
  return /^Hello (.+)! You are now connected\.$/.exec(line)?.[1];
}

/** A program. */
async function inJson(server: TestServer, means: Means, over: "tls" | "ws"): Promise<Outcome> {
  const request = requestFor(means);
  if (request === undefined) return undefined;
  await using bots = new Bots(server);
  const bot = await bots.connect(over);
  const answer = await bot.asks(request);
  if (means.by !== "link") return outcomeOf(answer);
  await means.browser.calls(`/link/${answer.code}`, { method: "POST" });
  return outcomeOf(await bot.reads());
}

function requestFor(means: Means): object | undefined {
  switch (means.by) {
    case "password": {
      const { username, password, code } = means;
      return { type: "login", username, password, ...code === undefined ? {} : { code } };
    }
    case "token":
      return { type: "auth", token: means.jwt };
    case "ticket":
      return { type: "auth", ticket: means.ticket };
    case "guest name":
      return { type: "guest", name: means.name };
    case "link":
      return { type: "link" };
    default:
      return undefined;
  }
}

function outcomeOf({ type, name, text }: Received): string {
  if (type === "welcome") return name!;
  assert.equal(type, "error");
  return text!;
}

/** Somebody with `curl`. */
async function overHttp(server: TestServer, means: Means): Promise<Outcome> {
  switch (means.by) {
    case "password": {
      const { by: _, ...json } = means;
      const { status, json: answer } = await call(server, "/login", { json });
      return status === 200 ? answer["Name Account"] : answer.message;
    }
    case "token": {
      const { status, json } = await call(server, "/me", { token: means.jwt });
      return status === 200 ? json.name_account : json.message;
    }
    default:
      return undefined;
  }
}

/** Somebody with a browser. */
async function onPage(server: TestServer, means: Means): Promise<Outcome> {
  switch (means.by) {
    case "password": {
      const page = new PageOf(server);
      const first = await page.signsIn(means.username, means.password);
      if (first.status !== 202) return who(first.json);
      if (means.code === undefined) return "Code required";
      const json = { login: first.json.login, code: means.code };
      return who((await page.calls("/session/code", { json })).json);
    }
    case "passkey":
      return who((await (await PasskeyPage.of(server, means.device)).comesIn()).json);
    case "password and passkey": {
      const page = await PasskeyPage.of(server, means.device);
      const { login } = (await page.signsIn(means.username)).json;
      return who((await page.comesIn({}, login)).json);
    }
    case "identity provider": {
      const page = new Wanderer(server);
      const arrived = await page.goes(`/oauth/${means.provider}`);
      return await page.who() ?? sentenceIn(arrived.page);
    }
    default:
      return undefined;
  }
}

function who({ account, message }: { account?: { name: string } | null; message?: string }): string {
  return account?.name ?? message!;
}
