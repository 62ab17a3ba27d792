import assert from "node:assert/strict";
import {
  CertificateError,
  type CertificateFiles,
  loadCertificate,
  readCertificate,
} from "../../../server/certificates/certificate.ts";
import { denoClient, serveOnce, Workshop } from "./_workshop.ts";

const DAY_MS = 86_400_000;

const SERVED = [
  { name: "EC P-256", key: "EC -pkeyopt ec_paramgen_curve:P-256" },
  { name: "EC P-384", key: "EC -pkeyopt ec_paramgen_curve:P-384" },
  { name: "RSA 2048", key: "RSA -pkeyopt rsa_keygen_bits:2048" },
  { name: "Ed25519", key: "ED25519" },
  {
    name: "SEC 1 key",
    key: "EC -pkeyopt ec_paramgen_curve:P-256",
    rewrite: "ec -in made.key -out other.key",
  },
  { name: "PKCS #1 key", key: "RSA", rewrite: "rsa -in made.key -traditional -out other.key" },
];

for (const { name, key, rewrite } of SERVED) {
  Deno.test(`a certificate is read and served: ${name}`, async () => {
    await using workshop = await Workshop.open();
    const files = await workshop.make("made", key);
    if (rewrite !== undefined) {
      await workshop.openssl(rewrite);
      files.keyFile = workshop.path("other.key");
    }
    const certificate = await loadCertificate(files);
    assert.equal(certificate.fingerprint, await workshop.fingerprint("made.crt"));
    await serveOnce(certificate, denoClient("localhost", certificate.certPem));
  });
}

Deno.test("a certificate says whom it is for, and how long", async () => {
  await using workshop = await Workshop.open();
  const certificate = await loadCertificate(await workshop.make("made", "ED25519"));
  assert.deepEqual(certificate.names, ["localhost", "*.example.org", "127.0.0.1", "fd00::12"]);
  assert.equal(certificate.subject, "CN=made, O=Test");
  assert.equal(certificate.selfSigned, true);
  assert.equal(certificate.expiresAt.getTime() - certificate.validFrom.getTime(), 30 * DAY_MS);
});

Deno.test("a chain is served whole to a client that knows only its root", async () => {
  await using workshop = await Workshop.open();
  await workshop.openssl(
    "req -x509 -newkey ed25519 -nodes -keyout root.key -out root.crt -days 30 -subj /CN=root",
  );
  const authority = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];
  await workshop.sign("middle", { issuer: "root", extensions: authority });
  await workshop.sign("leaf", { issuer: "middle", extensions: ["subjectAltName=DNS:localhost"] });
  await workshop.write("chain.crt", await workshop.read("leaf.crt") + await workshop.read("middle.crt"));
  const certificate = await loadCertificate({
    certFile: workshop.path("chain.crt"),
    keyFile: workshop.path("leaf.key"),
  });
  assert.equal(certificate.fingerprint, await workshop.fingerprint("leaf.crt"));
  assert.equal(certificate.selfSigned, false);
  await serveOnce(certificate, denoClient("localhost", await workshop.read("root.crt")));
});

Deno.test("one file may hold key and certificate, with notes and Windows line endings", async () => {
  await using workshop = await Workshop.open();
  await workshop.make("made", "EC -pkeyopt ec_paramgen_curve:P-256");
  const parameters = await workshop.openssl("ecparam -name prime256v1");
  const both = `Bag Attributes: none\n${parameters}${await workshop.read("made.key")}\nsubject=/CN=made\n` +
    await workshop.read("made.crt");
  await workshop.write("both.pem", "\uFEFF" + both.replaceAll("\n", "\r\n"));
  const file = workshop.path("both.pem");
  const certificate = await loadCertificate({ certFile: file, keyFile: file });
  assert.doesNotMatch(certificate.certPem, /PRIVATE/);
  await serveOnce(certificate, denoClient("localhost", certificate.certPem));
});

