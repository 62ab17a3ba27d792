import { strict as assert } from "node:assert";
import { type Answer, type Asked, requestOf } from "./api.ts";
import { checkDocumented } from "./documented.ts";
import type { TestServer } from "./start_server.ts";

/** So many times one is sent on at most. */
const MOST_HOPS = 12;

interface Cookie {
  readonly value: string;
  readonly sameSite: string;
}

/** Where somebody has ended up. */
export interface Arrival {
  readonly url: string;
  /** Of the chat's own: what stands behind the host. */
  readonly page: string;
  /** All addresses on the way, the last one included. */
  readonly way: readonly string[];
}

/**
 * A browser that goes from site to site: it follows wherever it is sent, keeps cookies for each host, and holds back those
 * that are `SameSite=Strict` on a way that has led through another site.
 */
export class Wanderer {
  readonly origin: string;
  #server: TestServer;
  /** Host name → name → cookie; as in browsers, ports make no difference. */
  #jar = new Map<string, Map<string, Cookie>>();

  constructor(server: TestServer) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${server.parley.addresses.http!.port}`;
  }

  /** Goes to an address, or a page of the chat, and wherever that leads. */
  async goes(address: string, { until = (_url: URL): boolean => false } = {}): Promise<Arrival> {
    const way = [new URL(address, this.origin).href];
    let crossed = false;
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      const url = new URL(way.at(-1)!);
      if (until(url)) return this.#arrived(way);
      const location = (await this.asks(url.href, { crossed })).get("location");
      if (location === null) return this.#arrived(way);
      const next: URL = new URL(location, url);
      crossed ||= next.hostname !== url.hostname;
      way.push(next.href);
    }
    assert.fail(`sent on and on: ${way.join(" ")}`);
  }

  /** Asks for one address and is not sent on; answers the headers. What the chat answers must be documented. */
  async asks(
    url: string,
    { crossed = false, headers = {} }: { crossed?: boolean; headers?: Record<string, string> } = {},
  ): Promise<Headers> {
    const { hostname, origin, pathname, search } = new URL(url);
    const cookie = this.#cookieFor(hostname, { crossed });
    const response = await fetch(url, {
      redirect: "manual",
      // a connection that were kept could be one to an earlier test's server, whose port another has by now
      headers: { connection: "close", ...cookie && { cookie }, ...headers },
    });
    await response.body?.cancel();
    this.#keep(hostname, response.headers);
    if (origin === this.origin) {
      const type = response.headers.get("content-type");
      const { status } = response;
      checkDocumented({ method: "GET", path: pathname + search, status, type, json: undefined });
    }
    return response.headers;
  }

  /** A page of the chat calls. */
  async calls(path: string, asked: Asked = {}): Promise<Answer> {
    const cookie = this.#cookieFor(new URL(this.origin).hostname, {});
    const request = requestOf({ ...asked, headers: { origin: this.origin, cookie, ...asked.headers } });
    const response = await this.#server.http(path, request);
    this.#keep(new URL(this.origin).hostname, response.headers);
    const text = await response.text();
    const { status, headers } = response;
    const type = headers.get("content-type");
    const json = type?.startsWith("application/json") && text !== "" ? JSON.parse(text) : undefined;
    checkDocumented({ method: request.method ?? "GET", path, status, type, json });
    return { status, text, headers, json };
  }

  /** The name of who is signed in; undefined for nobody. */
  async who(): Promise<string | undefined> {
    return (await this.calls("/session")).json.account?.name;
  }

  /** Signs in by password. */
  async signsIn(username: string): Promise<void> {
    const { status, text } = await this.calls("/session", { json: { username, password: "correct horse" } });
    assert.equal(status, 200, text);
  }

  /** Comes in by an identity provider for the first time, under a name. */
  async comesAs(name: string, { by = "corp" } = {}): Promise<void> {
    const { page } = await this.goes(`/oauth/${by}`);
    assert.equal(page, "/#sign-in=pending");
    const { status, text } = await this.calls("/session/identity", { json: { name } });
    assert.equal(status, 200, text);
  }

  /** Adds an identity to the account that is signed in; answers where that ends. */
  async links({ by = "corp" } = {}): Promise<string> {
    const { status, json } = await this.calls(`/me/identities/${by}`, { method: "POST" });
    assert.equal(status, 200, json.message);
    return (await this.goes(json.url)).page;
  }

  /** The cookies that the chat has given, as they are sent to it: `name=value; …`. */
  get cookies(): string {
    return this.#cookieFor(new URL(this.origin).hostname, {});
  }

  /** Has another one's cookies, as whoever has put them there would want. */
  takes(cookies: string): void {
    const pairs = cookies.split("; ").map((pair) => pair.split("=", 2) as [string, string]);
    const jar = new Map(pairs.map(([name, value]) => [name, { value, sameSite: "Lax" }]));
    this.#jar.set(new URL(this.origin).hostname, jar);
  }

  #arrived(way: readonly string[]): Arrival {
    const url = way.at(-1)!;
    return { url, way, page: url.startsWith(this.origin) ? url.slice(this.origin.length) : url };
  }

  #cookieFor(hostname: string, { crossed = false }): string {
    const cookies = [...this.#jar.get(hostname) ?? []];
    return cookies.filter(([, { sameSite }]) => !crossed || sameSite !== "Strict")
      .map(([name, { value }]) => `${name}=${value}`).join("; ");
  }

  #keep(hostname: string, headers: Headers): void {
    const jar = this.#jar.get(hostname) ?? new Map<string, Cookie>();
    this.#jar.set(hostname, jar);
    for (const given of headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(given) ?? [];
      const sameSite = /samesite=(\w+)/i.exec(given)?.[1] ?? "Lax";
      if (value === "" || /max-age=0\b/i.test(given)) jar.delete(name);
      else jar.set(name, { value, sameSite });
    }
  }
}

/** The sentence that a page shows of a sign-in that failed; "" where it has not. */
export function sentenceIn(page: string): string {
  return decodeURIComponent(/#sign-in-error=(.*)$/.exec(page)?.[1] ?? "");
}
