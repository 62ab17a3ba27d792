import type { Origin } from "../accounts/origin.ts";
import type { Role } from "../accounts/roles.ts";
import type { LeaveReason } from "../chat/event.ts";

/** One connection, as those see it who look after the server. */
export interface Connected {
  readonly id: string;
  /** The peer's IP address. */
  readonly address: string;
  readonly since: Date;
  /** In words: "TLS", "plain, JSON", "WebSocket". */
  readonly how: string;
  /** From where its peer has come, and by what program. */
  readonly origin: Origin;
  /** Who has come in; undefined for somebody at the entrance. */
  readonly present: Present | undefined;
  /** Bytes that wait to be written. */
  readonly waitingBytes: number;
  /** Ends it with a last sentence. */
  end(sentence: string, reason: LeaveReason): void;
}

/** Somebody who is in by a connection. */
export interface Present {
  readonly name: string;
  readonly role: Role;
  /** The account's id; guests have none. */
  readonly account: string | undefined;
  /** In words how they came in: "token", "password", "guest name". */
  readonly by: string;
  /** The `jti` of the token that they came in by, or of that of the browser that let them in. */
  readonly token: string | undefined;
  /** The room that is looked at. */
  readonly looksAt: string;
  /** Messages said on this connection. */
  readonly messages: number;
}

/** All connections that there are, whichever door they came by: each puts itself in, and takes itself out at its end. */
export class Sessions {
  /** Id → connection, in the order of arrival. */
  #connected = new Map<string, Connected>();

  get size(): number {
    return this.#connected.size;
  }

  add(connection: Connected): void {
    this.#connected.set(connection.id, connection);
  }

  remove(connection: Connected): void {
    this.#connected.delete(connection.id);
  }

  find(id: string): Connected | undefined {
    return this.#connected.get(id);
  }

  /** Those by which an account is in. */
  of(account: string): Connected[] {
    return [...this].filter(({ present }) => present?.account === account);
  }

  [Symbol.iterator](): Iterator<Connected> {
    return this.#connected.values();
  }
}