/** Prepared below: `ec`, `rsa`, `weak` and `pss` pairs, the rest by name. */
const REFUSED = [
  {
    name: "no certificate file",
    pair: ["missing.crt", "ec.key"],
    says: 'Cannot read certificate "missing.crt": there is no such file; check its path',
  },
  {
    name: "no key file",
    pair: ["ec.crt", "missing.key"],
    says: 'Cannot read key "missing.key": there is no such file; check its path',
  },
  {
    name: "a directory",
    pair: ["folder", "ec.key"],
    says: 'Cannot read certificate "folder": it is a directory; name a file in it',
  },
  {
    name: "a file for a directory",
    pair: ["ec.crt", "empty/ec.key"],
    says: 'Cannot read key "empty/ec.key": something on its path is not a directory; check its path',
  },
  {
    name: "a binary certificate",
    pair: ["ec.der", "ec.key"],
    says: 'Cannot read certificate "ec.der": it holds no certificate in PEM form; ' +
      'name a text file with the line "-----BEGIN CERTIFICATE-----"',
  },
  {
    name: "an empty key file",
    pair: ["ec.crt", "empty"],
    says: 'Cannot read key "empty": it holds no private key in PEM form; ' +
      'name a text file with the line "-----BEGIN PRIVATE KEY-----"',
  },
  {
    name: "the two exchanged",
    pair: ["ec.key", "ec.crt"],
    says: 'Cannot read certificate "ec.key": it holds no certificate in PEM form; ' +
      'name a text file with the line "-----BEGIN CERTIFICATE-----"',
  },
  {
    name: "a damaged certificate in the chain",
    pair: ["damaged.crt", "ec.key"],
    says:
      'Cannot read certificate "damaged.crt": number 2 in it is damaged; copy it anew from where it was issued',
  },
  {
    name: "a damaged key",
    pair: ["ec.crt", "damaged.key"],
    says: 'Cannot read key "damaged.key": it is damaged; copy it anew from where it was made',
  },
  {
    name: "an encrypted PKCS #8 key",
    pair: ["ec.crt", "encrypted.key"],
    says: 'Cannot read key "encrypted.key": it is encrypted with a passphrase; ' +
      'name a copy without one, as "openssl pkey -in encrypted.key -out <copy>" makes it',
  },
  {
    name: "an encrypted PKCS #1 key",
    pair: ["rsa.crt", "encrypted-rsa.key"],
    says: 'Cannot read key "encrypted-rsa.key": it is encrypted with a passphrase; ' +
      'name a copy without one, as "openssl pkey -in encrypted-rsa.key -out <copy>" makes it',
  },
  {
    name: "the key of another certificate",
    pair: ["ec.crt", "rsa.key"],
    says: 'Cannot use certificate "ec.crt" with key "rsa.key": they do not belong together; ' +
      "name the key that the certificate was made for, and put that certificate first in its file",
  },
  {
    name: "a chain in the wrong order",
    pair: ["reversed.crt", "ec.key"],
    says: 'Cannot use certificate "reversed.crt" with key "ec.key": they do not belong together; ' +
      "name the key that the certificate was made for, and put that certificate first in its file",
  },
  {
    name: "a short RSA key",
    pair: ["weak.crt", "weak.key"],
    says: 'Cannot use key "weak.key": its kind (rsa 1024) is not among those that TLS serves here; ' +
      "take EC P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits or more",
  },
  {
    name: "an RSA-PSS key",
    pair: ["pss.crt", "pss.key"],
    says: 'Cannot use key "pss.key": its kind (rsa-pss 2048) is not among those that TLS serves here; ' +
      "take EC P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits or more",
  },
] as const;

Deno.test("what cannot be used is refused in one sentence", async (t) => {
  await using workshop = await Workshop.open();
  await workshop.make("ec", "EC -pkeyopt ec_paramgen_curve:P-256");
  await workshop.make("rsa", "RSA");
  await workshop.make("weak", "RSA -pkeyopt rsa_keygen_bits:1024");
  await workshop.make("pss", "RSA-PSS -pkeyopt rsa_keygen_bits:2048");
  await workshop.openssl("x509 -in ec.crt -outform der -out ec.der");
  await workshop.openssl("pkcs8 -topk8 -in ec.key -passout pass:secret -out encrypted.key");
  await workshop.openssl("rsa -traditional -aes128 -in rsa.key -passout pass:secret -out encrypted-rsa.key");
  await Deno.mkdir(workshop.path("folder"));
  await workshop.write("empty", "");
  const [ec, rsa] = [await workshop.read("ec.crt"), await workshop.read("rsa.crt")];
  await workshop.write("reversed.crt", rsa + ec);
  await workshop.write("damaged.crt", ec + rsa.replace("\nMII", "\nAAA"));
  await workshop.write("damaged.key", (await workshop.read("ec.key")).replace("\nMI", "\nAA"));

  for (const { name, pair: [certFile, keyFile], says } of REFUSED) {
    await t.step(name, async () => {
      const files = { certFile: workshop.path(certFile), keyFile: workshop.path(keyFile) };
      assert.equal(workshop.withoutPaths(await refusal(files)), says);
    });
  }
});

Deno.test("a file that may not be read is named", { permissions: { read: false } }, async () => {
  assert.equal(
    await refusal({ certFile: "private.crt", keyFile: "private.key" }),
    'Cannot read certificate "private.crt": permission denied; ' +
      "give the account that Parley runs as access to it",
  );
});

Deno.test("a certificate is loaded from its first second to its last, and read at any time", async () => {
  await using workshop = await Workshop.open();
  const files = await workshop.make("made", "ED25519");
  const { validFrom, expiresAt } = await readCertificate(files);
  await loadCertificate(files, validFrom);
  await loadCertificate(files, expiresAt);

  const early = new Date(validFrom.getTime() - 1);
  const late = new Date(expiresAt.getTime() + 1);
  const problem = `Cannot use certificate "${files.certFile}"`;
  assert.equal(await refusal(files, late), `${problem}: it expired on ${minute(expiresAt)} UTC; renew it`);
  assert.equal(
    await refusal(files, early),
    `${problem}: it is not valid before ${minute(validFrom)} UTC; ` +
      `wait until then, or set the clock of this machine if ${minute(early)} UTC is wrong`,
  );
});

async function refusal(files: CertificateFiles, now?: Date): Promise<string> {
  try {
    await loadCertificate(files, now);
  } catch (error) {
    assert.ok(error instanceof CertificateError);
    return error.message;
  }
  return "nothing was refused";
}

function minute(date: Date): string {
  return date.toISOString().slice(0, 16).replace("T", " ");
}
