import { join } from "node:path";
import { CertificateError, readCertificate } from "../certificates/certificate.ts";
import { resolvePages } from "../config.ts";
import { certifiedName } from "../http/link_url.ts";
import { addressText } from "../transport/ports.ts";
import type { Given } from "./command.ts";
import { reachable } from "./reachable.ts";

/** Said where a link is printed without its beginning. */
export const ADDRESS_UNKNOWN =
  "Put the address of the server's pages in front of the link; it is not known here.";

/**
 * Where browsers reach the pages, by the environment and the file alone: what a running server was told on its command
 * line is not known here. Undefined where that leaves it open.
 *
 * @example "https://chat.example.org:8443"
 * @throws {ConfigError}
 */
export async function pagesUrl({ sources, dataDir }: Pick<Given, "sources" | "dataDir">) {
  const { https, http, certificate } = resolvePages(sources);
  if (https !== "off" && https.port !== 0) {
    const name = await nameIn(certificate ?? filesIn(dataDir));
    const { host: hostname, port } = https;
    return `https://${
      name === undefined ? reachable({ hostname, port }) : addressText({ hostname: name, port })
    }`;
  }
  if (http === "off" || http.port === 0) return undefined;
  return `http://${reachable({ hostname: http.host, port: http.port })}`;
}

function filesIn(dataDir: string): { certFile: string; keyFile: string } {
  return { certFile: join(dataDir, "cert.pem"), keyFile: join(dataDir, "key.pem") };
}

/** The name that browsers know the server by; undefined where they know none, or there is no certificate yet. */
async function nameIn(files: { certFile: string; keyFile: string }): Promise<string | undefined> {
  try {
    return certifiedName(await readCertificate(files));
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}
