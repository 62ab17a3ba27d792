import { strict as assert } from "node:assert";
import type { DirectMessage, ServerMessage } from "../../server/wire/json_types.ts";
import type { JsonClient } from "../support/json_client.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";
import { Fact, Ledger } from "./_ledger.ts";

/** How many times the server is killed; ci kills the compiled one more often. */
const ROUNDS = Number(Deno.env.get("CRASH_ROUNDS") ?? 10);

/** It is killed so long after people have begun to talk, or earlier. */
const LATEST_MS = 400;

const PASSWORD = "correct horse";
const MEMBERS = ["ann", "bob", "carl", "dora", "eve"];
const GUEST = "gus1111";
const SPEAKERS = ["ann", "bob", "carl", GUEST];

Deno.test(`whatever was acknowledged before kill -9 is there after it, ${ROUNDS} times`, async () => {
  await using machine = await Machine.make();
  const town = await Town.found(machine);
  for (let round = 1; round <= ROUNDS; round++) {
    const server = await machine.serve(UNLIMITED);
    const people = await town.isIntactOn(server);
    await town.livesOn(server, people);
  }
  const server = await machine.serve(UNLIMITED);
  await town.isIntactOn(server);
  assert.ok(town.ledger.kept > 20 * ROUNDS, `no more than ${town.ledger.kept} messages were acknowledged`);
  const users: { username: string }[] = JSON.parse(await machine.does("user list --json"));
  assert.deepEqual(users.map(({ username }) => username), ["root", ...MEMBERS, ...town.newcomers]);
  await server.member(`/login ${town.newcomers.at(-1)} ${PASSWORD}`);
});

/** Those who are there for as long as the server is. */
type People = Readonly<Record<"ann" | "bob" | "carl" | "dora" | "root", JsonClient>>;

/** The people of a server: ann, bob, carl and a guest talk, dora listens, eve is away, and root moderates. */
class Town {
  readonly ledger = new Ledger();
  /** Usernames of those who have signed up, as the server has said. */
  readonly newcomers: string[] = [];
  /** Who was just signing up when the server was killed. */
  #signingUp: string | undefined;
  /** Username → access token. */
  #tokens = new Map<string, string>();
  /** The rooms that bob has joined, the topic of the den, the networks that are banned. */
  #rooms = new Fact("den,lobby");
  #topic = new Fact("");
  #banned = new Fact("");
  /** All that was shown to eve when she came back. */
  #letters: DirectMessage[] = [];

  static async found(machine: Machine): Promise<Town> {
    await machine.hasAccount("root", { role: "admin" });
    const server = await machine.serve(UNLIMITED);
    const town = new Town();
    for (const username of ["root", ...MEMBERS]) {
      if (username !== "root") await server.http("/signup", wantedAs(username));
      const { body } = await server.http("/login", { username, password: PASSWORD });
      town.#tokens.set(username, body["Access Token"]!);
    }
    const { root: _, ...people } = await town.#come(server);
    for (const person of Object.values(people)) await person.asks({ type: "join", room: "den" }, "roster");
    server.kill("SIGKILL");
    await server.status;
    return town;
  }

  /** All do what a server promises to keep, until it is killed in the midst of it. */
  async livesOn(server: RunningParley, { ann, bob, carl, dora, root }: People): Promise<void> {
    const gus = await this.#enters(GUEST, server);
    await gus.asks({ type: "join", room: "den" }, "roster");
    const deeds = [
      ...[ann, bob, carl, gus].flatMap((speaker) => [
        () => this.#says(speaker, "lobby"),
        () => this.#says(speaker, "den"),
        (count: number) => this.#says(speaker, count % 2 === 0 ? "lobby" : "den"),
        (count: number) => this.#writes(speaker, count % 2 === 0 ? "eve" : "dora"),
      ]),
      () => this.#setsTopic(ann),
      () => this.#moves(bob),
      () => this.#bans(root),
      () => this.#signsUp(server),
    ];
    let killed = false;
    const living = deeds.map(async (deed) => {
      try {
        for (let count = 1;; count++) await deed(count);
      } catch (error) {
        if (!killed) throw error;
      }
    });
    await new Promise((resolve) => setTimeout(resolve, Math.random() * LATEST_MS));
    killed = true;
    server.kill("SIGKILL");
    await Promise.all([server.status, ...living]);
    for (const reader of [ann, bob, carl, dora, gus]) {
      await reader.ended;
      this.ledger.hears(reader.told);
    }
  }

