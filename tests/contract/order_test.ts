import { strict as assert } from "node:assert";
import type { RoomMessage } from "../../server/wire/json_types.ts";
import { type JsonClient, Lost } from "../support/json_client.ts";
import type { Person } from "../support/person.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";
import { Ledger, rise } from "./_ledger.ts";

const ROOMS = ["lobby", "den"] as const;
type RoomName = typeof ROOMS[number];

/** How many talk in each mode, and how much each of them says. */
const TALKERS = 25;
const SAID_BY_EACH = 40;

/** Said by somebody else when all have said everything. */
const THE_END = "the end";

Deno.test("50 who talk at once in two rooms, and come and go, read the same, once and in one order", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve(UNLIMITED);
  const ledger = new Ledger();
  const [texters, jumpers] = await Promise.all([
    Promise.all(range(TALKERS).map((index) => Texter.enter(index, { server, ledger }))),
    Promise.all(range(TALKERS).map((index) => Jumper.enter(index, { server, ledger }))),
  ]);
  const last = await server.client({ type: "guest", name: "last" });
  await last.asks({ type: "join", room: "den" }, "roster");

  const reading = Promise.all(texters.map((texter) => texter.readsToTheEnd()));
  await Promise.all([...texters, ...jumpers].map((talker) => talker.talks()));
  for (const room of ROOMS) await last.says(room, THE_END);
  await Promise.all([reading, ...jumpers.map((jumper) => jumper.readsToTheEnd())]);

  for (const room of ROOMS) {
    const whole = await last.reads({ room }) as RoomMessage[];
    assert.equal(whole.pop()?.text, THE_END);
    for (const { name, read } of jumpers) {
      rise(read[room].map(({ id }) => id), `what ${name} has read`);
      assert.deepEqual(read[room].filter(isNotOf(name)), whole.filter(isNotOf(name)), name);
      ledger.hears(read[room]);
    }
    ledger.check(room, whole);
    for (const { name, home, read } of texters) {
      const ofOthers = whole.filter(isNotOf(name));
      assert.deepEqual(read[room], ofOthers.map(({ from, text }) => `${from}: ${text}`), name);
      assert.equal(whole.length - ofOthers.length, room === home ? SAID_BY_EACH : 0, name);
    }
  }
  assert.ok(jumpers.some(({ jumps }) => jumps > 2), "nobody has come and gone");
});

Deno.test("what two write to each other is read in the order of writing, whatever mode they are in", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve(UNLIMITED);
  await Promise.all(
    range(10).map(async (index) => {
      const [tls, plain] = index % 2 === 0 ? ["tls", "plain"] as const : ["plain", "tls"] as const;
      const ann = await server.client({ type: "guest", name: `ann${index}` }, tls);
      const bob = await server.guest(`bob${index}`, plain);
      const texts = range(SAID_BY_EACH).map(String);
      await Promise.all([
        ...texts.map((text) => ann.writesTo(bob.name, text)),
        bob.types(texts.map((text) => `/@ ${ann.name} ${text}`).join("\n")),
      ]);
      const ofBoth: string[] = [];
      while (ofBoth.length < 2 * SAID_BY_EACH) {
        const line = await bob.readsLine();
        if (line.startsWith("Private message ")) ofBoth.push(line);
      }
      const whole = await ann.reads({ with: bob.name });
      assert.deepEqual(
        ofBoth,
        whole.map(({ from, text }) =>
          `Private message ${from === ann.name ? "from" : "to"} ${ann.name}: ${text}`
        ),
      );
      rise(whole.map(({ id }) => id), `what ${ann.name} and ${bob.name} have written`);
      for (const { name } of [ann, bob]) {
        assert.deepEqual(whole.filter(({ from }) => from === name).map(({ text }) => text), texts);
      }
      const told = ann.told.filter((message) => message.type === "direct");
      assert.deepEqual(told, whole.filter(({ from }) => from === bob.name));
    }),
  );
});

/** Where somebody talks, and the book that is kept of it. */
interface Scene {
  readonly server: RunningParley;
  readonly ledger: Ledger;
}

