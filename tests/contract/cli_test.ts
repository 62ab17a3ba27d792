import { strict as assert } from "node:assert";
import { join } from "node:path";
import { run } from "../../server/cli/main.ts";
import { isForOperator } from "../../server/cli/mistake.ts";
import { openRecords } from "../../server/records.ts";
import { options } from "../../server/options.ts";
import { DataDirectory } from "../../server/store/data_directory.ts";
import { Log } from "../../server/telemetry/log.ts";
import { VERSION } from "../../server/version.ts";
import { Machine, parleyCommand, type RunningParley, runParley } from "../support/run_parley.ts";
import { startServerAtFullCost } from "../support/start_server.ts";
import { Terminal } from "../support/terminal.ts";

const PASSWORD = "correct horse";
const DISABLED = "This account is disabled. Ask an admin of this server.";

/** All but serve, in the order of the help. */
const COMMANDS = [
  "user add <username>",
  "user list",
  "user passwd <username>",
  "user mfa reset <username>",
  "user role <username>",
  "user disable <username>",
  "user enable <username>",
  "user delete <username>",
  "invite",
  "invite list",
  "invite revoke <id>",
  "token issue <username>",
  "token list",
  "token revoke <id>",
  "cert show",
  "version",
  "help",
];

/** How soon a running server must have acted on what a command has changed. */
const SOON_MS = 2_000;

Deno.test("accounts are made, shown, changed and deleted while no server runs", async () => {
  await using machine = await Machine.make();
  await machine.does("user add ann@example.org --name Ann --role moderator", { input: `${PASSWORD}\n` });
  await machine.does("user add bob", { input: `${PASSWORD}\r\nand what follows is not looked at` });
  assert.deepEqual(await rows(machine, "user list"), [
    { username: "ann@example.org", name: "Ann", role: "moderator", state: "enabled" },
    { username: "bob", name: "bob", role: "member", state: "enabled" },
  ]);
  assert.equal(await machine.does("user role ANN admin"), "ann@example.org is now admin.\n");
  assert.equal(await machine.does("user disable bob"), "bob is disabled.\n");
  assert.deepEqual(await rows(machine, "user list"), [
    { username: "ann@example.org", name: "Ann", role: "admin", state: "enabled" },
    { username: "bob", name: "bob", role: "member", state: "disabled" },
  ]);
  assert.equal(await machine.does("user enable bob"), "bob is enabled.\n");
  assert.equal(
    await machine.does("user passwd bob", { input: "battery staple\n" }),
    "The password of bob is set, and its tokens have ended.\n",
  );
  assert.equal(await machine.does("user delete ann@example.org"), "ann@example.org is deleted.\n");
  assert.deepEqual(await rows(machine, "user list"), [
    { username: "bob", name: "bob", role: "member", state: "enabled" },
  ]);
  for (const command of ["user add ann@example.org --name Anna", "user add anna --name Ann"]) {
    const { code, err } = await machine.parley(command, { input: `${PASSWORD}\n` });
    assert.deepEqual({ code, err }, { code: 1, err: "parley: That name is taken.\n" }, command);
  }
});

