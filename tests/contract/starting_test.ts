import { strict as assert } from "node:assert";
import { VERSION } from "../../server/version.ts";
import { makeCertificate, presentedAt } from "../support/certificates.ts";
import { Program, type ProgramName } from "../support/program.ts";
import { freeAddress, LISTENERS, Machine, runParley } from "../support/run_parley.ts";

const admin = { username: "root@example.org", password: "correct horse", name_account: "root1" };

Deno.test("the first start makes what it needs and prints how to join", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const code = await server.setupCode();
  const [tls, plain, https, http] = LISTENERS.map((listener) => server.address(listener).port);
  assert.equal(
    server.output,
    `Parley ${VERSION} is listening.

  Chat over TLS  127.0.0.1:${tls}
      openssl s_client -quiet -connect 127.0.0.1:${tls}
  Plain chat     127.0.0.1:${plain}
      nc 127.0.0.1 ${plain}
  HTTPS          https://127.0.0.1:${https}/
  HTTP           http://127.0.0.1:${http}/
  Data           ${machine.dataDir}
  Certificate    SHA-256 ${server.fingerprint}

  There is no admin yet. This link makes the first one, once:
      http://127.0.0.1:${http}/setup#code=${code}

`,
  );
  assert.equal(server.errors, "");
  for (const listener of ["tls", "https"] as const) {
    const { fingerprint } = await presentedAt(server.address(listener));
    assert.equal(fingerprint, server.fingerprint, listener);
  }
  assert.equal((await server.http("/healthz")).status, 200);
});

Deno.test("the pages come out of the same file as the chat", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const base = `http://127.0.0.1:${server.address("http").port}`;
  for (const path of ["/", "/admin", "/setup", "/docs"]) {
    const response = await fetch(base + path);
    assert.equal(response.status, 200, path);
    const page = await response.text();
    const addresses = Array.from(page.matchAll(/(?:src|href)="([^"]+)"/g), ([, address]) => address!);
    assert.ok(addresses.length >= 2, page);
    for (const address of addresses) {
      const part = await fetch(new URL(address, base + path));
      assert.equal(part.status, 200, address);
      assert.ok((await part.arrayBuffer()).byteLength > 100, address);
    }
  }
});

Deno.test("what makes the metrics comes out of the same file, too", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const response = await fetch(`http://127.0.0.1:${server.address("http").port}/metrics`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^parley_people\{kind="guest"\} 0$/m);
});

Deno.test("the join commands that the start prints bring people in", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const commands = server.output.split("\n").filter((line) => /^ +(openssl|nc) /.test(line));
  assert.equal(commands.length, 2);
  for (const command of commands) {
    const [name, ...args] = command.trim().split(" ");
    await using program = new Program(name as ProgramName, args);
    const ann = program.person;
    await ann.comesInAs("ann");
    await ann.types(".exit");
    await ann.reads("Goodbye.");
  }
});

Deno.test("what a later start needs is kept: certificate, signing key, accounts", async () => {
  await using machine = await Machine.make();
  const first = await machine.serve();
  await first.http("/signup", { username: "ann", password: "correct horse", name_account: "ann" });
  const { body } = await first.http("/login", { username: "ann", password: "correct horse" });
  first.kill("SIGTERM");
  assert.equal(await first.ends(), 0);
  const second = await machine.serve();
  assert.equal(second.fingerprint, first.fingerprint);
  await second.member(body["Access Token"]!, "tls");
});

