import type { Accounts } from "../accounts/accounts.ts";
import type { Login } from "../accounts/login.ts";
import type { Tokens } from "../accounts/tokens.ts";
import type { LeaveReason } from "../chat/event.ts";
import type { Hub } from "../chat/hub.ts";
import type { MessageLog } from "../chat/message_log.ts";
import type { Commands } from "../commands/command.ts";
import { lineTooLong } from "../refusals.ts";
import type { TextOutput } from "../wire/text_output.ts";
import type { Connection, Receiver } from "./connection.ts";
import { Entrance, type Entry } from "./entrance.ts";
import type { Rate } from "./pace.ts";
import { Presence } from "./presence.ts";

/** What all sessions share. */
export interface SessionParts {
  readonly hub: Hub;
  readonly log: MessageLog;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly login: Login;
  readonly commands: Commands;
  readonly output: TextOutput;
  /** May change while the server runs. */
  readonly settings: SessionSettings;
  readonly report: SessionReport;
}

export interface SessionSettings {
  readonly serverName: string;
  readonly guests: boolean;
  readonly tokenDays: number;
  readonly limits: {
    readonly lineBytes: number;
    readonly rate: Rate | "off";
    readonly commandRate: Rate | "off";
    readonly bytesPerSecond: number;
    readonly outboxBytes: number;
    readonly loginMs: number;
    readonly loginLines: number;
    readonly loginBytes: number;
    readonly loginTries: number;
  };
}

/** Who wants to know what happens in sessions: the server's log. */
export interface SessionReport {
  /** Something went wrong that is nobody's refusal. */
  defect(error: unknown): void;
  loggedIn(entry: { name: string; account: string | undefined; by: string; address: string }): void;
}

/** One connection: first somebody at the entrance, then somebody present. Knows lines, not bytes. */
export class Session implements Receiver {
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
