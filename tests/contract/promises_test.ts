import { strict as assert } from "node:assert";
import fc from "fast-check";
import { eventually } from "../support/eventually.ts";
import type { Person } from "../support/person.ts";
import { Machine, type RunningParley } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

/** Not every machine has IPv6. */
const withIpv6 = { ignore: !Deno.networkInterfaces().some(({ address }) => address === "::1") };

// One client cannot slow, garble or disconnect another, whatever it sends or fails to read

Deno.test("a crowd that talks all at once, as fast as it may, drives nobody away who reads", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const bob = await server.guest("bob", "tls");
  const crowd: Person[] = [];
  while (crowd.length < 40) crowd.push(await server.guest("crowd"));
  for (const { name } of crowd) await bob.reads(`${name} has joined the chat.`);
  const burst = (`${"x".repeat(4_090)}\n`).repeat(20);
  await Promise.all(crowd.map((person) => person.sends(burst)));
  const said = new Map(crowd.map(({ name }) => [name, 0]));
  for (let count = 0; count < 40 * 20; count++) {
    const line = await bob.readsLine();
    const [name = ""] = line.split(": ", 1);
    assert.equal(line, `${name}: ${"x".repeat(4_090)}`);
    said.set(name, said.get(name)! + 1);
  }
  assert.deepEqual(new Set(said.values()), new Set([20]));
  await bob.types("/whois nobody");
  await bob.reads("User nobody not found.");
});

Deno.test("a flood of bytes is read at its pace, and the others chat on", async () => {
  await using server = await startServer("--rate=off");
  const [flood, ann, bob] = await server.guests("flood", "ann", "bob");
  let over = false;
  const flooding = flood.sends(`${"x".repeat(1_000)}\n`.repeat(5_000)).catch(() => {}).finally(() =>
    over = true
  );
  await ann.reads(new RegExp(`^${flood.name}: x+$`));
  for (let count = 0; count < 20; count++) {
    await ann.types(`ann ${count}`);
    await bob.readsUntil(`${ann.name}: ann ${count}`);
    await bob.types(`bob ${count}`);
    await ann.readsUntil(`${bob.name}: bob ${count}`);
  }
  assert.ok(!over, "the flood is not read at once");
  await flood.vanishes(); // its departure is told when what it sent is read
  await flooding;
});

Deno.test("a flood of lines ends itself and nobody else", async () => {
  await using server = await startServer();
  const [flood, ann, bob] = await server.guests("flood", "ann", "bob");
  const flooding = flood.sends("x\n".repeat(2_500_000)).catch(() => {}); // it is closed long before the end
  await ann.readsUntil(`${flood.name} has left the chat.`);
  await flood.vanishes();
  await flooding;
  await bob.readsUntil(`${flood.name} has left the chat.`);
  await ann.types("done");
  await bob.reads(`${ann.name}: done`);
});

Deno.test("a flood of blank lines, and of commands, does no harm either", async () => {
  await using server = await startServer("--byte-rate=off");
  const [flood, ann, bob] = await server.guests("flood", "ann", "bob");
  await flood.sends("\n".repeat(500_000));
  await ann.types("hello");
  await bob.reads(`${ann.name}: hello`);
  await flood.sends("/help\n".repeat(500)).catch(() => {});
  await ann.readsUntil(`${flood.name} has left the chat.`);
  await bob.readsUntil(`${flood.name} has left the chat.`);
  await ann.types("hello");
  await bob.reads(`${ann.name}: hello`);
});

// No input of any kind ends the process or another client's connection

