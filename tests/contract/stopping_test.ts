import { strict as assert } from "node:assert";
import { PATIENCE_MS } from "../support/patience.ts";
import type { Person } from "../support/person.ts";
import { freeAddress, Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";

const SHUTTING_DOWN = "Server is shutting down.";

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} tells everyone who is connected, and ends with exit status 0`, async () => {
    await using machine = await Machine.make();
    const server = await machine.serve();
    const ann = await server.guest("ann", "tls");
    const bob = await server.guest("bob", "plain");
    await ann.reads(`${bob.name} has joined the chat.`);
    const stranger = await server.connect("tls");
    await stranger.readsUpTo("Enter your username: ");
    const hesitant = await server.connect("plain");
    await hesitant.readsUpTo("Enter your username: ");
    await hesitant.types("/login ann");
    await hesitant.readsUpTo("Password: ");
    const silent = server.welcomes(await Deno.connect(server.address("tls"))); // never begins its handshake
    server.kill(signal);
    for (const person of [ann, bob, stranger, hesitant]) {
      await person.reads(SHUTTING_DOWN); // and nobody's departure before it
      assert.equal(await person.readsToTheEnd(), "");
    }
    await silent.readsToTheEnd();
    assert.equal(await server.ends(), 0);
    assert.equal(server.errors, "");
    await server.prints(/ info +stopping\n.* info +stopped\n$/);
  });
}

Deno.test("what waits for a slow reader is written before the end", async () => {
  await using machine = await Machine.make();
  const { server, slow, lines } = await withSlowReader(machine);
  server.kill("SIGTERM");
  await server.prints(/ stopping\n/);
  for (const line of lines) await slow.reads(line);
  await slow.reads(SHUTTING_DOWN);
  assert.equal(await slow.readsToTheEnd(), "");
  assert.equal(await server.ends(), 0);
});

Deno.test("nobody who does not read, nor finishes a request, keeps the server from ending", async () => {
  await using machine = await Machine.make();
  const { server } = await withSlowReader(machine);
  const idle = server.welcomes(await Deno.connect(server.address("http")));
  await idle.sends("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await idle.readsUpTo('"status":"ok"'); // and keeps its connection
  const slow = server.welcomes(await Deno.connect(server.address("http")));
  const headers = ["Host: localhost", "Content-Length: 2", "Expect: 100-continue"];
  await slow.sends(`POST /signup HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
  await slow.readsUpTo("100 Continue"); // its body is waited for
  const silent = server.welcomes(await Deno.connect(server.address("https")));
  server.kill("SIGTERM");
  await idle.readsToTheEnd();
  assert.equal(await server.ends(), 0);
  await silent.readsToTheEnd();
});

Deno.test("a second signal ends the server at once, whoever is still to be told", async () => {
  await using machine = await Machine.make();
  const { server, talker } = await withSlowReader(machine);
  server.kill("SIGTERM");
  await talker.reads(SHUTTING_DOWN);
  server.kill("SIGINT");
  assert.equal(await server.ends(), 1); // 0 would be the end in order, after all
  assert.doesNotMatch(server.output, / stopped\n/);
});

const outputs: [name: string, through: string][] = [
  ["is closed", 'exec "$@" >&-'],
  ["is full", 'exec "$@" >/dev/full'],
  ["is a pipe that nobody reads and that is full", 'exec "$@" >pipe'],
];
for (const [what, script] of outputs) {
  Deno.test({
    name: `people chat on, and are told of the end, when the server's output ${what}`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using machine = await Machine.make();
      using _pipe = await fullPipe(machine.path("pipe"));
      const plain = freeAddress();
      const server = machine.launch([`--plain=${plain}`], { through: ["sh", "-c", script, "sh"] });
      const ann = await comesInWhenItIsUp(server, plain, "ann");
      const bob = await comesInWhenItIsUp(server, plain, "bob");
      await ann.reads(`${bob.name} has joined the chat.`);
      await bob.types("hello");
      await ann.reads(`${bob.name}: hello`);
      server.kill("SIGTERM");
      await ann.reads(SHUTTING_DOWN);
      assert.equal(await server.ends(), 0);
      assert.equal(server.errors, "");
    },
  });
}

Deno.test("people chat on when whoever read the server's output has gone", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  await server.leavesItsOutput();
  const ann = await server.guest("ann");
  const bob = await server.guest("bob", "tls"); // and this is logged
  await ann.reads(`${bob.name} has joined the chat.`);
  server.kill("SIGTERM");
  await ann.reads(SHUTTING_DOWN);
  assert.equal(await server.ends(), 0);
});

/** A server with a reader who has stopped reading, so that most of what was said waits for her. */
async function withSlowReader(
  machine: Machine,
): Promise<{ server: RunningParley; slow: Person; talker: Person; lines: string[] }> {
  const server = await machine.serve([...UNLIMITED, "--line-bytes=16000", "--outbox-bytes=16MiB"]);
  const slow = await server.guest("slow", "tls");
  const talker = await server.guest("talker");
  await slow.reads(`${talker.name} has joined the chat.`);
  const said = Array.from({ length: 500 }, (_, count) => `${count} ${"x".repeat(15_500)}`);
  for (const text of said) await talker.types(text);
  await talker.types(`/@ ${talker.name} done`);
  await talker.readsUntil(`Private message to ${talker.name}: done`);
  return { server, slow, talker, lines: said.map((text) => `${talker.name}: ${text}`) };
}

/** A pipe with a reader who does not read, into which nothing fits any more. */
async function fullPipe(path: string): Promise<Disposable> {
  await shell(`mkfifo ${path}`);
  const pipe = await Deno.open(path, { read: true, write: true });
  await shell(`dd if=/dev/zero of=${path} bs=4096 oflag=nonblock`);
  return pipe;
}

/** Comes to a server that cannot say when it listens; who comes while it opens its doors may be hung up on. */
async function comesInWhenItIsUp(server: RunningParley, address: string, name: string): Promise<Person> {
  const [hostname, port] = address.split(":");
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const person = server.welcomes(await Deno.connect({ hostname, port: Number(port) }));
      await person.comesInAs(name);
      return person;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function shell(command: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", command], stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}
