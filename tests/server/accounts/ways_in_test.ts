import { strictEqual as equal } from "node:assert/strict";
import type { Account } from "../../../server/accounts/account_store.ts";
import { WaysIn } from "../../../server/accounts/ways_in.ts";
import { anAccount } from "../../support/an_account.ts";

const KEY = {
  id: "AAECAwQFBgcICQoLDA0ODw",
  name: "Laptop",
  publicKey: new Uint8Array(),
  counter: 0,
  transports: [],
  host: "localhost",
  createdAt: new Date(0),
  lastUsedAt: undefined,
};

const identityAt = (issuer: string) => ({
  issuer,
  subject: "1",
  label: "ann",
  linkedAt: new Date(0),
  lastUsedAt: undefined,
});

const CASES: [what: string, account: Partial<Account>, has: boolean, hasWithPasswordsOff: boolean][] = [
  ["a password", {}, true, false],
  ["nothing", { passwordHash: undefined }, false, false],
  ["a passkey", { passwordHash: undefined, passkeys: [KEY] }, true, true],
  ["a password and a passkey", { passkeys: [KEY] }, true, true],
  ["an identity", { passwordHash: undefined, identities: [identityAt("https://id.example")] }, true, true],
  [
    "one of a provider that was taken away",
    { passwordHash: undefined, identities: [identityAt("https://gone.example")] },
    false,
    false,
  ],
];

for (const [what, account, has, hasWithPasswordsOff] of CASES) {
  Deno.test(`an account with ${what} comes in, or does not`, () => {
    const issuers = ["https://id.example/"];
    equal(new WaysIn(issuers, { passwordLogin: true }).has(anAccount(account)), has);
    const off = new WaysIn(issuers, { passwordLogin: false });
    equal(off.has(anAccount(account)), hasWithPasswordsOff);
    equal(off.hasBesidePassword(anAccount(account)), hasWithPasswordsOff);
  });
}
