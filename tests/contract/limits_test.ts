import { strict as assert } from "node:assert";
import { eventually } from "../support/eventually.ts";
import type { Person } from "../support/person.ts";
import { startServer, type TestServer } from "../support/start_server.ts";
import { NativeSockets } from "../../server/transport/native_sockets.ts";

const TOO_LONG = "Line too long (limit 4096 bytes); nothing was sent.";
const TOO_FAST = "You are sending too fast (limit 5 a second); that line was not sent.";
const TOO_MANY_FROM_ADDRESS = "Too many connections from your address.";
const UNPACED = ["--rate=off", "--byte-rate=off"];

/** An address of this machine under which it does not take itself for loopback. */
const OWN_ADDRESS = Deno.networkInterfaces().find(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
)?.address;
const withOwnAddress = { ignore: OWN_ADDRESS === undefined };

/** Elsewhere the system has not been tried. */
const onLinux = { ignore: Deno.build.os !== "linux" };

// A line

Deno.test("a line of 4,096 bytes is said, one of 4,097 is refused once and dropped to its ending", async () => {
  await using server = await startServer(...UNPACED);
  const [ann, bob] = await server.guests("ann", "bob"); // ann over TLS
  for (const character of ["x", "é", "漢", "😀"]) {
    for (const bytes of [4_095, 4_096, 4_097, 9_000]) {
      for (const ending of ["\n", "\r\n"]) {
        const text = textOf(character, bytes);
        await sendsInThree(ann, text + ending);
        if (bytes <= 4_096) await bob.reads(`${ann.name}: ${text}`);
        else await ann.reads(TOO_LONG);
      }
    }
  }
  await ann.types("done");
  await bob.reads(`${ann.name}: done`); // and nothing of what was dropped before it
  await bob.types("done");
  await ann.reads(`${bob.name}: done`);
});

Deno.test("a line without an end is refused as soon as it is too long, and bounds nobody's chat", async () => {
  await using server = await startServer(...UNPACED);
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.sends("x".repeat(500_000));
  await ann.reads(TOO_LONG);
  await bob.types("still here?");
  await ann.reads(`${bob.name}: still here?`);
  await ann.sends("x".repeat(500_000) + "\nyes\n");
  await bob.reads(`${ann.name}: yes`);
});

Deno.test("the refusal names the limit that was set", async () => {
  await using server = await startServer("--line-bytes=64");
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.types("x".repeat(65));
  await ann.reads("Line too long (limit 64 bytes); nothing was sent.");
  await ann.types("x".repeat(64));
  await bob.reads(`${ann.name}: ${"x".repeat(64)}`);
});

// Messages

Deno.test("20 messages go at once, what comes too fast after them is refused line by line", async () => {
  await using server = await startServer();
  const [ann, bob] = await server.guests("ann", "bob");
  const startedAt = performance.now();
  await ann.sends(Array.from({ length: 45 }, (_, index) => `${index}\n`).join(""));
  await ann.types("/whois nobody"); // commands have a pace of their own
  const refusals = await ann.readsUntil("User nobody not found.");
  const seconds = (performance.now() - startedAt) / 1_000;
  assert.deepEqual(new Set(refusals), new Set([TOO_FAST]));
  const said = 45 - refusals.length;
  assert.ok(said >= 20 && said <= 20 + 5 * seconds, `${said} were said in ${seconds} s`);
  for (let index = 0; index < 20; index++) await bob.reads(`${ann.name}: ${index}`);
  for (let more = 20; more < said; more++) await bob.reads(/^ann\d{4}: \d+$/);
  await bob.types("done");
  await ann.reads(`${bob.name}: done`);
});

