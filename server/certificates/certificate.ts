import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** What TLS listeners present to clients, with what an operator wants to know about it. */
export interface Certificate {
  /** The certificate itself, then what its issuer added to prove it (the chain), and nothing else. */
  certPem: string;
  keyPem: string;
  /** SHA-256, as openssl prints it: `AB:CD:…`. */
  fingerprint: string;
  /** DNS names and addresses that it is for; clients refuse it under any other. */
  names: readonly string[];
  /** Whom it is made out to, like `CN=Parley`. */
  subject: string;
  validFrom: Date;
  expiresAt: Date;
  selfSigned: boolean;
}

/** Where a certificate and its key are kept, both in PEM form. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** A certificate or key cannot be used; the message says to an operator which, why, and what to do. */
export class CertificateError extends Error {
  /**
   * @param problem What was tried with which file, and how that ended.
   * @param advice What the operator can do about it.
   */
  constructor(readonly problem: string, advice: string, options?: ErrorOptions) {
    super(`${problem}; ${advice}`, options);
    this.name = "CertificateError";
  }

  /** The same for what the file system answered to a deed like `Cannot read key "key.pem"`. */
  static fromFileSystem(deed: string, cause: unknown): CertificateError {
    const [reason, advice] = whyRefused(cause);
    return new CertificateError(`${deed}: ${reason}`, advice, { cause });
  }
}

/**
 * Reads a certificate and its key, and makes sure that clients could accept the two at `now`.
 *
 * @throws {CertificateError}
 */
export async function loadCertificate(files: CertificateFiles, now = new Date()): Promise<Certificate> {
  const certificate = await readCertificate(files);
  requireValid(certificate, { certFile: files.certFile, now });
  return certificate;
}

/**
 * Reads a certificate and its key and makes sure that they work together, whether or not the certificate is
 * valid just now.
 *
 * @throws {CertificateError}
 */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const { leaf, certPem } = await readChain(certFile);
  const { key, keyPem } = await readKey(keyFile);
  if (!leaf.checkPrivateKey(key)) {
    throw new CertificateError(
      `Cannot use certificate "${certFile}" with key "${keyFile}": they do not belong together`,
      "name the key that the certificate was made for, and put that certificate first in its file",
    );
  }
  return {
    certPem,
    keyPem,
    fingerprint: leaf.fingerprint256,
    names: namesOf(leaf),
    subject: leaf.subject.split("\n").join(", "),
    validFrom: leaf.validFromDate,
    expiresAt: leaf.validToDate,
    selfSigned: leaf.issuer === leaf.subject,
  };
}

/**
 * Makes sure that the time of a certificate has come and is not over.
 *
 * @throws {CertificateError}
 */
export function requireValid(
  { validFrom, expiresAt }: Certificate,
  { certFile, now }: { certFile: string; now: Date },
): void {
  const deed = `Cannot use certificate "${certFile}"`;
  if (now > expiresAt) {
    throw new CertificateError(`${deed}: it expired on ${inWords(expiresAt)}`, "renew it");
  }
  if (now < validFrom) {
    throw new CertificateError(
      `${deed}: it is not valid before ${inWords(validFrom)}`,
      `wait until then, or set the clock of this machine if ${inWords(now)} is wrong`,
    );
  }
}

async function readChain(certFile: string): Promise<{ leaf: X509Certificate; certPem: string }> {
  const deed = `Cannot read certificate "${certFile}"`;
  const text = await readText(certFile, deed);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const [leaf] = blocks.map((block, index) => parseCertificate(block, `${deed}: number ${index + 1} in it`));
  if (leaf === undefined) {
    throw new CertificateError(
      `${deed}: it holds no certificate in PEM form`,
      'name a text file with the line "-----BEGIN CERTIFICATE-----"',
    );
  }
  return { leaf, certPem: blocks.join("\n") + "\n" };
}

function parseCertificate(block: string, which: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw new CertificateError(`${which} is damaged`, "copy it anew from where it was issued", { cause });
  }
}

async function readKey(keyFile: string): Promise<{ key: KeyObject; keyPem: string }> {
  const deed = `Cannot read key "${keyFile}"`;
  const text = await readText(keyFile, deed);
  const block = text.match(/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----[\s\S]*?-----END \1PRIVATE KEY-----/)?.[0];
  if (block === undefined) {
    throw new CertificateError(
      `${deed}: it holds no private key in PEM form`,
      'name a text file with the line "-----BEGIN PRIVATE KEY-----"',
    );
  }
  if (/BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(block)) {
    throw new CertificateError(
      `${deed}: it is encrypted with a passphrase`,
      `name a copy without one, as "openssl pkey -in ${keyFile} -out <copy>" makes it`,
    );
  }
  const key = parseKey(block, deed);
  if (!isServable(key)) {
    throw new CertificateError(
      `Cannot use key "${keyFile}": its kind (${kindOf(key)}) is not among those that TLS serves here`,
      "take EC P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits or more",
    );
  }
  return { key, keyPem: block + "\n" };
}

function parseKey(block: string, deed: string): KeyObject {
  try {
    return createPrivateKey(block);
  } catch (cause) {
    throw new CertificateError(`${deed}: it is damaged`, "copy it anew from where it was made", { cause });
  }
}

/** Whether `Deno.listenTls` takes it, which for others only says that it failed to parse them. */
function isServable({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  switch (asymmetricKeyType) {
    case "ec":
      return ["prime256v1", "secp384r1", "secp521r1"].includes(asymmetricKeyDetails?.namedCurve ?? "");
    case "rsa":
      return (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
    case "ed25519":
      return true;
    default:
      return false;
  }
}

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const size = asymmetricKeyDetails?.namedCurve ?? asymmetricKeyDetails?.modulusLength;
  return size === undefined ? `${asymmetricKeyType}` : `${asymmetricKeyType} ${size}`;
}

/** Common names are left out: clients have long ceased to look at them. */
function namesOf({ subjectAltName }: X509Certificate): string[] {
  const entries = subjectAltName?.split(", ") ?? [];
  return entries.flatMap((entry) => entry.match(/^(?:DNS|IP Address):(.+)$/)?.[1] ?? []);
}

async function readText(file: string, deed: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw CertificateError.fromFileSystem(deed, error);
  }
}

function whyRefused(error: unknown): [reason: string, advice: string] {
  if (error instanceof Deno.errors.NotFound) return ["there is no such file", "check its path"];
  if (error instanceof Deno.errors.NotADirectory) {
    return ["something on its path is not a directory", "check its path"];
  }
  if (error instanceof Deno.errors.IsADirectory) return ["it is a directory", "name a file in it"];
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return ["permission denied", "give the account that Parley runs as access to it"];
  }
  return [error instanceof Error ? error.message : String(error), "check the path and the disk"];
}

/** `2026-11-22 05:09 UTC` */
function inWords(date: Date): string {
  return date.toISOString().replace(/^(.+)T(.+):\d\d\.\d+Z$/, "$1 $2 UTC");
}