Deno.test("random bytes on any port end neither the server nor anybody else's connection", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve();
  const [ann, bob] = [await server.guest("ann", "tls"), await server.guest("bob", "plain")];
  await ann.reads(`${bob.name} has joined the chat.`);
  const beginnings = [
    [],
    [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], // a TLS handshake
    [0x16, 0x03, 0x03, 0xff, 0xff],
    [0x80, 0x2e, 0x01],
    [...new TextEncoder().encode("GET / HTTP/1.1\r\n")],
    [...new TextEncoder().encode(
      "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
    )],
    [...new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
    [...new TextEncoder().encode("bob\n")],
    [...new TextEncoder().encode("/login \xff\n")],
  ];
  const rest = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.constantFrom(0x0a, 0x0d, 0x00, 0x1b, 0x2f, 0x40, 0xc3, 0xff), { maxLength: 300 }),
  );
  const garbage = fc.tuple(fc.constantFrom(...beginnings), rest).map((parts) =>
    Uint8Array.from(parts.flatMap((part) => [...part]))
  );
  const storm = fc.sample(fc.tuple(garbage, fc.constantFrom("closes", "halves", "stays")), {
    seed: 20_261_122,
    numRuns: 40,
  });
  const staying: Deno.Conn[] = [];
  for (const listener of ["tls", "plain", "https", "http"] as const) {
    await Promise.all(storm.map(async ([bytes, end]) => {
      const conn = await Deno.connect({ port: server.address(listener).port });
      await conn.write(bytes).catch(() => {});
      if (end === "halves") await conn.closeWrite().catch(() => {});
      if (end === "closes") conn.close();
      else staying.push(conn);
    }));
  }
  await ann.types("still here?");
  await bob.readsUntil(`${ann.name}: still here?`);
  await bob.types("yes");
  await ann.readsUntil(`${bob.name}: yes`);
  await isHealthy(server, machine);
  for (const conn of staying) conn.close();
  await ann.types("and now?");
  await bob.readsUntil(`${ann.name}: and now?`);
  assert.equal(server.errors, "");
  assert.doesNotMatch(server.output, / error /);
});

for (const over of ["plain", "tls"] as const) {
  Deno.test(`who sends lines and then ends its half has said them, and reads the answers, over ${over}`, async () => {
    await using server = await startServer();
    const [ann] = await server.guests("ann");
    for (let round = 0; round < 5; round++) {
      const conn = await connectTo(server.parley, over);
      const bob = server.welcomes(conn);
      await bob.sends("bob\nhi\n/whois nobody\nbye\n");
      await conn.closeWrite();
      assert.match(await bob.readsToTheEnd(), /: Hello bob[^]*\nUser nobody not found\.\n$/);
      const [, name] = /^(bob\d{4}) has joined the chat\.$/.exec(await ann.readsLine())!;
      await ann.reads(`${name}: hi`);
      await ann.reads(`${name}: bye`);
      await ann.reads(`${name} has left the chat.`);
    }
  });

  Deno.test(`who vanishes in the middle of a line has left, and has not said it, over ${over}`, async () => {
    await using server = await startServer();
    const [ann] = await server.guests("ann");
    for (const parting of ["I was about to", "/u", "", "\r"]) {
      const bob = await server.connect(over);
      await bob.comesInAs("bob");
      await ann.reads(`${bob.name} has joined the chat.`);
      await bob.types("hi");
      await ann.reads(`${bob.name}: hi`);
      await bob.sends(parting);
      await bob.vanishes();
      await ann.reads(`${bob.name} has left the chat.`);
    }
  });

  Deno.test(`a reset is a departure like any other, whenever it comes, over ${over}`, async () => {
    await using server = await startServer();
    const [ann] = await server.guests("ann");
    for (const typed of ["", "b", "/login ann\n"]) {
      const conn = await connectTo(server.parley, over);
      await conn.write(new TextEncoder().encode(typed));
      await resets(conn);
    }
    for (let round = 0; round < 5; round++) {
      const conn = await connectTo(server.parley, over);
      await conn.write(new TextEncoder().encode("bob\nhi\n"));
      const [, name] = /^(bob\d{4}) has joined the chat\.$/.exec(await ann.readsLine())!;
      await ann.reads(`${name}: hi`);
      await resets(conn);
      await ann.reads(`${name} has left the chat.`);
    }
    await ann.types("/u");
    await ann.reads(`Users currently online (1): ${ann.name}`);
  });
}

// No byte that one person types can drive another person's terminal or browser

