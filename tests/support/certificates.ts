import { X509Certificate } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSelfSigned } from "../../server/certificates/self_signed.ts";
import { run } from "./program.ts";

/** Makes a certificate and its key as `cert.pem` and `key.pem` in a directory, as of `now`. */
export function makeCertificate(
  dir: string,
  now?: Date,
): Promise<{ readonly fingerprint: string; readonly certPem: string }> {
  return ensureSelfSigned({ dir, now, hosts: ["localhost", "127.0.0.1"] });
}

/**
 * Puts a certificate into a data directory, where a server takes it for its own. There is one for all tests of this
 * machine: to make one, and to load what that takes, is a third of a first start.
 */
export async function placeCertificate(dataDir: string): Promise<void> {
  const kept = join(tmpdir(), `parley-test-certificate-${Deno.uid() ?? "own"}`);
  await ensureSelfSigned({ dir: kept });
  const copies = ["cert.pem", "key.pem"].map((name) => Deno.copyFile(join(kept, name), join(dataDir, name)));
  await Promise.all(copies);
}

/** What a TLS server presents, as openssl sees it: the certificate's fingerprint, and how many it sends with it. */
export async function presentedAt(
  { hostname, port }: { hostname: string; port: number },
): Promise<{ fingerprint: string; certificates: number }> {
  const { stdout } = await run("openssl", ["s_client", "-showcerts", "-connect", `${hostname}:${port}`]);
  const blocks = stdout.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return { fingerprint: new X509Certificate(blocks[0] ?? "").fingerprint256, certificates: blocks.length };
}
