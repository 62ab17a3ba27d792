import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { NativeSockets } from "../../server/transport/native_sockets.ts";
import type { SettingRow } from "../../server/wire/admin_types.ts";
import { type Answer, call } from "../support/api.ts";
import { PageOf } from "../support/page_of.ts";
import { Person } from "../support/person.ts";
import { Machine, type RunningParley } from "../support/run_parley.ts";
import { optionsOf } from "../support/socket_options.ts";
import { startServer, type TestServer } from "../support/start_server.ts";
import { WebSocketLines } from "../support/web_socket_lines.ts";

const PATH = "/admin/api/settings";

Deno.test("the settings are listed with their values, and with where these are from", async () => {
  await using server = await startServer("--name=Café", "--rate=off");
  const admin = await Admin.of(server);
  await admin.sets({ motd: "Tea at five." });
  const { status, json } = await admin.page.calls(PATH);
  equal(status, 200);
  const rows: SettingRow[] = json.settings;
  const some = ["name", "motd", "guests", "rate"].map((flag) => rows.find((row) => row.flag === flag)!);
  deepEqual(some.map(({ value, default: usual, from, fixed }) => [value, usual, from, fixed]), [
    ["Café", "Parley", "flag", true],
    ["Tea at five.", "", "settings", false],
    ["on", "on", "default", false],
    ["off", "20,5", "flag", true],
  ]);
});

Deno.test("a setting holds at once for those who are connected, and for those who come", async () => {
  await using server = await startServer();
  const [ann] = await server.guests("ann");
  const atTheDoor = await server.connect();
  await atTheDoor.readsUpTo("Enter your username: ");
  const admin = await Admin.of(server);
  await admin.sets({
    rate: "1,1",
    "line-bytes": "64",
    guests: "off",
    signup: "closed",
    name: "Café",
    motd: "Tea at five.",
    keep: "7d",
  });

  await ann.asks("a".repeat(65), "Line too long (limit 64 bytes); nothing was sent.");
  await ann.asks("/limits", "A line: 64 bytes.", /^Messages: 1 at once, then 1 a second; /);
  await ann.catchesUp();
  await ann.sends("one\ntwo\n");
  await ann.reads("You are sending too fast (limit 1 a second); that line was not sent.");
  await ann.asks("/keep", "Messages in #lobby are kept for 7 days.");
  await ann.asks("/motd", "Tea at five.");

  await atTheDoor.asks("bob", /^Guests are not admitted here\./);
  await atTheDoor.readsUpTo("Enter your username: ");
  await atTheDoor.asks("/signup bob", /^Sign-up is closed here\./);
  const late = await server.connect("tls");
  await late.asks(".exit", "Welcome to Café.", /^Paste your access token/, "Enter your username: Goodbye.");
  const signup = { username: "bob", password: "correct horse", name_account: "bob" };
  equal((await call(server, "/signup", { json: signup })).status, 403);
  const { json: info } = await call(server, "/server");
  deepEqual(
    [info.name, info.motd, info.guests, info.signup, info.limits.line_bytes],
    ["Café", "Tea at five.", false, "closed", 64],
  );
});

Deno.test("a WebSocket that is open already goes by new limits, and its welcome by the new name", async () => {
  await using server = await startServer();
  const { port } = server.parley.addresses.http!;
  const early = await WebSocketLines.open(`ws://127.0.0.1:${port}/ws`);
  const admin = await Admin.of(server);
  await admin.sets({ "line-bytes": "64", name: "Café", motd: "Tea at\nfive." });
  await using ann = new Person(early);
  await ann.types('{"type":"guest","name":"ann"}');
  equal(JSON.parse(await ann.readsLine()).server, "Café");
  deepEqual(JSON.parse(await ann.readsLine()), { type: "notice", text: "Tea at\nfive." });
  await ann.types(JSON.stringify({ type: "say", room: "lobby", text: "a".repeat(65) }));
  equal(JSON.parse(await ann.readsLine()).code, "line_too_long");
});

Deno.test("who is at the entrance has as long as admins say now", async () => {
  await using server = await startServer();
  const silent = await server.connect();
  await silent.readsUpTo("Enter your username: ");
  const admin = await Admin.of(server);
  await admin.sets({ "login-seconds": "1" });
  equal(await silent.readsToTheEnd(), "Login timed out.\n");
});

