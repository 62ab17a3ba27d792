import { ensureSelfSigned } from "../../../server/certificates/self_signed.ts";

/** A certificate for localhost and its key, as Deno's listeners take them. */
export async function certificateForLocalhost(): Promise<{ cert: string; key: string }> {
  const dir = await Deno.makeTempDir({ prefix: "parley-transport-" });
  try {
    const { certPem, keyPem } = await ensureSelfSigned({ dir, hosts: ["localhost", "127.0.0.1", "::1"] });
    return { cert: certPem, key: keyPem };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