Deno.test("the first admin's code works once, and not before the rest of the request is right", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const code = await server.setupCode();
  const setup = (change: Record<string, string>) => server.http("/setup", { ...admin, code, ...change });
  assert.equal((await setup({ code: "x".repeat(32) })).status, 403);
  assert.equal((await setup({ password: "short" })).status, 400);
  const both = await Promise.all([setup({}), setup({ username: "eve", name_account: "eve" })]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 403]);
  assert.equal((await setup({ username: "third", name_account: "third" })).status, 403);
  const users = JSON.parse(await machine.does("user list --json"));
  assert.deepEqual(users.map(({ role }: { role: string }) => role), ["admin"]);
  server.kill("SIGTERM");
  await server.ends();
  const next = await machine.serve();
  assert.equal((await next.http("/setup", { ...admin, username: "eve", code })).status, 403);
  assert.doesNotMatch(next.output, /setup|no admin/);
});

Deno.test("the first admin's code ends when an admin is made on the command line", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const code = await server.setupCode();
  await machine.does("user add root1 --role admin", { input: "correct horse\n" });
  const { status, body } = await server.http("/setup", {
    ...admin,
    username: "eve",
    name_account: "eve",
    code,
  });
  assert.deepEqual({ status, body }, { status: 403, body: { message: "This server has an admin already." } });
});

Deno.test({
  name: "from its start to where it listens a server has worked for less than a second",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await runParley(["version"]); // so that nothing is compiled for the first time
    await using machine = await Machine.make();
    const server = await machine.serve();
    const seconds = await workedFor(server.pid);
    assert.ok(seconds < 1, `${seconds} s of CPU`);
  },
});

Deno.test({
  name: "nobody but its owner may look into the data directory, whatever the umask",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using machine = await Machine.make();
    await Deno.mkdir(machine.dataDir, { mode: 0o755 });
    const server = machine.launch([], { through: ["sh", "-c", 'umask 0; exec "$@"', "sh"] });
    await server.isListening();
    await server.http("/signup", { username: "ann", password: "correct horse", name_account: "ann" });
    await machine.does("user list");
    const modes = new Map([[".", modeOf(machine.dataDir)]]);
    for (const { name } of Deno.readDirSync(machine.dataDir)) {
      modes.set(name, modeOf(`${machine.dataDir}/${name}`));
    }
    assert.equal(modes.get("."), "700");
    assert.equal(modes.get("key.pem"), "600");
    const open = [...modes].filter(([name, mode]) => !/^(\.|cert\..*)$/.test(name) && mode !== "600");
    assert.deepEqual(open, []);
    assert.ok(modes.size > 4, "the database has files beside it");
  },
});

Deno.test("a second server on the same data directory is refused, and the first goes on", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  assert.deepEqual(await machine.fails([]), {
    code: 1,
    out: "",
    err: `parley: Cannot use data directory "${machine.dataDir}": another Parley is serving from it; ` +
      "stop it or name another with --data\n",
  });
  await server.guest("ann", "tls");
  server.kill("SIGKILL");
  await server.status;
  await machine.serve(); // and no lock is left over
});

Deno.test("a port that was asked for and is taken ends the start, also where a Parley has it", async () => {
  await using machine = await Machine.make();
  await using other = await Machine.make();
  const server = await machine.serve();
  for (const listener of LISTENERS) {
    const { port } = server.address(listener);
    assert.deepEqual(await other.fails([`--${listener}=127.0.0.1:${port}`]), {
      code: 1,
      out: "",
      err: `parley: Cannot listen on "127.0.0.1:${port}": the port is in use; ` +
        `name another address with --${listener}, or off\n`,
    });
  }
  const { port } = server.address("tls");
  const { code, err } = await other.fails([`--tls=127.0.0.1:${port + 1}`, `--https=127.0.0.1:${port + 1}`]);
  assert.equal(code, 1);
  assert.match(err, /the port is in use; name another address with --/);
});

Deno.test("of two servers that ask for one port at the same time, one gets it", async () => {
  await using one = await Machine.make();
  await using two = await Machine.make();
  const flags = LISTENERS.map((listener) => `--${listener}=${listener === "tls" ? freeAddress() : "off"}`);
  const starts = await Promise.all([one, two].map(async (machine) => {
    const server = machine.launch(flags);
    const listening = server.isListening().then(() => "listens", () => server.ends());
    return await listening;
  }));
  assert.deepEqual(starts.sort(), [1, "listens"]);
});

