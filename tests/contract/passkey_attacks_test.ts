import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import "reflect-metadata";
import { BasicConstraintsExtension, X509CertificateGenerator } from "@peculiar/x509";
import { recordsIn } from "../../server/cli/records.ts";
import { resolveConfig } from "../../server/config.ts";
import { type Answer, call } from "../support/api.ts";
import { Authenticator } from "../support/authenticator.ts";
import { bytes, head, int, joined, list, map } from "../support/cbor.ts";
import { PageOf } from "../support/page_of.ts";
import { PasskeyPage } from "../support/passkey_page.ts";
import { base64url, type Lies, newKeys, signature } from "../support/soft_device.ts";
import { startServer } from "../support/start_server.ts";

const UNLIMITED = "--logins-per-minute=off";
const WRONG = "That passkey was not accepted. Try again, or come in another way.";
const OVER = "That took too long, or was done already; begin again.";
const STRANGER = base64url(new TextEncoder().encode("01J0000000000000000000000B"));

/** What keeps a passkey from proving anything, wherever it is used. */
const NO_PROOF: readonly [what: string, lies: Lies][] = [
  ["on a page of another port", { origin: "http://localhost:1" }],
  ["on a page of another scheme", { origin: "https://localhost" }],
  ["on another site's page", { origin: "https://evil.example" }],
  ["on no page", { origin: "null" }],
  ["for another name", { host: "evil.example" }],
  ["for another challenge", { challenge: base64url(new Uint8Array(32)) }],
  ["without anybody there", { present: false }],
  ["with another's key", { forged: true }],
  ["for somebody else", { userHandle: STRANGER }],
  ["in place of being made", { type: "webauthn.create" }],
  ["as another one", { id: "AAECAwQFBgcICQoLDA0ODw" }],
];

for (const [what, lies] of NO_PROOF) {
  Deno.test(`a passkey that is used ${what} proves nothing: alone, after a password, or once more`, async () => {
    await using server = await startServer(UNLIMITED);
    const ann = await PasskeyPage.ofOwner(server, "ann");
    await Authenticator.of(server, await server.tokenOf("ann"));
    const page = await PasskeyPage.of(server, ann.device);
    isRefused(await page.comesIn(lies), 401, WRONG);
    const { login } = (await page.signsIn("ann")).json;
    const second = await page.comesIn(lies, login);
    equal(second.status, 401);
    ok([WRONG, OVER].includes(second.json.message), second.text);
    isRefused(await ann.confirms(lies), 403, WRONG);
    equal(page.cookie, "");
    equal((await page.comesIn()).status, 200); // the same without a lie
  });
}

Deno.test("a passkey alone must be unlocked and say whose it is; after a password neither is needed", async () => {
  await using server = await startServer(UNLIMITED);
  const ann = await PasskeyPage.ofOwner(server, "ann");
  await Authenticator.of(server, await server.tokenOf("ann"));
  for (const lies of [{ verified: false }, { userHandle: null }]) {
    const page = await PasskeyPage.of(server, ann.device);
    isRefused(await page.comesIn(lies), 401, WRONG);
    const { login } = (await page.signsIn("ann")).json;
    equal((await page.comesIn(lies, login)).status, 200);
  }
  isRefused(await ann.confirms({ verified: false }), 403, WRONG);
});

Deno.test("an answer is good once, even one that was wrong", async () => {
  await using server = await startServer(UNLIMITED);
  const { device } = await PasskeyPage.ofOwner(server, "ann");
  const page = await PasskeyPage.of(server, device);
  const first = await page.asked();
  const answer = await device.uses(first.options);
  equal((await page.answers(first.login, answer)).status, 200);
  isRefused(await page.answers(first.login, answer), 401, OVER);
  const second = await page.asked();
  isRefused(await page.answers(second.login, answer), 401, WRONG); // an old answer to a new question
  isRefused(await page.answers(second.login, await device.uses(second.options)), 401, OVER);
});

Deno.test("a passkey that counts never counts back: what was copied from a device is noticed", async () => {
  await using server = await startServer(UNLIMITED);
  const { device } = await PasskeyPage.ofOwner(server, "ann");
  const page = await PasskeyPage.of(server, device);
  equal((await page.comesIn({ counter: 5 })).status, 200);
  for (const counter of [5, 4, 0]) isRefused(await page.comesIn({ counter }), 401, WRONG);
  equal((await page.comesIn({ counter: 6 })).status, 200);
});

