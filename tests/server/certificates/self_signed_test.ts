import assert from "node:assert/strict";
import { CertificateError } from "../../../server/certificates/certificate.ts";
import { ensureSelfSigned } from "../../../server/certificates/self_signed.ts";
import { denoClient, serveOnce, Workshop } from "./_workshop.ts";

const DAY_MS = 86_400_000;
const NOW = new Date("2026-11-22T05:09:50Z");
/** More than ten years later, and past 2049, when certificates begin to write years in four digits. */
const MUCH_LATER = new Date("2050-01-02T03:04:05Z");

Deno.test("the first start makes a certificate for all that this machine is called", async () => {
  await using workshop = await Workshop.open();
  const certificate = await ensureSelfSigned({ dir: workshop.path("made/anew") });
  for (const name of ["localhost", "127.0.0.1", "::1"]) assert.ok(certificate.names.includes(name), name);
  for (const { address } of Deno.networkInterfaces()) assert.ok(certificate.names.includes(address), address);
  assert.equal(certificate.names.length, new Set(certificate.names).size);
  assert.equal(certificate.fingerprint, await workshop.fingerprint("made/anew/cert.pem"));
  assert.equal(certificate.subject, "CN=Parley");
  assert.equal(certificate.selfSigned, true);
  assert.equal(certificate.renewed, false);
});

Deno.test("a certificate of one's own is valid for ten years from the day before, to serve and not to sign", async () => {
  await using workshop = await Workshop.open();
  const { validFrom, expiresAt } = await ensureSelfSigned({ dir: workshop.dir, now: NOW });
  assert.equal(validFrom.toISOString(), "2026-11-21T05:09:50.000Z");
  assert.equal(expiresAt.toISOString(), "2036-11-20T05:09:50.000Z");
  const text = await workshop.openssl("x509 -in cert.pem -noout -text");
  assert.match(text, /Basic Constraints: critical\s+CA:FALSE\n/);
  assert.match(text, /Key Usage: critical\s+Digital Signature\n/);
  assert.match(text, /Extended Key Usage: \s+TLS Web Server Authentication\n/);
  assert.match(text, /Subject Key Identifier/);
  assert.match(text, /NIST CURVE: P-256/);
  assert.doesNotMatch(text, /Negative/);
});

Deno.test("the key is for its owner alone", { ignore: Deno.build.os === "windows" }, async () => {
  await using workshop = await Workshop.open();
  await ensureSelfSigned({ dir: workshop.dir });
  assert.equal((await Deno.stat(workshop.path("key.pem"))).mode! & 0o777, 0o600);
  assert.equal((await Deno.stat(workshop.path("cert.pem"))).mode! & 0o777, 0o644);
});

Deno.test("clients that were given the certificate accept it by name and by address", async (t) => {
  await using workshop = await Workshop.open();
  const certificate = await ensureSelfSigned({
    dir: workshop.dir,
    hosts: ["localhost", "chat.example.org", "127.0.0.1", "::1", "2001:db8::7"],
  });
  const trusting = "s_client -brief -verify_return_error -CAfile cert.pem";
  for (const name of ["localhost", "chat.example.org"]) {
    await t.step(`openssl, ${name}`, () =>
      serveOnce(certificate, async (port) => {
        await workshop.openssl(`${trusting} -verify_hostname ${name} -connect 127.0.0.1:${port}`);
      }));
  }
  for (const address of ["127.0.0.1", "::1", "2001:db8::7"]) {
    await t.step(`openssl, ${address}`, () =>
      serveOnce(certificate, async (port) => {
        await workshop.openssl(`${trusting} -verify_ip ${address} -connect 127.0.0.1:${port}`);
      }));
  }
  for (const host of certificate.names) {
    await t.step(`Deno, ${host}`, () => serveOnce(certificate, denoClient(host, certificate.certPem)));
  }
  await t.step("none under another name", async () => {
    const stranger = denoClient("elsewhere.example.org", certificate.certPem);
    await assert.rejects(serveOnce(certificate, stranger), /certificate/i);
  });
});

Deno.test("the certificate stays the same from start to start", async () => {
  await using workshop = await Workshop.open();
  const first = await ensureSelfSigned({ dir: workshop.dir, hosts: ["localhost"] });
  const again = await ensureSelfSigned({ dir: workshop.dir, hosts: ["chat.example.org"] });
  assert.deepEqual(again, first);
});

Deno.test("servers that first start at once share one certificate", async () => {
  await using workshop = await Workshop.open();
  const starts = Array.from({ length: 8 }, () => ensureSelfSigned({ dir: workshop.dir }));
  const fingerprints = (await Promise.all(starts)).map(({ fingerprint }) => fingerprint);
  assert.equal(new Set(fingerprints).size, 1);
});

