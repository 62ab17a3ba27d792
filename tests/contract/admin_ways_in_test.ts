import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { deedsSeenBy, idOf, signedIn } from "../support/admin_calls.ts";
import { call } from "../support/api.ts";
import { Authenticator } from "../support/authenticator.ts";
import type { PageOf } from "../support/page_of.ts";
import { runParley, UNLIMITED } from "../support/run_parley.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

const LINK_NOT_VALID = "This link is not valid: it is good once. Ask for another one.";

const NOBODY = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

/** Who gives somebody a link for a new password, or takes their codes away. */
const HELPERS: readonly [who: string, help: Help][] = [
  ["an admin", {
    async link({ page }) {
      const path = `/admin/api/people/${await idOf(page, "ann")}/password-link`;
      return (await page.calls(path, { method: "POST" })).json;
    },
    async reset({ page }) {
      const path = `/admin/api/people/${await idOf(page, "ann")}/mfa`;
      equal((await page.calls(path, { method: "DELETE" })).json.message, "No code is asked for any more.");
    },
    deed: "root",
  }],
  ["the operator", {
    link: async ({ server }) => JSON.parse(await operatorDoes(server, "user passwd ann --link --json")),
    async reset({ server }) {
      const says = await operatorDoes(server, "user mfa reset ann");
      equal(says, "ann is asked for no code any more.\n");
    },
    deed: "operator",
  }],
];

/** A server, and an admin's browser. */
interface Where {
  readonly server: TestServer;
  readonly page: PageOf;
}

interface Help {
  link(where: Where): Promise<{ url: string; expires_at: string }>;
  reset(where: Where): Promise<void>;
  /** Who has done it, for the audit trail. */
  readonly deed: string;
}

for (const [who, help] of HELPERS) {
  Deno.test(`by the link of ${who} one sets a password, once, and what came in by the old one ends`, async () => {
    await using server = await startServer(...UNLIMITED);
    const page = await signedIn(server);
    const [ann] = await server.members("ann");
    const { url, expires_at } = await help.link({ server, page });
    match(url, /^https?:\/\/[^/]+\/#password=[\w-]+\.[\w-]+\.[\w-]+$/);
    equal(Math.round((Date.parse(expires_at) - Date.now()) / 3_600_000), 24);
    await ann.asks("/ping", "Pong."); // the old password is good until then
    const link = url.split("#password=")[1];
    equal((await call(server, "/password", { json: { link, password: "ann" } })).status, 400);
    equal((await call(server, "/password", { json: { link, password: "battery staple" } })).status, 200);
    match(await ann.readsToTheEnd(), /This account was logged out everywhere; log in again\.\n$/);
    await server.member("ann", "battery staple");
    equal((await page.signsIn("ann")).status, 401);
    const again = await call(server, "/password", { json: { link, password: "third password" } });
    deepEqual([again.status, again.json.message], [403, LINK_NOT_VALID]);
    await page.signsIn("root");
    deepEqual(await deedsSeenBy(page), [`${help.deed} | password link | ann | `]);
  });

  Deno.test(`whose codes ${who} takes away is asked for none, and may switch others on`, async () => {
    await using server = await startServer(...UNLIMITED);
    const page = await signedIn(server);
    await server.hasAccount("ann");
    const token = await server.tokenOf("ann");
    const { recoveryCodes: [recovery] } = await Authenticator.of(server, token);
    const login = { username: "ann", password: "correct horse" };
    equal((await call(server, "/login", { json: login })).json.message, "Code required");
    await help.reset({ server, page });
    equal((await call(server, "/login", { json: login })).status, 200);
    equal((await call(server, "/me", { token })).status, 200, "tokens stay");
    await Authenticator.of(server, token);
    const old = await call(server, "/login", { json: { ...login, code: recovery } });
    match(old.json.message, /^Wrong code/);
    deepEqual(await deedsSeenBy(page), [`${help.deed} | reset codes | ann | `]);
  });
}

Deno.test("admins see by what each account comes in", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.hasAccount("ann");
  await server.hasAccount("bob");
  await Authenticator.of(server, await server.tokenOf("ann"));
  const { json } = await page.calls("/admin/api/people");
  deepEqual(
    json.people.map((
      { name, has_password, codes, passkeys, identities }: Record<string, unknown>,
    ) => [name, has_password, codes, passkeys, identities]),
    [["root", true, false, 0, 0], ["ann", true, true, 0, 0], ["bob", true, false, 0, 0]],
  );
  const listed = JSON.parse(await operatorDoes(server, "user list --json"));
  deepEqual(listed.map(({ codes }: { codes: boolean }) => codes), [false, true, false]);
  ok(!JSON.stringify([json, listed]).includes("secret"));
});

Deno.test("nobody who is not there is given a link or asked for no code, and nothing of it is noted", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  for (const id of [NOBODY, "x", "%00"]) {
    equal((await page.calls(`/admin/api/people/${id}/password-link`, { method: "POST" })).status, 404);
    equal((await page.calls(`/admin/api/people/${id}/mfa`, { method: "DELETE" })).status, 404);
  }
  deepEqual(await deedsSeenBy(page), []);
});

Deno.test("a password that others would try first is made neither by admins nor by the operator", async () => {
  await using server = await startServer(...UNLIMITED);
  const page = await signedIn(server);
  await server.hasAccount("ann");
  const path = `/admin/api/people/${await idOf(page, "ann")}/password`;
  for (
    const [password, says] of [
      ["password123", "That is one of the 10,000 most common passwords. Choose another."],
      ["ann-1987!", "A password must be more than your name. Choose another."],
    ] as const
  ) {
    const { status, json } = await page.calls(path, { json: { password } });
    deepEqual([status, json.message], [400, says]);
    const args = ["user", "passwd", "ann", `--data=${server.dataDir}`];
    const { code, err } = await runParley(args, { input: `${password}\n` });
    deepEqual([code, err], [1, `parley: ${says}\n`]);
  }
  deepEqual(await deedsSeenBy(page), []);
  await server.member("ann");
});

/** A command beside the running server. */
async function operatorDoes(server: TestServer, command: string): Promise<string> {
  const { code, out, err } = await runParley([...command.split(" "), `--data=${server.dataDir}`]);
  equal(code, 0, err);
  return out;
}
