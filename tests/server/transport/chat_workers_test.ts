import { deepStrictEqual as deepEqual, match, ok, rejects, strictEqual as equal } from "node:assert/strict";
import type { Connection } from "../../../server/session/connection.ts";
import { ChatWorkers, shareOfBudget } from "../../../server/transport/chat_workers.ts";
import { LinesInTurn } from "../../../server/transport/lines_in_turn.ts";
import { NativeSockets } from "../../../server/transport/native_sockets.ts";
import { listenAlone } from "../../../server/transport/ports.ts";
import type { Peer, Visit } from "../../../server/transport/reception.ts";
import { eventually } from "../../support/eventually.ts";
import { Person } from "../../support/person.ts";

/** Elsewhere the system does not lead people to several listeners by turns. */
const onLinux = { ignore: Deno.build.os !== "linux" };

const ANY_PORT = { host: "127.0.0.1", port: 0, asked: true };

const NO_KEYS = { certPem: "", keyPem: "" };

Deno.test(
  "people come to several workers, and what one says all others read, in one order",
  onLinux,
  async () => {
    await using house = await House.open();
    const people = await house.fills(12);
    const [speaker, other, ...readers] = people;
    for (let count = 0; count < 50; count++) {
      await speaker!.types(`one ${count}`);
      await other!.types(`two ${count}`);
    }
    const orders = await Promise.all(readers.map(async (person) => {
      const read: string[] = [];
      while (read.length < 100) read.push(await person.readsLine());
      return read;
    }));
    for (const order of orders) deepEqual(order, orders[0]);
    deepEqual(
      orders[0]!.filter((line) => line.startsWith("one")),
      Array.from({ length: 50 }, (_, i) => `one ${i}`),
    );
  },
);

Deno.test(
  "a worker that dies takes its connections with it and no others, and another takes its place",
  onLinux,
  async () => {
    const dies = await Deno.makeTempFile({ prefix: "parley-" });
    const module = new URL(`./_mortal_worker.ts?dies=${dies}`, import.meta.url);
    await using house = await House.open({ module });
    const people = await house.fills(12);
    house.workers.tune();
    await eventually("one has died", () => house.told.length === 1);
    const [, lost] = /^a worker with (\d+) connections died: .*a mistake that nobody has thought of/.exec(
      house.told[0]!,
    )!;
    equal(house.ends.length, Number(lost));
    ok(house.ends.every((reason) => reason === "quit"));
    ok(
      house.ends.length > 0 && house.ends.length < people.length,
      `${house.ends.length} of ${people.length}`,
    );
    await eventually("another is there", () => house.told.length === 2);
    equal(house.told[1], "a worker started");
    const newcomer = await house.connects();
    await newcomer.types("is anybody here?");
    let left = 0;
    for (const person of people) {
      const line = await person.readsLine().catch(() => "gone");
      if (line !== "gone") left++;
      ok(line === "gone" || line === "is anybody here?", line);
    }
    equal(left, people.length - house.ends.length);
  },
);

Deno.test(
  "where a worker does not come to life the doors do not open, and the address is free",
  onLinux,
  async () => {
    const module = new URL("data:application/javascript,throw new Error('no')");
    let address: Deno.NetAddr | undefined;
    await rejects(
      House.open({ module, wanted: (free) => ({ ...ANY_PORT, port: (address = free).port }) }),
      /^ListenError: Cannot listen with --workers 2: .*no/,
    );
    listenAlone({ ...ANY_PORT, port: address!.port }, "--plain").close();
  },
);

Deno.test("whoever is not let in is told why", onLinux, async () => {
  await using house = await House.open();
  house.full = true;
  const person = await house.connects();
  equal(await person.readsToTheEnd(), "Server is full.\n");
});

Deno.test("nobody else may have the address while workers listen there", onLinux, async () => {
  await using house = await House.open();
  const { port } = house.workers.addresses.plain!;
  let refused: unknown;
  try {
    listenAlone({ ...ANY_PORT, port }, "--plain").close();
  } catch (error) {
    refused = error;
  }
  match(String(refused), /the port is in use/);
});

Deno.test("a reader's worth may wait in each isolate, and all together no more than the budget", () => {
  equal(shareOfBudget({ outboxBytes: 10, outboxTotalBytes: 300 }, 2), 100);
  equal(shareOfBudget({ outboxBytes: 200, outboxTotalBytes: 300 }, 2), 200);
});

/** Workers, and a room in which everybody reads what others say. */
class House implements AsyncDisposable {
  workers!: ChatWorkers;
  full = false;
  /** What the log is told. */
  readonly told: string[] = [];
  /** Why connections have ended. */
  readonly ends: string[] = [];
  #present = new Set<Connection>();
  #people: Person[] = [];
  #sockets = NativeSockets.open().sockets;

  static async open(
    { module, wanted = () => ANY_PORT }: {
      module?: URL;
      wanted?: (free: Deno.NetAddr) => typeof ANY_PORT;
    } = {},
  ): Promise<House> {
    const house = new House();
    const free = listenAlone(ANY_PORT, "--plain");
    free.close();
    const parts = {
      count: 2,
      sockets: house.#sockets,
      reception: { admit: (peer: Peer) => house.#admit(peer) },
      limits: LIMITS,
      counts: { writtenBytes: 0, tooSlow: 0, stalled: 0 },
      report: {
        defect: (error: unknown) => house.told.push(`defect: ${error}`),
        acceptFails: (error: unknown) => house.told.push(`accept fails: ${error}`),
        acceptsAgain: () => house.told.push("accepts again"),
        workerDied: (error: unknown, connections: number) =>
          house.told.push(`a worker with ${connections} connections died: ${error}`),
        workerStarted: () => house.told.push("a worker started"),
      },
      ...module && { module },
    };
    const plain = wanted(free.addr as Deno.NetAddr);
    try {
      house.workers = await ChatWorkers.open({ tls: "off", plain }, parts, NO_KEYS);
    } catch (error) {
      house.#sockets?.[Symbol.dispose]();
      throw error;
    }
    return house;
  }

  async connects(): Promise<Person> {
    const { hostname, port } = this.workers.addresses.plain!;
    const person = new Person(await Deno.connect({ hostname, port }));
    this.#people.push(person);
    return person;
  }

  /** So many people who are all in. */
  async fills(count: number): Promise<Person[]> {
    const people = await Promise.all(Array.from({ length: count }, () => this.connects()));
    await eventually("all are in", () => this.#present.size === count);
    return people;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workers.close();
    await this.workers[Symbol.asyncDispose]();
    await Promise.all(this.#people.map((person) => person.vanishes()));
    this.#sockets?.[Symbol.dispose]();
  }

  #admit(_: Peer): Visit | string {
    if (this.full) return "Server is full.";
    return {
      begin: (connection) => {
        this.#present.add(connection);
        return new LinesInTurn({
          received() {},
          lineTooLong() {},
          settled: () => Promise.resolve(),
          line: (text) => this.#tell(text, connection),
          closed: (reason) => {
            this.#present.delete(connection);
            this.ends.push(reason);
          },
        });
      },
      end() {},
    };
  }

  #tell(text: string, speaker: Connection): void {
    const bytes = new TextEncoder().encode(`${text}\n`);
    for (const connection of this.#present) if (connection !== speaker) connection.send(bytes);
  }
}

const LIMITS = {
  lineBytes: 4_096,
  bytesPerSecond: 0,
  handshakeMs: 10_000,
  stallMs: 30_000,
  outboxBytes: 262_144,
  outboxTotalBytes: 1_048_576,
};
