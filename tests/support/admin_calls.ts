import { strict as assert } from "node:assert";
import type { AccountRole } from "../../server/accounts/roles.ts";
import { call } from "./api.ts";
import { PageOf } from "./page_of.ts";
import type { TestServer } from "./start_server.ts";

/** A browser in which somebody with a new account of a role has signed in, to call what the admin page calls. */
export async function signedIn(
  server: TestServer,
  { name = "root", role = "admin" }: { name?: string; role?: AccountRole } = {},
): Promise<PageOf> {
  await server.hasAccount(name);
  if (role !== "member") await server.hasRole(name, role);
  const page = new PageOf(server);
  await page.signsIn(name);
  return page;
}

/** The same where nobody may sign up: the first admin, made with the code of the start. */
export async function firstAdmin(server: TestServer): Promise<PageOf> {
  const { setupCode: code } = server.parley;
  const json = { code, username: "root", password: "correct horse", name_account: "root" };
  assert.equal((await call(server, "/setup", { json })).status, 200);
  const page = new PageOf(server);
  await page.signsIn("root");
  return page;
}

/** The deeds in the audit trail, newest first: who, what, whom and why. */
export async function deedsSeenBy(page: PageOf): Promise<string[]> {
  const { json } = await page.calls("/admin/api/audit");
  return json.entries.map(({ who, what, whom, why }: Record<string, string>) =>
    [who, what, whom, why].join(" | ")
  );
}

/** The id of the account of a name. */
export async function idOf(page: PageOf, name: string): Promise<string> {
  const { json } = await page.calls(`/admin/api/people?search=${encodeURIComponent(name)}`);
  return json.people.find((person: { name: string }) => person.name === name).id;
}
