import type { RunningParley } from "./run_parley.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** What a page does in the browser of somebody whose server is a process: it keeps its cookie, and says where it is from. */
export class ProcessPage {
  readonly origin: string;
  #cookie = "";

  constructor(server: RunningParley) {
    this.origin = `http://localhost:${server.address("http").port}`;
  }

  /** @throws {Error} where it is refused */
  async calls(path: string, body?: unknown): Promise<Json> {
    const response = await fetch(this.origin + path, {
      method: body === undefined ? "GET" : "POST",
      headers: { origin: this.origin, cookie: this.#cookie },
      ...body === undefined ? {} : { body: JSON.stringify(body) },
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${path} is answered ${response.status}: ${answer.message}`);
    this.#cookie = response.headers.get("set-cookie")?.split(";")[0] ?? this.#cookie;
    return answer;
  }
}
