import { pause } from "../pause.ts";
import type { Refusal } from "../refusals.ts";
import { Session } from "../session/session.ts";
import type { SessionParts } from "../session/stage.ts";
import type { Closer } from "./closer.ts";
import type { ConnectionLimit } from "./connection_limit.ts";
import type { DoorCounts } from "./counts.ts";
import { within } from "./deadline.ts";
import { LineConnection, type LineConnectionParts } from "./line_connection.ts";
import type { NativeSockets } from "./native_sockets.ts";
import type { PostOffice } from "./outbox.ts";
import { listenAlone, listenShared, type WantedAddress } from "./ports.ts";

/** How long to wait after `accept` failed, as it does while the process is out of file descriptors. */
const ACCEPT_PAUSE_MS = 100;

/** How many peers at a time are told over TLS why they are not admitted; the others are closed at once. */
const MOST_TURNED_AWAY = 32;
const TURN_AWAY_MS = 2_000;

/** What people mostly come by: nobody can tell from the outside what it is. */
const USUAL_PROGRAM = { TLS: "openssl", plain: "netcat" };

/** A certificate with its key, PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What both chat listeners work with. */
export interface ListenerParts {
  readonly post: PostOffice;
  readonly closer: Closer;
  readonly limit: ConnectionLimit;
  readonly sessions: SessionParts;
  /** Undefined where the platform lacks the means. */
  readonly sockets: NativeSockets | undefined;
  /** May change while the server runs. */
  readonly settings: {
    readonly limits: LineConnectionParts["limits"] & { handshakeMs: number; stallMs: number };
  };
  /** Told when `accept` fails, and when it works again. */
  readonly report: { acceptFails(error: unknown): void; acceptsAgain(): void };
  readonly counts: { readonly TLS: DoorCounts; readonly plain: DoorCounts };
}

/** Listens for people who chat over raw sockets, in the clear or over TLS. */
export class ChatListener {
  readonly address: Deno.NetAddr;
  readonly #how: "TLS" | "plain";
  #parts: ListenerParts;
  #counts: DoorCounts;
  #listener: Deno.Listener<Deno.Conn>;
  #sessions = new Set<Session>();
  #accepting: Promise<void>;
  #turningAway = 0;
  /** Ends the wait for each handshake that is under way. */
  #handshakes = new Set<() => void>();
  #closed = false;
  #onLeft: (() => void) | undefined;

  private constructor(
    address: Deno.NetAddr,
    listener: Deno.Listener<Deno.Conn>,
    parts: ListenerParts,
    how: "TLS" | "plain",
  ) {
    this.address = address;
    this.#how = how;
    this.#parts = parts;
    this.#counts = parts.counts[how];
    this.#listener = listener;
    this.#tune();
    this.#accepting = this.#accept(listener);
  }

  /** @throws {ListenError} */
  static openPlain(wanted: WantedAddress, parts: ListenerParts): ChatListener {
    const listener = listenAlone(wanted, "--plain");
    return new ChatListener(listener.addr as Deno.NetAddr, listener, parts, "plain");
  }

  /** @throws {ListenError} */
  static openTls(wanted: WantedAddress, parts: ListenerParts, keys: KeyPair): ChatListener {
    const open = (address: Deno.NetAddr) => new ChatListener(address, listenTls(address, keys), parts, "TLS");
    return listenShared(wanted, { flag: "--tls", sockets: parts.sockets, open });
  }