Deno.test("the last message of a burst is said, the next is not, and a second later one may be", async () => {
  await using server = await startServer("--rate=20,1");
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.sends("x\n".repeat(19));
  for (let count = 0; count < 19; count++) await bob.reads(`${ann.name}: x`);
  await ann.sends("20\n21\n");
  await ann.reads("You are sending too fast (limit 1 a second); that line was not sent.");
  await bob.reads(`${ann.name}: 20`);
  const refused = /^You are sending too fast/;
  for (let tries = 0; !(await isSaid(`try ${tries}`)); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  async function isSaid(text: string): Promise<boolean> {
    await ann.sends(`${text}\n/whois nobody\n`);
    if ((await ann.readsUntil("User nobody not found.")).some((line) => refused.test(line))) return false;
    await bob.reads(`${ann.name}: ${text}`);
    return true;
  }
});

Deno.test("private messages and actions are messages as well", async () => {
  await using server = await startServer("--rate=4,1");
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.sends(`/me waves\n/@ ${bob.name} psst\n/msg ${bob.name} psst\n/r psst\nhello\n/me waves\n`);
  await bob.reads(`* ${ann.name} waves`);
  await bob.reads(`Private message from ${ann.name}: psst`);
  await bob.reads(`Private message from ${ann.name}: psst`);
  await ann.reads(`Private message to ${bob.name}: psst`);
  await ann.reads(`Private message to ${bob.name}: psst`);
  await ann.reads("Nobody has written to you yet."); // tried, and so counted
  await ann.reads(/^You are sending too fast/);
  await ann.reads(/^You are sending too fast/);
});

Deno.test("commands have a pace of their own", async () => {
  await using server = await startServer("--rate=1,1", "--command-rate=3,1");
  const [ann] = await server.guests("ann", "bob");
  await ann.sends("/whois x\n".repeat(4));
  for (let count = 0; count < 3; count++) await ann.reads("User x not found.");
  await ann.reads("You are sending too fast (limit 1 commands a second); that line was not sent.");
});

Deno.test("50 refused lines in a minute end the connection, 49 do not", async () => {
  await using server = await startServer("--rate=1,1");
  const [ann, bob] = await server.guests("ann", "bob");
  const refused = "You are sending too fast (limit 1 a second); that line was not sent.";
  await ann.sends("x\n".repeat(50)); // one is said
  await ann.types("/whois nobody");
  const refusals = await ann.readsUntil("User nobody not found.");
  assert.ok(refusals.length <= 49 && refusals.length >= 40, `${refusals.length} refusals`);
  await ann.sends("x\n".repeat(70 - refusals.length)); // some seconds may pass meanwhile
  const text = await ann.readsToTheEnd();
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.pop(), "That was too fast 50 times within a minute; connect again in a while.");
  assert.deepEqual(lines, Array(50 - refusals.length).fill(refused));
  await bob.readsUntil(`${ann.name} has left the chat.`);
});

Deno.test("with --rate off messages have no pace", async () => {
  await using server = await startServer("--rate=off");
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.sends(Array.from({ length: 300 }, (_, index) => `${index}\n`).join(""));
  for (let index = 0; index < 300; index++) await bob.reads(`${ann.name}: ${index}`);
});

// Bytes

Deno.test("a connection is read no faster than is allowed, loses nothing and slows nobody", async () => {
  await using server = await startServer("--rate=off", "--byte-rate=16KiB");
  const [ann, bob, eve] = await server.guests("ann", "bob", "eve");
  const lines = Array.from({ length: 56 }, (_, index) => `${index} ${"x".repeat(1_000)}`);
  const startedAt = performance.now();
  const sent = ann.sends(lines.join("\n") + "\n");
  await bob.reads(`${ann.name}: ${lines[0]}`);
  await eve.types("I am not slowed");
  const before = await bob.readsUntil(`${eve.name}: I am not slowed`);
  assert.ok(before.length < 50, `${before.length} lines of ann came first`);
  for (const line of lines.slice(1 + before.length)) await bob.reads(`${ann.name}: ${line}`);
  const tookMs = performance.now() - startedAt;
  await sent;
  // the first second's worth comes at once, and the last read of 16 KiB is paid for afterwards
  const leastMs = (lines.join("\n").length - 2 * 16_384) / 16_384 * 1_000;
  assert.ok(tookMs >= leastMs - 50, `${tookMs} ms, at least ${leastMs} ms`);
});

// Slow readers

