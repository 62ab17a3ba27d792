import type { NativeSockets } from "./native_sockets.ts";

/** How long stuck connections are gathered: to find their sockets takes one search, however many they are. */
const GATHER_MS = 50;

/** A connection, as far as it takes to close it. */
export type Closable = Pick<Deno.Conn, "localAddr" | "remoteAddr" | "close">;

/**
 * Closes connections so that their sockets are freed. A `Deno.TlsConn` whose handshake or write waits for its peer
 * keeps its socket after `close()` until the peer leaves, so these are first shut down by the system itself.
 */
export class Closer implements Disposable {
  #sockets: NativeSockets | undefined;
  #stuck = new Set<Closable>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param sockets Undefined where the platform lacks them: stuck sockets then stay until their peer leaves. */
  constructor(sockets: NativeSockets | undefined) {
    this.#sockets = sockets;
  }

  /** @param stuck Whether a handshake or a write may be waiting for the peer. */
  close(conn: Closable, { stuck }: { stuck: boolean }): void {
    if (!stuck || this.#sockets === undefined) return closeQuietly(conn);
    this.#stuck.add(conn);
    this.#timer ??= setTimeout(() => this.#closeStuck(), GATHER_MS);
  }

  /** Closes what was gathered; what is stuck from now on is closed as far as Deno does it. */
  [Symbol.dispose](): void {
    this.#closeStuck();
    this.#sockets = undefined;
  }

  #closeStuck(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const stuck = [...this.#stuck];
    this.#stuck.clear();
    if (stuck.length === 0) return;
    this.#sockets?.shutdownConnections(stuck.map(endsOf));
    for (const conn of stuck) closeQuietly(conn);
  }
}

function endsOf(conn: Closable): { local: Deno.NetAddr; remote: Deno.NetAddr } {
  return { local: conn.localAddr as Deno.NetAddr, remote: conn.remoteAddr as Deno.NetAddr };
}

function closeQuietly(conn: Closable): void {
  try {
    conn.close();
  } catch {
    // closed already: by the peer's reset, or because its write failed
  }
}
