import { pause } from "../pause.ts";
import type { Closer } from "./closer.ts";
import { LineConnection, type LineConnectionParts } from "./line_connection.ts";
import type { NativeSockets } from "./native_sockets.ts";
import type { PostOffice } from "./outbox.ts";
import { listenAlone, listenShared, type WantedAddress } from "./ports.ts";
import type { ChatDoor, Reception, Visit } from "./reception.ts";

/** How long to wait after `accept` failed, as it does while the process is out of file descriptors. */
const ACCEPT_PAUSE_MS = 100;

/** How many peers at a time are told over TLS why they are not admitted; the others are closed at once. */
const MOST_TURNED_AWAY = 32;
const TURN_AWAY_MS = 2_000;

/** What people mostly come by: nobody can tell from the outside what it is. */
export const USUAL_PROGRAM = { TLS: "openssl", plain: "netcat" };

/** A certificate with its key, PEM. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What all chat listeners work with. */
export interface ListenerParts {
  readonly post: PostOffice;
  readonly closer: Closer;
  readonly reception: Reception<LineConnection>;
  /** Undefined where the platform lacks the means. */
  readonly sockets: NativeSockets | undefined;
  /** May change while the server runs. */
  readonly limits: ListenerLimits;
  /** Told when `accept` fails, and when it works again. */
  readonly report: { acceptFails(error: unknown): void; acceptsAgain(): void };
}

export type ListenerLimits = LineConnectionParts["limits"] & {
  readonly handshakeMs: number;
  readonly stallMs: number;
};

/** Listens for people who chat over raw sockets, in the clear or over TLS. */
export class ChatListener {
  readonly address: Deno.NetAddr;
  readonly #door: ChatDoor;
  #parts: ListenerParts;
  #listener: Deno.Listener<Deno.Conn>;
  #accepting: Promise<void>;
  #turningAway = 0;
  /** Ends the wait for each handshake that is under way. */
  #handshakes = new Set<() => void>();
  #closed = false;

  private constructor(listener: Deno.Listener<Deno.Conn>, parts: ListenerParts, door: ChatDoor) {
    this.address = listener.addr as Deno.NetAddr;
    this.#door = door;
    this.#parts = parts;
    this.#listener = listener;
    this.#tune();
    this.#accepting = this.#accept(listener);
  }

  /** @throws {ListenError} */
  static openPlain(wanted: WantedAddress, parts: ListenerParts): ChatListener {
    return new ChatListener(listenAlone(wanted, "--plain"), parts, "plain");
  }

  /** @throws {ListenError} */
  static openTls(wanted: WantedAddress, parts: ListenerParts, keys: KeyPair): ChatListener {
    const open = (address: Deno.NetAddr) => ChatListener.joinTls(address, parts, keys);
    return listenShared(wanted, { flag: "--tls", sockets: parts.sockets, open });
  }

  /** One of several at the same address. */
  static joinPlain({ hostname, port }: Deno.NetAddr, parts: ListenerParts): ChatListener {
    return new ChatListener(Deno.listen({ hostname, port, reusePort: true }), parts, "plain");
  }

  /** One of several at the same address. */
  static joinTls(address: Deno.NetAddr, parts: ListenerParts, keys: KeyPair): ChatListener {
    return new ChatListener(listenTls(address, keys), parts, "TLS");
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
    const stalledMs = this.#parts.limits.stallMs;
    this.#parts.sockets?.tuneConnections(this.address, { stalledMs });
  }

  /** No 40 ms waits of Nagle's algorithm, and an end for peers that are gone; accepted sockets inherit it. */
  #tune(): void {
    const stalledMs = this.#parts.limits.stallMs;
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
    const { limits, reception } = this.#parts;
    const address = (conn.remoteAddr as Deno.NetAddr).hostname;
    const visit = await reception.admit({ door: this.#door, address });
    if (typeof visit === "string") return await this.#turnAway(conn, visit);
    if (await this.#shakesHands(conn, limits.handshakeMs)) this.#serve(conn, { visit, address });
    else visit.end();
  }

  /** Nothing waits for the end of it, which may be days away: of thousands that would be kept in memory. */
  #serve(
    conn: Deno.Conn,
    { visit, address }: { visit: Visit<LineConnection>; address: string },
  ): void {
    const peer = { how: this.#door, program: USUAL_PROGRAM[this.#door], address };
    const connection = new LineConnection(conn, peer, this.#parts);
    void connection.read(visit.begin(connection)).then(() => visit.end());
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
  async #turnAway(conn: Deno.Conn, sentence: string): Promise<void> {
    const { closer } = this.#parts;
    if (this.#turningAway >= MOST_TURNED_AWAY) return closer.close(conn, { stuck: this.#door === "TLS" });
    this.#turningAway++;
    const tooLong = setTimeout(() => closer.close(conn, { stuck: true }), TURN_AWAY_MS);
    try {
      if (!await this.#shakesHands(conn, TURN_AWAY_MS)) return;
      await conn.write(new TextEncoder().encode(sentence + "\n"));
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
