import { isIP } from "node:net";
import { join } from "node:path";
import type { JsonGeneralName } from "@peculiar/x509";
import {
  type Certificate,
  CertificateError,
  type CertificateFiles,
  readCertificate,
  requireValid,
} from "./certificate.ts";

const DAY_MS = 86_400_000;
/** A client whose clock is slow must not find the certificate too young. */
const HEAD_START_MS = DAY_MS;
/** Ten years: users have to compare the fingerprint anew whenever it changes. */
const LIFETIME_MS = 3652 * DAY_MS;

/** A certificate that Parley issued to itself. */
export interface SelfSignedCertificate extends Certificate {
  /** This call replaced one that had expired: users who know its fingerprint have to be told the new one. */
  renewed: boolean;
}

/**
 * The certificate kept as `cert.pem` and `key.pem` in `dir`, made there if there is none or if it has expired.
 * The pair that was there before stays as `cert.pem.old` and `key.pem.old`. A pair that is broken stays as it
 * is, because users may know its fingerprint: that is for the operator to decide.
 *
 * @param options.hosts DNS names and addresses for a new one; all that this machine has, where left out.
 * @throws {CertificateError}
 */
export async function ensureSelfSigned(
  { dir, now = new Date(), hosts }: { dir: string; now?: Date; hosts?: readonly string[] },
): Promise<SelfSignedCertificate> {
  const kept = await findKept(dir, now);
  if (kept !== undefined) return { ...kept, renewed: false };
  try {
    using _turn = await waitForTurn(dir);
    const madeMeanwhile = await findKept(dir, now);
    if (madeMeanwhile !== undefined) return { ...madeMeanwhile, renewed: false };
    const renewed = await replace(dir, await issue(hosts ?? hostsOfThisMachine(), now));
    return { ...await readCertificate(filesIn(dir)), renewed };
  } catch (error) {
    if (error instanceof CertificateError) throw error;
    throw CertificateError.fromFileSystem(`Cannot make a certificate in "${dir}"`, error);
  }
}

function filesIn(dir: string): CertificateFiles {
  return { certFile: join(dir, "cert.pem"), keyFile: join(dir, "key.pem") };
}

/** A key without a certificate counts as nothing: nobody has seen it, or the operator wants a new one. */
async function findKept(dir: string, now: Date): Promise<Certificate | undefined> {
  const { certFile, keyFile } = filesIn(dir);
  if (!await exists(certFile)) return undefined;
  const certificate = await readKept({ certFile, keyFile });
  if (certificate.selfSigned && now > certificate.expiresAt) return undefined;
  requireValid(certificate, { certFile, now });
  return certificate;
}

async function exists(file: string): Promise<boolean> {
  try {
    await Deno.stat(file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw CertificateError.fromFileSystem(`Cannot read certificate "${file}"`, error);
  }
}

async function readKept(files: CertificateFiles): Promise<Certificate> {
  try {
    return await readCertificate(files);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new CertificateError(
      error.problem,
      `restore "${files.certFile}" and "${files.keyFile}" from a backup, or remove both to have new ones made, ` +
        "whose fingerprint users will have to accept",
      { cause: error },
    );
  }
}

/** Keeps two processes that start at once from leaving the key of one beside the certificate of the other. */
async function waitForTurn(dir: string): Promise<Disposable> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  const file = await Deno.open(join(dir, "cert.lock"), { create: true, write: true });
  await file.lock(true);
  return file;
}

/**
 * Puts a new pair in place of what is there. The certificate goes first and comes last, so that wherever this
 * is cut short, the next start finds no certificate and makes one, rather than one that has no or another key.
 *
 * @returns Whether there was a certificate before.
 */
async function replace(
  dir: string,
  { certPem, keyPem }: { certPem: string; keyPem: string },
): Promise<boolean> {
  const { certFile, keyFile } = filesIn(dir);
  const replaced = await setAside(certFile);
  await setAside(keyFile);
  await write(keyFile, keyPem, 0o600);
  await write(certFile, certPem, 0o644);
  return replaced;
}

async function setAside(file: string): Promise<boolean> {
  try {
    await Deno.rename(file, `${file}.old`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Appears under its name only once it is whole and on the disk. */
async function write(path: string, text: string, mode: number): Promise<void> {
  const unfinished = `${path}.new`;
  await Deno.writeTextFile(unfinished, text, { mode });
  {
    using file = await Deno.open(unfinished, { write: true });
    await file.sync();
  }
  await Deno.rename(unfinished, path);
}

/** Loads what it takes only here, so that no start but the first has to wait for that. */
async function issue(hosts: readonly string[], now: Date): Promise<{ certPem: string; keyPem: string }> {
  await import("reflect-metadata"); // the next line does not work without it
  const x509 = await import("@peculiar/x509");
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const notBefore = new Date(now.getTime() - HEAD_START_MS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Parley",
    notBefore,
    notAfter: new Date(notBefore.getTime() + LIFETIME_MS),
    signingAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true), // Deno's own TLS refuses a CA as a server
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.SubjectAlternativeNameExtension(hosts.map(generalName)),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certPem: certificate.toString("pem") + "\n",
    keyPem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") + "\n",
  };
}

function generalName(host: string): JsonGeneralName {
  return { type: isIP(host) === 0 ? "dns" : "ip", value: host };
}

function hostsOfThisMachine(): string[] {
  const addresses = Deno.networkInterfaces().map(({ address }) => address.replace(/%.*/, ""));
  const names = ["localhost", Deno.hostname().toLowerCase()].filter(isDnsName);
  return [...new Set([...names, "127.0.0.1", "::1", ...addresses])];
}

/** Small letters, digits and hyphens, and no number last, which would make it look like an address (RFC 1123, 2.1). */
function isDnsName(name: string): boolean {
  const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
  const labels = name.split(".");
  return name.length <= 253 && labels.every((each) => label.test(each)) && !/^\d+$/.test(labels.at(-1) ?? "");
}
