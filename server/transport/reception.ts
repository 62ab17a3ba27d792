import type { Connection } from "../session/connection.ts";
import { Session } from "../session/session.ts";
import type { SessionParts } from "../session/stage.ts";
import type { ConnectionLimit } from "./connection_limit.ts";
import type { DoorCounts } from "./counts.ts";
import { within } from "./deadline.ts";
import { type FrameReceiver, LinesInTurn } from "./lines_in_turn.ts";

/** By what people come who chat over raw sockets. */
export type ChatDoor = "TLS" | "plain";

/** Somebody who has come to a door; a handshake, where there is one, is still to be done. */
export interface Peer {
  readonly door: ChatDoor;
  /** The peer's IP address. */
  readonly address: string;
}

/** Decides about those who come, and takes them in. */
export interface Reception<Taken extends Connection = Connection> {
  /** Lets somebody in, or answers the sentence with which that one is turned away. */
  admit(peer: Peer): Visit<Taken> | string | Promise<Visit<Taken> | string>;
}

/** The stay of somebody who was let in, from before the handshake until the connection is gone. */
export interface Visit<Taken extends Connection = Connection> {
  /** The connection is there; answers whom to tell what comes over it. */
  begin(connection: Taken): FrameReceiver;
  /** It is over, though it never came to a connection. Called once. */
  end(): void;
}

/** What a reception works with. */
export interface ReceptionParts {
  readonly limit: ConnectionLimit;
  readonly sessions: SessionParts;
  readonly counts: { readonly [Door in ChatDoor]: DoorCounts };
}

/** Begins a session for each who comes, as long as there are not too many. */
export class ChatReception implements Reception {
  #parts: ReceptionParts;
  #present = new Set<ChatVisit>();
  #onLeft: (() => void) | undefined;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
  }

  admit(peer: Peer): Visit | string {
    const { limit, counts } = this.#parts;
    const refusal = limit.admit(peer.address);
    if (refusal === undefined) return new ChatVisit(peer, this.#parts, this);
    counts[peer.door].refused(refusal.code);
    return refusal.message;
  }

  /** Ends all connections with a last sentence, and waits until it is read, for so long at most. */
  async endAll(sentence: string, withinMs: number): Promise<void> {
    for (const visit of this.#present) visit.session?.end(sentence, "shutdown");
    if (this.#present.size === 0) return;
    const left = new Promise<void>((resolve) => this.#onLeft = () => this.#present.size === 0 && resolve());
    await within(withinMs, left);
  }

  /** The visits': their connections are there. */
  has(visit: ChatVisit): void {
    this.#present.add(visit);
  }

  /** The visits': their connections are gone. */
  loses(visit: ChatVisit): void {
    this.#present.delete(visit);
    this.#onLeft?.();
  }
}

class ChatVisit implements Visit {
  session: Session | undefined;
  #peer: Peer;
  #parts: ReceptionParts;
  #reception: ChatReception;

  constructor(peer: Peer, parts: ReceptionParts, reception: ChatReception) {
    this.#peer = peer;
    this.#parts = parts;
    this.#reception = reception;
  }

  begin(connection: Connection): FrameReceiver {
    this.session = new Session(connection, this.#parts.sessions);
    this.#reception.has(this);
    this.#parts.counts[this.#peer.door].opened++;
    return new LinesInTurn(this.session);
  }

  end(): void {
    const { limit, counts: { [this.#peer.door]: counts } } = this.#parts;
    limit.release(this.#peer.address);
    if (this.session === undefined) return counts.refused("handshake");
    counts.closed++;
    this.#reception.loses(this);
  }
}
