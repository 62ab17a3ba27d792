import type { RunningParley } from "./run_parley.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** What a page does in the browser of somebody whose server is a process: it keeps its cookies, and says where it is from. */
export class ProcessPage {
  readonly origin: string;
  #cookies = new Map<string, string>();

  constructor(server: RunningParley) {
    this.origin = `http://localhost:${server.address("http").port}`;
  }

  /** @throws {Error} where it is refused */
  async calls(path: string, body?: unknown): Promise<Json> {
    const response = await this.#asks(new URL(path, this.origin), {
      method: body === undefined ? "GET" : "POST",
      ...body === undefined ? {} : { body: JSON.stringify(body) },
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path} is answered ${response.status}: ${answer.message}`);
    return answer;
  }

  /** Goes to an address and wherever that leads, be it by another site; answers the page here at which it ends. */
  async goes(path: string): Promise<string> {
    for (let url = new URL(path, this.origin);;) {
      const response = await this.#asks(url, { redirect: "manual" });
      await response.body?.cancel();
      const location = response.headers.get("location");
      if (location === null) return url.href.slice(this.origin.length);
      url = new URL(location, url);
    }
  }

  async #asks(url: URL, init: RequestInit): Promise<Response> {
    const isOwn = url.origin === this.origin;
    const cookie = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, ...isOwn && { headers: { origin: this.origin, cookie } } });
    for (const given of isOwn ? response.headers.getSetCookie() : []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(given)!;
      this.#cookies.set(name, value);
    }
    return response;
  }
}
