import { X509Certificate } from "node:crypto";
import { ensureSelfSigned } from "../../server/certificates/self_signed.ts";
import { run } from "./program.ts";

/** Makes a certificate and its key as `cert.pem` and `key.pem` in a directory, as of `now`. */
export function makeCertificate(
  dir: string,
  now?: Date,
): Promise<{ readonly fingerprint: string; readonly certPem: string }> {
  return ensureSelfSigned({ dir, now, hosts: ["localhost", "127.0.0.1"] });
}

/** What a TLS server presents, as openssl sees it: the certificate's fingerprint, and how many it sends with it. */
export async function presentedAt(
  { hostname, port }: { hostname: string; port: number },
): Promise<{ fingerprint: string; certificates: number }> {
  const { stdout } = await run("openssl", ["s_client", "-showcerts", "-connect", `${hostname}:${port}`]);
  const blocks = stdout.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return { fingerprint: new X509Certificate(blocks[0] ?? "").fingerprint256, certificates: blocks.length };
}
