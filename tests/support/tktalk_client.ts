import { strict as assert } from "node:assert";
import { PATIENCE_MS } from "./patience.ts";
import type { TestServer } from "./start_server.ts";

/** What the TkTalk client reads at a time. */
const RECV_BYTES = 1_024;

/** What TLS 1.3 adds to a record's content: its type, and the tag of the cipher. */
const RECORD_OVERHEAD_BYTES = 17;

/**
 * The TkTalk client as it behaves on its socket: it never sends a line ending, reads with `recv(1024)`, that is one TLS
 * record at a time, and decodes each piece by itself. A piece that begins with the name that its user typed, and a
 * colon, it takes for an echo, and never reads again; so does it when a piece is not UTF-8. Here both fail the test.
 */
export class TktalkClient implements AsyncDisposable {
  /** What its user typed for a name; it logs in with four digits behind it. */
  readonly typed: string;
  #conn: Deno.TlsConn;
  #records: RecordSizes;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** What has come and is not given out as a piece yet. */
  #bytes: Uint8Array = new Uint8Array(0);
  /** Of the pieces read, what was not read as lines. */
  #unread = "";

  private constructor(typed: string, { conn, records }: { conn: Deno.TlsConn; records: RecordSizes }) {
    this.typed = typed;
    this.#conn = conn;
    this.#records = records;
  }

  /** Connects, reads the greeting and sends the name with digits, as the client does. The welcome is left to be read. */
  static async connect(server: TestServer, typed: string, digits = "4821"): Promise<TktalkClient> {
    const records = new RecordSizes();
    const { hostname, port } = relay(server.parley.addresses.tls!, records);
    const conn = await Deno.connectTls({ hostname, port, caCerts: [server.parley.certificate.certPem] });
    const client = new TktalkClient(typed, { conn, records });
    await client.#readGreeting();
    await client.sends(typed + digits);
    return client;
  }

  /** Connects and reads the three lines of the welcome. */
  static async join(server: TestServer, typed: string, digits = "4821"): Promise<TktalkClient> {
    const client = await TktalkClient.connect(server, typed, digits);
    await client.reads(`Hello ${(typed + digits).normalize("NFKC")}! You are now connected.`);
    await client.readsLine();
    await client.readsLine();
    return client;
  }

  /** Sends a text as it is. */
  async sends(text: string): Promise<void> {
    let rest = new TextEncoder().encode(text);
    while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
  }

  /** The next piece: what one `recv` gives; "" when the server has closed. */
  async receives(): Promise<string> {
    if (this.#bytes.length === 0 && !await this.#readMore()) return "";
    const size = this.#records.next();
    assert.ok(size <= RECV_BYTES, `a piece of ${size} bytes`);
    while (this.#bytes.length < size) await this.#readMore();
    const piece = this.#decoder.decode(this.#bytes.subarray(0, size));
    this.#bytes = this.#bytes.subarray(size);
    assert.ok(!piece.startsWith(`${this.typed}:`), `it takes this for an echo: ${piece.slice(0, 60)}`);
    return piece;
  }

  /** Reads the next line, without its ending. */
  async readsLine(): Promise<string> {
    while (!this.#unread.includes("\n")) {
      const piece = await this.receives();
      assert.notEqual(piece, "", `closed; unread: ${this.#unread}`);
      this.#unread += piece;
    }
    const end = this.#unread.indexOf("\n");
    const line = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 1);
    return line;
  }

  /** Reads the next lines, which are these. */
  async reads(...expected: string[]): Promise<void> {
    for (const line of expected) assert.equal(await this.readsLine(), line);
  }

  /** Reads a question, which has no line ending. */
  async isAsked(question: string): Promise<void> {
    while (this.#unread.length < question.length) this.#unread += await this.receives();
    assert.equal(this.#unread, question);
    this.#unread = "";
  }

  /** Reads whatever comes until a line that is this one, and answers the pieces. */
  async receivesUntil(line: string): Promise<string[]> {
    const pieces: string[] = [];
    while (!`\n${this.#unread}`.includes(`\n${line}\n`)) {
      pieces.push(await this.receives());
      this.#unread += pieces.at(-1);
    }
    this.#unread = "";
    return pieces;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#conn.close();
    return Promise.resolve();
  }

  /** Up to the greeting, records also hold what belongs to the handshake: the greeting must be the last of them. */
  async #readGreeting(): Promise<void> {
    await this.#readMore();
    const greeting = new TextDecoder().decode(this.#bytes);
    assert.ok(greeting.endsWith("Enter your username: "), greeting);
    assert.equal(this.#records.last(), this.#bytes.length, "the greeting is one record");
    this.#bytes = new Uint8Array(0);
  }

  /** Answers false when the server has closed. */
  async #readMore(): Promise<boolean> {
    const buffer = new Uint8Array(16_384);
    const timer = setTimeout(() => this.#conn.close(), PATIENCE_MS);
    const count = await this.#conn.read(buffer).catch((error) => {
      throw new assert.AssertionError({ message: `waited in vain for a piece: ${error}` });
    });
    clearTimeout(timer);
    this.#bytes = new Uint8Array([...this.#bytes, ...buffer.subarray(0, count ?? 0)]);
    return count !== null;
  }
}

/** The sizes of what is in the TLS records of one direction, read from their headers as they pass. */
class RecordSizes {
  #sizes: number[] = [];
  #header: number[] = [];
  /** Bytes of the record under way that have not passed yet. */
  #left = 0;

  pass(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, bytes.length - at);
        this.#left -= step;
        at += step;
        continue;
      }
      this.#header.push(bytes[at++]!);
      if (this.#header.length === 5) this.#begin(this.#header);
    }
  }

  /** The size of the last record so far; those before are forgotten, as well as this one. */
  last(): number | undefined {
    const last = this.#sizes.at(-1);
    this.#sizes = [];
    return last;
  }

  next(): number {
    return this.#sizes.shift() ?? assert.fail("more came than the records hold");
  }

  #begin([, , , high, low]: number[]): void {
    this.#left = (high! << 8) + low!;
    this.#sizes.push(this.#left - RECORD_OVERHEAD_BYTES);
    this.#header = [];
  }
}

/** Takes one connection and passes it on, with a look at the records that come back; ends when both sides have. */
function relay(to: Deno.NetAddr, records: RecordSizes): Deno.NetAddr {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const watch = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(bytes, controller) {
      records.pass(bytes);
      controller.enqueue(bytes);
    },
  });
  const pass = async () => {
    const near = await listener.accept();
    listener.close();
    const far = await Deno.connect({ hostname: to.hostname, port: to.port });
    await Promise.allSettled([
      near.readable.pipeTo(far.writable),
      far.readable.pipeThrough(watch).pipeTo(near.writable),
    ]);
  };
  void pass();
  return listener.addr as Deno.NetAddr;
}