for (
  const [why, flags] of [
    ["lets too much pile up", []],
    ["makes no progress", ["--outbox-bytes=64MiB", "--stall-seconds=1"]],
  ] as const
) {
  Deno.test(
    `a reader that ${why} is closed, its socket freed, and nobody else affected`,
    onLinux,
    async () => {
      await using server = await startServer(...UNPACED, ...flags);
      const [ann, bob] = await server.guests("ann", "bob");
      using sockets = NativeSockets.open().sockets!;
      const { tls, plain } = server.parley.addresses;
      const open = () => sockets.connectionsOf(tls!).length + sockets.connectionsOf(plain!).length;
      const others = open();
      const slow = [
        await comesInAndReadsNoMore(server, { over: "tls", readers: [ann, bob] }),
        await comesInAndReadsNoMore(server, { over: "plain", readers: [ann, bob] }),
      ];
      // more than the buffers of the system take for one reader
      const lines = Array.from({ length: 1_500 }, (_, index) => `${index} ${"x".repeat(4_000)}`);
      await ann.sends(lines.join("\n") + "\n");
      const read: string[] = [];
      while (read.length < lines.length + slow.length) read.push(await bob.readsLine());
      const departures = read.filter((line) => /^slow\d{4} has left the chat\.$/.test(line));
      assert.equal(departures.length, slow.length);
      assert.deepEqual(
        read.filter((line) => !departures.includes(line)),
        lines.map((line) => `${ann.name}: ${line}`),
      );
      for (const departure of departures) await ann.reads(departure);
      await eventually("the sockets are free", () => open() === others);
      for (const conn of slow) conn.close();
    },
  );
}

// Connections

Deno.test("past the number of connections the server is full, until somebody leaves", async () => {
  await using server = await startServer("--max-connections=3");
  const [ann, bob] = await server.guests("ann", "bob");
  const carl = await server.connect();
  await carl.readsUpTo("Enter your username: "); // who has not logged in yet counts as well
  for (const over of ["tls", "plain", "tls"] as const) {
    const late = await server.connect(over);
    await late.reads("Server is full.");
    assert.equal(await late.readsToTheEnd(), "Its limit is 3 connections; try again later.\n");
  }
  await ann.types("still here");
  await bob.reads(`${ann.name}: still here`);
  await carl.types("carl");
  await bob.reads(/^carl\d{4} has joined the chat\.$/);
  await bob.leaves();
  await eventually("somebody may come in again", async () => {
    const dora = await server.connect();
    return (await dora.readsLine()) === "Welcome to Parley.";
  });
});

Deno.test("who is turned away is told so though it has begun to talk", async () => {
  await using server = await startServer("--max-connections=1");
  const ann = await server.connect();
  await ann.comesInAs("ann");
  const late = await server.connect();
  await late.sends("bob\nhello\n").catch(() => {}); // it may be closed already
  await late.reads("Server is full.");
});

Deno.test("an address has so many connections at a time, loopback any number", withOwnAddress, async () => {
  await using server = await startServer(
    "--plain=0.0.0.0:0",
    "--tls=0.0.0.0:0",
    "--connections-per-address=2",
  );
  const ann = await connectFrom(OWN_ADDRESS!, server, "plain");
  const bob = await connectFrom(OWN_ADDRESS!, server, "tls");
  await ann.comesInAs("ann");
  await bob.comesInAs("bob");
  for (const over of ["plain", "tls"] as const) {
    const late = await connectFrom(OWN_ADDRESS!, server, over);
    await late.reads(TOO_MANY_FROM_ADDRESS);
    assert.equal(
      await late.readsToTheEnd(),
      "The limit is 2 at a time; close one, or try again later.\n",
    );
  }
  for (let count = 0; count < 3; count++) {
    const local = await connectFrom("127.0.0.1", server, "plain");
    await local.reads("Welcome to Parley.");
  }
  await bob.leaves();
  await eventually("somebody may come in again", async () => {
    const carl = await connectFrom(OWN_ADDRESS!, server, "plain");
    return (await carl.readsLine()) === "Welcome to Parley.";
  });
});

Deno.test("an address opens so many connections a minute", withOwnAddress, async () => {
  await using server = await startServer("--plain=0.0.0.0:0", "--new-connections-per-minute=3");
  for (let count = 0; count < 3; count++) {
    const visitor = await connectFrom(OWN_ADDRESS!, server, "plain");
    await visitor.reads("Welcome to Parley.");
    await visitor.vanishes();
  }
  const late = await connectFrom(OWN_ADDRESS!, server, "plain");
  await late.reads(TOO_MANY_FROM_ADDRESS);
  assert.match(
    await late.readsToTheEnd(),
    /^The limit is 3 new ones a minute; try again in (60|5\d) s\.\n$/,
  );
  const local = await connectFrom("127.0.0.1", server, "plain");
  await local.reads("Welcome to Parley.");
});