Deno.test("tokens are issued, shown and revoked while no server runs", async () => {
  await using machine = await Machine.make();
  await machine.does("user add ann", { input: `${PASSWORD}\n` });
  const jwt = (await machine.does("token issue ann --days 7 --name laptop")).trim();
  assert.match(jwt, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const { id, token, expires } = JSON.parse(await machine.does("token issue ann --json"));
  assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.equal(Math.round((Date.parse(expires) - Date.now()) / 86_400_000), 30);
  const shown = (state: string) => [
    { username: "ann", name: "laptop", scope: "chat", state: "valid" },
    { username: "ann", name: "cli", scope: "chat", state },
  ];
  assert.deepEqual(await rows(machine, "token list ann"), shown("valid"));
  assert.equal(await machine.does(`token revoke ${id}`), `Token ${id} has ended.\n`);
  assert.deepEqual(await rows(machine, "token list"), shown("revoked"));
  for (const other of [id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"]) {
    const { code, err } = await machine.parley(`token revoke ${other}`);
    assert.deepEqual({ code, err }, { code: 1, err: `parley: There is no live token ${other}.\n` });
  }
  const list = await machine.does("token list");
  assert.ok(!list.includes(jwt) && !list.includes(token), "tokens themselves are shown only once");
});

Deno.test("what was made on the command line lets people in, and nothing else does", async () => {
  await using machine = await Machine.make();
  await machine.does("user add ann", { input: `${PASSWORD}\n` });
  const server = await machine.serve();
  await server.member(`/login ann ${PASSWORD}`);
  const jwt = (await machine.does("token issue ann")).trim();
  await server.member(jwt, "tls");
  await machine.does("user add bob", { input: `${PASSWORD}\n` });
  await server.member(`/login bob ${PASSWORD}`);
  await machine.does("user passwd bob", { input: "battery staple\n" });
  await isRefused(server, `/login bob ${PASSWORD}`, "Wrong username or password.");
  await server.member("/login bob battery staple", "tls");
});

Deno.test("what people may do changes while they are connected", async () => {
  await using machine = await Machine.make();
  for (const name of ["ann", "carl"]) await machine.hasAccount(name);
  const server = await machine.serve();
  const ann = await server.member(`/login ann ${PASSWORD}`, "tls");
  const carl = await server.member(`/login carl ${PASSWORD}`);
  await ann.reads("carl has joined the chat.");
  await machine.does("user role ann moderator");
  await machine.does("user disable carl");
  await carl.readsToTheEnd(SOON_MS); // and what was changed before has been seen before
  await ann.reads("carl has left the chat.");
  await ann.types("/whois ann");
  await ann.reads(/ Role: moderator\.$/);
  assert.deepEqual((await rows(machine, "user list")).map(({ role, state }) => [role, state]), [
    ["moderator", "enabled"],
    ["member", "disabled"],
  ]);
});

Deno.test("a disabled account's connections close, its log-ins are refused until it is enabled", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  const jwt = (await machine.does("token issue ann")).trim();
  const server = await machine.serve();
  const bob = await server.guest("bob");
  const connections = [
    await server.member(`/login ann ${PASSWORD}`, "tls"),
    await server.member(jwt),
  ] as const;
  await connections[0].readsOfLogin();
  await bob.reads("ann has joined the chat.");
  await machine.does("user disable ann");
  for (const ann of connections) assert.equal(await ann.readsToTheEnd(SOON_MS), `${DISABLED}\n`);
  await bob.reads("ann has left the chat.");
  await isRefused(server, `/login ann ${PASSWORD}`, DISABLED);
  await isRefused(server, jwt, DISABLED);
  const login = await server.http("/login", { username: "ann", password: PASSWORD });
  assert.equal(login.status, 403);
  await machine.does("user enable ann");
  await server.member(`/login ann ${PASSWORD}`);
  await server.member(jwt, "tls");
});

Deno.test("a guest goes whose name an account gets that is made beside the server", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const bob = await server.guest("bob");
  const [zoe, zed] = [await server.guest("zoe1234"), await server.guest("zed1234")];
  await bob.readsInTurn("zoe1234 has joined the chat.", "zed1234 has joined the chat.");
  await machine.hasAccount("zoe1234");
  const gone = "Your name now belongs to an account. Come in again under another.\n";
  assert.ok((await zoe.readsToTheEnd(SOON_MS)).endsWith(gone));
  await bob.reads("zoe1234 has left the chat.");
  await bob.types("/@ zoe1234 psst");
  await bob.readsInTurn("Private message to zoe1234: psst", "zoe1234 is offline and will get it on return.");
  await zed.types("here");
  await bob.reads("zed1234: here");
});