Deno.test("a passkey that does not count is good again and again", async () => {
  await using server = await startServer(UNLIMITED);
  const { device } = await PasskeyPage.ofOwner(server, "ann");
  const page = await PasskeyPage.of(server, device);
  for (let count = 0; count < 3; count++) equal((await page.comesIn({ counter: 0 })).status, 200);
});

Deno.test("of two that come by one count of a passkey at once one is in", async () => {
  await using server = await startServer(UNLIMITED);
  const { device } = await PasskeyPage.ofOwner(server, "ann");
  const pages = await Promise.all([1, 2, 3, 4].map(() => PasskeyPage.of(server, device)));
  const answers = await Promise.all(pages.map((page) => page.comesIn({ counter: 9 })));
  deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401]);
});

Deno.test("a second step takes a passkey of the account whose password was given, and no other question's answer", async () => {
  await using server = await startServer(UNLIMITED);
  const ann = await PasskeyPage.ofOwner(server, "ann");
  const bob = await PasskeyPage.ofOwner(server, "bob");
  for (const name of ["ann", "bob"]) await Authenticator.of(server, await server.tokenOf(name));
  const page = await PasskeyPage.of(server, bob.device);
  const { login } = (await page.signsIn("ann")).json;
  isRefused(await page.comesIn({}, login), 401, WRONG);

  const own = await PasskeyPage.of(server, ann.device);
  const alone = await own.asked();
  isRefused(await own.answers(login, await ann.device.uses(alone.options)), 401, OVER);
  const later = (await own.signsIn("ann")).json.login;
  const second = await own.asked(login);
  isRefused(await own.answers(later, await ann.device.uses(second.options)), 401, WRONG);
  equal((await own.comesIn({}, login)).status, 200);
  isRefused(await own.calls("/session/passkey/options", { json: { login } }), 401, OVER);
});

Deno.test("a second step bears a few wrong passkeys, and is over when the password changes", async () => {
  await using server = await startServer(UNLIMITED);
  const ann = await PasskeyPage.ofOwner(server, "ann");
  await Authenticator.of(server, await server.tokenOf("ann"));
  const page = await PasskeyPage.of(server, ann.device);
  const { login } = (await page.signsIn("ann")).json;
  for (let count = 0; count < 5; count++) {
    isRefused(await page.comesIn({ forged: true }, login), 401, WRONG);
  }
  isRefused(await page.calls("/session/passkey/options", { json: { login } }), 401, OVER);

  const late = (await page.signsIn("ann")).json.login;
  await using records = await recordsIn(server.dataDir);
  const account = await records.accounts.findByHandle("ann");
  await records.accounts.setPassword(account!.id, "battery staple");
  isRefused(await page.comesIn({}, late), 401, "Wrong username or password.");
});

Deno.test("who has no passkey at this name of the server is told so, and may give a code", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const app = await Authenticator.of(server, await server.tokenOf("ann"));
  const page = await PasskeyPage.of(server);
  const { login } = (await page.signsIn("ann")).json;
  const { status, json } = await page.calls("/session/passkey/options", { json: { login } });
  deepEqual([status, json.message], [
    409,
    "This account has no passkey for localhost. Give a code, or come by the name that yours is for.",
  ]);
  equal((await page.calls("/session/code", { json: { login, code: app.shows() } })).status, 200);
});

Deno.test("once more, what was asked by another session or is somebody else's passkey confirms nothing", async () => {
  await using server = await startServer(UNLIMITED);
  const ann = await PasskeyPage.ofOwner(server, "ann");
  const other = await PasskeyPage.of(server, ann.device);
  await other.signsIn("ann");
  const bob = await PasskeyPage.ofOwner(server, "bob");
  const stranger = await PasskeyPage.of(server, ann.device);
  for (const from of [other, stranger]) {
    const { login, options } = await from.asked();
    const json = { login, response: await ann.device.uses(options) };
    isRefused(await ann.calls("/session/confirm", { json }), 409, OVER);
  }
  const { login, options } = await ann.asked();
  const json = { login, response: await bob.device.uses(options) };
  isRefused(await ann.calls("/session/confirm", { json }), 403, WRONG);
  equal((await ann.confirms()).status, 200);
});