Deno.test("whatever is typed and wherever it is shown, no reader's terminal is driven by it", async () => {
  await using server = await startServer("--rate=off", "--command-rate=off");
  const [ann, bob] = await server.guests("ann", "bob");
  const evil = [
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m\x90q\x9c\x9d0;x\x9c",
    "back\b\b\bspace\rover\x7f",
    "\0\x01\x02\x03\x04\x05\x06\x0b\x0c\x0e\x0f\x1a\x85",
    "\u202eevil\u202c\u2066x\u2069\u200e\u200f\u061c",
    "line\u2028separator\u2029",
    "\ufffe\uffff\ufdd0",
  ].join("");
  const everywhere = [
    evil,
    `x${evil}`,
    `/me ${evil}`,
    `/me x${evil}`,
    `/@ ${bob.name} x${evil}`,
    `/@ ${bob.name}${evil} x`,
    `/@${evil} x`,
    `/away x${evil}`,
    `/whois x${evil}`,
    `/ignore x${evil}`,
    `/x${evil}`,
    `/${evil}`,
    `//x${evil}`,
    `/help ${evil}`,
  ];
  for (const line of everywhere) await ann.types(line);
  await ann.sends(Uint8Array.of(0x78, 0x9b, 0x31, 0x6d, 0xc2, 0x9b, 0xed, 0xa0, 0x80, 0xff, 0x0a));
  await ann.types("/me is done");
  const read = await bob.readsUntil(`* ${ann.name} is done`);
  await bob.types(`/whois ${ann.name}`);
  await bob.types("/whois nobody");
  read.push(...await bob.readsUntil("User nobody not found."));
  await ann.types("/whois nobody");
  read.push(...await ann.readsUntil("User nobody not found."));

  for (const name of [`carl${evil}`, `/guest carl${evil}`, `/login carl${evil} x`, evil]) {
    const carl = await server.connect();
    await carl.readsUpTo("Enter your username: ");
    await carl.types(name);
    await carl.types("/whois nobody");
    await carl.types(".exit");
    read.push(...(await carl.readsToTheEnd()).split("\n"));
  }
  await ann.types("/me is done");
  read.push(...await bob.readsUntil(`* ${ann.name} is done`));
  assert.ok(read.length > 30);
  // deno-lint-ignore no-control-regex
  const driving = /[\0-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
  for (const line of read) assert.doesNotMatch(line, driving);
  for (const line of server.logged) assert.doesNotMatch(line, driving);
});

// IPv6

Deno.test("people chat over IPv6, encrypted or not, and are served HTTP", withIpv6, async () => {
  await using server = await startServer(
    "--tls=[::1]:0",
    "--plain=[::1]:0",
    "--https=[::1]:0",
    "--http=[::1]:0",
  );
  const { http, https } = server.parley.addresses;
  const [ann, bob] = await server.guests("ann", "bob");
  await ann.types("over six");
  await bob.reads(`${ann.name}: over six`);
  await bob.vanishes();
  await ann.reads(`${bob.name} has left the chat.`);
  using client = Deno.createHttpClient({ caCerts: [server.parley.certificate.certPem] });
  for (const url of [`http://[::1]:${http!.port}`, `https://[::1]:${https!.port}`]) {
    const response = await fetch(`${url}/healthz`, { client });
    assert.equal(response.status, 200, url);
    await response.body?.cancel();
  }
});

async function isHealthy(server: RunningParley, machine: Machine): Promise<void> {
  const cert = await Deno.readTextFile(`${machine.dataDir}/cert.pem`);
  using client = Deno.createHttpClient({ caCerts: [cert] });
  for (const listener of ["http", "https"] as const) {
    await eventually(`${listener} answers`, async () => {
      const { port } = server.address(listener);
      const response = await fetch(`${listener}://127.0.0.1:${port}/healthz`, { client });
      await response.body?.cancel();
      return response.status === 200;
    });
  }
}

async function connectTo(
  { addresses, certificate }: {
    addresses: Partial<Record<"tls" | "plain", Deno.NetAddr>>;
    certificate: { certPem: string };
  },
  over: "tls" | "plain",
): Promise<Deno.TcpConn | Deno.TlsConn> {
  const { hostname, port } = addresses[over]!;
  if (over === "plain") return await Deno.connect({ hostname, port });
  return await Deno.connectTls({ hostname, port, caCerts: [certificate.certPem] });
}

/** Closes with something unread, which makes a reset of it. */
async function resets(conn: Deno.Conn): Promise<void> {
  await conn.read(new Uint8Array(1)); // the greeting comes in one piece, so that the rest of it is there as well
  conn.close();
}
