import { join } from "node:path";
import { type Certificate, readCertificate } from "../certificates/certificate.ts";
import type { CliCommand } from "./command.ts";
import { print } from "./terminal.ts";

export const show: CliCommand = {
  words: ["cert", "show"],
  takes: "",
  help: "Shows the certificate that Parley has made for itself, or another.",
  flags: { cert: "FILE", key: "FILE" },
  count: [0, 0],
  async run({ flags, json, dataDir }) {
    const certFile = flags.get("cert") ?? join(dataDir, "cert.pem");
    const keyFile = flags.get("key") ?? join(dataDir, "key.pem");
    const certificate = await readCertificate({ certFile, keyFile });
    if (json) print(JSON.stringify(shown(certificate, certFile), null, 2));
    else for (const [what, value] of Object.entries(shown(certificate, certFile))) print(lineOf(what, value));
  },
};

function shown({ subject, names, fingerprint, validFrom, expiresAt, selfSigned }: Certificate, file: string) {
  return {
    file,
    subject,
    names: [...names],
    valid_from: validFrom.toISOString(),
    expires: expiresAt.toISOString(),
    self_signed: selfSigned,
    sha256: fingerprint,
  };
}

function lineOf(what: string, value: string | boolean | string[]): string {
  return `${what.replace("_", " ").padEnd(12)} ${Array.isArray(value) ? value.join(", ") : String(value)}`;
}
