import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { RealIssuer } from "../support/real_issuer.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";
import { sentenceIn, Wanderer } from "../support/wanderer.ts";

const back = (url: URL) => url.pathname.endsWith("/callback");

Deno.test("with a provider as others run it one comes in for the first time, and again", async () => {
  await using issuer = await RealIssuer.open();
  await using server = await serverWithProviders(`${issuer.row()}allow = ["@example.org"]\n`);
  issuer.person = {
    sub: "ann-at-issuer",
    email: "ann@example.org",
    email_verified: true,
    preferred_username: "ann",
  };
  const ann = new Wanderer(server);
  equal((await ann.goes("/oauth/corp")).page, "/#sign-in=pending");
  equal((await ann.calls("/session/pending")).json.suggested, "ann");
  equal((await ann.calls("/session/identity", { json: { name: "Annie" } })).status, 200);
  deepEqual((await ann.calls("/me/identities")).json[0].label, "ann@example.org");
  const later = new Wanderer(server);
  equal((await later.goes("/oauth/corp?to=/admin")).page, "/admin");
  equal(await later.who(), "Annie");
});

Deno.test("with it an identity is linked", async () => {
  await using issuer = await RealIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  await server.hasAccount("ann");
  const ann = new Wanderer(server);
  await ann.signsIn("ann");
  equal(await ann.links(), "/#linked=Corp");
  const later = new Wanderer(server);
  await later.goes("/oauth/corp");
  equal(await later.who(), "ann");
});

Deno.test("it gives nothing for a code without what only this server knows, nor for one that was used", async () => {
  await using issuer = await RealIssuer.open();
  await using server = await serverWithProviders(issuer.row());
  const ann = new Wanderer(server);
  const { url } = await ann.goes("/oauth/corp", { until: back });
  const eve = new Wanderer(server);
  for (const _time of ["while it is good", "afterwards"]) {
    const hers = new URL((await eve.goes("/oauth/corp", { until: back })).url);
    hers.searchParams.set("code", new URL(url).searchParams.get("code")!);
    equal(
      sentenceIn((await eve.goes(hers.href)).page),
      "What Corp answered could not be verified, so nobody was signed in. Begin again.",
    );
    await ann.goes(url);
  }
  equal(await eve.who(), undefined);
});
