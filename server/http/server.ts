import { addressKey, isLoopback } from "../accounts/address.ts";
import { pause } from "../pause.ts";
import { within } from "../transport/deadline.ts";
import type { Hold } from "../transport/held_bytes.ts";
import { type Ending, HttpGuard } from "../transport/http_guard.ts";
import type { DoorCounts } from "../transport/counts.ts";
import type { HttpLimits } from "../transport/http_verdicts.ts";
import type { KeyPair } from "../transport/listeners.ts";
import type { NativeSockets } from "../transport/native_sockets.ts";
import { listenShared, type WantedAddress } from "../transport/ports.ts";
import type { Arrived } from "./api.ts";

/** How long after its last answer a connection may be idle. */
export const IDLE_MS = 75_000;

/** How long a `Deno.serve` may take to notice that it listens no more; with connections open it does not. */
const NOTICED_MS = 50;

/** How long requests in progress may take when the server stops. */
const LAST_ANSWERS_MS = 2_000;

/** How long their connections may then take to be gone. */
const HANG_UP_MS = 500;

/** How long to wait before serving again, after the listener failed, as it does without file descriptors. */
const SERVE_PAUSE_MS = 100;

/** What both HTTP listeners work with. */
export interface HttpParts {
  readonly handle: (request: Request, arrived: Arrived) => Response | Promise<Response>;
  /** Undefined where the platform lacks the means: then only requests are bounded, connections are not. */
  readonly sockets: NativeSockets | undefined;
  /** May change while the server runs. */
  readonly limits: HttpLimits & { readonly stallMs: number };
  readonly report: { acceptFails(error: unknown): void; acceptsAgain(): void; defect(error: unknown): void };
  readonly counts: {
    readonly https: Pick<DoorCounts, "refused">;
    readonly http: Pick<DoorCounts, "refused">;
  };
}

type Server = Deno.HttpServer<Deno.NetAddr>;

/** Listens for HTTP requests, in the clear or over TLS. */
export class HttpListener {
  readonly address: Deno.NetAddr;
  #parts: HttpParts;
  #keys: KeyPair | undefined;
  #handler: Deno.ServeHandler<Deno.NetAddr>;
  #guard: HttpGuard | undefined;
  #current: Server;
  /** All but those that ended by themselves; replaced ones still serve the connections that they accepted. */
  #servers = new Set<Server>();
  #closed = false;

  private constructor(address: Deno.NetAddr, parts: HttpParts, keys: KeyPair | undefined) {
    this.address = address;
    this.#parts = parts;
    this.#keys = keys;
    this.#guard = parts.sockets &&
      guardOf(address, { ...parts, sockets: parts.sockets, secure: keys !== undefined });
    const handler = this.#answer.bind(this);
    this.#handler = this.#guard?.watching(handler) ?? handler;
    this.#current = this.#serve();
  }

  /** @throws {ListenError} */
  static openPlain(wanted: WantedAddress, parts: HttpParts): HttpListener {
    const open = (address: Deno.NetAddr) => new HttpListener(address, parts, undefined);
    return listenShared(wanted, { flag: "--http", sockets: parts.sockets, open });
  }

  /** @throws {ListenError} */
  static openTls(wanted: WantedAddress, parts: HttpParts, keys: KeyPair): HttpListener {
    const open = (address: Deno.NetAddr) => new HttpListener(address, parts, keys);
    return listenShared(wanted, { flag: "--https", sockets: parts.sockets, open });
  }

  /**
   * Presents another certificate to those who come from now on. The listening socket of the old server is shut down
   * and nothing else of it, so that its connections stay; its own `shutdown` would end WebSockets.
   */
  useCertificate(keys: KeyPair): void {
    const { sockets } = this.#parts;
    const old = this.#current;
    const listening = sockets?.listenersOn(this.address) ?? [];
    this.#keys = keys;
    this.#current = this.#serve();
    if (sockets !== undefined) sockets.shutdownListeners(this.address, listening);
    else void old.shutdown();
  }