Deno.test("a default port that is taken gives way to the next free one, and the start says so", async () => {
  using _taken = taking(5000);
  await using machine = await Machine.make();
  const server = await machine.serve(["--http=default"]);
  const [, port] = await server.prints(
    / warn +port 5000 is in use, so --http took the next free one address=127\.0\.0\.1:(\d+)\n/,
  );
  assert.equal(server.address("http").port, Number(port));
  assert.ok(Number(port) > 5000 && Number(port) <= 5100, port);
  assert.equal((await server.http("/healthz")).status, 200);
});

Deno.test("a mistake in the options ends the start with one line that says what is allowed", async () => {
  await using machine = await Machine.make();
  await machine.write("bad.toml", "guests = off\n");
  await machine.write("unknown.toml", '[limits]\nlinebytes = "4KiB"\n');
  const cases: [flags: string[], says: string, env?: Record<string, string>][] = [
    [["--frobnicate"], 'Unknown flag "--frobnicate"; see parley help'],
    [["--guests=perhaps"], 'Bad value "perhaps" for --guests: on or off'],
    [["--tls=nowhere"], 'Bad value "nowhere" for --tls: host:port with a port from 0 to 65535, or off'],
    [["serve"], 'Unknown argument "serve"; see parley help'],
    [[], 'Bad value "maybe" for PARLEY_GUESTS: on or off', { PARLEY_GUESTS: "maybe" }],
    [["--config=none.toml"], "Cannot read none.toml: there is no such file"],
    [["--config=bad.toml"], "Cannot read bad.toml: line 1, column 10: invalid value"],
    [
      ["--config=unknown.toml"],
      'Unknown key "limits.linebytes" in unknown.toml; did you mean "limits.line-bytes"?',
    ],
  ];
  for (const [flags, says, env] of cases) {
    assert.deepEqual(await machine.fails(flags, { env }), { code: 1, out: "", err: `parley: ${says}\n` });
  }
  assert.throws(() => Deno.statSync(machine.dataDir), Deno.errors.NotFound); // nothing was begun
});

Deno.test("what cannot be used ends the start with one line that says why", async () => {
  await using machine = await Machine.make();
  const at = (name: string) => machine.path(name);
  await Promise.all([
    makeCertificate(at("one")),
    makeCertificate(at("two")),
    makeCertificate(at("old"), new Date("2001-02-03T04:05:06Z")),
    machine.write("file", ""),
    Deno.mkdir(at("damaged")).then(() => machine.write("damaged/parley.db", "no database ".repeat(1000))),
    Deno.mkdir(at("odd/lock"), { recursive: true }),
  ]);
  const cases: [flags: string[], says: RegExp][] = [
    [
      [`--cert=${at("old/cert.pem")}`, `--key=${at("old/key.pem")}`],
      /old\/cert\.pem": it expired on 2011-.*; renew it/,
    ],
    [
      [`--cert=${at("one/cert.pem")}`, `--key=${at("two/key.pem")}`],
      /two\/key\.pem": they do not belong together; /,
    ],
    [
      [`--cert=${at("none.pem")}`, `--key=${at("one/key.pem")}`],
      /none\.pem": there is no such file; check its path/,
    ],
    [
      [`--data=${at("file")}`],
      /^parley: Cannot use data directory ".*file": something on its path is not a directory; /,
    ],
    [
      [`--data=${at("file/data")}`],
      /^parley: Cannot use data directory ".*": something on its path is not a directory; /,
    ],
    [
      [`--data=${at("damaged")}`],
      /^parley: Cannot open ".*parley\.db": file is not a database, so it is damaged or .*restore it from a backup/,
    ],
    [
      [`--data=${at("odd")}`],
      /^parley: Cannot use data directory ".*odd": .*; make it writable or name another/,
    ],
    [
      ["--tls=203.0.113.1:0"],
      /Cannot listen on "203\.0\.113\.1:0": this machine does not have that address; /,
    ],
  ];
  if (Deno.build.os === "linux") { // there even root cannot make a directory
    cases.push([
      ["--data=/proc/parley"],
      /^parley: Cannot use data directory "\/proc\/parley": (permission denied|(No|there is no) such file .*); make it writable /,
    ]);
  }
  for (const [flags, says] of cases) {
    const { code, out, err } = await machine.fails(flags);
    assert.deepEqual({ code, out }, { code: 1, out: "" }, flags.join(" "));
    assert.match(err, says);
    assert.match(err, /^parley: .+\n$/, "one line");
  }
});