// Before the log-in

Deno.test("who has not logged in in time is told so and closed", async () => {
  await using server = await startServer("--login-seconds=1");
  const [ann] = await server.guests("ann");
  const [silent, asked] = [await server.connect("tls"), await server.connect()];
  await asked.readsUpTo("Enter your username: ");
  await asked.types("/signup bob"); // who asks for a browser has longer
  await asked.readsUpTo("Choose a name: ");
  assert.match(await silent.readsToTheEnd(), /^Welcome [^]*Enter your username: Login timed out\.\n$/);
  assert.equal(await asked.readsToTheEnd(), "Login timed out.\n");
  await ann.types("/whois nobody");
  await ann.reads("User nobody not found."); // who is in stays
});

Deno.test("who has not logged in after 20 lines is told so and closed; the twentieth may do it", async () => {
  await using server = await startServer();
  const bob = await server.connect();
  await bob.sends("\n".repeat(19) + "bob\n");
  await bob.readsUpTo("Enter your username: ".repeat(20));
  await bob.isWelcomed();
  for (const lines of [20, 21, 1_000]) {
    const late = await server.connect();
    await late.sends("\n".repeat(lines));
    await late.readsUpTo("Enter your username: ".repeat(21));
    assert.equal(await late.readsToTheEnd(), "Login timed out.\n");
  }
  await bob.types("/u");
  await bob.reads(`Users currently online (1): ${bob.name}`);
});

Deno.test("lines that are too long are lines as well", async () => {
  await using server = await startServer("--login-lines=4", "--login-bytes=1MiB");
  const late = await server.connect();
  await late.readsUpTo("Enter your username: ");
  await late.sends(("x".repeat(5_000) + "\n").repeat(4));
  const refused = `${TOO_LONG}\n`;
  const asked = "Enter your username: ";
  assert.equal(
    await late.readsToTheEnd(),
    `${refused}${asked}`.repeat(3) + refused + "Login timed out.\n",
  );
});

Deno.test("who has not logged in after 16 KiB is told so and closed", async () => {
  await using server = await startServer("--login-lines=1000");
  const bob = await server.connect();
  await bob.sends(blanks(16_383 - 4) + "bob\n");
  await bob.readsUpTo("Enter your username: ".repeat(5));
  await bob.isWelcomed();
  for (const bytes of [16_384, 16_385, 100_000]) {
    const late = await server.connect();
    await late.readsUpTo("Enter your username: ");
    await late.sends("x".repeat(bytes)).catch(() => {}); // it may be closed already
    assert.match(await late.readsToTheEnd(), /^(Line too long .*\n)?Login timed out\.\n$/, `${bytes} bytes`);
  }
});

// Log-ins and sign-ups

Deno.test("ten log-ins a minute are looked at, by whichever way they come", async () => {
  await using server = await startServer();
  await server.hasAccount("ann");
  const token = await server.tokenOf("ann"); // the first
  const wrong = { username: "ann", password: "wrong horse" };
  for (let count = 2; count <= 9; count++) assert.equal(await statusOf(server, "/login", wrong), 401);
  const ann = await server.connect("tls");
  await ann.readsUpTo("Enter your username: ");
  await ann.types("/login ann wrong horse"); // the tenth
  await ann.reads("Wrong username or password.");
  await ann.readsUpTo("Enter your username: ");
  await ann.types("/login ann correct horse");
  const [, seconds] = /^Too many attempts\. Try again in (\d+) s\.$/.exec(await ann.readsLine())!;
  assert.ok(Number(seconds) > 30 && Number(seconds) <= 60, seconds);

  const refused = await server.http("/login", { method: "POST", body: JSON.stringify(wrong) });
  const { message } = await refused.json();
  assert.equal(refused.status, 429);
  assert.equal(message, `Too many attempts. Try again in ${refused.headers.get("retry-after")} s.`);
  const other = { username: "bob", password: "wrong horse" };
  assert.equal(await statusOf(server, "/login", other), 429, "the address is used up for all accounts");

  await ann.readsUpTo("Enter your username: ");
  await ann.types(token); // nothing to guess
  await ann.isWelcomed();
});

