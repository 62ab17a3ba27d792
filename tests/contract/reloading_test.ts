import { strict as assert } from "node:assert";
import { makeCertificate, presentedAt } from "../support/certificates.ts";
import type { Person } from "../support/person.ts";
import { type ListenerName, Machine, type RunningParley } from "../support/run_parley.ts";

Deno.test("SIGHUP presents a new certificate to those who come, and nobody else notices", async () => {
  await using machine = await Machine.make();
  const [old, renewed] = [
    await makeCertificate(machine.path("old")),
    await makeCertificate(machine.path("new")),
  ];
  await install(machine, "old");
  const server = await machine.serve([
    `--cert=${machine.path("tls.crt")}`,
    `--key=${machine.path("tls.key")}`,
  ]);
  assert.equal(server.fingerprint, old.fingerprint);
  const ann = server.welcomes(await connectedTo(server, "tls", old.certPem));
  await ann.comesInAs("ann");
  const browser = server.welcomes(await connectedTo(server, "https", old.certPem));
  await asksForHealth(browser);

  await install(machine, "new");
  server.kill("SIGHUP");
  await server.prints(new RegExp(` certificate changed sha256=${renewed.fingerprint}\n`));
  for (const listener of ["tls", "https"] as const) {
    assert.equal((await presentedAt(server.address(listener))).fingerprint, renewed.fingerprint, listener);
  }
  assert.equal(await certificateOver(server), renewed.certPem);
  const bob = server.welcomes(await connectedTo(server, "tls", renewed.certPem));
  await bob.comesInAs("bob");
  await ann.reads(`${bob.name} has joined the chat.`);
  await ann.types("still here");
  await bob.reads(`${ann.name}: still here`);
  await asksForHealth(browser);

  await install(machine, "old");
  server.kill("SIGHUP");
  await server.prints(/ certificate changed /);
  assert.equal((await presentedAt(server.address("tls"))).fingerprint, old.fingerprint);
  server.kill("SIGTERM");
  await ann.reads("Server is shutting down.");
  await bob.reads("Server is shutting down.");
  assert.equal(await server.ends(), 0);
});

Deno.test("SIGHUP presents what was added to the chain, though the certificate is the same", async () => {
  await using machine = await Machine.make();
  const leaf = await makeCertificate(machine.path("leaf"));
  const issuer = await makeCertificate(machine.path("issuer"));
  await install(machine, "leaf");
  const server = await machine.serve([
    `--cert=${machine.path("tls.crt")}`,
    `--key=${machine.path("tls.key")}`,
  ]);
  await machine.write("tls.crt", leaf.certPem + issuer.certPem);
  server.kill("SIGHUP");
  await server.prints(/ configuration reloaded /);
  for (const listener of ["tls", "https"] as const) {
    assert.equal((await presentedAt(server.address(listener))).certificates, 2, listener);
  }
});

Deno.test("SIGHUP applies what has changed in the configuration to those who are connected", async () => {
  await using machine = await Machine.make();
  const config = machine.path("parley.toml");
  await machine.write("parley.toml", 'name = "Before"\nlog = "text"\n');
  const server = await machine.serve([`--config=${config}`, "--log=default"]);
  const ann = await server.guest("ann", "tls");
  await machine.write(
    "parley.toml",
    'name = "After"\nguests = "off"\nsignup = "closed"\nlog = "text"\n[limits]\nline-bytes = 64\n',
  );
  server.kill("SIGHUP");
  const [, changed] = await server.prints(/ configuration reloaded changed="(.*)"\n/);
  assert.deepEqual(changed!.split(" ").sort(), ["--guests", "--line-bytes", "--name", "--signup"]);
  await ann.types("a".repeat(65));
  await ann.reads("Line too long (limit 64 bytes); nothing was sent.");
  const bob = await server.connect("plain");
  await bob.reads("Welcome to After.");
  await bob.reads(/^Paste your access token/);
  assert.equal(await bob.readsUpTo(": "), "Enter your username: ");
  await bob.types("bob");
  await bob.reads(/^Guests are not admitted here\./);
  const signup = { username: "bob", password: "correct horse", name_account: "bob" };
  assert.equal((await server.http("/signup", signup)).status, 403);

  await machine.write("parley.toml", 'name = "After"\nlog = "json"\n');
  server.kill("SIGHUP");
  await server.prints(/ warn +this waits for a restart options=--log\n/);
  await server.guest("carl", "plain");
});

Deno.test("SIGHUP changes nothing where something is wrong, says so, and works again when it is right", async () => {
  await using machine = await Machine.make();
  const old = await makeCertificate(machine.path("old"));
  const renewed = await makeCertificate(machine.path("new"));
  await install(machine, "old");
  const toml = (name: string) => `name = "${name}"\ncert = "${machine.path("tls.crt")}"\nkey = "tls.key"\n`;
  await machine.write("parley.toml", toml("Before"));
  const server = await machine.serve([`--config=${machine.path("parley.toml")}`]);
  const ann = await server.connect("tls", machine.path("old/cert.pem"));
  await ann.comesInAs("ann");
  const mistakes: [files: Record<string, string>, says: RegExp][] = [
    [{ "parley.toml": "name = \n" }, /line 1, column 8: invalid value/],
    [{ "parley.toml": 'guests = "perhaps"\n' }, /Bad value .*perhaps.* on or off/],
    [{ "parley.toml": toml("After"), "tls.crt": "garbage" }, /it holds no certificate in PEM form/],
    [{ "parley.toml": toml("After"), "tls.crt": renewed.certPem }, /they do not belong together/],
  ];
  for (const [files, says] of mistakes) {
    for (const [name, text] of Object.entries(files)) await machine.write(name, text);
    server.kill("SIGHUP");
    const [, because] = await server.prints(/ warn +nothing was reloaded because=(.*)\n/);
    assert.match(because!, says);
    assert.equal((await presentedAt(server.address("tls"))).fingerprint, old.fingerprint);
    const bob = await server.connect("plain");
    await bob.reads("Welcome to Before.");
    await bob.vanishes();
  }
  await install(machine, "new");
  server.kill("SIGHUP");
  await server.prints(/ configuration reloaded changed=--name\n/);
  assert.equal((await presentedAt(server.address("tls"))).fingerprint, renewed.fingerprint);
  await ann.types("/u");
  await ann.reads(`Users currently online (1): ${ann.name}`);
});

/** Puts a certificate where the server looks for it. */
async function install(machine: Machine, name: string): Promise<void> {
  await Deno.copyFile(machine.path(`${name}/cert.pem`), machine.path("tls.crt"));
  await Deno.copyFile(machine.path(`${name}/key.pem`), machine.path("tls.key"));
}

function connectedTo(server: RunningParley, listener: ListenerName, caPem: string): Promise<Deno.TlsConn> {
  return Deno.connectTls({ ...server.address(listener), caCerts: [caPem] });
}

/** One request and its answer over a connection that stays open. */
async function asksForHealth(browser: Person): Promise<void> {
  await browser.sends("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert.match(await browser.readsUpTo("}"), /^HTTP\/1\.1 200 OK\r\n[^]*{"status":"ok",/);
}

async function certificateOver(server: RunningParley): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${server.address("http").port}/cert.pem`);
  return await response.text();
}