Deno.test("the system ends stalled connections as soon as admins say, those that are open as well", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using server = await startServer();
  await server.guests("ann", "bob");
  const admin = await Admin.of(server);
  await admin.sets({ "stall-seconds": "7" });
  const { tls, plain } = server.parley.addresses;
  const [carl] = await server.guests("carl");
  await carl.catchesUp();
  using sockets = NativeSockets.open().sockets!;
  const open = [...sockets.connectionsOf(tls!), ...sockets.connectionsOf(plain!)];
  deepEqual(open.map(({ fd }) => optionsOf(fd).stalledMs), [9_000, 9_000, 9_000]); // whoever writes notices first
});

Deno.test("what is refused changes nothing of what came with it, and is refused in a sentence", async () => {
  await using server = await startServer("--name=Café");
  const admin = await Admin.of(server);
  for (
    const [body, status, message] of [
      [
        { guests: "off", keep: "never" },
        400,
        'Bad value "never" for keep: days from 1d to 36500d, or forever.',
      ],
      [{ guests: "off", tls: "off" }, 400, 'There is no setting "tls"; load the list again.'],
      [
        { guests: "off", name: "Parley" },
        409,
        "The setting name is fixed by --name; start the server without that to change it here.",
      ],
      [{ guests: false }, 400, /^The body is \{"<flag>": "<value>", …\}/],
      [["guests"], 400, /^The body is \{/],
    ] as [unknown, number, string | RegExp][]
  ) {
    const answer = await admin.tries(body);
    equal(answer.status, status, answer.text);
    if (typeof message === "string") equal(answer.json.message, message);
    else match(answer.json.message, message);
  }
  deepEqual((await call(server, "/server")).json.guests, true);
  deepEqual(await trailOf(server), []);
});

Deno.test("who changed which setting to what is in the audit trail, a line each", async () => {
  await using server = await startServer();
  const admin = await Admin.of(server);
  await admin.sets({ motd: "Tea\nat five.", guests: "OFF" });
  await admin.sets({ guests: null });
  deepEqual(await trailOf(server), [
    "root (127.0.0.1): set motd — Tea / at five.",
    "root (127.0.0.1): set guests — off",
    "root (127.0.0.1): unset guests",
  ]);
});

Deno.test("settings are for admins alone, with a token for that", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  await server.hasAccount("mo");
  await server.hasRole("mo", "moderator");
  for (const method of ["GET", "PATCH"]) {
    const json = method === "PATCH" ? { guests: "off" } : undefined;
    equal((await call(server, PATH, { method, json })).status, 401);
    for (const username of ["ann", "mo"]) {
      const page = new PageOf(server);
      await page.signsIn(username);
      equal((await page.calls(PATH, { method, json })).status, 403, username);
    }
  }
  const admin = await Admin.of(server);
  const token = await server.tokenOf("root");
  equal((await call(server, PATH, { method: "PATCH", token, json: { guests: "off" } })).status, 403);
  equal((await admin.page.calls(PATH)).status, 200);
  equal((await call(server, "/server")).json.guests, true);
});

Deno.test("settings survive a restart, beat the file, and are beaten by the environment and the command line", async () => {
  await using machine = await Machine.make();
  await machine.write("parley.toml", 'name = "File"\nkeep = "30d"\n');
  const flags = [`--config=${machine.path("parley.toml")}`];
  await machine.hasAccount("root", { role: "admin" });
  const issued = await machine.does("token issue root --scope admin");
  const token = issued.trim();
  {
    const server = await machine.serve(flags);
    deepEqual(await namesOf(server, token), ["File", "file"]);
    equal((await patch(server, token, { name: "Set", keep: "7d", "token-days": "3" })).status, 200);
    deepEqual(await namesOf(server, token), ["Set", "settings"]);

    await machine.write("parley.toml", 'name = "New file"\nkeep = "20d"\nguests = false\n');
    server.kill("SIGHUP");
    await server.prints(/ configuration reloaded changed=--guests\n/);
    deepEqual(await namesOf(server, token), ["Set", "settings"]);
    equal((await patch(server, token, { keep: null })).status, 200);
    equal((await setting(server, token, "keep")).value, "20d");
    server.kill("SIGKILL");
    await server.ends();
  }
  {
    const server = await machine.serve(flags);
    deepEqual(await namesOf(server, token), ["Set", "settings"]);
    equal((await setting(server, token, "keep")).from, "file");
    server.kill("SIGTERM");
    await server.ends();
  }
  {
    const server = await machine.serve(flags, { env: { PARLEY_NAME: "Environment" } });
    deepEqual(await namesOf(server, token), ["Environment", "environment"]);
    equal((await patch(server, token, { name: "Set again" })).status, 409);
    server.kill("SIGTERM");
    await server.ends();
  }
  {
    const server = await machine.serve([...flags, "--name=Flag"], { env: { PARLEY_NAME: "Environment" } });
    deepEqual(await namesOf(server, token), ["Flag", "flag"]);
    server.kill("SIGTERM");
    await server.ends();
  }
  const issuedLater = JSON.parse(await machine.does("token issue root --json"));
  const days = (Date.parse(issuedLater.expires) - Date.now()) / 86_400_000;
  equal(Math.round(days), 3, "the commands go by what admins have set as well");
});

