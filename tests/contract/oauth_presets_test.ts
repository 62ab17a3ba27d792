import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { call } from "../support/api.ts";
import { PlainProvider } from "../support/plain_provider.ts";
import { serverWithProviders } from "../support/server_with_providers.ts";
import { sentenceIn, Wanderer } from "../support/wanderer.ts";

const USER = "/api/v3/user", ADDRESSES = "/api/v3/user/emails", ME = "/me?fields=id,name";

const octocat = { id: 583_231, login: "octocat", name: "The Octocat" };

Deno.test("GitHub is asked who somebody is, and for the address that it has verified", async () => {
  await using gitHub = PlainProvider.open("github");
  await using server = await serverWithProviders(gitHub.row());
  gitHub.profile = {
    [USER]: octocat,
    [ADDRESSES]: [
      { email: "old@corp.example", primary: false, verified: true },
      { email: "octocat@corp.example", primary: true, verified: true },
    ],
  };
  const ann = new Wanderer(server);
  await ann.goes("/oauth/github");
  const [sent] = gitHub.sent;
  deepEqual([sent!.get("scope"), sent!.get("code_challenge_method"), sent!.get("nonce")], [
    "read:user user:email",
    "S256",
    null,
  ]);
  const { json: { title, suggested } } = await ann.calls("/session/pending");
  deepEqual([title, suggested], ["GitHub", "octocat"]);
  await ann.comesAs("ann", { by: "github" });
  const { json: [identity] } = await ann.calls("/me/identities");
  deepEqual([identity.title, identity.label], ["GitHub", "octocat@corp.example"]);

  gitHub.profile = { ...gitHub.profile, [USER]: { ...octocat, login: "renamed" } };
  const later = new Wanderer(server);
  equal((await later.goes("/oauth/github")).page, "/");
  equal(await later.who(), "ann");
  gitHub.profile = { ...gitHub.profile, [USER]: { ...octocat, id: 1 } };
  equal(
    (await new Wanderer(server).goes("/oauth/github")).page,
    "/#sign-in=pending",
    "another has the old name",
  );
});

for (
  const [what, addresses, allowed] of [
    ["an address of the list", [{ email: "Ann@Corp.Example", primary: true, verified: true }], true],
    ["one that is not verified", [{ email: "ann@corp.example", primary: true, verified: false }], false],
    ["one that is not the primary one", [
      { email: "ann@corp.example", primary: false, verified: true },
      { email: "ann@else.example", primary: true, verified: true },
    ], false],
    ["none", [], false],
  ] as const
) {
  Deno.test(`somebody for whom GitHub has ${what} is ${allowed ? "" : "not "}let in by a list`, async () => {
    await using gitHub = PlainProvider.open("github");
    await using server = await serverWithProviders(`${gitHub.row()}allow = ["@corp.example"]\n`);
    gitHub.profile = { [USER]: octocat, [ADDRESSES]: addresses };
    const { page } = await new Wanderer(server).goes("/oauth/github");
    equal(page === "/#sign-in=pending", allowed, page);
  });
}

for (
  const [what, profile] of [
    ["no number", { [USER]: { ...octocat, id: "1" }, [ADDRESSES]: [] }],
    ["no addresses", { [USER]: octocat }],
    ["a page", { [USER]: "<html>", [ADDRESSES]: [] }],
    ["nothing", {}],
  ] as const
) {
  Deno.test(`who for GitHub is somebody with ${what} is not signed in`, async () => {
    await using gitHub = PlainProvider.open("github");
    await using server = await serverWithProviders(gitHub.row());
    gitHub.profile = profile;
    const { page } = await new Wanderer(server).goes("/oauth/github");
    equal(
      sentenceIn(page),
      "What GitHub answered could not be verified, so nobody was signed in. Begin again.",
    );
  });
}

Deno.test("a code that GitHub does not know signs nobody in", async () => {
  await using gitHub = PlainProvider.open("github");
  await using server = await serverWithProviders(gitHub.row());
  const ann = new Wanderer(server);
  const { url } = await ann.goes("/oauth/github", {
    until: ({ pathname }) => pathname.endsWith("/callback"),
  });
  const other = new URL(url);
  other.searchParams.set("code", "another");
  equal(
    sentenceIn((await ann.goes(other.href)).page),
    "What GitHub answered could not be verified, so nobody was signed in. Begin again.",
  );
});

Deno.test("Facebook is asked who somebody is, and for no address", async () => {
  await using facebook = PlainProvider.open("facebook");
  await using server = await serverWithProviders(facebook.row());
  facebook.profile = { [ME]: { id: "10158", name: "Ann Smith" } };
  const ann = new Wanderer(server);
  await ann.goes("/oauth/facebook");
  equal(facebook.sent[0]!.get("scope"), "public_profile");
  const { json: { title, suggested } } = await ann.calls("/session/pending");
  deepEqual([title, suggested], ["Facebook", "Ann-Smith"]);
  await ann.comesAs("ann", { by: "facebook" });
  equal((await ann.calls("/me/identities")).json[0].label, "Ann Smith");
  const later = new Wanderer(server);
  await later.goes("/oauth/facebook");
  equal(await later.who(), "ann");
});

Deno.test("of GitHub, Facebook and Google one needs no address; the first two are there at once", async () => {
  const rows = ["github", "facebook"].map((name) =>
    `[[oidc]]\nname = "${name}"\npreset = "${name}"\nclient_id = "x"\nclient_secret = "y"\n`
  );
  await using server = await serverWithProviders(rows.join(""));
  await server.http("/oauth/github", { redirect: "manual" }).then((response) => response.body?.cancel());
  await server.http("/oauth/facebook", { redirect: "manual" }).then((response) => response.body?.cancel());
  deepEqual((await call(server, "/server")).json.providers, [
    { name: "github", title: "GitHub", available: true },
    { name: "facebook", title: "Facebook", available: true },
  ]);
});
