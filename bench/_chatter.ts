import type { Dialect, Step } from "./_dialects.ts";
import { findPayload, PAYLOAD_BYTES } from "./_payload.ts";

const BUFFER_BYTES = 16_384;

/** No words that are waited for are longer. */
const LONGEST_WORDS = 64;

/**
 * How long a handshake may take. Where a server queues few connections, the system forgets some that it has confirmed, and
 * asks for them again ever more rarely.
 */
const HANDSHAKE_MS = 10_000;

/** Where a server is reached, over TLS on loopback. */
export interface Door {
  readonly port: number;
  readonly certPem: string;
}

/** Who is told what comes to the connections. */
export interface Audience {
  /**
   * A payload may begin there.
   *
   * @returns Whether it does.
   */
  hears(person: number, bytes: Uint8Array, at: number, nowMs: number): boolean;
  /** Something has come, and all that was in it was heard. */
  hasRead(nowMs: number): void;
  /** The connection has ended, and not by {@link Chatter.cut}. */
  isGone(person: number): void;
}

/** One connection of a crowd. */
export class Chatter {
  readonly person: number;
  #conn: Deno.TlsConn;
  #dialect: Dialect;
  #audience: Audience;
  #buffer = new Uint8Array(BUFFER_BYTES);
  /** How much at the beginning of the buffer is the beginning of a payload. */
  #kept = 0;
  #sending: Promise<void> = Promise.resolve();
  /** Undefined once nobody waits for words any more. */
  #words: Words | undefined = new Words();
  #cut = false;

  private constructor(conn: Deno.TlsConn, { person, dialect, audience }: {
    person: number;
    dialect: Dialect;
    audience: Audience;
  }) {
    this.#conn = conn;
    this.person = person;
    this.#dialect = dialect;
    this.#audience = audience;
    void this.#read();
  }

  /** Connects and shakes hands. What is sent goes at once, however small it is: no Nagle. */
  static async dial(
    { port, certPem }: Door,
    as: { person: number; dialect: Dialect; audience: Audience },
  ): Promise<Chatter> {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    tcp.setNoDelay(true);
    const conn = await Deno.startTls(tcp, { hostname: "localhost", caCerts: [certPem] });
    const timer = setTimeout(() => conn.close(), HANDSHAKE_MS);
    try {
      await conn.handshake();
    } catch (error) {
      closeQuietly(conn);
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return new Chatter(conn, as);
  }

  /** Takes the steps one after another. */
  async comesIn(steps: readonly Step[]): Promise<void> {
    for (const { send, until } of steps) {
      const came = this.#words!.waitFor(until);
      await this.#send(send);
      await came;
    }
    this.#words = undefined;
  }

  says(text: string, room: string): void {
    void this.#send(this.#dialect.say(text, room));
  }

  givesSignOfLife(): void {
    if (this.#dialect.signOfLife !== undefined) void this.#send(this.#dialect.signOfLife);
  }

  /** Goes without a word. */
  cut(): void {
    if (this.#cut) return;
    this.#cut = true;
    this.#words?.end();
    closeQuietly(this.#conn);
  }

  /** One after another; who has gone is noticed by reading. */
  #send(bytes: Uint8Array): Promise<void> {
    return this.#sending = this.#sending.then(() => this.#write(bytes)).catch(() => {});
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#conn.write(rest));
  }

  async #read(): Promise<void> {
    for (;;) {
      const count = await this.#conn.read(this.#buffer.subarray(this.#kept)).catch(() => null);
      if (this.#cut) return;
      if (count === null) {
        this.cut();
        return this.#audience.isGone(this.person);
      }
      this.#take(this.#kept + count);
    }
  }

  /** Hears the payloads in the buffer; keeps the beginning of one that ends beyond it. */
  #take(end: number): void {
    const nowMs = performance.now();
    const buffer = this.#buffer;
    this.#words?.come(buffer.subarray(this.#kept, end));
    let at = findPayload(buffer, 0, end);
    while (at + PAYLOAD_BYTES <= end) {
      const next = this.#audience.hears(this.person, buffer, at, nowMs) ? at + PAYLOAD_BYTES : at + 1;
      at = findPayload(buffer, next, end);
    }
    buffer.copyWithin(0, at, end);
    this.#kept = end - at;
    this.#audience.hasRead(nowMs);
  }
}

/** Closes what may be closed. */
function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // closed already
  }
}

/** What a server says while somebody comes in, as far as it is waited for. */
class Words {
  /** What has come since the last words that were waited for; of a lot, the end. */
  #unread = "";
  #wanted = "";
  #came = Promise.withResolvers<void>();
  #decoder = new TextDecoder("latin1");

  waitFor(words: string): Promise<void> {
    this.#wanted = words;
    this.#came = Promise.withResolvers();
    this.#look();
    return this.#came.promise;
  }

  come(bytes: Uint8Array): void {
    this.#unread += this.#decoder.decode(bytes);
    this.#look();
  }

  end(): void {
    this.#came.promise.catch(() => {});
    this.#came.reject(new Error(`The server closed instead of "${this.#wanted}", after "${this.#unread}"`));
  }

  #look(): void {
    const at = this.#wanted === "" ? -1 : this.#unread.indexOf(this.#wanted);
    if (at < 0) {
      this.#unread = this.#unread.slice(-LONGEST_WORDS);
      return;
    }
    this.#unread = this.#unread.slice(at + this.#wanted.length);
    this.#wanted = "";
    this.#came.resolve();
  }
}
