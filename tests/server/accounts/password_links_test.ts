import { doesNotMatch, rejects, strictEqual as equal } from "node:assert/strict";
import { PasswordLinks } from "../../../server/accounts/password_links.ts";
import { SignedLinks } from "../../../server/accounts/signed_links.ts";
import { passwordLinkNotValid } from "../../../server/refusals.ts";
import { openAccounts } from "../../support/open_accounts.ts";

const DAY_MS = 86_400_000;
const BOB = "01J0000000000000000000000B";

Deno.test("a link says whose password it is for, and goes on until one is set", async () => {
  await using opened = await open();
  const { links, ann, accounts } = opened;
  const [first, second] = [await links.issue(ann), await links.issue(ann)];
  for (const { link } of [first, second, first]) equal((await links.read(link)).id, ann.id);
  await accounts.setPassword(ann.id, "battery staple");
  for (const { link } of [first, second]) await rejects(links.read(link), passwordLinkNotValid());
});

Deno.test("a link is over when the password has been changed in another way, even back again", async () => {
  await using opened = await open();
  const { links, ann, accounts } = opened;
  await accounts.setPassword(ann.id, "battery staple");
  const { link } = await links.issue(await accounts.get(ann.id));
  await accounts.setPassword(ann.id, "battery staple"); // with another salt
  await rejects(links.read(link), passwordLinkNotValid());
});

Deno.test("a link is good for a day, to the second", async () => {
  await using opened = await open();
  const { links, ann, clock } = opened;
  const { link, expiresAt } = await links.issue(ann);
  equal(expiresAt.getTime(), clock.ms + DAY_MS);
  clock.ms += DAY_MS - 1_000;
  await links.read(link);
  clock.ms += 1_000;
  await rejects(links.read(link), passwordLinkNotValid());
});

Deno.test("a link gives a password to an account that has none, once", async () => {
  await using opened = await open();
  const bob = await opened.has({ id: BOB, name: "bob", passwordHash: undefined });
  const { link } = await opened.links.issue(bob);
  equal((await opened.links.read(link)).id, BOB);
  await opened.accounts.setPassword(BOB, "battery staple");
  await rejects(opened.links.read(link), passwordLinkNotValid());
});

Deno.test("a link goes on where something else of the account changes, and not where it is disabled or gone", async () => {
  await using opened = await open();
  const { links, ann, accounts } = opened;
  const { link } = await links.issue(ann);
  await accounts.setRole(ann.id, "moderator");
  await links.read(link);
  await accounts.setDisabled(ann.id, true);
  await rejects(links.read(link), passwordLinkNotValid());
  await accounts.setDisabled(ann.id, false);
  await links.read(link);
  await accounts.delete(ann.id);
  await rejects(links.read(link), passwordLinkNotValid());
});

Deno.test("an invitation's link sets nobody's password, nor does what is none", async () => {
  await using opened = await open();
  const { links, signed, ann, clock } = opened;
  const expiresAt = new Date(clock.ms + DAY_MS);
  const invitation = await signed.sign("invitation", { subject: ann.id, expiresAt });
  const stateless = await signed.sign("password", { subject: ann.id, expiresAt });
  for (const link of [invitation, stateless, "", "eyJ.eyJ.x", "BCDF-GHJK-MNPQ"]) {
    await rejects(links.read(link), passwordLinkNotValid(), link.slice(0, 40));
  }
});

Deno.test("a link tells nothing of the password's hash", async () => {
  await using opened = await open();
  const ann = await opened.accounts.setPassword(opened.ann.id, "battery staple");
  const { link } = await opened.links.issue(ann);
  const claims = atob(link.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/"));
  doesNotMatch(claims, /argon2/);
  for (const part of ann.passwordHash!.split("$").slice(-2)) equal(claims.includes(part), false);
});

/** At a time that is not now: what is good must go by the clock that was given. */
async function open() {
  const opened = await openAccounts();
  const clock = { ms: 1_700_000_000_000 };
  const signed = new SignedLinks(new Uint8Array(32).fill(7), () => clock.ms);
  const links = new PasswordLinks(opened.accounts, signed, () => clock.ms);
  return { ...opened, links, signed, clock, ann: await opened.has({}) };
}
