import { serverFull, tooManyConnections } from "../refusals.ts";
import { HeldBytes, type Hold } from "./held_bytes.ts";
import {
  type Activity,
  type HttpLimits,
  judge,
  type LimitedConnection,
  type Verdict,
} from "./http_verdicts.ts";
import type { NativeConnection, NativeSockets } from "./native_sockets.ts";

/** Why a connection was ended: what {@link judge} has found, or that too much is kept in memory for it. */
export type Ending = Verdict | "holds too much";

/** What a guard works with. */
export interface HttpGuardParts {
  readonly sockets: Pick<NativeSockets, "connectionsOf" | "send" | "shutdown">;
  /** Where the guarded `Deno.serve` listens. */
  readonly address: Deno.NetAddr;
  /** Whether it serves HTTPS, into which nothing can be said from outside. */
  readonly secure: boolean;
  /** May change while the server runs. */
  readonly limits: HttpLimits;
  /** What connections from this host are counted under; undefined where they are exempt. */
  readonly limitKey: (hostname: string) => string | undefined;
  /** Told of each connection that was ended. */
  readonly ended?: (remote: Deno.NetAddr, why: Ending) => void;
  /** How often to look; what is overdue ends so much later at most. */
  readonly intervalMs?: number;
  readonly now?: () => number;
}

/** Answers a request, and says how much it keeps in memory for that until the answer is read. */
export type HttpHandler = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
  hold: Hold,
) => Response | Promise<Response>;

/**
 * Bounds the connections of a `Deno.serve`, which by itself waits for ever for a handshake, for headers and for the
 * next request, and takes any number of connections. The guard sees them from outside, as sockets, and learns from
 * the handler which of them ask for something; {@link judge} says which have to go, and {@link HeldBytes} which of those
 * that ask for much, and do not read it.
 */
export class HttpGuard implements Disposable {
  #parts: HttpGuardParts;
  #now: () => number;
  #timer: ReturnType<typeof setInterval>;
  /** Remote address → what is known of the connection. */
  #known = new Map<string, LimitedConnection>();
  #held = new HeldBytes<LimitedConnection>();

  constructor(parts: HttpGuardParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
    this.#timer = setInterval(() => this.check(), parts.intervalMs ?? 1000);
    Deno.unrefTimer(this.#timer);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Leaves all connections to themselves from now on. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** The handler, with the guard told of its requests. */
  watching(handler: HttpHandler): Deno.ServeHandler<Deno.NetAddr> {
    return async (request, info) => {
      // Both are read now: Deno throws when asked for them after the request.
      const remote = info.remoteAddr;
      const completed = info.completed.catch(() => {}); // it matters that it is over, not how
      const held = this.#holding(remote);
      this.seen(remote);
      let upgraded = false;
      try {
        const response = await handler(request, info, held.hold);
        upgraded = response.status === 101; // to Deno the request is over, but the WebSocket only begins
        return response;
      } finally {
        if (upgraded) held.letGo();
        else {
          void completed.then(() => {
            this.done(remote);
            held.letGo();
          });
        }
      }
    };
  }

  /** A request's headers have come. Until as many are {@link done}, its connection is never idle. */
  seen(remote: Deno.NetAddr): void {
    const known = this.#know(remote);
    const { activity } = known;
    known.activity = activity.is === "busy"
      ? { ...activity, requests: activity.requests + 1 }
      : { is: "busy", since: this.#now(), requests: 1 };
  }

  /** A request is over, its response sent. */
  done(remote: Deno.NetAddr): void {
    const known = this.#known.get(spell(remote));
    if (known?.activity.is !== "busy") return;
    const { activity } = known;
    known.activity = activity.requests > 1
      ? { ...activity, requests: activity.requests - 1 }
      : { is: "idle", since: this.#now() };
  }

  /** Looks once, and ends what has to go. Nothing is awaited in between, so that no socket changes hands. */
  check(): void {
    const { sockets, address, limits } = this.#parts;
    const connections = sockets.connectionsOf(address);
    const present = connections.map((socket) => ({ socket, ...this.#know(socket.remote) }));
    this.#forgetAllBut(connections.map(({ remote }) => spell(remote)));
    for (const [connection, why] of judge(present, limits, this.#now())) this.#end(connection, why);
  }

  /** Counts what is kept for one request, until that is over. */
  #holding(remote: Deno.NetAddr): { hold: Hold; letGo: () => void } {
    const connection = this.#know(remote);
    let heldBytes = 0;
    return {
      hold: (bytes) => {
        if (this.#known.get(spell(remote)) !== connection) return; // ended already
        heldBytes += bytes;
        if (bytes < 0) return this.#held.remove(connection, -bytes);
        const greedy = this.#held.add(connection, bytes);
        if (greedy !== undefined) this.#endGreedy(greedy);
      },
      letGo: () => this.#held.remove(connection, heldBytes),
    };
  }

  #endGreedy(greedy: LimitedConnection): void {
    const { sockets, address } = this.#parts;
    this.#held.forget(greedy);
    const isIts = ({ remote }: NativeConnection) => this.#known.get(spell(remote)) === greedy;
    const socket = sockets.connectionsOf(address).find(isIts);
    if (socket !== undefined) this.#hangUp(socket, "holds too much");
  }

  /** What is known of it; from the first time on that it is seen. */
  #know(remote: Deno.NetAddr): LimitedConnection {
    const spelled = spell(remote);
    const known = this.#known.get(spelled);
    if (known !== undefined) return known;
    const unknown: LimitedConnection = {
      activity: { is: "new", since: this.#now() },
      limitKey: this.#parts.limitKey(remote.hostname),
    };
    this.#known.set(spelled, unknown);
    return unknown;
  }

  #forgetAllBut(present: Iterable<string>): void {
    const kept = new Set(present);
    for (const spelled of this.#known.keys()) {
      if (!kept.has(spelled)) this.#known.delete(spelled);
    }
  }

  #end({ socket, activity }: { socket: NativeConnection; activity: Activity }, why: Verdict): void {
    const { sockets, secure, limits } = this.#parts;
    if (activity.is === "new" && !secure) sockets.send(socket.fd, answerTo(why, limits));
    this.#hangUp(socket, why);
  }

  #hangUp({ fd, remote }: NativeConnection, why: Ending): void {
    this.#parts.sockets.shutdown(fd);
    this.#known.delete(spell(remote)); // its port may come back with another connection
    this.#parts.ended?.(remote, why);
  }
}

/** An HTTP answer to a client that has not finished asking. */
function answerTo(why: Verdict, limits: HttpLimits): Uint8Array<ArrayBuffer> {
  const { status, message } = refusalFor(why, limits);
  const body = JSON.stringify({ message: message.replaceAll("\n", " ") });
  const head = [
    `HTTP/1.1 ${status}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${new TextEncoder().encode(body).length}`,
  ];
  return new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function refusalFor(why: Verdict, limits: HttpLimits): { status: string; message: string } {
  switch (why) {
    case "headers late":
    case "idle":
      return {
        status: "408 Request Timeout",
        message: `The headers of a request must be sent within ${limits.headerMs / 1000} s.`,
      };
    case "too many from its address":
      return { status: "429 Too Many Requests", message: tooManyConnections(limits.maxPerAddress).message };
    case "too many":
      return { status: "503 Service Unavailable", message: serverFull(limits.maxConnections).message };
  }
}

function spell({ hostname, port }: Deno.NetAddr): string {
  return `${hostname} ${port}`;
}
