import { strict as assert } from "node:assert";
import { eventually } from "../support/eventually.ts";
import type { Person } from "../support/person.ts";
import { startServer } from "../support/start_server.ts";
import { FILES_OF_WORKER } from "../../server/start_worker.ts";
import { NativeSockets } from "../../server/transport/native_sockets.ts";
import { Machine, type RunningParley } from "../support/run_parley.ts";

/** Where the server has workers, it may open so many more files for them. */
const FILES_OF_WORKERS = FILES_OF_WORKER * Number(Deno.env.get("PARLEY_WORKERS") ?? 0);

/** What a process has open is told by /proc. */
const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test(
  "1,000 connections that never shake hands keep nobody out, and are closed in time",
  onLinux,
  async () => {
    await using machine = await Machine.make();
    const server = await machine.serve(["--handshake-seconds=3"]);
    const ann = await server.guest("ann", "tls");
    await eventually("the search index is open", () => isThere(machine.path("data/search.sqlite")));
    await openFilesSettle(server);
    const before = openFiles(server);
    const { port } = server.address("tls");
    const beginnings = [[], [0x16], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]];
    const silent = await Promise.all(Array.from({ length: 1_000 }, async (_, index) => {
      const conn = await Deno.connect({ port });
      await conn.write(Uint8Array.from(beginnings[index % 3]!));
      return conn;
    }));
    await eventually("all have been accepted", () => openFiles(server) >= before + 1_000);

    const bob = await server.guest("bob", "tls");
    await ann.reads(`${bob.name} has joined the chat.`);
    await bob.types("it is crowded here");
    await ann.reads(`${bob.name}: it is crowded here`);
    assert.ok(openFiles(server) >= before + 1_000, "they are all still there");

    await areClosed(silent);
    const kept = 2; // bob's, and one that SQLite keeps when the sweeper has looked
    await eventually("what they took is free", () => openFiles(server) <= before + kept);
    await ann.types("is it?");
    await bob.reads(`${ann.name}: is it?`);
  },
);

Deno.test("a connection whose handshake is under way ends with the server", onLinux, async () => {
  const server = await startServer("--handshake-seconds=300");
  const { tls } = server.parley.addresses;
  const silent = await Deno.connect({ port: tls!.port });
  {
    using sockets = NativeSockets.open().sockets!;
    await eventually("it is accepted", () => sockets.connectionsOf(tls!).length === 1);
  }
  await server[Symbol.asyncDispose]();
  await areClosed([silent]);
});

Deno.test("a server that may open few files is full before it runs out of them", onLinux, async () => {
  await using machine = await Machine.make();
  const server = await serveWith(machine, { openFiles: 130 });
  assert.match(server.output, /the system allows too few open files for --max-connections connections=30/);
  const people: Person[] = [];
  while (people.length < 30) people.push(await server.connect(people.length % 2 === 0 ? "tls" : "plain"));
  for (const person of people) await person.readsUpTo("Enter your username: ");
  for (const over of ["tls", "plain"] as const) {
    const late = await server.connect(over);
    await late.reads("Server is full.");
    await late.readsToTheEnd();
  }
  await people[0]!.types("ann");
  await people[0]!.isWelcomed();
  assert.doesNotMatch(server.output, / error /);
});

Deno.test("a server without a file left says so, goes on, and takes people again", onLinux, async () => {
  await using machine = await Machine.make();
  const server = await serveWith(machine, { openFiles: 130 });
  const [ann, bob] = [await server.guest("ann", "tls"), await server.guest("bob", "plain")];
  await ann.reads(`${bob.name} has joined the chat.`);
  const crowd: Deno.Conn[] = [];
  // HTTP counts its connections a moment later only, so that for this moment there may be too many
  for (const listener of ["http", "https"] as const) {
    const { port } = server.address(listener);
    const coming = Array.from({ length: 150 }, () => Deno.connect({ port }).catch(() => undefined));
    crowd.push(...(await Promise.all(coming)).filter((conn) => conn !== undefined));
  }
  const early = await server.connect(); // the system takes it in, the server when it can
  await server.prints(/no connections can be accepted; trying on/);
  await ann.types("is anybody here?");
  await bob.reads(`${ann.name}: is anybody here?`);
  await bob.types("yes");
  await ann.reads(`${bob.name}: yes`);

  for (const conn of crowd) conn.close();
  await server.prints(/connections are accepted again/);
  await early.comesInAs("early");
  for (const person of [ann, bob]) await person.reads(`${early.name} has joined the chat.`);
  for (const over of ["tls", "plain"] as const) {
    const carl = await server.guest("carl", over);
    await ann.reads(`${carl.name} has joined the chat.`);
  }
  const cert = await Deno.readTextFile(`${machine.dataDir}/cert.pem`);
  using client = Deno.createHttpClient({ caCerts: [cert] });
  for (const scheme of ["http", "https"] as const) {
    await eventually(`${scheme} is served again`, async () => {
      const url = `${scheme}://127.0.0.1:${server.address(scheme).port}/healthz`;
      const response = await fetch(url, { client }).catch(() => undefined);
      await response?.body?.cancel();
      return response?.status === 200;
    });
  }
});

Deno.test(
  "a password that comes when no file is left to check it ends nobody's connection",
  onLinux,
  async () => {
    await using machine = await Machine.make();
    await machine.hasAccount("ann");
    const server = await serveWith(machine, { openFiles: 130 });
    const bob = await server.guest("bob");
    const ann = await server.connect();
    await ann.readsUpTo("Enter your username: ");
    await eventually("the search index is open", () => isThere(machine.path("data/search.sqlite")));
    await openFilesSettle(server);
    const { port } = server.address("http");
    const coming = Array.from({ length: 150 }, () => Deno.connect({ port }).catch(() => undefined));
    const crowd = (await Promise.all(coming)).filter((conn) => conn !== undefined);
    await server.prints(/no connections can be accepted; trying on/);
    await ann.types("/login ann correct horse");
    await ann.reads("The server is checking too many passwords just now. Try again in a few seconds.");
    await bob.asks("/ping", "Pong.");

    for (const conn of crowd) conn.close();
    await server.prints(/connections are accepted again/);
    await eventually("there are files again", () => openFiles(server) < 90 + FILES_OF_WORKERS);
    await ann.readsUpTo("Enter your username: ");
    await ann.types("/login ann correct horse");
    await ann.isWelcomed();
    await bob.reads("ann has joined the chat.");
    assert.equal(server.errors, "");
  },
);

/** A server that may have so many files open: by the hard limit, to which Deno raises the soft one. */
async function serveWith(machine: Machine, { openFiles }: { openFiles: number }): Promise<RunningParley> {
  const through = ["sh", "-c", `ulimit -n ${openFiles + FILES_OF_WORKERS} && exec "$@"`, "sh"];
  const server = machine.launch([], { through });
  await server.isListening();
  return server;
}

function openFiles({ pid }: RunningParley): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** What was opened for a moment only is closed. */
async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function openFilesSettle(server: RunningParley): Promise<void> {
  let last = -1;
  await eventually("the number of open files settles", async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = openFiles(server);
    const settled = now === last;
    last = now;
    return settled;
  });
}

/** Waits until the other side has closed them all. */
async function areClosed(conns: readonly Deno.Conn[]): Promise<void> {
  let open = conns.length;
  for (const conn of conns) void isClosed(conn).then(() => open--);
  await eventually("all are closed", () => open === 0);
}

async function isClosed(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1_024);
  while (await conn.read(buffer).catch(() => null) !== null);
  conn.close();
}
