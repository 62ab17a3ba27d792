import { JsonClient, Lost, Refused } from "../support/json_client.ts";
import type { Socket } from "../support/person.ts";
import { WebSocketLines } from "../support/web_socket_lines.ts";
import type { RunningParley } from "../support/run_parley.ts";
import { BrokenPromise } from "./broken_promise.ts";
import { JsonEar, TextEar } from "./ears.ts";
import type { ConnectionId, Happening, Mode, PersonId } from "./happening.ts";
import type { Watch } from "./watch.ts";

/** By what somebody comes: a raw socket in text or JSON mode, or a WebSocket. */
export const DOORS = ["text over tls", "text", "json over tls", "json", "json over ws"] as const;
export type Door = typeof DOORS[number];

/** How long an answer may take: whoever waits longer is held up by somebody else. */
export const PATIENCE_MS = 15_000;

/** How somebody comes in: a token, a username and password, or a guest's name. */
export type Way =
  | { token: string }
  | { username: string; password: string }
  | { guest: string };

/** Where the links of a run lead, and who watches them. */
export interface Wiring {
  readonly server: RunningParley;
  readonly certificate: string;
  readonly watch: Watch;
  /** Those that are open, also of people who have not come in yet. */
  readonly open: Set<Link>;
}

/** Numbers connections through the whole run. */
let opened = 0;

/** One connection of somebody: whatever comes over it is seen by the oracle, in the order in which it comes. */
export class Link {
  readonly id: ConnectionId = ++opened;
  readonly mode: Mode;
  readonly door: Door;
  /** What it has come in with. */
  token: string | undefined;
  /** Settles when it has ended, from whatever side. */
  readonly ended: Promise<void>;
  #name = "";
  #socket: Socket;
  #watch: Watch;
  #client: JsonClient | undefined;
  #textEar: TextEar | undefined;
  #ear: { hears(line: string): Happening[] };
  #onEnd!: () => void;
  #isOver = false;
  #cutOff = false;
  #stalled: PromiseWithResolvers<void> | undefined;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #unread = "";
  #lastLine = "";
  /** Who waits for a line of text mode. */
  #awaited: { pattern: RegExp; found: PromiseWithResolvers<RegExpExecArray> }[] = [];

