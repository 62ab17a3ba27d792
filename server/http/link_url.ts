import { isIP } from "node:net";
import { hostOf, isLoopback } from "../accounts/address.ts";

/** Where this server answers to browsers; what is off is absent. */
interface Doors {
  readonly https?: { readonly hostname: string; readonly port: number } | undefined;
  readonly http?: { readonly hostname: string; readonly port: number } | undefined;
  readonly certificate: { readonly names: readonly string[]; readonly selfSigned: boolean };
}

/**
 * The page at which a browser confirms the log-in of a terminal; undefined where none can be reached.
 *
 * @param localAddress The address of this machine that the terminal has come to: its user's browser reaches that as well.
 */
export function linkUrl(localAddress: string, { https, http, certificate }: Doors): string | undefined {
  const local = isLoopback(localAddress);
  if (https !== undefined && (local || !isLoopback(https.hostname))) {
    const host = certifiedName(certificate) ?? hostFor(localAddress, https.hostname);
    return host && `https://${host}:${https.port}/link`;
  }
  const reachable = http !== undefined && local && hostFor(localAddress, http.hostname) === "localhost";
  return reachable ? `http://localhost:${http.port}/link` : undefined;
}

/** The name by which browsers trust a server: a certificate that somebody has issued is good for its names only. */
export function certifiedName({ names, selfSigned }: Doors["certificate"]): string | undefined {
  return selfSigned ? undefined : names.find((name) => isIP(name) === 0 && !name.startsWith("*."));
}

/** A listener on all addresses answers at the one that the terminal has come to. */
function hostFor(localAddress: string, listening: string): string | undefined {
  const address = isUnspecified(listening) ? localAddress : listening;
  if (isUnspecified(address)) return undefined;
  return isLoopback(address) ? "localhost" : hostOf(address);
}

function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