/** What keeps a passkey from being added. */
const NOT_MADE: readonly [what: string, lies: Lies][] = [
  ["on a page of another port", { origin: "http://localhost:1" }],
  ["on another site's page", { origin: "https://evil.example" }],
  ["for another name", { host: "evil.example" }],
  ["by nobody who is there", { present: false }],
  ["by nobody who has unlocked the device", { verified: false }],
  ["in place of being used", { type: "webauthn.get" }],
  ["of no key", { publicKey: map([]) }],
  ["of a key of an unknown kind", { publicKey: keyOf(-65535, 64) }],
  ["of a key as long as a book", { publicKey: keyOf(-257, 8_000) }],
  ["with a certificate of its maker", { attestation: certified }],
  ["with a word of a maker that nobody knows", {
    attestation: () => Promise.resolve(["self-praise", map([])]),
  }],
];

for (const [what, lies] of NOT_MADE) {
  Deno.test(`a passkey made ${what} is not added`, async () => {
    await using server = await startServer();
    const ann = await PasskeyPage.ofNew(server, "ann");
    isRefused(await ann.adds(lies), 403, WRONG);
    deepEqual((await ann.calls("/me/mfa")).json.passkeys, []);
    equal((await ann.adds()).status, 200);
  });
}

Deno.test("a passkey is added once, by whoever was asked, and is nobody else's then", async () => {
  await using server = await startServer();
  const ann = await PasskeyPage.ofNew(server, "ann");
  const bob = await PasskeyPage.ofNew(server, "bob");
  const { json: { options } } = await ann.calls("/me/passkeys/options", { method: "POST" });
  const made = await ann.device.makes(options);
  isRefused(await bob.gives(made), 403, WRONG);
  isRefused(await ann.gives(made), 409, OVER); // the challenge is used up
  equal((await ann.adds()).status, 200);
  for (const page of [ann, bob]) {
    isRefused(await page.adds({ id: ann.device.id }), 409, "This passkey is known here already.");
  }
  deepEqual((await bob.calls("/me/mfa")).json.passkeys, []);
  isRefused(await ann.gives(await ann.device.makes({ ...options, challenge: "AAAA" })), 409, OVER);
});

Deno.test("an account has twenty passkeys at most", async () => {
  await using server = await startServer();
  const ann = await PasskeyPage.ofNew(server, "ann");
  for (let count = 0; count < 20; count++) {
    const id = base64url(crypto.getRandomValues(new Uint8Array(16)));
    equal((await ann.adds({ id }, `no. ${count}`)).status, 200);
  }
  const MOST = "You have 20 passkeys, which is as many as are kept. Remove one first.";
  isRefused(await ann.calls("/me/passkeys/options", { method: "POST" }), 409, MOST);
  const { json: { passkeys } } = await ann.calls("/me/mfa");
  equal(passkeys.length, 20);
  await ann.calls(`/me/passkeys/${passkeys[0].id}`, { method: "DELETE" });
  equal((await ann.adds()).status, 200);
});

Deno.test("passkeys with as long keys and names as may be are all kept", async () => {
  await using server = await startServer();
  const ann = await PasskeyPage.ofNew(server, "ann");
  for (let count = 0; count < 20; count++) {
    const id = base64url(crypto.getRandomValues(new Uint8Array(64)));
    equal((await ann.adds({ id, publicKey: keyOf(-257, 1_400) }, "鍵".repeat(64))).status, 200);
  }
});

Deno.test("passkeys are for a name: at an IP address none is made, asked for or taken", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const page = new PageOf(server);
  await page.signsIn("ann");
  const NAME =
    "Passkeys belong to a name, not to an address such as 127.0.0.1: open this page by the server's name.";
  const used = { id: "AA", response: { clientDataJSON: "e30", authenticatorData: "AA", signature: "AA" } };
  const made = { id: "AA", response: { clientDataJSON: "e30", attestationObject: "oA" } };
  isRefused(await page.calls("/me/passkeys/options", { method: "POST" }), 400, NAME);
  isRefused(await page.calls("/me/passkeys", { json: { name: "x", response: made } }), 400, NAME);
  isRefused(await page.calls("/session/passkey/options", { json: {} }), 400, NAME);
  isRefused(await page.calls("/session/passkey", { json: { login: "x", response: used } }), 400, NAME);
  isRefused(await page.calls("/session/confirm", { json: { login: "x", response: used } }), 400, NAME);
});