Deno.test("a flag beats the environment, which beats the file, which beats the default", async () => {
  await using machine = await Machine.make();
  await machine.write(
    "parley.toml",
    'name = "by file"\nsignup = "closed"\nguests = false\nhttps = "off"\n[limits]\nline-bytes = 100\n',
  );
  const flags = ["--name=by flag", "--https=default", "--tls=default", "--log=json"];
  const env = {
    PARLEY_CONFIG: machine.path("parley.toml"),
    PARLEY_NAME: "by environment",
    PARLEY_SIGNUP: "invite",
    PARLEY_TLS: "off",
  };
  const server = machine.launch(flags, { env });
  const [, address] = await server.prints(
    /^{"at":"[^"]+","level":"info","event":"start","text":"nc (.+)"}$/m,
  );
  const [hostname = "", port] = address!.split(" ");
  const [, http] = await server.prints(/"text":"HTTP +(http:.+)"}$/m);
  const ann = server.welcomes(await Deno.connect({ hostname, port: Number(port) }));
  await ann.reads("Welcome to by flag.");
  await ann.reads("Paste your access token, or /login <username>, or /signup <username>.");
  assert.equal(await ann.readsUpTo(": "), "Enter your username: "); // no word of guests, as the file has it
  await ann.types("a".repeat(101));
  await ann.reads("Line too long (limit 100 bytes); nothing was sent.");
  const signup = { username: "ann", password: "correct horse", name_account: "ann" };
  const response = await fetch(`${http}signup`, { method: "POST", body: JSON.stringify(signup) });
  assert.match((await response.json()).message, /^Sign-up is by invitation only here\./);
  assert.doesNotMatch(server.output, /Chat over TLS|HTTPS/);
  for (const line of server.output.trimEnd().split("\n")) {
    assert.equal(typeof JSON.parse(line).event, "string");
  }
});

Deno.test("where nothing says where the data is, it is in the platform's place", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve(["--data=default"], { env: { XDG_DATA_HOME: machine.path("share") } });
  assert.match(server.output, new RegExp(`^ +Data +${machine.path("share/parley")}$`, "m"));
  assert.ok(Deno.statSync(machine.path("share/parley/parley.db")).isFile);
});

Deno.test("what is unencrypted and reachable from elsewhere is warned of, and nothing else is", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve(LISTENERS.map((listener) => `--${listener}=0.0.0.0:0`));
  for (const listener of ["plain", "http"]) {
    await server.prints(
      new RegExp(
        ` warn +--${listener} is not encrypted, and reachable from other machines address=0.0.0.0:\\d+\n`,
      ),
    );
  }
  server.kill("SIGTERM");
  await server.ends();
  assert.equal(server.output.match(/ warn /g)?.length, 2, server.output);
});

/** Seconds of CPU that a process has used; Linux counts a hundred a second. */
async function workedFor(pid: number): Promise<number> {
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function modeOf(path: string): string {
  return (Deno.statSync(path).mode! & 0o777).toString(8);
}

/** Has a port of loopback taken, by whomever. */
function taking(port: number): Disposable {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return { [Symbol.dispose]() {} };
    throw error;
  }
}
