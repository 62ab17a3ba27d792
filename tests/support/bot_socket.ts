import { strict as assert } from "node:assert";
import type { TestServer } from "./start_server.ts";

/** By which door a program comes in: two raw sockets, two WebSockets. */
export type Door = "tls" | "plain" | "wss" | "ws";

/** What carries a program's objects: the lines of a raw socket, the messages of a WebSocket. */
export interface BotSocket {
  /** Sends lines, in one write where that is possible. */
  send(lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What is asked for when a WebSocket is opened. */
export interface SocketOptions {
  readonly headers?: HeadersInit;
  /** Subprotocols; by `parley.lines` a message holds several lines. */
  readonly protocols?: string[];
}

/** How a connection ended; a WebSocket says why. */
export interface Ending {
  readonly code?: number;
  readonly reason?: string;
}

/** What has come and was not read yet. */
export class Inbox {
  /** What came before the first object. */
  preface = "";
  /** How many messages of a WebSocket have come. */
  messages = 0;
  #lines: string[] = [];
  #inJson = false;
  #ending: Ending | undefined;
  #onChange: (() => void) | undefined;

  /** The next line; undefined where none comes in time, or the connection has ended. */
  async next(withinMs: number): Promise<string | undefined> {
    await this.#until(() => this.#lines.length > 0 || this.#ending !== undefined, withinMs);
    return this.#lines.shift();
  }

  /** Waits for the end; answers what was not read before it. */
  async ended(withinMs: number): Promise<{ lines: string[]; ending: Ending }> {
    await this.#until(() => this.#ending !== undefined, withinMs);
    const { length } = this.#lines;
    if (this.#ending === undefined) {
      assert.fail(`it was not closed; ${length} lines came, ${this.#lines[0]} first`);
    }
    return { lines: this.#lines.splice(0), ending: this.#ending };
  }

  /** Takes what came; from the first object on, every line has to be one. */
  put(line: string): void {
    this.#inJson ||= line.startsWith("{");
    if (this.#inJson) this.#lines.push(line);
    else this.preface += line + "\n";
    this.#onChange?.();
  }

  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#onChange?.();
  }

  async #until(holds: () => boolean, withinMs: number): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#onChange?.();
    }, withinMs);
    while (!holds() && !late) await new Promise<void>((resolve) => this.#onChange = resolve);
    clearTimeout(timer);
  }
}

/**
 * Connects to a server by a door; what comes is put into the inbox.
 *
 * @throws {Error} with the reason where the server does not take a WebSocket.
 */
export async function openSocket(
  server: TestServer,
  { door, headers = {}, protocols = [] }: SocketOptions & { door: Door },
  inbox: Inbox,
): Promise<BotSocket> {
  const { addresses, certificate } = server.parley;
  const caCerts = [certificate.certPem];
  switch (door) {
    case "plain":
      return new RawSocket(await Deno.connect(hostOf(addresses.plain!)), inbox);
    case "tls":
      return new RawSocket(await Deno.connectTls({ ...hostOf(addresses.tls!), caCerts }), inbox);
    case "ws":
      return await openWebSocket(`ws://127.0.0.1:${addresses.http!.port}/ws`, { headers, protocols }, inbox);
    case "wss": {
      const client = Deno.createHttpClient({ caCerts });
      return await openWebSocket(`wss://127.0.0.1:${addresses.https!.port}/ws`, {
        headers,
        protocols,
        client,
      }, inbox);
    }
  }
}

class RawSocket implements BotSocket {
  #conn: Deno.Conn;
  #closed = false;
  #reading: Promise<void>;

  constructor(conn: Deno.Conn, inbox: Inbox) {
    this.#conn = conn;
    this.#reading = readLines(conn, inbox);
  }

  async send(lines: readonly string[]): Promise<void> {
    let rest = new TextEncoder().encode(lines.map((line) => line + "\n").join(""));
    while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#conn.close();
    this.#closed = true;
    await this.#reading;
  }
}

async function readLines(conn: Deno.Conn, inbox: Inbox): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const buffer = new Uint8Array(65_536);
  let unread = "";
  for (;;) {
    const count = await conn.read(buffer).catch(() => null); // a reset is an end, too
    if (count === null) return inbox.end({});
    const lines = (unread + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
    unread = lines.pop()!;
    for (const line of lines) inbox.put(line);
  }
}

async function openWebSocket(
  url: string,
  options: { client?: Deno.HttpClient; headers: HeadersInit; protocols: string[] },
  inbox: Inbox,
): Promise<BotSocket> {
  const socket = new WebSocket(url, options);
  const closed = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    const lines = socket.protocol === "parley.lines" ? data.split("\n") : [data];
    inbox.messages++;
    for (const line of lines) inbox.put(line);
  };
  socket.onclose = ({ code, reason }) => {
    options.client?.close();
    inbox.end({ code, reason });
    closed.resolve();
  };
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
  });
  socket.onerror = () => {}; // the end tells
  return {
    send(lines) {
      for (const line of lines) socket.send(line);
      return Promise.resolve();
    },
    close() {
      socket.close();
      return closed.promise;
    },
  };
}

function hostOf({ hostname, port }: Deno.NetAddr): { hostname: string; port: number } {
  return { hostname, port };
}