  /** Has the system go by the limits as they are now, for the connections that are there as well. */
  tune(): void {
    const { sockets, limits: { stallMs: stalledMs } } = this.#parts;
    sockets?.tuneListener(this.address, { stalledMs });
    sockets?.tuneConnections(this.address, { stalledMs });
  }

  /** Takes no more connections; those that are there go on. Where the platform lacks the means, all stays as it is. */
  stopListening(): void {
    this.#closed = true;
    const { sockets } = this.#parts;
    sockets?.shutdownListeners(this.address, sockets.listenersOn(this.address));
  }

  /**
   * Takes no more requests, and gives those in progress a moment. Connections that are left then are ended by the
   * system: `Deno.serve` waits for them without end, and an abort of it fails once it shuts down. WebSockets are closed
   * without a word.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const ended = Promise.allSettled(Array.from(this.#servers, shutDown));
    if (await within(LAST_ANSWERS_MS, ended) === undefined) {
      const { sockets } = this.#parts;
      sockets?.shutdownConnections(sockets.connectionsOf(this.address));
      await within(HANG_UP_MS, ended);
    }
    this.#guard?.stop();
  }

  #serve(): Server {
    const { hostname, port } = this.address;
    const onError = (error: unknown) => this.#fail(error);
    const options = { hostname, port, reusePort: true, onListen: () => {}, onError };
    const server = this.#keys === undefined
      ? Deno.serve(options, this.#handler)
      : Deno.serve({ ...options, cert: this.#keys.certPem, key: this.#keys.keyPem }, this.#handler);
    this.#servers.add(server);
    this.#parts.sockets?.tuneListener(this.address, { stalledMs: this.#parts.limits.stallMs });
    server.finished.catch((error) => this.#serveAgain(server, error));
    return server;
  }

  /** A response that is broken off on purpose fails with nothing; the API answers whatever else goes wrong. */
  #fail(error: unknown): Response {
    if (error !== undefined) this.#parts.report.defect(error);
    return new Response(null, { status: 500 });
  }

  /** A listener that failed, and was not replaced, is opened anew. */
  async #serveAgain(failed: Server, error: unknown): Promise<void> {
    if (this.#closed || failed !== this.#current) return;
    this.#servers.delete(failed);
    this.#parts.report.acceptFails(error);
    while (!this.#closed && failed === this.#current) {
      await pause(SERVE_PAUSE_MS);
      try {
        this.#current = this.#serve();
        this.#parts.report.acceptsAgain();
      } catch {
        continue; // still without descriptors
      }
    }
  }

  #answer(
    request: Request,
    { remoteAddr }: { remoteAddr: Deno.NetAddr },
    hold: Hold = () => {},
  ): Response | Promise<Response> {
    const loopbackOnly = this.#keys === undefined && isLoopback(this.address.hostname);
    const ends = { local: this.address, remote: remoteAddr };
    return this.#parts.handle(request, { address: remoteAddr.hostname, ends, loopbackOnly, hold });
  }
}

/**
 * Has a server end that listens no more. Were it told to before it has noticed that, and had no connections, Deno's main
 * thread would panic (deno_http, `op_http_wait` after `op_http_close`), and nothing would ever be closed after that.
 */
async function shutDown(server: Server): Promise<void> {
  await within(NOTICED_MS, server.finished.catch(() => {}));
  await server.shutdown();
}

function guardOf(
  address: Deno.NetAddr,
  { sockets, limits, counts, secure }: Pick<HttpParts, "limits" | "counts"> & {
    sockets: NativeSockets;
    secure: boolean;
  },
): HttpGuard {
  const limitKey = (hostname: string) => isLoopback(hostname) ? undefined : addressKey(hostname);
  const ended = (_remote: Deno.NetAddr, why: Ending) => {
    if (why !== "idle") counts[secure ? "https" : "http"].refused(REASONS[why]);
  };
  return new HttpGuard({ sockets, address, secure, limits, limitKey, ended });
}

/** How it is counted that a connection was not let be. */
const REASONS: Readonly<Record<Exclude<Ending, "idle">, string>> = {
  "headers late": "headers_late",
  "holds too much": "held_too_much",
  "too many from its address": "too_many_connections",
  "too many": "server_full",
};