Deno.test("a deleted account's connections close, and its names are never given out again", async () => {
  await using machine = await Machine.make();
  await machine.does("user add ann@example.org --name Ann", { input: `${PASSWORD}\n` });
  const server = await machine.serve();
  const ann = await server.member(`/login ann@example.org ${PASSWORD}`, "tls");
  assert.equal(await machine.does("user delete Ann"), "ann@example.org is deleted.\n");
  assert.equal(await ann.readsToTheEnd(SOON_MS), "This account has been deleted.\n");
  await isRefused(server, `/login ann@example.org ${PASSWORD}`, "Wrong username or password.");
  for (const [username, name] of [["ann@example.org", "Other"], ["other", "ANN"], ["Ann", "Other"]]) {
    const { status } = await server.http("/signup", { username, password: PASSWORD, name_account: name });
    assert.equal(status, 400, `${username} ${name}`);
  }
  const guest = await server.connect();
  await guest.readsUpTo("Enter your username: ");
  await guest.types("Ann");
  assert.equal(await guest.readsUpTo(": "), "Password: "); // as if it still were somebody's
});

Deno.test("the connection that came in by a revoked token closes, and no other of the account", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  const server = await machine.serve();
  const issued = JSON.parse(await machine.does("token issue ann --json"));
  const other = (await machine.does("token issue ann")).trim();
  const lost = await server.member(issued.token, "tls");
  const byToken = await server.member(other);
  const byPassword = await server.member(`/login ann ${PASSWORD}`);
  for (const ann of [lost, lost, byToken]) await ann.readsOfLogin();
  await machine.does(`token revoke ${issued.id}`);
  assert.equal(await lost.readsToTheEnd(SOON_MS), "This token has been revoked.\n");
  await isRefused(server, issued.token, "This token has been revoked.");
  const headers = { authorization: `Bearer ${issued.token}` };
  const me = await fetch(`http://127.0.0.1:${server.address("http").port}/me`, { headers });
  assert.deepEqual([me.status, await me.json()], [401, { message: "This token has been revoked." }]);
  for (const ann of [byToken, byPassword]) {
    await ann.types("/u");
    await ann.reads("Users currently online (1): ann");
  }
  await machine.does("user passwd ann", { input: "battery staple\n" });
  assert.equal(await byToken.readsToTheEnd(SOON_MS), "This token has been revoked.\n");
  const loggedOut = "This account was logged out everywhere; log in again.\n";
  assert.equal(await byPassword.readsToTheEnd(SOON_MS), loggedOut);
});

Deno.test("an account that is disabled while its password is being checked does not come in", async () => {
  await using server = await startServerAtFullCost();
  await server.hasAccount("ann");
  const log = new Log("text", (bytes) => Promise.resolve(bytes.length));
  await using records = await openRecords(await DataDirectory.find(server.dataDir), log); // as a command does
  const account = await records.accounts.findByHandle("ann");
  const ann = await server.connect();
  await ann.readsUpTo("Enter your username: ");
  await ann.types(`/login ann ${PASSWORD}`); // its check takes far longer than what follows
  await records.accounts.setDisabled(account!.id, true);
  await ann.reads(DISABLED);
});

Deno.test("of several commands that want one name at the same time, one gets it", async () => {
  await using machine = await Machine.make();
  const outcomes = await Promise.all(
    ["ann", "Ann", "ANN"].map((name) => machine.parley(`user add ${name}`, { input: `${PASSWORD}\n` })),
  );
  assert.deepEqual(outcomes.map(({ code }) => code).sort(), [0, 1, 1], JSON.stringify(outcomes));
  assert.equal((await rows(machine, "user list")).length, 1);
});

Deno.test("commands that run at the same time as each other and as a first start all do their work", async () => {
  await using machine = await Machine.make();
  const names = ["ann", "bob", "carl"];
  const [server] = await Promise.all([
    machine.serve(),
    ...names.map((name) => machine.does(`user add ${name}`, { input: `${PASSWORD}\n` })),
  ]);
  for (const name of names) await server.member(`/login ${name} ${PASSWORD}`);
});

