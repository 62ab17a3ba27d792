import { strict as assert } from "node:assert";
import { BadNetwork, type Side, whyNoBadNetwork } from "../support/bad_network.ts";
import { eventually } from "../support/eventually.ts";
import type { JsonClient } from "../support/json_client.ts";
import { Person, type Socket } from "../support/person.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";

/** Only root may make networks, and not in every container. */
const onBadNetworks = { ignore: await whyNoBadNetwork() !== undefined };

/** How long a write may make no progress, and by when that must have been noticed where much else goes on. */
const STALL_SECONDS = 3;
const NOTICED_WITHIN_MS = 15_000;

for (const over of ["tls", "plain"] as const) {
  Deno.test(
    `who stops reading is given up after the time for a write, over ${over}`,
    onBadNetworks,
    async () => {
      await using town = await Town.found();
      const before = town.connections;
      const stalled = await town.guest("stalled", { side: "far", over });
      const { reason, afterMs } = await town.talksUntilGone(stalled, { bytes: 500, everyMs: 20 });
      assert.equal(reason, "timeout");
      assert.ok(afterMs > STALL_SECONDS * 1_000, `${afterMs} ms`);
      await town.hasLetGo({ connections: before });
    },
  );

  Deno.test(
    `who crawls at 1 KiB/s is given up when too much waits, over ${over}`,
    onBadNetworks,
    async () => {
      await using town = await Town.found("--outbox-bytes=64KiB", "--stall-seconds=30");
      const before = town.connections;
      const crawling = await town.guest("crawling", { side: "far", over, readBytes: 1_024 });
      const crawls = setInterval(() => void crawling.readsSome().catch(() => {}), 1_000);
      try {
        const { reason } = await town.talksUntilGone(crawling, { bytes: 2_000, everyMs: 5 });
        assert.equal(reason, "too slow");
      } finally {
        clearInterval(crawls);
      }
      await town.hasLetGo({ connections: before });
    },
  );

  Deno.test(`whose link is cut is given up in the same time, over ${over}`, onBadNetworks, async () => {
    await using town = await Town.found();
    const before = town.connections;
    const lost = await town.guest("lost", { side: "far", over });
    await town.network.becomes({ cut: true });
    const { reason } = await town.talksUntilGone(lost, { bytes: 100, everyMs: 50 });
    assert.equal(reason, "timeout");
    await town.hasLetGo({ connections: before });
  });
}

Deno.test(
  "behind a link that loses packets and is slow people read every line, and stay",
  onBadNetworks,
  async () => {
    await using town = await Town.found("--stall-seconds=30");
    const far = await Promise.all(
      Array.from({ length: 10 }, (_, index) => town.guest(`far${index}`, { side: "far", over: "tls" })),
    );
    await town.network.becomes({ delayMs: 200, jitterMs: 20, loss: 0.05 });
    await town.talks({ lines: 100, bytes: 200, everyMs: 20 });
    await Promise.all(far.map((person) => town.heardAll(person)));
    await Promise.all(far.map((person) => person.asks("/ping", "Pong.")));
  },
);

Deno.test(
  "all whose link was cut come back at once, and nobody else misses a line",
  onBadNetworks,
  async () => {
    await using town = await Town.found();
    const before = town.connections;
    const come = () =>
      Promise.all(
        Array.from({ length: 50 }, (_, index) => town.guest(`back${index}`, { side: "far", over: "tls" })),
      );
    await come();
    await town.network.becomes({ cut: true });
    await town.talks({ lines: 20, bytes: 100, everyMs: 20 });
    await town.network.becomes({});
    const [back] = await Promise.all([come(), town.talks({ lines: 100, bytes: 100, everyMs: 20 })]);
    for (const person of back) {
      await person.types("/ping");
      await person.readsUntil("Pong.");
      await person.vanishes();
    }
    await town.hasLetGo({ connections: before });
  },
);

/** A server on the near side of a bad network, with two people there who chat. */
class Town implements AsyncDisposable {
  readonly network: BadNetwork;
  #server: RunningParley;
  #certPem: string;
  #ann: JsonClient;
  #bob: Person;
  #opened: AsyncDisposableStack;
  #said: string[] = [];
  #count = 0;

  private constructor(parts: {
    network: BadNetwork;
    server: RunningParley;
    certPem: string;
    ann: JsonClient;
    bob: Person;
    opened: AsyncDisposableStack;
  }) {
    this.network = parts.network;
    this.#server = parts.server;
    this.#certPem = parts.certPem;
    this.#ann = parts.ann;
    this.#bob = parts.bob;
    this.#opened = parts.opened;
  }

