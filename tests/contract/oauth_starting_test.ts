import { strict as assert } from "node:assert";
import { Machine } from "../support/run_parley.ts";
import { ScriptedIssuer } from "../support/scripted_issuer.ts";

Deno.test({
  name: "a file with secrets that others may read ends the start with one line",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using machine = await Machine.make();
    const file = await withRows(machine, rows("not for others"));
    await Deno.chmod(file, 0o644);
    for (
      const { code, err } of [
        await machine.fails([`--config=${file}`]),
        await machine.parley(`config show --config=${file}`),
      ]
    ) {
      assert.equal(code, 1);
      assert.equal(
        err,
        `parley: Cannot use client_secret in ${file}: others may read it; chmod 600 ${file}\n`,
      );
    }
    await Deno.chmod(file, 0o600);
    await machine.serve([`--config=${file}`]);
  },
});

Deno.test("a secret is shown by no command, in no log, at no address, and is taken from the environment as well", async () => {
  await using issuer = await ScriptedIssuer.open();
  await using machine = await Machine.make();
  const file = await withRows(machine, issuer.row().replace(/client_secret.*\n/, ""));
  const env = { PARLEY_OIDC_CORP_CLIENT_SECRET: "not for others" };
  const server = await machine.serve([`--config=${file}`], { env });
  const shown = await machine.does(`config show --config=${file}`, { env });
  assert.match(shown, /^oidc\.corp\.client_secret +\(set\) +environment$/m);
  assert.match(shown, /^oidc\.corp\.issuer +http:\/\/localhost:\d+ +file$/m);
  const { status, body } = await server.http("/server");
  assert.equal(status, 200);
  const all = [shown, JSON.stringify(body), server.output, server.errors].join("\n");
  assert.ok(!all.includes("not for others"), all);
});

Deno.test({
  name: "SIGHUP refuses rows that are bad, and says that changed ones wait for a restart",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using machine = await Machine.make();
    const file = await withRows(machine, rows("one"));
    const server = await machine.serve([`--config=${file}`]);
    await withRows(machine, rows("two"));
    server.kill("SIGHUP");
    await server.prints(/ warn +this waits for a restart options=\S*\[\[oidc\]\]/);
    await withRows(machine, rows("two").replace("https:", "http:"));
    server.kill("SIGHUP");
    await server.prints(/ nothing was reloaded because=.*an https address, or http on this machine/);
    await withRows(machine, rows("two"));
    await Deno.chmod(file, 0o644);
    server.kill("SIGHUP");
    await server.prints(/ nothing was reloaded because=.*chmod 600/);
  },
});

function rows(secret: string): string {
  return `[[oidc]]
name = "corp"
issuer = "https://login.invalid"
client_id = "parley"
client_secret = "${secret}"
`;
}

/** Writes the file, which nobody else may read. */
async function withRows(machine: Machine, text: string): Promise<string> {
  const file = machine.path("parley.toml");
  await Deno.writeTextFile(file, text, { mode: 0o600 });
  return file;
}
