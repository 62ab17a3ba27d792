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
 * The address to listen on, found free by listening there for a moment. Listeners share their port with their
 * successor when a certificate changes (SO_REUSEPORT), and would as readily share it with another server of the same
 * user: only a socket without that option sees that the port is taken.
 *
 * @param flag The option that names the address, for the sentence.
 * @throws {ListenError}
 */
export function freeAddress({ host, port, asked }: WantedAddress, flag: string): Deno.NetAddr {
  const last = asked || port === 0 ? port : Math.min(port + NEXT_PORTS, 65_535);
  for (let candidate = port;; candidate++) {
    try {
      using probe = Deno.listen({ hostname: host, port: candidate });
      return probe.addr as Deno.NetAddr;
    } catch (error) {
      const taken = error instanceof Deno.errors.AddrInUse;
      if (!taken || candidate >= last) throw cannotListen({ host, port: candidate }, { flag, error });
    }
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