  static async found(...flags: string[]): Promise<Town> {
    await using opening = new AsyncDisposableStack();
    const network = opening.use(await BadNetwork.lay());
    const machine = opening.use(await Machine.make());
    const stall = flags.some((flag) => flag.startsWith("--stall-seconds"))
      ? []
      : [`--stall-seconds=${STALL_SECONDS}`];
    const { server, ann, bob } = await network.on("near", async () => {
      const server = await machine.serve([
        ...UNLIMITED,
        "--connections-per-address=off",
        "--new-connections-per-minute=off",
        `--tls=${network.near}:0`,
        `--plain=${network.near}:0`,
        ...stall,
        ...flags,
      ]);
      const bob = await server.guest("bob", "tls");
      return { server, bob, ann: await server.client({ type: "guest", name: "ann" }, "tls") };
    });
    await bob.reads(`${ann.name} has joined the chat.`);
    const certPem = await Deno.readTextFile(machine.path("data/cert.pem"));
    return new Town({ network, server, certPem, ann, bob, opened: opening.move() });
  }

  /** How many connections the server has: its sockets that the network on its side knows. */
  get connections(): number {
    const { pid } = this.#server;
    const known = Deno.readTextFileSync(`/proc/${pid}/net/tcp`).trim().split("\n").slice(1);
    const inodes = new Set(known.map((row) => `socket:[${row.trim().split(/ +/)[9]}]`));
    return [...Deno.readDirSync(`/proc/${pid}/fd`)].filter(({ name }) => inodes.has(linkOf(pid, name)))
      .length;
  }

  /** Somebody who comes in, and from then on reads when told to, so many bytes at a time. */
  async guest(
    name: string,
    { side, over, readBytes = 16_384 }: { side: Side; over: "tls" | "plain"; readBytes?: number },
  ): Promise<Person> {
    const address = this.#server.address(over);
    const dial = async (): Promise<Deno.Conn> =>
      over === "plain"
        ? await Deno.connect(address)
        : await Deno.connectTls({ ...address, caCerts: [this.#certPem] });
    const conn = await this.network.on(side, dial);
    const person = this.#opened.use(new Person(readingLittle(conn, readBytes)));
    await person.comesInAs(name);
    return person;
  }

  /** Ann says so many lines, and Bob reads them all. */
  async talks({ lines, ...how }: { lines: number; bytes: number; everyMs: number }): Promise<void> {
    this.#said = [];
    for (let count = 0; count < lines; count++) await this.#says(how);
    await this.heardAll(this.#bob);
  }

  /** Ann talks until somebody is told to have gone, and Bob reads it all. */
  async talksUntilGone(
    { name }: Person,
    how: { bytes: number; everyMs: number },
  ): Promise<{ reason: string; afterMs: number }> {
    const beganMs = performance.now();
    this.#said = [];
    for (;;) {
      await this.#says(how);
      const afterMs = performance.now() - beganMs;
      const left = this.#ann.told.find((event) => event.type === "left" && event.name === name);
      if (left?.type === "left") {
        await this.heardAll(this.#bob);
        return { reason: left.reason, afterMs };
      }
      assert.ok(afterMs < NOTICED_WITHIN_MS, "it was not noticed");
    }
  }

  /** Somebody reads all that Ann has said since she began to talk, in order and nothing twice. */
  async heardAll(person: Person): Promise<void> {
    const last = this.#said.at(-1)!;
    const read = [...await person.readsUntil(last), last];
    assert.deepEqual(read.filter((line) => line.startsWith(`${this.#ann.name}: `)), this.#said);
  }

  /** The server keeps nothing for those who are gone: no connections, and nothing that waited to be read. */
  async hasLetGo({ connections }: { connections: number }): Promise<void> {
    await eventually(
      () => `${connections} connections; there are ${this.connections}`,
      () => this.connections <= connections,
    );
    const { port } = this.#server.address("http");
    await eventually("nothing waits to be read", async () => {
      const response = await this.network.on("near", () => fetch(`http://127.0.0.1:${port}/metrics`));
      return /^parley_waiting_bytes 0$/m.test(await response.text());
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }

  async #says({ bytes, everyMs }: { bytes: number; everyMs: number }): Promise<void> {
    const text = `${this.#count++} ${"x".repeat(bytes)}`;
    this.#said.push(`${this.#ann.name}: ${text}`);
    await this.#ann.says("lobby", text);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** A socket from which no more is read at a time. */
function readingLittle(conn: Deno.Conn, bytes: number): Socket {
  return {
    read: (buffer) => conn.read(buffer.subarray(0, bytes)),
    write: (buffer) => conn.write(buffer),
    close: () => conn.close(),
  };
}

/** What an open file is; nothing where it is closed by now. */
function linkOf(pid: number, file: string): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/fd/${file}`);
  } catch {
    return "";
  }
}
