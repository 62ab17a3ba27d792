import { match, strictEqual as equal } from "node:assert/strict";
import { Authenticator } from "../support/authenticator.ts";
import { ProcessPage } from "../support/process_page.ts";
import { Machine } from "../support/run_parley.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";
import { SoftDevice } from "../support/soft_device.ts";

/** What is loaded when somebody needs it for the first time has to be in the compiled file as well. */

const PASSWORD = "correct horse";

Deno.test("passkeys, codes and the list of common passwords are there when they are asked for", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const page = new ProcessPage(server);
  const ann = { username: "ann", name_account: "ann" };
  const common = await server.http("/signup", { ...ann, password: "password1" });
  equal(common.body.message, "That is one of the 10,000 most common passwords. Choose another.");
  await page.calls("/signup", { ...ann, password: PASSWORD });
  await page.calls("/session", { username: "ann", password: PASSWORD });
  const device = await SoftDevice.at(page.origin);
  const { options } = await page.calls("/me/passkeys/options", {});
  await page.calls("/me/passkeys", { name: "Laptop", response: await device.makes(options) });
  const app = new Authenticator((await page.calls("/me/mfa", {})).secret);
  await page.calls("/me/mfa/confirm", { code: app.shows({ steps: -1 }) });

  const other = new ProcessPage(server);
  const asked = await other.calls("/session/passkey/options", {});
  const response = await device.uses(asked.options);
  equal((await other.calls("/session/passkey", { login: asked.login, response })).account.name, "ann");
  const { body } = await server.http("/login", { username: "ann", password: PASSWORD, code: app.fresh() });
  equal(body["Name Account"], "ann");
});

Deno.test("identity providers are there when somebody goes to one", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using machine = await Machine.make();
  await machine.write("parley.toml", issuer.row());
  await Deno.chmod(machine.path("parley.toml"), 0o600);
  const server = await machine.serve([`--config=${machine.path("parley.toml")}`]);
  const { port } = server.address("http");
  const sent = await sentOn(`http://127.0.0.1:${port}/oauth/corp`);
  match(sent.to, new RegExp(`^${issuer.url}/authorize\\?`));
  const back = await sentOn((await sentOn(sent.to)).to, { cookie: sent.cookie });
  equal(back.to, "/#sign-in=pending");
});

/** Where a browser is sent on to, and what it is given to keep. */
async function sentOn(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ to: string; cookie: string }> {
  const { headers: answered, body } = await fetch(url, { redirect: "manual", headers });
  await body?.cancel();
  const [cookie = ""] = (answered.get("set-cookie") ?? "").split(";");
  return { to: answered.get("location") ?? "", cookie };
}