/** Somebody in text mode, who stays: says everything in one room, and reads both. */
class Texter {
  /** What others have said, as `name: text`. */
  readonly read: Record<RoomName, string[]> = { lobby: [], den: [] };
  readonly name: string;
  readonly home: RoomName;
  #person: Person;
  #ledger: Ledger;

  private constructor(index: number, { person, ledger }: { person: Person; ledger: Ledger }) {
    this.name = `text${index}`;
    this.home = ROOMS[index % 2]!;
    this.#person = person;
    this.#ledger = ledger;
  }

  static async enter(index: number, { server, ledger }: Scene): Promise<Texter> {
    const person = await server.guest(`text${index}`, index % 3 === 0 ? "tls" : "plain");
    const texter = new Texter(index, { person, ledger });
    await person.types(`/join #den\n/join #${texter.home}`);
    await person.readsUntil(/^You are in #den/);
    await person.readsUntil(`You are in #${texter.home}.`);
    return texter;
  }

  async talks(): Promise<void> {
    for (const _ of range(SAID_BY_EACH)) {
      await this.#person.types(this.#ledger.next({ from: this.name, place: this.home }));
      await pause(10);
    }
  }

  async readsToTheEnd(): Promise<void> {
    for (let ends = 0; ends < ROOMS.length;) {
      const line = await this.#person.readsLine();
      const [, room = this.home, said = ""] = /^(?:#(\S+) )?(\S+: .+)$/.exec(line) ?? [];
      if (said.endsWith(`: ${THE_END}`)) ends++;
      else if (said !== "") this.read[room as RoomName].push(said);
    }
  }
}

/** A program that loses its connection every now and then, often with something under way, and reads on where it was. */
class Jumper {
  readonly read: Record<RoomName, RoomMessage[]> = { lobby: [], den: [] };
  jumps = 0;
  #index: number;
  #scene: Scene;
  #client: JsonClient | undefined;

  private constructor(index: number, scene: Scene) {
    this.#index = index;
    this.#scene = scene;
  }

  static async enter(index: number, scene: Scene): Promise<Jumper> {
    const jumper = new Jumper(index, scene);
    await jumper.#connect();
    return jumper;
  }

  get name(): string {
    return `json${this.#index}`;
  }

  async talks(): Promise<void> {
    for (const count of range(SAID_BY_EACH)) {
      const said = this.#says(ROOMS[count % 2]!);
      await pause(10);
      if (Math.random() < 0.2) await this.#jump();
      await said;
    }
  }

  async readsToTheEnd(): Promise<void> {
    for (const room of ROOMS) {
      await this.#client!.hears(
        `the end in #${room}`,
        (message) => message.type === "message" && message.room === room && message.text === THE_END,
      );
    }
    this.#takeOver();
    for (const room of ROOMS) this.read[room].pop();
  }

  /** What is lost on its way may or may not have been said. */
  async #says(room: RoomName): Promise<void> {
    const client = this.#client!;
    const said = this.#scene.ledger.sends(
      { from: this.name, place: room },
      (text) => client.says(room, text),
    );
    await said.catch((error) => assert.ok(error instanceof Lost, error));
  }

  async #jump(): Promise<void> {
    this.jumps++;
    await this.#client!.vanishes();
    this.#takeOver();
    await this.#connect();
  }

  /** Comes in, and reads what it has not read yet of both rooms. */
  async #connect(): Promise<void> {
    const over = this.#index % 2 === 0 ? "tls" : "plain";
    const client = await this.#scene.server.client({ type: "guest", name: this.name }, over);
    await client.asks({ type: "join", room: "den" }, "roster");
    for (const room of ROOMS) {
      this.read[room].push(...await client.reads({ room }, this.#lastIn(room)) as RoomMessage[]);
    }
    this.#client = client;
  }

  /** Has read what it was told, but for what it had read before. */
  #takeOver(): void {
    for (const message of this.#client!.told) {
      if (message.type !== "message") continue;
      const room = message.room as RoomName;
      if (message.id > this.#lastIn(room)) this.read[room].push(message);
    }
  }

  #lastIn(room: RoomName): string {
    return this.read[room].at(-1)?.id ?? "";
  }
}

function isNotOf(name: string): (said: RoomMessage) => boolean {
  return ({ text }) => !text.startsWith(`${name} `);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Any time up to so many milliseconds. */
function pause(mostMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * mostMs));
}
