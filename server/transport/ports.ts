import type { NativeSockets } from "./native_sockets.ts";

/** Where to listen; see `config.ts`. */
export interface WantedAddress {
  readonly host: string;
  readonly port: number;
  /** Whether the operator named it; where not, a taken port gives way to the next free one. */
  readonly asked: boolean;
}

/** How many ports after a taken one are tried. */
const NEXT_PORTS = 100;

/** The server cannot listen; the sentence is for the operator. */
export class ListenError extends Error {
  override name = "ListenError";
}

/**
 * Listens at a wanted address, and lets nobody else listen there.
 *
 * @param flag The option that names the address, for the sentence.
 * @throws {ListenError}
 */
export function listenAlone({ host, port, asked }: WantedAddress, flag: string): Deno.TcpListener {
  const last = asked || port === 0 ? port : Math.min(port + NEXT_PORTS, 65_535);
  for (let candidate = port;; candidate++) {
    try {
      return Deno.listen({ hostname: host, port: candidate });
    } catch (error) {
      const taken = error instanceof Deno.errors.AddrInUse;
      if (!taken || candidate >= last) throw cannotListen({ host, port: candidate }, { flag, error });
    }
  }
}

/**
 * Opens a listener that is to share its port with others: its successor, as when a certificate changes, or those of
 * workers (SO_REUSEPORT). It would as readily share it with another server of the same user: so the port is first taken by
 * a socket that does not, and held until the listener is open. Where the system lacks the means it is let go just before.
 *
 * @throws {ListenError}
 */
export function listenShared<Listener>(
  wanted: WantedAddress,
  { flag, sockets, open }: {
    flag: string;
    sockets: NativeSockets | undefined;
    open: (address: Deno.NetAddr) => Listener;
  },
): Listener {
  using held = listenAlone(wanted, flag);
  const address = held.addr as Deno.NetAddr;
  if (!sockets?.shareListener(address)) held.close();
  try {
    return open(address);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw cannotListen({ host: address.hostname, port: address.port }, { flag, error });
  }
}

/**
 * A wanted address, kept from others until listeners that share it are open there, and let go then. Nobody can come
 * meanwhile. Where the system lacks the means it is let go at once.
 */
export class HeldAddress implements Disposable {
  readonly address: Deno.NetAddr;
  #listener: Deno.TcpListener | undefined;

  /** @throws {ListenError} */
  constructor(
    wanted: WantedAddress,
    { flag, sockets }: { flag: string; sockets: NativeSockets | undefined },
  ) {
    const listener = listenAlone(wanted, flag);
    this.address = listener.addr as Deno.NetAddr;
    if (sockets?.holdAddress(this.address)) this.#listener = listener;
    else listener.close();
  }

  [Symbol.dispose](): void {
    this.#listener?.close();
  }
}

/** An address as people write it. */
export function addressText({ hostname, port }: { hostname: string; port: number }): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function cannotListen(
  { host, port }: { host: string; port: number },
  { flag, error }: { flag: string; error: unknown },
): ListenError {
  return new ListenError(
    `Cannot listen on "${addressText({ hostname: host, port })}": ${
      reasonOf(error)
    }; name another address with ${flag}, or off`,
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "the port is in use";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this machine does not have that address";
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}
