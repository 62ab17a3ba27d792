import { strict as assert } from "node:assert";
import {
  type BotSocket,
  type Door,
  type Ending,
  Inbox,
  openSocket,
  type SocketOptions,
} from "./bot_socket.ts";
import { ENDS_WITHIN_MS, PATIENCE_MS } from "./patience.ts";
import type { TestServer } from "./start_server.ts";

export const DOORS: readonly Door[] = ["tls", "plain", "wss", "ws"];

/** An object as it came. */
export interface Received {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly room?: string;
  readonly text?: string;
  readonly messages?: Received[];
  readonly more?: boolean;
  readonly [key: string]: unknown;
}

/** An object that is expected: these keys and no others, each with this value or, as text, matching it. */
export type Expected = Readonly<Record<string, unknown>>;

/** What every id and every time looks like. */
export const ID = /^01[0-9A-HJKMNP-TV-Z]{24}$/;
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A program that sends objects and reads objects, whatever carries them. */
export class Bot implements AsyncDisposable {
  /** As the server calls it; set by {@link comesIn}. */
  name = "";
  #socket: BotSocket;
  #inbox: Inbox;
  #refs = 0;

  constructor(socket: BotSocket, inbox: Inbox) {
    this.#socket = socket;
    this.#inbox = inbox;
  }

  /** What came before the first object: a raw socket is greeted in text. */
  get preface(): string {
    return this.#inbox.preface;
  }

  /** In how many messages of a WebSocket all has come so far. */
  get messages(): number {
    return this.#inbox.messages;
  }

  /** Sends objects in one go, each on its line; texts are sent as they are. */
  sends(...messages: (object | string)[]): Promise<void> {
    return this.#socket.send(messages.map((one) => typeof one === "string" ? one : JSON.stringify(one)));
  }

  /** Reads the next object, which is this one. */
  async reads(expected?: Expected): Promise<Received> {
    const received = await this.#next(expected);
    if (expected !== undefined) matches(received, expected);
    return received;
  }

  /** Reads the next objects, which are these. */
  async readsInTurn(...expected: Expected[]): Promise<Received[]> {
    const all: Received[] = [];
    for (const one of expected) all.push(await this.reads(one));
    return all;
  }

  /** Sends an object, and reads what must be the answer; it carries the `ref`. */
  async asks(request: object, expected?: Expected): Promise<Received> {
    const ref = `ref ${++this.#refs}`;
    await this.sends({ ...request, ref });
    const answer = await this.#next({ ...expected, ref });
    assert.equal(answer.ref, ref, `not the answer: ${JSON.stringify(answer)}`);
    if (expected !== undefined) matches(answer, { ...expected, ref });
    return answer;
  }

  /** Sends an object that is refused, with this code. */
  async isRefused(request: object, code: string, text: unknown = /./): Promise<Received> {
    const answer = await this.asks(request);
    const { retry_after_seconds: _seconds, ref: _ref, ...error } = answer;
    matches(error, { type: "error", code, text });
    return answer;
  }

  /** Reads objects until one is as expected; answers those before it. */
  async readsUntil(expected: Expected): Promise<Received[]> {
    const before: Received[] = [];
    for (;;) {
      const received = await this.#next(expected);
      if (isLike(received, expected)) return before;
      before.push(received);
    }
  }

  /** Whatever was sent to it so far is read. */
  async hasReadAll(): Promise<void> {
    await this.asks({ type: "ping" }, { type: "pong" });
  }

  /** Reads, and forgets, whatever was sent to it so far. */
  async catchesUp(): Promise<void> {
    const ref = `ref ${++this.#refs}`;
    await this.sends({ type: "ping", ref });
    await this.readsUntil({ type: "pong", ref });
  }

  /** Comes in by `guest`, `login` or `auth`, and reads the welcome. */
  async comesIn(by: object): Promise<Received> {
    const welcome = await this.asks(by);
    assert.equal(welcome.type, "welcome", JSON.stringify(welcome));
    this.name = welcome.name!;
    return welcome;
  }

  /** Reads whatever comes until the server has closed the connection; answers it, and how that was. */
  async readsToTheEnd(withinMs = ENDS_WITHIN_MS): Promise<{ last: Received[]; ending: Ending }> {
    const { lines, ending } = await this.#inbox.ended(withinMs);
    return { last: lines.map((line) => JSON.parse(line)), ending };
  }

  /** Is gone without a word. */
  async vanishes(): Promise<void> {
    await this.#socket.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.vanishes();
  }

  async #next(expected: unknown): Promise<Received> {
    const line = await this.#inbox.next(PATIENCE_MS);
    assert.ok(line !== undefined, `nothing came instead of ${JSON.stringify(expected)}`);
    return JSON.parse(line);
  }
}

/** The programs of one test; they go before its server does. */
export class Bots implements AsyncDisposable {
  #server: TestServer;
  #bots: Bot[] = [];

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** One that has connected and has sent nothing yet. */
  async connect(door: Door = "plain", options: SocketOptions = {}): Promise<Bot> {
    const inbox = new Inbox();
    const bot = new Bot(await openSocket(this.#server, { door, ...options }, inbox), inbox);
    this.#bots.push(bot);
    return bot;
  }

  /** Guests, by one door after the other, who have read of each other's arrival. */
  async guests<Names extends string[]>(...names: Names): Promise<{ [Index in keyof Names]: Bot }> {
    const bots: Bot[] = [];
    for (const [index, name] of names.entries()) {
      const bot = await this.connect(DOORS[index % DOORS.length]);
      await bot.comesIn({ type: "guest", name });
      const joined = { type: "joined", room: "lobby", name: bot.name, at: TIME };
      for (const earlier of bots) await earlier.reads(joined);
      bots.push(bot);
    }
    return bots as { [Index in keyof Names]: Bot };
  }

  /** One that comes in by an account, which there must be. */
  async member(username: string, door: Door = "plain"): Promise<Bot> {
    const bot = await this.connect(door);
    await bot.comesIn({ type: "login", username, password: "correct horse" });
    return bot;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#bots.map((bot) => bot.vanishes()));
  }
}

/** Has exactly the keys that are expected, in whatever order; those that are expected to be undefined are not there. */
function matches(received: unknown, expected: Expected): void {
  assert.ok(isLike(received, expected), `${JSON.stringify(received)} is not ${spell(expected)}`);
}

function isLike(received: unknown, expected: unknown): boolean {
  if (expected instanceof RegExp) return typeof received === "string" && expected.test(received);
  if (typeof expected !== "object" || expected === null) return received === expected;
  if (typeof received !== "object" || received === null) return false;
  const keys = Object.entries(expected).filter(([, value]) => value !== undefined);
  const values = new Map(Object.entries(received));
  return keys.length === values.size && keys.every(([key, value]) => isLike(values.get(key), value));
}

function spell(expected: Expected): string {
  return JSON.stringify(expected, (_, value) => value instanceof RegExp ? String(value) : value);
}