  /** Looks whether all is there that the server has acknowledged. Whoever it meets there stays. */
  async isIntactOn(server: RunningParley): Promise<People> {
    const people = await this.#come(server);
    await people.dora.isUpToDate();
    assert.deepEqual(people.dora.told.filter(isDirect), [], "dora was there, so nothing waits for her");
    for (const room of ["lobby", "den"]) this.ledger.check(room, await people.dora.reads({ room }));
    await this.#lettersAreKept(server, people);
    await this.#settingsAreKept(people);
    if (this.#signingUp !== undefined) {
      await server.http("/signup", wantedAs(this.#signingUp)); // it is there now, one way or the other
      this.newcomers.push(this.#signingUp);
      this.#signingUp = undefined;
    }
    return people;
  }

  async #lettersAreKept(server: RunningParley, people: People): Promise<void> {
    this.#letters.push(...await this.#lettersFor("eve", server));
    assert.deepEqual(await this.#lettersFor("eve", server), [], "what waited is shown once");
    for (const name of SPEAKERS) {
      this.ledger.check(`${name} and eve`, this.#letters.filter(({ from }) => from === name));
    }
    const eve = await this.#enters("eve", server);
    for (const name of ["ann", "bob", "carl"] as const) { // what a guest wrote is nobody's once the guest is gone
      const withEve = await people[name].reads({ with: "eve" });
      assert.deepEqual(withEve, this.#letters.filter(({ from }) => from === name));
      assert.deepEqual(withEve, await eve.reads({ with: name }));
      const withDora = await people[name].reads({ with: "dora" });
      assert.deepEqual(withDora, await people.dora.reads({ with: name }));
      this.ledger.check(`${name} and dora`, withDora);
    }
    await eve.vanishes();
  }

  async #settingsAreKept({ bob, root }: People): Promise<void> {
    this.#rooms.check(bob.rooms.toSorted().join());
    const { rooms } = await bob.asks({ type: "rooms" }, "rooms");
    this.#topic.check(rooms.find(({ name }) => name === "den")!.topic);
    const { text } = await root.asks({ type: "command", text: "/bans" }, "notice");
    this.#banned.check(Array.from(text.matchAll(/198\.18\.\d+\.\d+/g), String).sort().join());
  }

  async #come(server: RunningParley): Promise<People> {
    const names = ["ann", "bob", "carl", "dora", "root"];
    const clients = await Promise.all(names.map(async (name) => [name, await this.#enters(name, server)]));
    return Object.fromEntries(clients);
  }

  #enters(name: string, server: RunningParley): Promise<JsonClient> {
    const token = this.#tokens.get(name);
    const over = ["bob", GUEST].includes(name) ? "plain" : "tls";
    return server.client(token === undefined ? { type: "guest", name } : { type: "auth", token }, over);
  }

  /** Somebody comes in, reads what has waited, and goes. */
  async #lettersFor(name: string, server: RunningParley): Promise<DirectMessage[]> {
    const client = await this.#enters(name, server);
    await client.isUpToDate();
    await client.vanishes();
    return client.told.filter(isDirect);
  }

  #says(speaker: JsonClient, room: string): Promise<void> {
    return this.ledger.sends({ from: speaker.name, place: room }, (text) => speaker.says(room, text));
  }

  #writes(speaker: JsonClient, to: string): Promise<void> {
    const from = speaker.name;
    return this.ledger.sends({ from, place: `${from} and ${to}` }, (text) => speaker.writesTo(to, text));
  }

  #setsTopic(ann: JsonClient): Promise<void> {
    const topic = crypto.randomUUID();
    const command = { type: "command", text: `/topic ${topic}`, room: "den" } as const;
    return this.#topic.becomes(topic, () => ann.asks(command, "ack"));
  }

  /** Joins a room or, where they have become many, leaves one. */
  async #moves(bob: JsonClient): Promise<void> {
    const rooms = this.#rooms.settled.split(",");
    const left = rooms.length < 10 ? undefined : rooms.find((name) => name !== "den" && name !== "lobby");
    const room = left ?? `room${crypto.randomUUID().slice(0, 8)}`;
    const after = left === undefined ? [...rooms, room] : rooms.filter((name) => name !== left);
    await this.#rooms.becomes(
      after.sort().join(),
      () =>
        left === undefined
          ? bob.asks({ type: "join", room }, "roster")
          : bob.asks({ type: "leave", room }, "ack"),
    );
  }

  /** Bans a network or, where they have become many, lifts a ban. */
  async #bans(root: JsonClient): Promise<void> {
    const banned = this.#banned.settled.split(",").filter((network) => network !== "");
    const lifted = banned.length < 10 ? undefined : banned[Math.floor(Math.random() * banned.length)];
    const network = lifted ?? `198.18.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`;
    const after = banned.filter((other) => other !== network);
    if (lifted === undefined) after.push(network);
    const text = `${lifted === undefined ? "/ban" : "/unban"} ${network}`;
    await this.#banned.becomes(after.sort().join(), () => root.asks({ type: "command", text }, "notice"));
  }

  async #signsUp(server: RunningParley): Promise<void> {
    const username = `new${this.newcomers.length + 1}`;
    this.#signingUp = username;
    const { status } = await server.http("/signup", wantedAs(username));
    assert.equal(status, 200);
    this.newcomers.push(username);
    this.#signingUp = undefined;
  }
}

function wantedAs(username: string) {
  return { username, password: PASSWORD, name_account: username };
}

function isDirect(message: ServerMessage): message is DirectMessage {
  return message.type === "direct";
}
