import { programOf } from "../accounts/origin.ts";
import type { LeaveReason } from "../chat/event.ts";
import { shuttingDown } from "../refusals.ts";
import type { Connection, Receiver } from "../session/connection.ts";
import type { ConnectionLimit } from "./connection_limit.ts";
import type { DoorCounts } from "./counts.ts";
import { within } from "./deadline.ts";
import { MessageTexts } from "./_message_texts.ts";
import type { ConnectionEnds, NativeSockets } from "./native_sockets.ts";
import { WebSocketConnection, type WebSocketParts } from "./websocket_connection.ts";
import { WebSocketWatch } from "./websocket_watch.ts";

/**
 * What a client asks for (RFC 6455, 1.9) that takes several lines in one message, with an LF between. The word is part of
 * JSON mode and stays as it is.
 */
const LINES = "parley.lines";

/** A session, as far as the door knows it. */
export interface Visitor extends Receiver {
  /** Ends its connection with a last sentence. */
  end(sentence: string, reason: LeaveReason): void;
}

/** What the door works with. */
export interface WebSocketDoorParts extends Omit<WebSocketParts, "texts"> {
  readonly limit: ConnectionLimit;
  /** Undefined where the platform lacks the means. */
  readonly sockets: NativeSockets | undefined;
  /** Makes a session. The token is what the request brought along, not looked at yet. */
  readonly begin: (connection: Connection, token: string | undefined) => Visitor;
  readonly limits: WebSocketParts["limits"] & { readonly pingMs: number };
  readonly counts: DoorCounts;
}

/** Lets people in who chat over WebSocket: takes the requests that the HTTP listeners get, and knows who is there. */
export class WebSocketDoor implements Disposable {
  #parts: WebSocketDoorParts;
  #shared: WebSocketParts;
  #watch: WebSocketWatch;
  #visitors = new Set<Visitor>();
  #closed = false;
  #onLeft: (() => void) | undefined;

  constructor(parts: WebSocketDoorParts) {
    this.#parts = parts;
    this.#shared = { ...parts, texts: new MessageTexts() };
    this.#watch = new WebSocketWatch(parts.sockets);
  }

  /**
   * Takes a request that asks for a WebSocket; what it answers must be what the request is answered. It is to be called
   * at once: where a client has left while something else was waited for, Deno keeps its socket for ever.
   *
   * @throws {Refusal} `shutting_down`, `server_full`, `too_many_connections`
   */
  accept(request: Request, { ends, token }: { ends: ConnectionEnds; token: string | undefined }): Response {
    if (this.#closed) throw shuttingDown();
    const address = ends.remote.hostname;
    const program = programOf(request.headers.get("user-agent"));
    const together = asksForLines(request);
    const { limit, limits, counts } = this.#parts;
    const idleTimeout = 2 * limits.pingMs / 1_000; // Deno pings after half of it, and closes after all of it
    const refusal = limit.admit(address);
    if (refusal !== undefined) {
      counts.refused(refusal.code);
      throw refusal;
    }
    try {
      const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout });
      // Deno's own option for this refuses a list that has no space behind its commas.
      if (together) response.headers.set("sec-websocket-protocol", LINES);
      const connection = new WebSocketConnection(socket, { program, ends, together }, this.#shared);
      void this.#serve(connection, token).finally(() => limit.release(address));
      return response;
    } catch (error) {
      limit.release(address);
      throw error;
    }
  }

  /** Lets nobody in any more; those who are connected stay. */
  close(): void {
    this.#closed = true;
  }

  /** Ends all connections with a last sentence, and waits until it is read, for so long at most. */
  async endAll(sentence: string, withinMs: number): Promise<void> {
    for (const visitor of this.#visitors) visitor.end(sentence, "shutdown");
    const left = new Promise<void>((resolve) => this.#onLeft = () => this.#visitors.size === 0 && resolve());
    if (this.#visitors.size > 0) await within(withinMs, left);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  async #serve(connection: WebSocketConnection, token: string | undefined): Promise<void> {
    let visitor: Visitor | undefined;
    await connection.read(() => {
      visitor = this.#parts.begin(connection, token);
      this.#visitors.add(visitor);
      this.#watch.add(connection);
      this.#parts.counts.opened++;
      return visitor;
    });
    if (visitor !== undefined && this.#visitors.delete(visitor)) this.#parts.counts.closed++;
    this.#watch.remove(connection);
    this.#onLeft?.();
  }
}

function asksForLines({ headers }: Request): boolean {
  const asked = headers.get("sec-websocket-protocol") ?? "";
  return asked.split(",").some((protocol) => protocol.trim() === LINES);
}
