import { strict as assert } from "node:assert";
import type { InvitationRow } from "../../server/wire/admin_types.ts";
import { run } from "../support/program.ts";
import { Machine, type RunningParley } from "../support/run_parley.ts";

const PASSWORD = "correct horse";

const NOT_VALID = "This invitation is not valid: it is used up, over or mistyped. Ask for another one.";

const MINUTE = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d UTC`;

Deno.test("invitations are made, shown and revoked while no server runs", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("root", { role: "admin" });
  const made = await invites(machine);
  assert.match(made.code, /^[B-Z]{4}-[B-Z]{4}-[B-Z]{4}$/);
  assert.match(made.url, /^https:\/\/[^/]+:8443\/#invitation=[\w-]+\.[\w-]+\.[\w-]+$/);
  const usual = {
    role: "member",
    room: null,
    uses: 1,
    used_by: [],
    by: "operator",
    revoked: false,
    open: true,
  };
  assert.deepEqual(termsOf(made), usual);
  assert.equal(daysOf(made), 7);
  const other = await invites(machine, "--role moderator --room #Dev --uses 5 --days 30");
  assert.deepEqual(termsOf(other), { ...usual, role: "moderator", room: "dev", uses: 5 });
  assert.equal(daysOf(other), 30);
  assert.equal(await machine.does(`invite revoke ${made.id}`), `Invitation ${made.id} has ended.\n`);
  const { code, err } = await machine.parley(`invite revoke ${made.id}`);
  assert.deepEqual([code, err], [1, `parley: There is no open invitation ${made.id}.\n`]);
  assert.deepEqual(await listed(machine), [other, { ...made, revoked: true, open: false }]);
});

Deno.test("people read how to use an invitation, and a table of all", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("root", { role: "admin" });
  const told = (await machine.does("invite --role moderator --room #dev --uses 2 --days 1")).split("\n");
  const [{ url, code } = assert.fail()] = await listed(machine);
  assert.deepEqual(told.slice(0, 3), [`Link  ${url}`, `Code  ${code}`, ""]);
  const terms = `^2 people may make an account by it until ${MINUTE}, as moderator, with a place in #dev\\.$`;
  assert.match(told[3]!, new RegExp(terms));
  assert.equal(told[4], "A browser opens the link. At a terminal, /signup <username> asks for the code.");
  const [heading = "", row = ""] = (await machine.does("invite list")).split("\n");
  assert.deepEqual(heading.split(/ {2,}/).slice(0, 9), [
    "ID",
    "CODE",
    "STATE",
    "ROLE",
    "ROOM",
    "USED",
    "EXPIRES",
    "BY",
    "WHO CAME",
  ]);
  assert.match(row, /^\w{26} {2}[B-Z-]{14} {2}open {3}moderator {2}#dev {2}0 of 2 {2}\S+ {2}operator$/);
});

Deno.test("a link leads to where the environment, the file and the certificate say that the pages are", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("root", { role: "admin" });
  const { certFile, keyFile } = await certificateFor(machine, "chat.example.org");
  const cases: [toml: string, env: Record<string, string>, begins: string][] = [
    [`https = "127.0.0.1:9443"`, {}, "https://127.0.0.1:9443/"],
    [`https = "127.0.0.1:9443"`, { PARLEY_HTTPS: "[::1]:443" }, "https://[::1]:443/"],
    [`cert = "${certFile}"\nkey = "${keyFile}"`, {}, "https://chat.example.org:8443/"],
    [`https = "off"`, {}, "http://127.0.0.1:5000/"],
    [`https = "127.0.0.1:0"`, {}, "http://127.0.0.1:5000/"],
    [`https = "off"\nhttp = "off"`, {}, "/"],
    [`guests = "perhaps"`, {}, "https://"],
  ];
  for (const [toml, env, begins] of cases) {
    await machine.write("parley.toml", toml);
    const command = `invite --config=${machine.path("parley.toml")}`;
    const told = await machine.does(command, { env });
    assert.match(told, new RegExp(`^Link  ${RegExp.escape(begins)}.*#invitation=`), toml);
    const unknown = "Put the address of the server's pages in front of the link; it is not known here.\n";
    assert.equal(told.endsWith(unknown), begins === "/", toml);
  }
});