Deno.test("a start that was cut short before the certificate is made up for", async () => {
  await using workshop = await Workshop.open();
  const first = await ensureSelfSigned({ dir: workshop.dir });
  await Deno.remove(workshop.path("cert.pem"));
  await workshop.write("key.pem.new", "half of a k");
  const second = await ensureSelfSigned({ dir: workshop.dir });
  assert.notEqual(second.fingerprint, first.fingerprint);
  assert.equal(second.renewed, false);
  assert.equal(await workshop.read("key.pem.old"), first.keyPem);
});

Deno.test("an expired certificate gives way to a new one, and is kept", async () => {
  await using workshop = await Workshop.open();
  const old = await ensureSelfSigned({ dir: workshop.dir, now: NOW });
  const lastMoment = await ensureSelfSigned({ dir: workshop.dir, now: old.expiresAt });
  assert.deepEqual(lastMoment, old);

  const fresh = await ensureSelfSigned({ dir: workshop.dir, now: MUCH_LATER });
  assert.equal(fresh.renewed, true);
  assert.equal(fresh.validFrom.getTime(), MUCH_LATER.getTime() - DAY_MS);
  assert.equal(fresh.expiresAt.toISOString(), "2060-01-01T03:04:05.000Z");
  assert.equal(await workshop.read("cert.pem.old"), old.certPem);
  assert.equal(await workshop.read("key.pem.old"), old.keyPem);

  const next = await ensureSelfSigned({ dir: workshop.dir, now: MUCH_LATER });
  assert.deepEqual(next, { ...fresh, renewed: false });
});

Deno.test("an expired certificate that somebody else issued is not replaced", async () => {
  await using workshop = await Workshop.open();
  await workshop.make("issuer", "ED25519");
  await workshop.sign("leaf", { issuer: "issuer", extensions: ["subjectAltName=DNS:localhost"] });
  await Deno.rename(workshop.path("leaf.crt"), workshop.path("cert.pem"));
  await Deno.rename(workshop.path("leaf.key"), workshop.path("key.pem"));
  assert.match(
    await refusal(workshop, MUCH_LATER),
    /^Cannot use certificate "cert.pem": it expired on .+; renew it$/,
  );
});

Deno.test("a certificate from the future is not replaced: the clock is wrong", async () => {
  await using workshop = await Workshop.open();
  await ensureSelfSigned({ dir: workshop.dir, now: MUCH_LATER });
  assert.equal(
    await refusal(workshop, NOW),
    'Cannot use certificate "cert.pem": it is not valid before 2050-01-01 03:04 UTC; ' +
      "wait until then, or set the clock of this machine if 2026-11-22 05:09 UTC is wrong",
  );
});

const BROKEN = [
  {
    name: "the key is gone",
    harm: (workshop: Workshop) => Deno.remove(workshop.path("key.pem")),
    says: 'Cannot read key "key.pem": there is no such file',
  },
  {
    name: "the certificate is empty",
    harm: (workshop: Workshop) => workshop.write("cert.pem", ""),
    says: 'Cannot read certificate "cert.pem": it holds no certificate in PEM form',
  },
  {
    name: "the key is another's",
    harm: (workshop: Workshop) => workshop.openssl("genpkey -algorithm ED25519 -out key.pem"),
    says: 'Cannot use certificate "cert.pem" with key "key.pem": they do not belong together',
  },
];

for (const { name, harm, says } of BROKEN) {
  Deno.test(`a broken pair is left to the operator: ${name}`, async () => {
    await using workshop = await Workshop.open();
    await ensureSelfSigned({ dir: workshop.dir });
    await harm(workshop);
    const before = await workshop.read("cert.pem");
    assert.equal(
      await refusal(workshop),
      `${says}; restore "cert.pem" and "key.pem" from a backup, or remove both to have new ones made, ` +
        "whose fingerprint users will have to accept",
    );
    assert.equal(await workshop.read("cert.pem"), before);
  });
}

Deno.test(
  "a directory that cannot be written to is named",
  { permissions: { read: true, sys: true } },
  async () => {
    await assert.rejects(ensureSelfSigned({ dir: "nowhere" }), {
      name: "CertificateError",
      message: 'Cannot make a certificate in "nowhere": permission denied; ' +
        "give the account that Parley runs as access to it",
    });
  },
);

async function refusal(workshop: Workshop, now?: Date): Promise<string> {
  try {
    await ensureSelfSigned({ dir: workshop.dir, now });
  } catch (error) {
    assert.ok(error instanceof CertificateError);
    return workshop.withoutPaths(error.message);
  }
  return "nothing was refused";
}