Deno.test("an address makes five accounts an hour, loopback any number", withOwnAddress, async () => {
  await using server = await startServer("--http=0.0.0.0:0", "--plain=0.0.0.0:0");
  for (let count = 1; count <= 6; count++) await server.hasAccount(`local${count}`);
  for (let count = 1; count <= 5; count++) {
    assert.equal(await signUpFrom(OWN_ADDRESS!, server, `own${count}`), 200);
  }
  assert.equal(await signUpFrom(OWN_ADDRESS!, server, "own6"), 429);
  const late = await connectFrom(OWN_ADDRESS!, server, "plain");
  await late.readsUpTo("Enter your username: ");
  await late.sends("/signup own7\nown7\ncorrect horse\ncorrect horse\n");
  await late.readsUpTo("Repeat password: ");
  assert.match(await late.readsLine(), /^Too many attempts\. Try again in (3600|35\d\d) s\.$/);
  await server.hasAccount("local7");
});

// HTTP

Deno.test(
  "HTTPS connections that never ask for anything are closed, and real clients served",
  onLinux,
  async () => {
    await using server = await startServer("--header-seconds=2");
    using sockets = NativeSockets.open().sockets!;
    const address = server.parley.addresses.https!;
    const silent = await Promise.all(Array.from({ length: 100 }, () => Deno.connect({ port: address.port })));
    using client = Deno.createHttpClient({ caCerts: [server.parley.certificate.certPem] });
    const response = await fetch(`https://127.0.0.1:${address.port}/healthz`, { client });
    assert.equal(response.status, 200);
    await response.body?.cancel();
    assert.ok(sockets.connectionsOf(address).length > 100, "they are still there");
    let open = silent.length;
    for (const conn of silent) void isClosed(conn).then(() => open--);
    await eventually("all are closed", () => open === 0);
    await eventually("their sockets are free", () => sockets.connectionsOf(address).length <= 1);
  },
);

/** Three writes with the ends of characters anywhere. */
async function sendsInThree(person: Person, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await person.sends(bytes.subarray(0, 1_001));
  await person.sends(bytes.subarray(1_001, bytes.length - 2));
  await person.sends(bytes.subarray(bytes.length - 2));
}

/** So many bytes, most of them of one character. */
function textOf(character: string, bytes: number): string {
  const width = new TextEncoder().encode(character).length;
  return "x".repeat(bytes % width) + character.repeat(Math.floor(bytes / width));
}

/** Four blank lines of so many bytes. */
function blanks(bytes: number): string {
  const line = " ".repeat(4_095) + "\n";
  return line.repeat(3) + "\n".padStart(bytes - 3 * line.length);
}

/** Somebody called slow who comes in, is told of to the readers, and reads nothing. */
async function comesInAndReadsNoMore(
  server: TestServer,
  { over, readers }: { over: "tls" | "plain"; readers: Person[] },
): Promise<Deno.Conn> {
  const { hostname, port } = server.parley.addresses[over]!;
  const conn = over === "tls"
    ? await Deno.connectTls({ hostname, port, caCerts: [server.parley.certificate.certPem] })
    : await Deno.connect({ hostname, port });
  await conn.write(new TextEncoder().encode("slow\n"));
  for (const reader of readers) await reader.reads(/^slow\d{4} has joined the chat\.$/);
  return conn;
}

async function connectFrom(hostname: string, server: TestServer, over: "tls" | "plain"): Promise<Person> {
  const { port } = server.parley.addresses[over]!;
  const conn = over === "tls"
    ? await Deno.connectTls({ hostname, port, caCerts: [server.parley.certificate.certPem] })
    : await Deno.connect({ hostname, port });
  return server.welcomes(conn);
}

async function statusOf(server: TestServer, path: string, body: unknown): Promise<number> {
  const response = await server.http(path, { method: "POST", body: JSON.stringify(body) });
  await response.body?.cancel();
  return response.status;
}

async function signUpFrom(hostname: string, server: TestServer, username: string): Promise<number> {
  const { port } = server.parley.addresses.http!;
  const response = await fetch(`http://${hostname}:${port}/signup`, {
    method: "POST",
    body: JSON.stringify({ username, password: "correct horse", name_account: username }),
  });
  await response.body?.cancel();
  return response.status;
}

/** Reads until the other side has closed. */
async function isClosed(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1_024);
  while (await conn.read(buffer).catch(() => null) !== null);
  conn.close();
}
