import { strict as assert } from "node:assert";
import { requestOf } from "./api.ts";
import { inTime } from "./in_time.ts";
import type { TestServer } from "./start_server.ts";

/** An event as the HTML standard reads it (9.2.6). */
export interface ServerSentEvent {
  readonly type: string;
  /** The id that the reader would come back with. */
  readonly lastId: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** A program that reads server-sent events. */
export class EventReader implements AsyncDisposable {
  readonly response: Response;
  /** The id of the last event, or what the stream began with. */
  lastId = "";
  /** Lines that say nothing, such as pings. */
  readonly comments: string[] = [];
  #abort: AbortController;
  #reader: ReadableStreamDefaultReader<string>;
  #unread = "";

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.#reader = response.body!.pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
  }

  /** Opens a stream; it must be answered by one. */
  static async open(
    server: TestServer,
    { token, query = "", lastId }: { token: string; query?: string; lastId?: string },
  ): Promise<EventReader> {
    const abort = new AbortController();
    const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
    const init = { ...requestOf({ token, headers }), signal: abort.signal };
    const response = await server.http(`/events${query}`, init);
    if (!response.ok) assert.fail(`no stream: ${response.status} ${await response.text()}`);
    const reader = new EventReader(response, abort);
    await reader.#readBlock(); // its beginning: from now on nothing is missed
    return reader;
  }

  /** Reads the next event. */
  async next(): Promise<ServerSentEvent> {
    for (;;) {
      const block = await this.#readBlock() ?? assert.fail("the stream ended");
      const event = this.#understand(block);
      if (event !== undefined) return event;
    }
  }

  /** Reads the next event, which has this type and these fields among others. */
  async reads(type: string, fields: Record<string, unknown> = {}): Promise<ServerSentEvent> {
    const event = await this.next();
    const { data } = event;
    const found = Object.fromEntries(Object.keys(fields).map((name) => [name, data[name]]));
    assert.deepEqual({ type: event.type, ...found }, { type, ...fields }, JSON.stringify(data));
    return event;
  }

  /** Reads on until an event of this type with these fields has come. */
  async readsUntil(type: string, fields: Record<string, unknown>): Promise<ServerSentEvent[]> {
    const events: ServerSentEvent[] = [];
    for (;;) {
      const event = await this.next();
      events.push(event);
      const matches = Object.entries(fields).every(([name, value]) => event.data[name] === value);
      if (event.type === type && matches) return events;
    }
  }

  /** Waits for the next comment. */
  async readsComment(): Promise<string> {
    const known = this.comments.length;
    while (this.comments.length === known) {
      const block = await this.#readBlock() ?? assert.fail("the stream ended");
      assert.equal(this.#understand(block), undefined, "an event came");
    }
    return this.comments.at(-1)!;
  }

  /** Reads whatever comes until the stream ends, in order or broken off. */
  async readsToTheEnd(): Promise<{ events: ServerSentEvent[]; broken: boolean }> {
    const events: ServerSentEvent[] = [];
    try {
      for (;;) {
        const block = await this.#readBlock();
        if (block === undefined) return { events, broken: false };
        const event = this.#understand(block);
        if (event !== undefined) events.push(event);
      }
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return { events, broken: true };
    }
  }

  /** Goes away. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#reader.cancel().catch(() => {});
  }

  /** Lines up to an empty one; undefined at the end. */
  async #readBlock(): Promise<string | undefined> {
    for (;;) {
      const end = this.#unread.indexOf("\n\n");
      if (end !== -1) {
        const block = this.#unread.slice(0, end);
        this.#unread = this.#unread.slice(end + 2);
        for (const line of block.split("\n")) this.#note(line);
        return block;
      }
      const { value } = await inTime(this.#reader.read(), () => `an event; unread: ${this.#unread}`);
      if (value === undefined) return undefined;
      this.#unread += value;
    }
  }

  #note(line: string): void {
    if (line.startsWith(":")) this.comments.push(line);
    if (line.startsWith("id: ")) this.lastId = line.slice("id: ".length);
  }

  #understand(block: string): ServerSentEvent | undefined {
    const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s) as [string, string]));
    const data = fields.get("data");
    if (data === undefined) return undefined;
    return { type: fields.get("event") ?? "message", lastId: this.lastId, data: JSON.parse(data) };
  }
}
