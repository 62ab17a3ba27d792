import { type Answer, type Asked, call } from "./api.ts";
import type { TestServer } from "./start_server.ts";

/** What a page does in its browser: it keeps the cookie that it is given, and says where it is from. */
export class PageOf {
  readonly origin: string;
  #server: TestServer;
  #cookie: string | undefined;

  /** @param options.host By what name it calls the server. */
  constructor(server: TestServer, { host = "127.0.0.1" } = {}) {
    this.#server = server;
    this.origin = `http://${host}:${server.parley.addresses.http!.port}`;
  }

  /** `name=value`, or "" where it has none. */
  get cookie(): string {
    return this.#cookie ?? "";
  }

  async calls(path: string, asked: Asked = {}): Promise<Answer> {
    const { hostname: host } = new URL(this.origin);
    const headers = { origin: this.origin, cookie: this.cookie, ...asked.headers };
    const answer = await call(this.#server, path, { host, ...asked, headers });
    const given = answer.headers.get("set-cookie");
    if (given !== null) this.#cookie = /Max-Age=0\b/.test(given) ? undefined : given.split(";")[0];
    return answer;
  }

  signsIn(username: string, password = "correct horse"): Promise<Answer> {
    return this.calls("/session", { json: { username, password } });
  }

  /** Opens a WebSocket as this page. */
  opens(path: string, headers: Record<string, string> = {}): WebSocket {
    const url = `${this.origin.replace("http", "ws")}${path}`;
    return new WebSocket(url, { headers: { origin: this.origin, cookie: this.cookie, ...headers } });
  }
}

/** What a WebSocket is told first, or how it is closed. */
export function firstOf(socket: WebSocket): Promise<{ message?: unknown; closed?: number }> {
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => resolve({ message: JSON.parse(data) });
    socket.onclose = ({ code }) => resolve({ closed: code });
    socket.onerror = () => {};
  });
}