Deno.test("who is invited on the command line comes in by code, by link and at a terminal, and is seen to have come", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("root", { role: "admin" });
  const early = await invites(machine, "--room #dev --uses 2");
  const server = await machine.serve(["--signup=invite"]);
  const late = await invites(machine, "--role moderator");
  const [, link = ""] = early.url.split("#invitation=");

  assert.deepEqual(await signUp(server, "ann", early.code.toLowerCase()), [200, undefined]);
  assert.deepEqual(await signUp(server, "bob", link), [200, undefined]);
  assert.deepEqual(await signUp(server, "eve", early.code), [403, NOT_VALID]);
  const ann = await server.member(`/login ann ${PASSWORD}`);
  const carl = await server.connect("tls");
  await carl.readsUpTo("Enter your username: ");
  await carl.types("/signup carl carl");
  for (
    const [question, line] of [
      ["Invitation: ", late.code],
      ["Password: ", PASSWORD],
      ["Repeat password: ", PASSWORD],
    ] as const
  ) {
    await carl.isAsked(question);
    await carl.types(line);
  }
  await carl.isWelcomed();
  await ann.reads("carl has joined the chat.");
  await ann.asks("/u #dev", "Users currently online (1): ann");
  await carl.asks("/announce tea", "Announcement: tea");

  const [shownLate, shownEarly] = await listed(machine);
  assert.deepEqual(shownEarly!.used_by.map(({ name }) => name), ["ann", "bob"]);
  assert.deepEqual(shownLate!.used_by.map(({ name }) => name), ["carl"]);
  assert.deepEqual([shownEarly!.open, shownLate!.open], [false, false]);
  const came = `used up  member     #dev  2 of 2  \\S+  operator  ann \\(${MINUTE}\\), bob \\(${MINUTE}\\)$`;
  assert.match(await machine.does("invite list"), new RegExp(came, "m"));
});

Deno.test("an invitation that is revoked beside a running server is good for nothing at once", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("root", { role: "admin" });
  const server = await machine.serve(["--signup=invite"]);
  const { id, code, url } = await invites(machine, "--uses 3");
  assert.deepEqual(await signUp(server, "ann", code), [200, undefined]);
  await machine.does(`invite revoke ${id}`);
  for (const given of [code, url.split("#invitation=")[1]!]) {
    assert.deepEqual(await signUp(server, "bob", given), [403, NOT_VALID]);
  }
  await server.member(`/login ann ${PASSWORD}`); // who has come by it stays
  const [shown] = await listed(machine);
  assert.deepEqual([shown!.revoked, shown!.used_by.map(({ name }) => name)], [true, ["ann"]]);
});

Deno.test("what the operator does with invitations is in the audit trail", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("root", { role: "admin" });
  const one = await invites(machine);
  const two = await invites(machine, "--role admin --room #dev --uses 5 --days 1");
  await machine.does(`invite revoke ${one.id}`);
  const server = await machine.serve();
  const root = await server.member(`/login root ${PASSWORD}`);
  await root.types("/audit 10");
  await root.types("/ping");
  const deeds = (await root.readsUntil("Pong.")).map((line) => line.replace(/^[-\d]+ [:\d]+ /, ""));
  assert.deepEqual(deeds.filter((deed) => deed.startsWith("operator")), [
    `operator (host): invite ${one.id} — member, 1 time within 7 days`,
    `operator (host): invite ${two.id} — admin in #dev, 5 times within 1 day`,
    `operator (host): revoke invitation ${one.id}`,
  ]);
});

/** An invitation that is made on the command line. */
async function invites(machine: Machine, flags = ""): Promise<InvitationRow> {
  return JSON.parse(await machine.does(`invite --json ${flags}`.trim()));
}

async function listed(machine: Machine): Promise<InvitationRow[]> {
  return JSON.parse(await machine.does("invite list --json"));
}

function termsOf({ role, room, uses, used_by, by, revoked, open }: InvitationRow) {
  return { role, room, uses, used_by, by, revoked, open };
}

function daysOf({ created_at, expires_at }: InvitationRow): number {
  return (Date.parse(expires_at) - Date.parse(created_at)) / 86_400_000;
}

/** Somebody makes an account over HTTP. */
async function signUp(
  server: RunningParley,
  username: string,
  invitation: string,
): Promise<[status: number, message: string | undefined]> {
  const wanted = { username, password: PASSWORD, name_account: username, invitation };
  const { status, body } = await server.http("/signup", wanted);
  return [status, body.message];
}

/** A certificate for a name, that somebody else has issued. */
async function certificateFor(
  machine: Machine,
  name: string,
): Promise<{ certFile: string; keyFile: string }> {
  const [certFile, keyFile] = [machine.path("issued.pem"), machine.path("issued-key.pem")];
  const ca = ["-keyout", machine.path("ca-key.pem"), "-out", machine.path("ca.pem")];
  const fresh = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", [...fresh, "-subj", "/CN=Test CA", ...ca]);
  await run("openssl", [
    ...fresh,
    ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`],
    ...["-CA", machine.path("ca.pem"), "-CAkey", machine.path("ca-key.pem")],
    ...["-keyout", keyFile, "-out", certFile],
  ]);
  return { certFile, keyFile };
}