  /**
   * Presents another certificate to those who come from now on. The new listener takes over before the old one closes,
   * so that nobody is turned away and nobody who is connected notices.
   */
  async useCertificate(keys: KeyPair): Promise<void> {
    if (this.#closed) return;
    const [old, accepting] = [this.#listener, this.#accepting];
    this.#listener = listenTls(this.address, keys);
    this.#tune();
    this.#accepting = this.#accept(this.#listener);
    old.close();
    await accepting;
  }

  /** Lets nobody in any more, whose handshake is under way neither; those who are connected stay. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    for (const giveUp of this.#handshakes) giveUp();
    await this.#accepting;
  }

  /** Has the system go by the limits as they are now, for those who are connected as well. */
  tune(): void {
    this.#tune();
    const stalledMs = this.#parts.settings.limits.stallMs;
    this.#parts.sockets?.tuneConnections(this.address, { stalledMs });
  }

  /** Ends all connections with a last sentence, and waits until it is read, for so long at most. */
  async endAll(sentence: string, withinMs: number): Promise<void> {
    for (const session of this.#sessions) session.end(sentence, "shutdown");
    if (this.#sessions.size === 0) return;
    const left = new Promise<void>((resolve) => this.#onLeft = () => this.#sessions.size === 0 && resolve());
    await within(withinMs, left);
  }

  /** No 40 ms waits of Nagle's algorithm, and an end for peers that are gone; accepted sockets inherit it. */
  #tune(): void {
    const stalledMs = this.#parts.settings.limits.stallMs;
    this.#parts.sockets?.tuneListener(this.address, { stalledMs });
  }

  async #accept(listener: Deno.Listener<Deno.Conn>): Promise<void> {
    let failing = false;
    while (!this.#closed && listener === this.#listener) {
      try {
        const conn = await listener.accept();
        if (failing) this.#parts.report.acceptsAgain();
        failing = false;
        void this.#welcome(conn);
      } catch (error) {
        if (this.#closed || listener !== this.#listener) return;
        if (!failing) this.#parts.report.acceptFails(error);
        failing = true;
        await pause(ACCEPT_PAUSE_MS);
      }
    }
  }

  async #welcome(conn: Deno.Conn): Promise<void> {
    const address = (conn.remoteAddr as Deno.NetAddr).hostname;
    const refusal = this.#parts.limit.admit(address);
    if (refusal !== undefined) return await this.#turnAway(conn, refusal);
    try {
      if (await this.#shakesHands(conn, this.#parts.settings.limits.handshakeMs)) {
        await this.#serve(conn, address);
      } else {
        this.#counts.refused("handshake");
      }
    } finally {
      this.#parts.limit.release(address);
    }
  }

  async #serve(conn: Deno.Conn, address: string): Promise<void> {
    const { post, closer, settings, sessions } = this.#parts;
    const [how, limits] = [this.#how, settings.limits];
    const peer = { how, program: USUAL_PROGRAM[how], address };
    const connection = new LineConnection(conn, peer, { post, closer, limits });
    const session = new Session(connection, sessions);
    this.#sessions.add(session);
    this.#counts.opened++;
    await connection.read(session);
    this.#counts.closed++;
    this.#sessions.delete(session);
    this.#onLeft?.();
  }

  /** Whether the TLS handshake is done in time; where not, the connection is closed, and its socket free. */
  async #shakesHands(conn: Deno.Conn, withinMs: number): Promise<boolean> {
    if (!("handshake" in conn)) return true;
    const { promise: givenUp, resolve } = Promise.withResolvers<false>();
    const giveUp = () => resolve(false);
    const overdue = setTimeout(giveUp, this.#closed ? 0 : withinMs);
    this.#handshakes.add(giveUp);
    const handshake = (conn as Deno.TlsConn).handshake().then(() => true, () => false);
    const done = await Promise.race([handshake, givenUp]);
    clearTimeout(overdue);
    this.#handshakes.delete(giveUp);
    if (!done) this.#parts.closer.close(conn, { stuck: true });
    return done;
  }

  /** Tells a peer why it is not admitted. Over TLS that costs a handshake, so only some at a time are told. */
  async #turnAway(conn: Deno.Conn, refusal: Refusal): Promise<void> {
    const { closer } = this.#parts;
    this.#counts.refused(refusal.code);
    if (this.#turningAway >= MOST_TURNED_AWAY) return closer.close(conn, { stuck: this.#how === "TLS" });
    this.#turningAway++;
    const tooLong = setTimeout(() => closer.close(conn, { stuck: true }), TURN_AWAY_MS);
    try {
      if (!await this.#shakesHands(conn, TURN_AWAY_MS)) return;
      await conn.write(new TextEncoder().encode(refusal.message + "\n"));
      await conn.closeWrite();
    } catch {
      // gone before it was told
    } finally {
      clearTimeout(tooLong);
      closer.close(conn, { stuck: false });
      this.#turningAway--;
    }
  }
}

function listenTls({ hostname, port }: Deno.NetAddr, { certPem, keyPem }: KeyPair): Deno.TlsListener {
  return Deno.listenTls({ hostname, port, cert: certPem, key: keyPem, reusePort: true });
}
