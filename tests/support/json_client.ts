import type {
  ClientMessage,
  DirectMessage,
  Ref,
  RoomMessage,
  ServerMessage,
} from "../../server/wire/json_types.ts";
import { inTime } from "./in_time.ts";
import type { Socket } from "./person.ts";

type Answer<Type extends ServerMessage["type"]> = Extract<ServerMessage, { type: Type }>;

/** Something was not done. */
export class Refused extends Error {
  constructor(readonly code: string, sentence: string) {
    super(sentence);
  }
}

/** The connection ended before the answer came. */
export class Lost extends Error {}

/**
 * A program that does many things at a time: it speaks JSON mode, finds its answers by their `ref`, and gathers what it is
 * told.
 */
export class JsonClient implements AsyncDisposable {
  /** What it has been told, in the order in which it came; answers are not among it. */
  readonly told: ServerMessage[] = [];
  /** Settles when the connection has ended, from whatever side. */
  readonly ended: Promise<void>;
  #conn: Socket;
  #welcome: Answer<"welcome"> | undefined;
  #nextRef = 1;
  /** Ref → the answer that is waited for. */
  #awaited = new Map<Ref, PromiseWithResolvers<ServerMessage>>();
  #onMore = Promise.withResolvers<void>();
  /** What is being written, one thing behind the other. */
  #written: Promise<void> = Promise.resolve();
  #lost = false;

  private constructor(conn: Socket) {
    this.#conn = conn;
    this.ended = this.#read();
  }

  /** Comes in over a connection. @throws {Refused | Lost} */
  static async enter(conn: Socket, as: ClientMessage): Promise<JsonClient> {
    const client = new JsonClient(conn);
    try {
      client.#welcome = await client.asks(as, "welcome");
    } catch (error) {
      await client.vanishes();
      throw error;
    }
    return client;
  }

  get name(): string {
    return this.#welcome!.name;
  }

  /** The rooms that it was in when it came in. */
  get rooms(): readonly string[] {
    return this.#welcome!.rooms;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Asks for something, and answers what comes of it. @throws {Refused | Lost} */
  async asks<Type extends ServerMessage["type"]>(message: ClientMessage, type: Type): Promise<Answer<Type>> {
    if (this.#lost) throw new Lost(JSON.stringify(message));
    const ref = this.#nextRef++;
    const awaited = Promise.withResolvers<ServerMessage>();
    this.#awaited.set(ref, awaited);
    this.#write({ ...message, ref });
    const answer = await inTime(awaited.promise, () => `the answer to ${JSON.stringify(message)}`);
    if (answer.type === "error") throw new Refused(answer.code, answer.text);
    if (answer.type !== type) {
      throw new TypeError(`${JSON.stringify(message)} was answered by ${JSON.stringify(answer)}`);
    }
    return answer as Answer<Type>;
  }

  /** Says something, and answers its id when it is kept. @throws {Refused | Lost} */
  async says(room: string, text: string): Promise<string> {
    return (await this.asks({ type: "say", room, text }, "ack")).id!;
  }

  /** Writes to somebody, and answers the id when it is kept. @throws {Refused | Lost} */
  async writesTo(to: string, text: string): Promise<string> {
    return (await this.asks({ type: "direct", to, text }, "ack")).id!;
  }

  /** All that was said in a room, or privately with somebody, after a message. @throws {Refused | Lost} */
  async reads(
    where: { room: string } | { with: string },
    after = "",
  ): Promise<(RoomMessage | DirectMessage)[]> {
    const { messages, more } = await this.asks({ type: "history", limit: 1_000, after, ...where }, "history");
    const last = messages.at(-1);
    return more && last !== undefined ? [...messages, ...await this.reads(where, last.id)] : messages;
  }

  /** All that it asked for is done, and all that it had to be told before is told. @throws {Lost} */
  async isUpToDate(): Promise<void> {
    await this.asks({ type: "ping" }, "pong");
  }

  /** Waits until it has been told something that fits. */
  async hears(what: string, fits: (message: ServerMessage) => boolean): Promise<void> {
    for (let heard = 0;; await inTime(this.#onMore.promise, what)) {
      for (; heard < this.told.length; heard++) if (fits(this.told[heard]!)) return;
      if (this.#lost) throw new Lost(what);
    }
  }

  /** Is gone without a word. */
  async vanishes(): Promise<void> {
    if (!this.#lost) {
      this.#lost = true;
      this.#conn.close();
    }
    await this.ended;
    await this.#written;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.vanishes();
  }

  #write(message: ClientMessage & { ref?: Ref }): void {
    const bytes = new TextEncoder().encode(JSON.stringify(message) + "\n");
    this.#written = this.#written.then(async () => {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#conn.write(rest));
    }).catch(() => {}); // the end of the connection is seen by reading
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    let unread = "";
    for (;;) {
      const count = await this.#conn.read(buffer).catch(() => null); // a reset is an end, too
      if (count === null) return this.#end();
      const lines = (unread + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
      unread = lines.pop()!;
      for (const line of lines) if (line.startsWith("{")) this.#take(JSON.parse(line));
      this.#tellMore();
    }
  }

  #take(message: ServerMessage): void {
    if (message.type === "ping") return this.#write({ type: "pong" });
    const ref = "ref" in message ? message.ref : undefined;
    const awaited = ref === undefined ? undefined : this.#awaited.get(ref);
    if (awaited === undefined) this.told.push(message);
    else awaited.resolve(message);
  }

  #end(): void {
    if (!this.#lost) this.#conn.close();
    this.#lost = true;
    for (const awaited of this.#awaited.values()) awaited.reject(new Lost());
    this.#tellMore();
  }

  #tellMore(): void {
    this.#onMore.resolve();
    this.#onMore = Promise.withResolvers();
  }
}
