import { join } from "node:path";
import type { Certificate, CertificateFiles } from "../../../server/certificates/certificate.ts";

/** A directory in which openssl works, gone at the end of the test. */
export class Workshop implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  static async open(): Promise<Workshop> {
    return new Workshop(await Deno.makeTempDir({ prefix: "parley-certificates-" }));
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(this.path(name));
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(this.path(name), text);
  }

  /** The text with the names of files as they are called here, without the path. */
  withoutPaths(text: string): string {
    return text.replaceAll(this.path("/"), "");
  }

  /** What `openssl <args>` prints; the words of `args` name files in this directory. */
  async openssl(args: string): Promise<string> {
    const command = new Deno.Command("openssl", { args: args.split(" "), cwd: this.dir, stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    if (!success) throw new Error(`openssl ${args}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  /** A key and a self-signed certificate for localhost, valid for 30 days from now. */
  async make(name: string, key: string): Promise<CertificateFiles> {
    const files = { certFile: `${name}.crt`, keyFile: `${name}.key` };
    await this.openssl(`genpkey -quiet -algorithm ${key} -out ${files.keyFile}`);
    await this.openssl(
      `req -x509 -new -key ${files.keyFile} -out ${files.certFile} -days 30 -subj /CN=${name}/O=Test ` +
        "-addext basicConstraints=critical,CA:FALSE " +
        "-addext subjectAltName=DNS:localhost,DNS:*.example.org,IP:127.0.0.1,IP:fd00::12,email:a@example.org",
    );
    return { certFile: this.path(files.certFile), keyFile: this.path(files.keyFile) };
  }

  /**
   * Has `issuer` (a name that {@link make} or this was given) sign a certificate for a new P-256 key.
   *
   * @param extensions As in an openssl configuration file.
   */
  async sign(name: string, { issuer, extensions }: { issuer: string; extensions: string[] }): Promise<void> {
    await this.openssl(`genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${name}.key`);
    await this.openssl(`req -new -key ${name}.key -out ${name}.csr -subj /CN=${name}`);
    await this.write(`${name}.ext`, extensions.join("\n"));
    await this.openssl(
      `x509 -req -in ${name}.csr -CA ${issuer}.crt -CAkey ${issuer}.key -CAcreateserial -days 30 ` +
        `-extfile ${name}.ext -out ${name}.crt`,
    );
  }

  async fingerprint(name: string): Promise<string> {
    const printed = await this.openssl(`x509 -fingerprint -sha256 -noout -in ${name}`);
    return printed.trim().replace(/^.*=/, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}

/** Serves one client with a certificate; throws what either side has to say against it. */
export async function serveOnce(
  { certPem, keyPem }: Certificate,
  client: (port: number) => Promise<void>,
): Promise<void> {
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: certPem, key: keyPem });
  const served = (async () => {
    using connection = await listener.accept();
    await connection.handshake();
  })();
  await Promise.all([served, client(listener.addr.port)]);
}

/** A Deno client that knows the server as `hostname` and trusts `caPem` alone. */
export function denoClient(hostname: string, caPem: string): (port: number) => Promise<void> {
  return async (port) => {
    const plain = await Deno.connect({ hostname: "127.0.0.1", port });
    using connection = await Deno.startTls(plain, { hostname, caCerts: [caPem] });
    await connection.handshake();
  };
}