Deno.test("parley config show says what holds, and where that is from", async () => {
  await using machine = await Machine.make();
  await machine.write("parley.toml", 'guests = false\nname = "File"\n');
  await machine.hasAccount("root", { role: "admin" });
  const token = (await machine.does("token issue root --scope admin")).trim();
  const server = await machine.serve([]);
  await patch(server, token, { name: "Set", motd: "Tea\nat five." });
  const command = `config show --config=${machine.path("parley.toml")}`;
  const options = { env: { PARLEY_KEEP: "7" } };
  const shown = JSON.parse(await machine.does(`${command} --json`, options));
  const rows = new Map<string, string[]>(
    shown.map(({ option, value, from }: Record<string, string>) => [option, [value, from]]),
  );
  deepEqual(
    ["--name", "--motd", "--guests", "--keep", "--tls", "--data"].map((option) => rows.get(option)),
    [
      ["Set", "settings"],
      ["Tea\nat five.", "settings"],
      ["off", "file"],
      ["7d", "environment"],
      ["0.0.0.0:6697", "default"],
      [machine.dataDir, "flag"],
    ],
  );
  match(await machine.does(command, options), /^OPTION +VALUE +FROM\n--tls +0\.0\.0\.0:6697 +default\n/);
  match(await machine.does(command, options), /\n--motd +Tea \/ at five\. +settings\n/);
});

/** Somebody with an admin's account, in a browser. */
class Admin {
  private constructor(readonly page: PageOf) {}

  static async of(server: TestServer): Promise<Admin> {
    await server.hasAccount("root");
    await server.hasRole("root", "admin");
    const page = new PageOf(server);
    equal((await page.signsIn("root")).status, 200);
    return new Admin(page);
  }

  tries(body: unknown): Promise<Answer> {
    return this.page.calls(PATH, { method: "PATCH", json: body });
  }

  async sets(settings: Record<string, string | null>): Promise<void> {
    const { status, text } = await this.tries(settings);
    equal(status, 200, text);
  }
}

/** What `/audit` says of settings, without the time of each deed. */
async function trailOf(server: TestServer): Promise<string[]> {
  const root = await server.member("root");
  await root.types("/audit 100");
  await root.types("/ping");
  const deeds = (await root.readsUntil("Pong.")).map((line) => line.replace(/^[-\d]+ [:\d]+ /, ""));
  return deeds.filter((deed) => /: (un)?set /.test(deed));
}

async function setting(server: RunningParley, token: string, flag: string): Promise<SettingRow> {
  const { body } = await ask(server, token);
  return body.settings.find((row) => row.flag === flag)!;
}

/** What the server is called, and who says so. */
async function namesOf(server: RunningParley, token: string): Promise<[string, string]> {
  const { value, from } = await setting(server, token, "name");
  const visitor = await server.connect();
  await visitor.reads(`Welcome to ${value}.`);
  await visitor.vanishes();
  return [value, from];
}

function patch(server: RunningParley, token: string, settings: Record<string, string | null>) {
  return ask(server, token, { method: "PATCH", body: JSON.stringify(settings) });
}

async function ask(
  server: RunningParley,
  token: string,
  init: RequestInit = {},
): Promise<{ status: number; body: { settings: SettingRow[] } }> {
  const url = `http://127.0.0.1:${server.address("http").port}${PATH}`;
  const response = await fetch(url, { ...init, headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}