Deno.test("a password is asked for twice at a terminal, and never shown", async () => {
  await using machine = await Machine.make();
  await using terminal = atTerminal(machine, "user add ann");
  await terminal.reads("Password: ");
  await terminal.types("corrct\x7f\x7fect horse\r"); // a slip of the finger is taken back
  await terminal.reads("Repeat password: ");
  await terminal.types("correct horse\r");
  assert.equal(await terminal.ends(), 0);
  assert.doesNotMatch(terminal.screen, /horse|corr|\*/);
  const server = await machine.serve();
  await server.member("/login ann correct horse");
});

Deno.test("passwords that are pasted together answer both questions", async () => {
  await using machine = await Machine.make();
  await using terminal = atTerminal(machine, "user add ann");
  await terminal.reads("Password: ");
  await terminal.types("correct horse\rcorrect horse\r");
  assert.equal(await terminal.ends(), 0);
  assert.doesNotMatch(terminal.screen, /horse/);
});

Deno.test("nothing is changed where the two passwords differ, or Ctrl-C is typed", async () => {
  await using machine = await Machine.make();
  const cases: [typed: string, says: string][] = [
    ["correct horse\rcorrect house\r", "parley: The two passwords differ; nothing was changed"],
    ["correct horse\r\x03", "parley: Nothing was changed"],
  ];
  for (const [typed, says] of cases) {
    await using terminal = atTerminal(machine, "user add ann");
    await terminal.reads("Password: ");
    await terminal.types(typed);
    assert.equal(await terminal.ends(), 1);
    assert.ok(terminal.screen.includes(says), terminal.screen);
  }
  assert.deepEqual(await rows(machine, "user list"), []);
});

