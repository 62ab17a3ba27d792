import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { UnsecuredJWT } from "jose";
import { SignedLinks } from "../../../server/accounts/signed_links.ts";
import { Tokens } from "../../../server/accounts/tokens.ts";
import { tokenNotValid } from "../../../server/refusals.ts";
import { Changes } from "../../../server/store/changes.ts";
import { KvTokenStore } from "../../../server/store/tokens.ts";
import { openDatabase } from "../../support/open_database.ts";

const NOW_MS = 1_700_000_000_000;
const KEY = new Uint8Array(32).fill(7);
const SIGNED = { subject: "ann's id", state: "as it was" };

Deno.test("what was signed is read, for as long as it is good and for what it is for", async () => {
  const clock = { ms: NOW_MS };
  const links = new SignedLinks(KEY, () => clock.ms);
  const link = await links.sign("password", { ...SIGNED, expiresAt: new Date(NOW_MS + 60_000) });
  deepEqual(await links.read("password", link), SIGNED);
  equal(await links.read("invitation", link), undefined);
  clock.ms += 59_999;
  deepEqual(await links.read("password", link), SIGNED);
  clock.ms += 1;
  equal(await links.read("password", link), undefined);
});

Deno.test("a link says nothing of a state where it has none", async () => {
  const links = new SignedLinks(KEY, () => NOW_MS);
  const link = await links.sign("invitation", { subject: "id", expiresAt: new Date(NOW_MS + 60_000) });
  deepEqual(await links.read("invitation", link), { subject: "id", state: "" });
});

Deno.test("nothing is read of what was altered, or signed by another key or none", async () => {
  const links = new SignedLinks(KEY, () => NOW_MS);
  const expiresAt = new Date(NOW_MS + 60_000);
  const link = await links.sign("password", { ...SIGNED, expiresAt });
  const [head = "", claims = "", signature = ""] = link.split(".");
  const others = JSON.stringify({ aud: "password", sub: "eve's id", state: "", exp: NOW_MS });
  const unsigned = new UnsecuredJWT({ state: "" }).setAudience("password").setSubject("eve's id")
    .setExpirationTime(expiresAt).encode();
  for (
    const forged of [
      `${head}.${btoa(others).replaceAll("=", "")}.${signature}`,
      `${head}.${claims}.`,
      `${head}.${claims}.${"A".repeat(43)}`,
      unsigned,
      await new SignedLinks(new Uint8Array(32)).sign("password", { ...SIGNED, expiresAt }),
      "",
      "eyJ.eyJ.x",
      "x".repeat(100_000),
    ]
  ) {
    equal(await links.read("password", forged), undefined, forged.slice(0, 80));
  }
  deepEqual(await links.read("password", link), SIGNED);
});

Deno.test("a link is no access token, and an access token is no link, though one key signs them", async () => {
  await using opened = await openDatabase();
  const store = new KvTokenStore(opened.database, new Changes(opened.database));
  const tokens = await Tokens.open(store);
  const links = new SignedLinks(await store.signingKey());
  const { jwt } = await tokens.issue("ann's id", { days: 1, label: "laptop" });
  const expiresAt = new Date(Date.now() + 60_000);
  for (const purpose of ["invitation", "password"] as const) {
    const link = await links.sign(purpose, { subject: "ann's id", expiresAt });
    await rejects(tokens.verify(link), tokenNotValid());
    equal(await links.read(purpose, jwt), undefined);
  }
});
