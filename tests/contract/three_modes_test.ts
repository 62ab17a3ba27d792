import { strict as assert } from "node:assert";
import type { ServerMessage } from "../../server/wire/json_types.ts";
import type { JsonClient } from "../support/json_client.ts";
import type { Person } from "../support/person.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";
import { Ledger } from "./_ledger.ts";

const PASSWORD = "correct horse";

/** How often the server is killed and started again. */
const ROUNDS = 4;

Deno.test("one account in three modes reads everything once, however often the server is killed", async () => {
  await using machine = await Machine.make();
  const couple = new Couple();
  for (let round = 0; round < ROUNDS; round++) {
    const server = await machine.serve(UNLIMITED);
    if (round === 0) await couple.signsUp(server);
    await couple.livesOn(server);
  }
  await couple.isOnRecord(await machine.serve(UNLIMITED));
});

Deno.test("one account in three modes joins with the first connection and leaves with the last", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve(UNLIMITED);
  const couple = new Couple();
  await couple.signsUp(server);
  const bob = await couple.bobEnters(server);
  const ann = await couple.annEnters(server);
  const passages = () =>
    bob.told.flatMap((message) => message.type === "joined" || message.type === "left" ? [message.type] : []);
  for (const connection of [ann.text, ann.json]) {
    await connection.vanishes();
    await ann.web.says("lobby", "still here");
  }
  await bob.isUpToDate();
  assert.deepEqual(passages(), ["joined"]);
  const { names } = await bob.asks({ type: "who" }, "roster");
  assert.deepEqual(names, ["bob", "ann"]);
  await ann.web.vanishes();
  await bob.hears("that ann has left", ({ type }) => type === "left");
  assert.deepEqual(passages(), ["joined", "left"]);
});

/** Ann's connections. */
interface Ann {
  readonly text: Person;
  /** The lines that it was shown at first. */
  readonly lines: readonly string[];
  readonly json: JsonClient;
  readonly web: JsonClient;
}

/** Ann, who is there in three modes at a time, and bob. */
class Couple {
  #ledger = new Ledger();
  /** Username → access token. */
  #tokens = new Map<string, string>();
  /** What bob has written to ann while she was away, and what each of her connections has read of his letters. */
  #waited: string[] = [];
  #letters = { text: [] as string[], json: [] as string[], web: [] as string[] };

  async signsUp(server: RunningParley): Promise<void> {
    for (const username of ["ann", "bob"]) {
      await server.http("/signup", { username, password: PASSWORD, name_account: username });
      const { body } = await server.http("/login", { username, password: PASSWORD });
      this.#tokens.set(username, body["Access Token"]!);
    }
  }

  bobEnters(server: RunningParley): Promise<JsonClient> {
    return server.client({ type: "auth", token: this.#tokens.get("bob")! });
  }

  /** By all three connections at once; answers when each has been shown what waited. */
  async annEnters(server: RunningParley): Promise<Ann> {
    const token = this.#tokens.get("ann")!;
    const [text, json, web] = await Promise.all([
      server.member(token, "tls"),
      server.client({ type: "auth", token }, "plain"),
      server.client({ type: "auth", token }, "ws"),
    ]);
    await Promise.all([json.isUpToDate(), web.isUpToDate(), text.types("/whois nobody")]);
    return { text, json, web, lines: await text.readsUntil("User nobody not found.") };
  }

  /** Bob writes to ann while she is away and while she comes; then both talk until the server is killed. */
  async livesOn(server: RunningParley): Promise<void> {
    const bob = await this.bobEnters(server);
    const writes = () => this.#writes(bob, { from: "bob", to: "ann" });
    for (let count = 0; count < 5; count++) this.#waited.push(await writes());
    const [ann] = await Promise.all([
      this.annEnters(server),
      writes(),
      writes(),
      writes(),
      writes(),
      writes(),
    ]);
    const deeds = [
      writes,
      () => this.#says(bob, "bob"),
      () => this.#says(ann.json, "ann-json"),
      () => this.#says(ann.web, "ann-web"),
      () => this.#writes(ann.json, { from: "ann-json", to: "bob" }),
      () => this.#writes(ann.web, { from: "ann-web", to: "bob" }),
      () => this.#types(ann.text),
    ];
    let killed = false;
    const living = deeds.map(async (deed) => {
      try {
        while (!killed) await deed();
      } catch (error) {
        if (!killed) throw error;
      }
    });
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
    killed = true;
    server.kill("SIGKILL");
    await Promise.all([server.status, ...living, bob.ended, ann.json.ended, ann.web.ended]);
    for (const { told } of [bob, ann.json, ann.web]) isWithoutDouble(this.#ledger.hears(told).map(textOf));
    this.#letters.json.push(...lettersIn(ann.json.told));
    this.#letters.web.push(...lettersIn(ann.web.told));
    this.#hasReadLines([...ann.lines, ...(await ann.text.readsToTheEnd()).split("\n").slice(0, -1)]);
  }

  /** What is kept is what was acknowledged or told; what waited was shown to one of ann's connections, once. */
  async isOnRecord(server: RunningParley): Promise<void> {
    const bob = await this.bobEnters(server);
    this.#ledger.check("lobby", await bob.reads({ room: "lobby" }));
    const { json, lines, web } = await this.annEnters(server);
    const letters = await json.reads({ with: "bob" });
    this.#ledger.check("ann and bob", letters);
    assert.deepEqual(letters, await bob.reads({ with: "ann" }));
    for (const { told } of [json, web]) assert.deepEqual(lettersIn(told), []);
    assert.doesNotMatch(lines.join("\n"), /private message/i);
    for (const read of Object.values(this.#letters)) isWithoutDouble(read);
    const readAnywhere = Object.values(this.#letters).flat();
    for (const letter of this.#waited) {
      assert.equal(readAnywhere.filter((read) => read === letter).length, 1, letter);
    }
  }

  /** All that came over the connection in text mode. */
  #hasReadLines(lines: readonly string[]): void {
    const said = lines.map((line) => /^(?:Private message from )?\S+: (.+ \d+)$/.exec(line)?.[1]);
    isWithoutDouble(said.filter((text) => text !== undefined));
    this.#letters.text.push(
      ...lines.flatMap((line) => /^Private message from bob: (.+)/.exec(line)?.[1] ?? []),
    );
  }

  async #writes(writer: JsonClient, { from, to }: { from: string; to: string }): Promise<string> {
    let letter = "";
    await this.#ledger.sends({ from, place: "ann and bob" }, (text) => {
      letter = text;
      return writer.writesTo(to, text);
    });
    return letter;
  }

  #says(speaker: JsonClient, from: string): Promise<void> {
    return this.#ledger.sends({ from, place: "lobby" }, (text) => speaker.says("lobby", text));
  }

  async #types(text: Person): Promise<void> {
    await text.types(this.#ledger.next({ from: "ann-text", place: "lobby" }));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function lettersIn(told: readonly ServerMessage[]): string[] {
  return told.flatMap((message) => message.type === "direct" && message.from === "bob" ? [message.text] : []);
}

function textOf({ text }: { text: string }): string {
  return text;
}

function isWithoutDouble(read: readonly string[]): void {
  assert.deepEqual(read, [...new Set(read)]);
}