Deno.test("a password is read from a pipe that stays open", async () => {
  await using machine = await Machine.make();
  const [program = "", ...args] = [...parleyCommand(), "user", "add", "ann", `--data=${machine.dataDir}`];
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "null", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${PASSWORD}\n`));
  assert.equal((await child.status).code, 0);
  await writer.close().catch(() => {});
});

Deno.test("a password that breaks the rules is refused, and none is refused as none", async () => {
  await using machine = await Machine.make();
  const cases: [input: string, says: string][] = [
    ["x".repeat(1025), "Passwords are 8 to 1024 bytes long."],
    ["", "No password on standard input; write it as the first line"],
  ];
  for (const [input, says] of cases) {
    const { code, err } = await machine.parley("user add ann", { input });
    assert.deepEqual({ code, err }, { code: 1, err: `parley: ${says}\n` });
  }
});

Deno.test("cert show tells the fingerprint that openssl tells", async () => {
  await using machine = await Machine.make();
  const before = await machine.parley("cert show");
  assert.deepEqual({ code: before.code, lines: before.err.split("\n").length }, { code: 1, lines: 2 });
  const server = await machine.serve();
  const { stdout } = await new Deno.Command("openssl", {
    args: ["x509", "-noout", "-fingerprint", "-sha256", "-in", join(machine.dataDir, "cert.pem")],
  }).output();
  const [, expected] = new TextDecoder().decode(stdout).trim().split("=");
  assert.match(await machine.does("cert show"), new RegExp(`^sha256 +${expected}$`, "m"));
  server.kill("SIGKILL");
  await server.status;
  const shown = JSON.parse(await machine.does("cert show --json"));
  assert.equal(shown.sha256, expected);
  assert.equal(shown.self_signed, true);
  assert.ok(["localhost", "127.0.0.1", "::1"].every((name) => shown.names.includes(name)), shown.names);
});

Deno.test("version and help say what there is", async () => {
  for (const args of [["version"], ["--version"]]) {
    assert.deepEqual(await runParley(args), { code: 0, out: `parley ${VERSION}\n`, err: "" });
  }
  const { out, code, err } = await runParley(["help"]);
  assert.deepEqual({ code, err }, { code: 0, err: "" });
  for (const { flag, env } of options) assert.match(out, new RegExp(`^ +${flag} .*\\b${env}\\)$`, "m"));
  for (const command of COMMANDS) assert.match(out, new RegExp(`^ +parley ${command}( |$)`, "m"));
  for (
    const args of [["--help"], ["user", "add", "-h"], ["serve", "--help"]]
  ) {
    assert.deepEqual(await runParley(args), { code: 0, out, err: "" }, args.join(" "));
  }
});

Deno.test("a command that is not understood says in one line what is right, and changes nothing", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  const cases: [command: string, says: string][] = [
    ["usr list", 'Unknown command "usr"; did you mean "user"?; see parley help'],
    ["user", '"parley user" needs a word: add, list, passwd, mfa, role, disable, enable, delete'],
    ["user mfa", '"parley user mfa" needs a word: reset'],
    ["user mfa --json", '"parley user mfa" needs a word: reset'],
    ["user mfa rest ann", 'Unknown command "parley user mfa rest": reset'],
    ["token frob", 'Unknown command "parley token frob": issue, list, revoke'],
    ["user add bob --nmae x", 'Unknown flag "--nmae"; did you mean "--name"?'],
    ["user add", "Use parley user add <username> [--name NAME] [--role member|moderator|admin]"],
    ["user role ann king", 'Unknown role "king": member, moderator, admin'],
    ["user disable nobody", 'There is no account "nobody"; see parley user list'],
    ["user mfa reset nobody", 'There is no account "nobody"; see parley user list'],
    ["user passwd nobody --link", 'There is no account "nobody"; see parley user list'],
    [
      "invite lst",
      "Use parley invite [--role member|moderator|admin] [--room #ROOM] [--uses N] [--days N]",
    ],
    ["invite --role king", 'Unknown role "king": member, moderator, admin'],
    ["invite --room a/b", "Rooms are # and 1 to 32 letters, digits, _ - or ."],
    ["invite --uses 301", 'Bad value "301" for --uses: a whole number from 1 to 300'],
    ["invite --days x", 'Bad value "x" for --days: a whole number from 1 to 365'],
    ["invite revoke 7", "There is no open invitation 7."],
    ["token issue ann --days 0", 'Bad value "0" for --days: a whole number from 1 to 3650'],
  ];
  for (const [index, [command, says]] of cases.entries()) {
    if (index % 6 === 0 || Deno.env.has("PARLEY")) { // each takes a process; what is said is the same without one
      const outcome = await machine.parley(command, { input: `${PASSWORD}\n` });
      assert.deepEqual(outcome, { code: 1, out: "", err: `parley: ${says}\n` }, command);
    } else {
      const words = [...command.split(" "), `--data=${machine.dataDir}`];
      await assert.rejects(async () => await run(words), (error) => {
        assert.ok(isForOperator(error), command);
        assert.equal(error.message, says, command);
        return true;
      });
    }
  }
  assert.equal((await rows(machine, "user list")).length, 1);
});

Deno.test("a directory that is not there is a slip of the pen, and is not made", async () => {
  await using machine = await Machine.make();
  const says = `There is no data of a Parley in "${machine.dataDir}"; name its directory with --data`;
  for (const command of ["user list", "token issue ann"]) {
    const { code, out, err } = await machine.parley(command);
    assert.deepEqual({ code, out, err }, { code: 1, out: "", err: `parley: ${says}\n` });
  }
  assert.throws(() => Deno.statSync(machine.dataDir), Deno.errors.NotFound);
  await machine.hasAccount("root1", { role: "admin" }); // before the first start
  const server = await machine.serve();
  assert.doesNotMatch(server.output, /setup/);
  await server.member(`/login root1 ${PASSWORD}`);
});

Deno.test("commands find the data as the server does: by environment, by file, or in the usual place", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  await machine.write("parley.toml", `data = "${machine.dataDir}"\nguests = "perhaps"\n`);
  const [XDG_DATA_HOME, cwd] = [machine.path("share"), machine.dir];
  const ways: [args: string[], env: Record<string, string>, finds: number][] = [
    [[], { PARLEY_DATA: machine.dataDir }, 1],
    [["--config", "parley.toml"], {}, 1],
    [["--data", "data"], { PARLEY_DATA: "/nowhere" }, 1],
    [[], {}, 0],
  ];
  await runParley(["user", "add", "bob"], { env: { XDG_DATA_HOME }, input: `${PASSWORD}\n` });
  for (const [args, env, finds] of ways) {
    const { out, err } = await runParley(["user", "list", "--json", ...args], {
      cwd,
      env: { XDG_DATA_HOME, ...env },
    });
    assert.equal(err, "");
    assert.deepEqual(
      JSON.parse(out).map(({ name }: { name: string }) => name),
      finds === 1 ? ["ann"] : ["bob"],
    );
  }
});

Deno.test("people read tables and sentences, programs read JSON", async () => {
  await using machine = await Machine.make();
  await machine.does("user add ann@example.org --name Ann", { input: `${PASSWORD}\n` });
  const [heading = "", row = ""] = (await machine.does("user list")).split("\n");
  assert.equal(heading.replace(/^ID +/, "ID "), "ID USERNAME         NAME  ROLE    STATE    CREATED");
  assert.match(row, /^[0-9A-Z]{26} {2}ann@example\.org {2}Ann {3}member {2}enabled {2}20[-0-9T:.]+Z$/);
  const [account] = JSON.parse(await machine.does("user list --json"));
  const { id: _id, created: _created, ...others } = account;
  assert.deepEqual(others, {
    username: "ann@example.org",
    name: "Ann",
    role: "member",
    state: "enabled",
    has_password: true,
    codes: false,
    passkeys: 0,
    identities: 0,
  });
  assert.deepEqual(await machine.does("user disable Ann"), "ann@example.org is disabled.\n");
  const message = JSON.parse(await machine.does("user enable Ann --json"));
  assert.deepEqual(message, { message: "ann@example.org is enabled" });
});

Deno.test("what a member calls a token does not drive the operator's terminal", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  const jwt = (await machine.does("token issue ann")).trim();
  const server = await machine.serve();
  const label = "\x1b]0;mine\x07\x9b31m\u202egnp.exe\nfalse row";
  const response = await fetch(`http://127.0.0.1:${server.address("http").port}/me/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${jwt}` },
    body: JSON.stringify({ label }),
  });
  assert.equal(response.status, 200);
  await response.body?.cancel();
  const printed = await machine.does("token list") + await machine.does("token list --json");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(printed, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.equal((await machine.does("token list")).trimEnd().split("\n").length, 3);
});

