import type { ServerInfo } from "../../server/wire/web_types.ts";

/** By what program one joins from a terminal. */
export interface Way {
  readonly program: string;
  /** Takes whatever certificate it is shown. */
  readonly quick: string;
  /** Makes sure that it is this server; undefined where nothing is encrypted, nor needs to be. */
  readonly verified: string | undefined;
}

/** How a certificate is compared that one has as a file. */
export const SHOW_FINGERPRINT = "openssl x509 -in cert.pem -noout -fingerprint -sha256";

/**
 * The commands by which one joins this very server, the one that nearly every machine has first.
 *
 * @param hostname As in the address of this page: IPv6 in brackets.
 */
export function waysToJoin(
  hostname: string,
  { tls_port, plain_port, self_signed }: Pick<ServerInfo, "tls_port" | "plain_port" | "self_signed">,
): Way[] {
  const overTls = tls_port === null ? [] : tlsWays(hostname, tls_port, self_signed);
  const inTheClear = plain_port === null || !isThisMachine(hostname) ? [] : [netcat(plain_port)];
  return [...overTls, ...inTheClear];
}

function tlsWays(hostname: string, port: number, selfSigned: boolean): Way[] {
  const [host, target] = [bare(hostname), `${hostname}:${port}`];
  const s_client = "openssl s_client -quiet";
  const named = isAddress(hostname) ? `-verify_ip ${host}` : `-verify_hostname ${host}`;
  const trusting = selfSigned ? "-CAfile cert.pem " : "";
  return [
    {
      program: "OpenSSL",
      quick: `${s_client} -connect ${target}`,
      verified: `${s_client} -verify_return_error ${trusting}${named} -connect ${target}`,
    },
    {
      program: "Ncat",
      quick: `ncat --ssl ${host} ${port}`,
      verified: `ncat --ssl --ssl-verify ${selfSigned ? "--ssl-trustfile cert.pem " : ""}${host} ${port}`,
    },
    {
      program: "socat",
      quick: `socat - OPENSSL:${target},verify=0`,
      verified: `socat - OPENSSL:${target}${selfSigned ? ",cafile=cert.pem" : ""}`,
    },
  ];
}

function netcat(port: number): Way {
  return { program: "netcat", quick: `nc localhost ${port}`, verified: undefined };
}

function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+(\.\d+){3}$/.test(hostname);
}

/** Without the brackets that IPv6 has in URLs. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}