Deno.test("passkeys are made at a browser by somebody who gave the password lately, not by a program", async () => {
  const { now } = Date;
  let laterMs = 0;
  Date.now = () => now() + laterMs;
  try {
    await using server = await startServer();
    const ann = await PasskeyPage.ofOwner(server, "ann");
    const token = await server.tokenOf("ann");
    const ONLY = "Only a browser that is signed in can do that, at the server's page.";
    const asked = { method: "POST", token, host: "localhost" };
    isRefused(await call(server, "/me/passkeys/options", asked), 403, ONLY);
    const json = { name: "x", response: await ann.device.makes({ challenge: "AA", rp: {}, user: {} }) };
    isRefused(await call(server, "/me/passkeys", { ...asked, json }), 403, ONLY);
    laterMs = 12 * 3_600_000;
    const AGAIN = "Give your password once more to go on.";
    isRefused(await ann.calls("/me/passkeys/options", { method: "POST" }), 428, AGAIN);
    isRefused(await ann.calls("/me/passkeys", { json }), 428, AGAIN);
    isRefused(await ann.calls(`/me/passkeys/${ann.device.id}`, { method: "DELETE" }), 428, AGAIN);
    equal((await ann.confirms()).status, 200);
    equal((await ann.calls("/me/passkeys/options", { method: "POST" })).status, 200);
    equal((await ann.calls(`/me/passkeys/${ann.device.id}`, { method: "DELETE" })).status, 200);
  } finally {
    Date.now = now;
  }
});

Deno.test("who is disabled or banned comes in by no passkey", async () => {
  await using server = await startServer();
  const { device } = await PasskeyPage.ofOwner(server, "ann");
  const page = await PasskeyPage.of(server, device);
  const root = await server.admin("root");
  await root.types("/ban ann 1d spam");
  await root.reads(/banned/);
  const banned = await page.comesIn();
  equal(banned.status, 403);
  match(banned.json.message, /^You are banned from this server until .*: spam\.$/);
  await using records = await recordsIn(server.dataDir);
  const account = await records.accounts.findByHandle("ann");
  await records.accounts.setDisabled(account!.id, true);
  isRefused(await page.comesIn(), 403, "This account is disabled. Ask an admin of this server.");
  equal(page.cookie, "");
});

Deno.test("passkeys are tried no faster than passwords", async () => {
  await using server = await startServer("--logins-per-minute=3");
  const { device } = await PasskeyPage.ofOwner(server, "ann"); // which was a log-in
  const page = await PasskeyPage.of(server, device);
  for (let count = 0; count < 2; count++) isRefused(await page.comesIn({ forged: true }), 401, WRONG);
  const { status, json } = await page.comesIn();
  equal(status, 429);
  match(json.message, /^Too many attempts\. Try again in \d+ s\.$/);
});

Deno.test("one address asks for no more challenges than people need", async () => {
  await using server = await startServer();
  const page = await PasskeyPage.of(server);
  const asks = () => page.calls("/session/passkey/options", { json: {} });
  for (let count = 0; count < 60; count++) equal((await asks()).status, 200);
  equal((await asks()).status, 429);
});

Deno.test("the last passkey stays where it is the only way in, or the only second factor that must be", async () => {
  for (
    const [flag, message] of [
      ["--password-login=off", "That is the only way in that you have. Add another one first."],
      ["--require-mfa=everyone", "This server asks for a second factor; it is the only one that you have."],
    ] as const
  ) {
    await using server = await startServer();
    const ann = await PasskeyPage.ofOwner(server, "ann");
    const { device } = ann;
    await server.parley.reload(resolveConfig({ args: [`--data=${server.dataDir}`, flag], env: {} }));
    const page = await PasskeyPage.of(server, device);
    equal((await page.comesIn()).status, 200, flag);
    const remove = (id: string) => page.calls(`/me/passkeys/${id}`, { method: "DELETE" });
    isRefused(await remove(device.id), 409, message);
    const id = base64url(crypto.getRandomValues(new Uint8Array(16)));
    equal((await page.adds({ id })).status, 200);
    equal((await remove(id)).status, 200);
    isRefused(await remove(device.id), 409, message);
  }
});

