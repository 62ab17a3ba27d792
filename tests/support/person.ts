import { strict as assert } from "node:assert";
import { ENDS_WITHIN_MS, PATIENCE_MS } from "./patience.ts";

/** What a person types into: a connection, or the input and output of a program. */
export type Socket = Pick<Deno.Conn, "read" | "write" | "close">;

/** Somebody who types lines into a raw socket and reads what comes, as a person at a terminal does. */
export class Person implements AsyncDisposable {
  /** As the server calls this person; set by {@link comesInAs}. */
  name = "";
  #conn: Socket;
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** What has come and was not read yet. */
  #unread = "";
  #ended = false;
  #closed = false;
  /** The read under way; one that nobody waits for any more is taken up by the next. */
  #reading: Promise<void> | undefined;

  constructor(conn: Socket) {
    this.#conn = conn;
  }

  /** What has come and was not read yet. */
  get unread(): string {
    return this.#unread;
  }

  /** Types a line and Enter. */
  types(line: string): Promise<void> {
    return this.sends(line + "\n");
  }

  /** Sends text, or bytes, as they are. */
  async sends(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
    while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
  }

  /** Reads the greeting and comes in as a guest; answers what was read, the line of who is online last. */
  async comesInAs(name: string): Promise<string> {
    await this.readsUpTo("Enter your username: ");
    await this.types(name);
    return await this.isWelcomed();
  }

  /** Reads the three lines of the welcome. Messages from before are left to be read. */
  async isWelcomed(): Promise<string> {
    const hello = await this.readsLine();
    const [, name] = /^Hello (.+)! You are now connected\.$/.exec(hello) ??
      assert.fail(`not a welcome: ${hello}`);
    this.name = name!;
    assert.match(await this.readsLine(), /^Type to talk to everyone in #lobby\./);
    const online = await this.readsLine();
    assert.match(online, /^Users currently online \(\d+\): /);
    return online;
  }

  /** Reads a question, and nothing before it; it has no line ending. */
  async isAsked(question: string): Promise<void> {
    assert.equal(await this.readsUpTo(question), question);
  }

  /** Reads the next line, which is this one. */
  async reads(expected: string | RegExp): Promise<string> {
    const line = await this.readsLine();
    if (typeof expected === "string") assert.equal(line, expected);
    else assert.match(line, expected);
    return line;
  }

  /** Reads the next lines, which are these. */
  async readsInTurn(...expected: (string | RegExp)[]): Promise<void> {
    for (const line of expected) await this.reads(line);
  }

  /** Reads that somebody has logged in to the same account, from this machine. */
  async readsOfLogin(by = "netcat"): Promise<void> {
    await this.reads(`New login from 127.0.0.1 by ${by}.`);
  }

  /** Types a line, and reads these lines as the answer. */
  async asks(line: string, ...answer: (string | RegExp)[]): Promise<void> {
    await this.types(line);
    await this.readsInTurn(...answer);
  }

  /** Reads whatever was told so far. */
  async catchesUp(): Promise<void> {
    await this.types("/ping");
    await this.readsUntil("Pong.");
  }

  /** Reads the next line, without its ending. */
  async readsLine(): Promise<string> {
    const line = await this.readsUpTo("\n");
    return line.slice(0, -1);
  }

  /** Reads on until a text has come, and answers everything up to its end. */
  async readsUpTo(text: string): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const end = this.#unread.indexOf(text);
      if (end !== -1) return this.#take(end + text.length);
      if (this.#ended) {
        assert.fail(`closed before ${JSON.stringify(text)}; unread: ${JSON.stringify(this.#unread)}`);
      }
      await this.#readMore(deadline, text);
    }
  }

  /** Reads what comes next, however little it is. */
  async readsSome(): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#unread === "" && !this.#ended) await this.#readMore(deadline, "anything");
    return this.#take(this.#unread.length);
  }

  /** Reads lines until one is, or matches, what is expected; answers those before it. */
  async readsUntil(expected: string | RegExp): Promise<string[]> {
    const before: string[] = [];
    for (;;) {
      const line = await this.readsLine();
      if (typeof expected === "string" ? line === expected : expected.test(line)) return before;
      before.push(line);
    }
  }

  /** Reads whatever comes until the server closes the connection, and answers it. */
  async readsToTheEnd(withinMs = ENDS_WITHIN_MS): Promise<string> {
    const deadline = performance.now() + withinMs;
    while (!this.#ended) await this.#readMore(deadline, "the end");
    return this.#take(this.#unread.length);
  }

  /** Says `.exit`, and reads the goodbye. */
  async leaves(): Promise<void> {
    await this.types(".exit");
    await this.readsUntil("Goodbye.");
    await this.readsToTheEnd();
  }

  /** Is gone without a word. */
  async vanishes(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
    await this.#reading;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.vanishes();
  }

  #take(length: number): string {
    const text = this.#unread.slice(0, length);
    this.#unread = this.#unread.slice(length);
    return text;
  }

  async #readMore(deadline: number, wanted: string): Promise<void> {
    this.#reading ??= this.#read().finally(() => this.#reading = undefined);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const overdue = new Promise<never>((_, reject) => {
      const late = () =>
        reject(
          new assert.AssertionError({
            message: `waited in vain for ${JSON.stringify(wanted)}; unread: ${JSON.stringify(this.#unread)}`,
          }),
        );
      timer = setTimeout(late, Math.max(0, deadline - performance.now()));
    });
    try {
      await Promise.race([this.#reading, overdue]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(16_384);
    const count = await this.#conn.read(buffer).catch(() => null); // a reset is an end, too
    if (count === null) this.#ended = true;
    else this.#unread += this.#decoder.decode(buffer.subarray(0, count), { stream: true });
  }
}
