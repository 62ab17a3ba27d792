import type { LeaveReason } from "../chat/event.ts";
import { lineTooLong } from "../refusals.ts";
import type { Connection, Receiver } from "./connection.ts";
import { Entrance } from "./entrance.ts";
import { Presence } from "./presence.ts";
import type { Entry, Host, SessionParts } from "./stage.ts";

/** One connection: first somebody at the entrance, then somebody present. Knows lines, not bytes. */
export class Session implements Receiver, Host {
  #connection: Connection;
  #parts: SessionParts;
  #stage: Entrance | Presence;
  #ended = false;

  constructor(connection: Connection, parts: SessionParts) {
    this.#connection = connection;
    this.#parts = parts;
    this.#stage = new Entrance(this, parts);
  }

  get id(): string {
    return this.#connection.id;
  }

  /** The peer's IP address. */
  get address(): string {
    return this.#connection.address;
  }

  get connection(): Connection {
    return this.#connection;
  }

  get ended(): boolean {
    return this.#ended;
  }

  received(bytes: number): void {
    if (!this.#ended) this.#stage.received(bytes);
  }

  line(text: string): void | Promise<void> {
    if (!this.#ended) return this.#stage.line(text);
  }

  lineTooLong(): void {
    if (this.#ended) return;
    this.write(lineTooLong(this.#parts.settings.limits.lineBytes).message + "\n");
    this.#stage.lineTooLong();
  }

  closed(reason: LeaveReason): void {
    this.#ended = true;
    this.#stage.closed(reason);
  }

  /** Writes text that ends with a line ending, or a prompt without one. */
  write(text: string): void {
    if (!this.#ended) this.#connection.send(encoder.encode(text));
  }

  /** Goes on as somebody present. */
  enter(entry: Entry): void {
    if (this.#ended) return;
    this.#stage.closed("quit");
    this.#stage = new Presence(this, entry, this.#parts);
  }

  /** Ends the connection with a last sentence. */
  end(sentence: string, reason: LeaveReason): void {
    if (this.#ended) return;
    this.write(sentence + "\n");
    this.#connection.end(reason);
    this.closed(reason);
  }
}

const encoder = new TextEncoder();
