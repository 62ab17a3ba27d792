import type { Origin } from "../accounts/origin.ts";
import type { Answer, LeaveReason } from "../chat/event.ts";
import { notice } from "../chat/event.ts";
import { lineTooLong, type Refusal } from "../refusals.ts";
import type { Ref } from "../wire/json_types.ts";
import type { Reader } from "../wire/text_output.ts";
import type { Connection, Receiver } from "./connection.ts";
import type { Dialect } from "./dialect.ts";
import { Entrance } from "./entrance.ts";
import { JsonDialect } from "./json_dialect.ts";
import { Presence } from "./presence.ts";
import type { Connected } from "./sessions.ts";
import type { Entry, Host, SessionParts } from "./stage.ts";
import { TextDialect } from "./text_dialect.ts";

/** Of what looks the same to everybody it does not matter who reads it. */
const NOBODY: Reader = { key: "", looksAt: "" };

/** One connection: first somebody at the entrance, then somebody present. Knows lines, not bytes. */
export class Session implements Receiver, Host, Connected {
  #sinceMs = Date.now();
  #connection: Connection;
  #parts: SessionParts;
  #dialect: Dialect;
  #stage: Entrance | Presence;
  #ended = false;
  /** The log-in by what came with the connection itself; lines wait for it. */
  #arriving: Promise<void> | undefined;

  /** @param token An access token that came with the connection, not looked at yet. */
  constructor(connection: Connection, parts: SessionParts, token?: string) {
    this.#connection = connection;
    this.#parts = parts;
    this.#dialect = connection.jsonOnly ? this.#jsonDialect() : new TextDialect(parts);
    const entrance = new Entrance(this, parts);
    this.#stage = entrance;
    if (token !== undefined) {
      this.#arriving = entrance.bringsToken(token).finally(() => this.#arriving = undefined);
    }
    parts.sessions.add(this);
  }

  get id(): string {
    return this.#connection.id;
  }

  get since(): Date {
    return new Date(this.#sinceMs);
  }

  /** The peer's IP address. */
  get address(): string {
    return this.#connection.address;
  }

  get connection(): Connection {
    return this.#connection;
  }

  get how(): string {
    const { how, jsonOnly } = this.#connection;
    return this.inJson && !jsonOnly ? `${how}, JSON` : how;
  }

  get origin(): Origin {
    return { address: this.address, how: this.#connection.program };
  }

  /** Who is in by it; undefined for somebody at the entrance. */
  get present(): Presence | undefined {
    return this.#stage instanceof Presence ? this.#stage : undefined;
  }

  get waitingBytes(): number {
    return this.#connection.waitingBytes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get dialect(): Dialect {
    return this.#dialect;
  }

  get inJson(): boolean {
    return this.#dialect instanceof JsonDialect;
  }

  received(bytes: number): void {
    this.#parts.counts.receivedBytes += bytes;
    if (!this.#ended) this.#stage.received(bytes);
  }

  line(text: string): void | Promise<void> {
    if (this.#arriving !== undefined) return this.#arriving.then(() => this.line(text));
    if (!this.#ended) return this.#stage.line(text);
  }

  lineTooLong(): void {
    if (this.#ended) return;
    this.refuse(lineTooLong(this.#parts.settings.limits.lineBytes));
    this.#stage.lineTooLong();
  }

  settled(): Promise<void> {
    return this.#stage.settled();
  }

  closed(reason: LeaveReason): void {
    this.#ended = true;
    this.#parts.sessions.remove(this);
    this.#stage.closed(reason);
  }

  speakJson(): void {
    this.#connection.allowLongLines();
    this.#dialect = this.#jsonDialect();
  }

  write(text: string): void {
    if (!this.#ended && text !== "") this.#connection.send(encoder.encode(text));
  }

  tell(answer: Answer, reader: Reader, ref?: Ref): void {
    this.write(this.#dialect.answer(answer, reader, ref));
  }

  refuse(refusal: Refusal, ref?: Ref): void {
    this.#parts.counts.refused(refusal.code);
    this.write(this.#dialect.refusal(refusal, ref));
  }

  enter(entry: Entry): void {
    if (this.#ended) return;
    const present = new Presence(this, entry, this.#parts); // refuses before anything has changed
    this.#stage.closed("quit");
    this.#stage = present;
  }

  end(sentence: string, reason: LeaveReason): void {
    if (this.#ended) return;
    this.tell(notice(sentence), NOBODY);
    this.#connection.end(reason);
    this.closed(reason);
  }

  #jsonDialect(): JsonDialect {
    return new JsonDialect({ ...this.#parts, pings: !this.#connection.jsonOnly });
  }
}

const encoder = new TextEncoder();