Deno.test("a passkey is called what its owner likes, in 64 printable characters; nobody else's can be touched", async () => {
  await using server = await startServer();
  const ann = await PasskeyPage.ofOwner(server, "ann");
  const bob = await PasskeyPage.ofNew(server, "bob");
  const path = `/me/passkeys/${ann.device.id}`;
  const names: readonly [given: unknown, kept: string | undefined][] = [
    ["Blue key", "Blue key"],
    [" \u001b[31mred\u202e ", "[31mred"],
    ["x".repeat(64), "x".repeat(64)],
    ["x".repeat(65), undefined],
    ["", undefined],
    ["\u0007", undefined],
    [5, undefined],
  ];
  for (const [given, kept] of names) {
    const answer = await ann.calls(path, { method: "PATCH", json: { name: given } });
    if (kept === undefined) isRefused(answer, 400, "A name is 1 to 64 characters.");
    else equal(answer.json.name, kept);
  }
  const NONE = `You have no passkey ${ann.device.id}.`;
  isRefused(await bob.calls(path, { method: "PATCH", json: { name: "mine" } }), 404, NONE);
  isRefused(await bob.calls(path, { method: "DELETE" }), 404, NONE);
  equal((await ann.calls("/me/mfa")).json.passkeys[0].name, "x".repeat(64));
});

Deno.test("whatever is sent in place of a passkey is refused with a sentence", async () => {
  await using server = await startServer(UNLIMITED, "--command-rate=off");
  const ann = await PasskeyPage.ofOwner(server, "ann");
  for (const rubbish of RUBBISH) {
    for (const path of ["/session/passkey", "/session/confirm", "/me/passkeys"]) {
      isRubbish(await ann.calls(path, { json: rubbish }), path);
      isRubbish(await ann.calls(path, { json: { login: rubbish, name: rubbish, response: rubbish } }), path);
    }
    const { login, options } = await ann.asked();
    for (const response of spoilt(await ann.device.uses(options), rubbish)) {
      isRubbish(await ann.answers(login, response), "used");
    }
    const { json } = await ann.calls("/me/passkeys/options", { method: "POST" });
    for (const response of spoilt(await ann.device.makes(json.options), rubbish)) {
      isRubbish(await ann.gives(response), "made");
    }
  }
  deepEqual(server.logged.filter((line) => line.includes("failed")), []);
});

const RUBBISH: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  "",
  "AA",
  "!",
  "ä",
  "__proto__",
  "oA",
  base64url(new TextEncoder().encode("null")),
  base64url(new TextEncoder().encode('{"challenge":{}}')),
  base64url(new Uint8Array(300)),
  base64url(new Uint8Array(300).fill(0xff)),
  "A".repeat(50_000),
  [],
  ["AA"],
  {},
  { toString: "AA" },
];

/** The same with rubbish in place of each of its parts but the one that need not be there. */
// deno-lint-ignore no-explicit-any
function spoilt(whole: any, rubbish: unknown): unknown[] {
  const fields = Object.keys(whole.response).filter((field) => !["transports", "userHandle"].includes(field));
  return [
    rubbish,
    { ...whole, id: rubbish },
    { ...whole, response: rubbish },
    ...fields.map((field) => ({ ...whole, response: { ...whole.response, [field]: rubbish } })),
  ];
}

function isRubbish({ status, json, text }: Answer, what: string): void {
  ok(status >= 400 && status < 500, `${what}: ${status} ${text}`);
  match(json.message, /^[A-Z].*[a-z.]$/, what);
}

function isRefused({ status, json }: Answer, expected: number, message: string): void {
  deepEqual([status, json.message], [expected, message]);
}

/** A public key of some kind with so many random bytes, COSE. */
function keyOf(algorithm: number, length: number): Uint8Array {
  const random = crypto.getRandomValues(new Uint8Array(length));
  const fields = [[1, int(3)], [3, int(algorithm)], [-1, bytes(random)], [
    -2,
    bytes(Uint8Array.of(1, 0, 1)),
  ]] as const;
  return joined([head(5, fields.length), ...fields.flatMap(([name, value]) => [int(name), value])]);
}

/** What a maker says of a device, all of it true: it is signed by a key whose certificate is as it must be. */
async function certified(signed: Uint8Array<ArrayBuffer>): Promise<readonly [string, Uint8Array]> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "C=US, O=Maker, OU=Authenticator Attestation, CN=Device",
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    keys,
    extensions: [new BasicConstraintsExtension(false)],
  });
  const x5c = list([bytes(new Uint8Array(certificate.rawData))]);
  const sig = bytes(await signature(signed, keys.privateKey));
  return ["packed", map([["alg", int(-7)], ["sig", sig], ["x5c", x5c]])];
}
