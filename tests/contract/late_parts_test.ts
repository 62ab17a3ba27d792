import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
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
  equal(await new ProcessPage(server).goes("/oauth/corp"), "/#sign-in=pending");
  deepEqual(issuer.asked.slice(-3), ["/authorize", "/token", "/jwks"]);
});

Deno.test({
  name: "workers are there when the server is to have some",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using machine = await Machine.make();
    const server = await machine.serve(["--workers=2"]);
    const people = [];
    while (people.length < 8) {
      people.push(await server.guest("ann", people.length % 2 === 0 ? "tls" : "plain"));
    }
    const [speaker, ...readers] = people;
    await speaker!.types("is everybody here?");
    for (const reader of readers) await reader.readsUntil(`${speaker!.name}: is everybody here?`);
    equal(server.errors, "");
  },
});