  private constructor(
    person: PersonId,
    { door, socket, watch }: { door: Door; socket: Socket; watch: Watch },
  ) {
    this.door = door;
    this.mode = door.startsWith("text") ? "text" : "json";
    this.#socket = socket;
    this.#watch = watch;
    const listener = { connection: this.id, person };
    this.#ear = this.mode === "json" ? new JsonEar(listener) : this.#textEar = new TextEar(listener);
    this.ended = new Promise((resolve) => this.#onEnd = resolve);
    watch.sees({ type: "opens", connection: this.id, mode: this.mode });
  }

  /**
   * Connects, and comes in.
   *
   * @param mayEnd Whether it may be ended at any time from the moment on when it is there.
   * @throws {Refused | Lost}
   */
  static async open(
    person: PersonId,
    { door, way, mayEnd }: { door: Door; way: Way; mayEnd: () => boolean },
    wiring: Wiring,
  ): Promise<Link> {
    const socket = await dial(door, wiring).catch(() => {
      throw new Lost("cannot connect");
    });
    const link = new Link(person, { door, socket, watch: wiring.watch });
    wiring.open.add(link);
    void link.ended.then(() => wiring.open.delete(link));
    if (mayEnd()) link.mayEnd();
    link.token = "token" in way ? way.token : undefined;
    try {
      await link.#comesIn(way);
      return link;
    } catch (error) {
      link.vanishes();
      throw error;
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isStalled(): boolean {
    return this.#stalled !== undefined;
  }

  /** A program's; only JSON mode has one. */
  get client(): JsonClient {
    return this.#client!;
  }

  /** As the server called whoever came in. */
  get name(): string {
    return this.#name;
  }

  /** The room that somebody at a terminal speaks in. */
  get looksAt(): string {
    return this.#textEar!.looksAt;
  }

  /** Types a line, and waits until one comes that fits. @throws {Lost} */
  async asks(line: string, pattern: RegExp): Promise<RegExpExecArray> {
    const found = Promise.withResolvers<RegExpExecArray>();
    if (this.#isOver) throw new Lost(line);
    this.#awaited.push({ pattern, found });
    const [answer] = await Promise.all([
      inTime(found.promise, `${pattern} after ${line.slice(0, 60)}`),
      this.types(line),
    ]);
    return answer;
  }

  /** Types a line. */
  async types(line: string): Promise<void> {
    let rest = new TextEncoder().encode(line + "\n");
    try {
      while (rest.length > 0) rest = rest.subarray(await this.#socket.write(rest));
    } catch {
      throw new Lost(line);
    }
  }

  /** Whatever was asked for is done, and whatever had to be told is told. @throws {Lost} */
  async isUpToDate(): Promise<void> {
    if (this.mode === "json") await this.client.isUpToDate();
    else await this.asks("/ping", /^Pong\.$/);
  }

  mayEnd(): void {
    this.#watch.sees({ type: "may end", connection: this.id });
  }

  /** The server is killed: what it still had to say is lost. */
  isCutOff(): void {
    this.mayEnd();
    this.#cutOff = true;
  }

  /** From now on nothing is read. */
  stalls(): void {
    this.#stalled ??= Promise.withResolvers();
  }

  readsOn(): void {
    this.#stalled?.resolve();
    this.#stalled = undefined;
  }

  /** Is gone without a word. @param how.clean All that it was sent was read. */
  vanishes({ clean = false } = {}): void {
    this.mayEnd();
    this.readsOn();
    if (this.#isOver) return;
    this.#ends(clean);
    this.#client?.vanishes().catch(() => {});
    this.#socketCloses();
  }

  async #comesIn(way: Way): Promise<void> {
    if (this.mode === "json") {
      this.#client = await JsonClient.enter(this.#tapped(), jsonOf(way));
      this.#name = this.#client.name;
      return;
    }
    void this.#readsLines();
    const answer = /^Enter your username: (?:Password: )*(?:Hello (\S+)! You are now connected\.|.*\.)$/;
    const [line, name] = await this.asks(textOf(way), answer);
    if (name === undefined) throw new Refused(codeOf(line), line);
    this.#name = name;
  }

  /** The socket as a program reads it, while the oracle looks on. */
  #tapped(): Socket {
    return {
      read: (buffer) => this.#read(buffer),
      write: (bytes) => this.#socket.write(bytes),
      close: () => {
        this.mayEnd();
        this.#socketCloses();
      },
    };
  }

  async #readsLines(): Promise<void> {
    const buffer = new Uint8Array(16_384);
    while (await this.#read(buffer) !== null);
    this.#socketCloses();
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    while (this.#stalled !== undefined) await this.#stalled.promise;
    try {
      const count = await this.#socket.read(buffer);
      if (count === null) return this.#ends(true);
      this.#takes(this.#decoder.decode(buffer.subarray(0, count), { stream: true }));
      return count;
    } catch (error) {
      if (error instanceof TypeError) {
        this.#watch.breaks(
          new BrokenPromise("undisturbed", `Connection ${this.id} was sent what is no UTF-8.`),
        );
      }
      this.#watch.notes(`connection ${this.id}: ${error}`);
      return this.#ends(false);
    }
  }

  #takes(text: string): void {
    const lines = (this.#unread + text).split("\n");
    this.#unread = lines.pop()!;
    for (const line of lines) {
      this.#lastLine = line;
      this.#watch.sees(...this.#ear.hears(line));
      for (const awaited of this.#awaited) {
        const match = awaited.pattern.exec(line);
        if (match === null) continue;
        awaited.found.resolve(match);
        this.#awaited = this.#awaited.filter((other) => other !== awaited);
        break;
      }
    }
    if (this.#client !== undefined && this.#client.told.length > 100) this.#client.told.length = 0;
  }

  #ends(clean: boolean): null {
    if (this.#isOver) return null;
    this.#isOver = true;
    this.#watch.notes(`connection ${this.id}, ${this.door}, read last: ${this.#lastLine}`);
    this.#watch.sees({ type: "ends", connection: this.id, clean: clean && !this.#cutOff });
    for (const { found, pattern } of this.#awaited) found.reject(new Lost(String(pattern)));
    this.#awaited = [];
    this.#onEnd();
    return null;
  }

  #socketCloses(): void {
    try {
      this.#socket.close();
    } catch {
      // it was closed already
    }
  }
}

/** What a promise comes to; whoever waits too long was held up. @throws {BrokenPromise} */
export async function inTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const sentence = `${what} did not come within ${PATIENCE_MS / 1_000} s.`;
    timer = setTimeout(() => reject(new BrokenPromise("undisturbed", sentence)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function dial(door: Door, { server, certificate }: Wiring): Promise<Socket> {
  if (door === "json over ws") {
    return await WebSocketLines.open(`ws://127.0.0.1:${server.address("http").port}/ws`);
  }
  if (!door.endsWith("tls")) return await Deno.connect(server.address("plain"));
  return await Deno.connectTls({ ...server.address("tls"), caCerts: [certificate] });
}

function jsonOf(way: Way) {
  if ("token" in way) return { type: "auth", token: way.token } as const;
  if ("guest" in way) return { type: "guest", name: way.guest } as const;
  return { type: "login", ...way } as const;
}

function textOf(way: Way): string {
  if ("token" in way) return way.token;
  return "guest" in way ? way.guest : `/login ${way.username} ${way.password}`;
}

/** What programs go by, of a sentence that people read at the door. */
function codeOf(line: string): string {
  const codes: [RegExp, string][] = [
    [/Wrong username or password/, "wrong_credentials"],
    [/You are banned/, "banned"],
    [/not valid/, "token_not_valid"],
    [/revoked/, "token_revoked"],
    [/That name is taken/, "name_taken"],
    [/could not store/, "not_stored"],
    [/checking too many passwords/, "busy"],
    [/Something went wrong/, "defect"],
  ];
  return codes.find(([pattern]) => pattern.test(line))?.[1] ?? `"${line}"`;
}
