import type { ConnectionRow, LiveMessage, Status } from "../../server/wire/admin_types.ts";
import { eventually } from "./eventually.ts";

/** An admin page that looks at what happens: it does with what it is told what the page does. */
export class LiveViewer implements AsyncDisposable {
  readonly messages: LiveMessage[] = [];
  /** Id → row. */
  readonly rows = new Map<string, ConnectionRow>();
  /** Settles with how it was closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onerror = () => {}; // a close event follows
    this.closed = new Promise((resolve) => socket.onclose = ({ code, reason }) => resolve({ code, reason }));
  }

  get names(): string[] {
    return Array.from(this.rows.values(), ({ name }) => name).sort();
  }

  get statuses(): Status[] {
    return this.messages.filter((message) => message.type === "status");
  }

  /** Waits until what it has been told is so. */
  sees(what: string, holds: (viewer: this) => boolean): Promise<void> {
    return eventually(what, () => holds(this));
  }

  says(text: string): void {
    this.#socket.send(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  #take(message: LiveMessage): void {
    this.messages.push(message);
    if (message.type === "status") return;
    if (message.reset) this.rows.clear();
    for (const id of message.gone) this.rows.delete(id);
    for (const row of message.changed) this.rows.set(row.id, row);
  }
}