Deno.test("what is done is done where nobody reads what is printed", async () => {
  await using machine = await Machine.make();
  const words = [...parleyCommand(), "user", "add", "ann", `--data=${machine.dataDir}`];
  // The reader has gone before anything is printed
  const script = `{ echo '${PASSWORD}' | "$@" 2>errors; echo $? >status; } | true`;
  await new Deno.Command("sh", { args: ["-c", script, "sh", ...words], cwd: machine.dir }).output();
  assert.equal(await Deno.readTextFile(machine.path("errors")), "");
  assert.equal(await Deno.readTextFile(machine.path("status")), "0\n");
  assert.equal((await rows(machine, "user list")).length, 1);
});

/** What a listing shows people, but for the columns that differ each time. */
async function rows(machine: Machine, command: string): Promise<Record<string, string>[]> {
  const listed: Record<string, string>[] = JSON.parse(await machine.does(`${command} --json`));
  const columns = ["username", "name", "scope", "role", "state"];
  return listed.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => columns.includes(name)))
  );
}

/** Somebody tries to come in, and is told why not. */
async function isRefused(server: RunningParley, typed: string, sentence: string): Promise<void> {
  const person = await server.connect("tls");
  await person.readsUpTo("Enter your username: ");
  await person.types(typed);
  await person.reads(sentence);
  await person.vanishes();
}

/** A command on a machine's data at a real terminal. */
function atTerminal(machine: Machine, command: string): Terminal {
  return Terminal.open([...parleyCommand(), ...command.split(" "), `--data=${machine.dataDir}`]);
}
