import { strict as assert } from "node:assert";
import { join } from "node:path";
import { Program, type ProgramName } from "../support/program.ts";
import { startServer, type TestServer } from "../support/start_server.ts";

/** Every letter that `s_client` without `-quiet` takes for itself, and some more. */
const LINES = [
  "Quite so",
  "Really?",
  "Keep it",
  "keep it",
  "Perhaps",
  "Certainly",
  "But why",
  "cheers",
  "Q",
  "R",
];

/** A way of joining, as the README has it. */
interface Client {
  readonly how: string;
  readonly program: ProgramName;
  readonly args: (server: TestServer) => string[];
  /** What it does when the server closes the connection. */
  readonly atServerClose: "exits" | "stays";
  /** What it does when there is nothing more to type. */
  readonly atEndOfInput: "exits" | "stays";
}

const CLIENTS: readonly Client[] = [
  {
    how: "openssl s_client -quiet",
    program: "openssl",
    args: (server) => ["s_client", "-quiet", "-connect", `127.0.0.1:${portOf(server, "tls")}`],
    atServerClose: "exits",
    atEndOfInput: "stays",
  },
  {
    how: "openssl s_client that verifies the certificate",
    program: "openssl",
    args: (server) => [
      ...["s_client", "-quiet", "-verify_return_error", "-CAfile", certificateOf(server)],
      ...["-verify_hostname", "localhost", "-connect", `127.0.0.1:${portOf(server, "tls")}`],
    ],
    atServerClose: "exits",
    atEndOfInput: "stays",
  },
  {
    how: "openssl s_client -brief -nocommands, for scripts",
    program: "openssl",
    args: (server) => [
      ...["s_client", "-brief", "-nocommands", "-connect", `127.0.0.1:${portOf(server, "tls")}`],
    ],
    atServerClose: "exits",
    atEndOfInput: "exits",
  },
  {
    how: "ncat --ssl",
    program: "ncat",
    args: (server) => ["--ssl", "127.0.0.1", portOf(server, "tls")],
    atServerClose: "stays", // until it is interrupted: ncat 7.93 waits for the end of its input
    atEndOfInput: "exits",
  },
  {
    how: "ncat that verifies the certificate",
    program: "ncat",
    args: (server) => [
      ...["--ssl", "--ssl-verify", "--ssl-trustfile", certificateOf(server)],
      ...["localhost", portOf(server, "tls")],
    ],
    atServerClose: "stays",
    atEndOfInput: "exits",
  },
  {
    how: "socat that verifies the certificate",
    program: "socat",
    args: (server) => ["-", `OPENSSL:localhost:${portOf(server, "tls")},cafile=${certificateOf(server)}`],
    atServerClose: "exits",
    atEndOfInput: "exits",
  },
  {
    how: "nc on the plain port",
    program: "nc",
    args: (server) => ["-N", "127.0.0.1", portOf(server, "plain")],
    atServerClose: "stays", // until one more line is typed
    atEndOfInput: "exits",
  },
];

for (const { how, program, args, atServerClose } of CLIENTS) {
  Deno.test(`somebody chats with ${how}`, async () => {
    await using server = await startServer();
    const [eve] = await server.guests("eve");
    await using client = new Program(program, args(server));
    const bob = client.person;
    await bob.comesInAs("bob");
    await eve.reads(`${bob.name} has joined the chat.`);
    for (const line of LINES) {
      await bob.types(line);
      await eve.reads(`${bob.name}: ${line}`);
    }
    await eve.types("hello, whatever you type with: ü ☺");
    await bob.reads(`${eve.name}: hello, whatever you type with: ü ☺`);
    await bob.types(".exit");
    await bob.reads("Goodbye.");
    await eve.reads(`${bob.name} has left the chat.`);
    if (atServerClose === "stays") return;
    assert.equal(await bob.readsToTheEnd(), "");
    assert.equal(await client.ends(), 0);
  });
}

for (const { how, program, args, atEndOfInput } of CLIENTS) {
  Deno.test(`what is piped into ${how} is said, though the input ends at once`, async () => {
    await using server = await startServer();
    const [eve] = await server.guests("eve");
    await using client = new Program(program, args(server));
    await client.person.sends("bob\nhello\nand goodbye\n");
    await client.closesInput();
    const bob = nameIn(await eve.reads(/^bob\d{4} has joined the chat\.$/));
    await eve.reads(`${bob}: hello`);
    await eve.reads(`${bob}: and goodbye`);
    if (atEndOfInput === "stays") return;
    await eve.reads(`${bob} has left the chat.`);
    assert.equal(await client.ends(), 0);
  });
}

Deno.test("somebody whose program is killed has left", async () => {
  await using server = await startServer();
  const [eve] = await server.guests("eve");
  await using client = connect("nc", server);
  const bob = client.person;
  await bob.comesInAs("bob");
  await eve.reads(`${bob.name} has joined the chat.`);
  await bob.vanishes();
  await eve.reads(`${bob.name} has left the chat.`);
});

Deno.test("two different programs talk to each other, privately as well", async () => {
  await using server = await startServer();
  await using openssl = connect("openssl", server);
  await using nc = connect("nc", server);
  const [ann, bob] = [openssl.person, nc.person];
  await ann.comesInAs("ann");
  await bob.comesInAs("bob");
  await ann.reads(`${bob.name} has joined the chat.`);
  await ann.types(`/@ ${bob.name} psst`);
  await bob.reads(`Private message from ${ann.name}: psst`);
  await ann.reads(`Private message to ${bob.name}: psst`);
  await bob.types("/r what?");
  await ann.reads(`Private message from ${bob.name}: what?`);
});

Deno.test("a client that does not trust the certificate is told by its own program, and nobody else notices", async () => {
  await using server = await startServer();
  const [eve, ann] = await server.guests("eve", "ann");
  await using client = new Program("openssl", [
    ...["s_client", "-quiet", "-verify_return_error"],
    ...["-connect", `127.0.0.1:${portOf(server, "tls")}`],
  ]);
  assert.equal(await client.person.readsToTheEnd(), "");
  assert.notEqual(await client.ends(), 0);
  await ann.types("nothing happened");
  await eve.reads(`${ann.name}: nothing happened`);
});

Deno.test("nc on the TLS port gets no greeting and harms nobody", async () => {
  await using server = await startServer();
  const [eve, ann] = await server.guests("eve", "ann");
  await using client = new Program("nc", ["-N", "127.0.0.1", portOf(server, "tls")]);
  await client.person.types("bob");
  await client.closesInput();
  await client.ends();
  assert.doesNotMatch(await client.person.readsToTheEnd(), /Welcome/);
  await ann.types("nothing happened");
  await eve.reads(`${ann.name}: nothing happened`);
});

function connect(program: "openssl" | "nc", server: TestServer): Program {
  return new Program(program, CLIENTS.find((client) => client.program === program)!.args(server));
}

function portOf(server: TestServer, listener: "tls" | "plain"): string {
  return String(server.parley.addresses[listener]!.port);
}

/** Where the server keeps what it presents; the README has it fetched from /cert.pem. */
function certificateOf(server: TestServer): string {
  return join(server.dataDir, "cert.pem");
}

function nameIn(line: string): string {
  return line.split(" ")[0]!;
}
