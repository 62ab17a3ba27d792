import { strict as assert } from "node:assert";
import { eventually } from "../support/eventually.ts";
import { type JsonClient, Refused } from "../support/json_client.ts";
import type { Person } from "../support/person.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";
import { SmallDisk, whyNoSmallDisk } from "../support/small_disk.ts";
import { Ledger } from "./_ledger.ts";

const NOT_STORED = "The server could not store that, so it was not done. Try again in a while.";
const PASSWORD = "correct horse";

const whyNot = whyNoSmallDisk();

/** Longer than the time after which the server keeps of itself how far people have read. */
const FULL_FOR_MS = 6_000;
const PATIENCE_MS = 30_000;

Deno.test({
  name: `a full disk refuses what it cannot keep, and does no other harm${
    whyNot ? ` (not run: ${whyNot})` : ""
  }`,
  ignore: whyNot !== undefined,
  async fn() {
    await using disk = await SmallDisk.mount(16);
    await using machine = await Machine.make();
    await Deno.symlink(disk.path, machine.dataDir);
    const party = await Party.begin(machine);
    await party.talksUntil(() => party.ledger.kept >= 100);

    const filling = disk.fill();
    const filledAtMs = performance.now();
    await party.talksUntil(() => party.ledger.refused >= 200 && performance.now() > filledAtMs + FULL_FOR_MS);
    await filling;
    await disk.fill(); // what could not be written, as to the search index, may have left room
    await party.isRefusedWhatMustBeKept();
    await party.goesOnReading();
    party.readsInTheLogWhatIsWrong();

    await disk.empty();
    const { refused } = party.ledger;
    await party.talksUntil(() => party.ledger.kept >= 300);
    assert.equal(party.ledger.refused, refused, "there is room again");
    assert.equal(await party.health(), 200);
    await party.isOnRecord();
    await party.isOnRecordAfterRestart();
  },
});

Deno.test({
  name: `a start from a full disk fails with a sentence, and nothing is lost${
    whyNot ? ` (not run: ${whyNot})` : ""
  }`,
  ignore: whyNot !== undefined,
  async fn() {
    await using disk = await SmallDisk.mount(8);
    await using machine = await Machine.make();
    await Deno.symlink(disk.path, machine.dataDir);
    const first = await machine.serve();
    await (await first.guest("ann1111")).asks("hello\n/u", /^Users currently online/);
    first.kill("SIGTERM");
    await first.ends();
    await disk.fill();
    for (const { code, out, err } of [await machine.fails([]), await machine.parley("user list")]) {
      assert.deepEqual([code, out], [1, ""]);
      assert.match(
        err,
        /^parley: Cannot open ".+": (disk I\/O error|the disk is full); make room on its disk/,
      );
    }
    await disk.empty();
    await (await (await machine.serve()).guest("bob")).reads("ann1111: hello");
  },
});

/** Those who talk to each other on a small disk: members in JSON mode, tom in text mode; dora listens, eve is away. */
class Party {
  readonly ledger = new Ledger();
  #machine: Machine;
  #server: RunningParley;
  #ann: JsonClient;
  #bob: JsonClient;
  #dora: JsonClient;
  #tom: Person;
  /** Username → access token. */
  #tokens: ReadonlyMap<string, string>;

  private constructor(
    machine: Machine,
    parts: { server: RunningParley; tokens: ReadonlyMap<string, string>; members: JsonClient[]; tom: Person },
  ) {
    this.#machine = machine;
    this.#server = parts.server;
    this.#tokens = parts.tokens;
    [this.#ann, this.#bob, this.#dora] = parts.members as [JsonClient, JsonClient, JsonClient];
    this.#tom = parts.tom;
  }

  static async begin(machine: Machine): Promise<Party> {
    const server = await machine.serve(UNLIMITED);
    const tokens = new Map<string, string>();
    for (const username of ["ann", "bob", "dora", "eve"]) {
      await server.http("/signup", { username, password: PASSWORD, name_account: username });
      const { body } = await server.http("/login", { username, password: PASSWORD });
      tokens.set(username, body["Access Token"]!);
    }
    const members: JsonClient[] = [];
    for (const [name, over] of [["ann", "tls"], ["bob", "plain"], ["dora", "tls"]] as const) {
      const member = await server.client({ type: "auth", token: tokens.get(name)! }, over);
      await member.asks({ type: "join", room: "den" }, "roster");
      members.push(member);
    }
    return new Party(machine, { server, tokens, members, tom: await server.guest("tom1111") });
  }

  /** Ann and bob say and write what they can, some things at a time, until it is enough. */
  async talksUntil(isEnough: () => boolean): Promise<void> {
    const deeds = [this.#ann, this.#bob].flatMap((speaker) => [
      ...["lobby", "den"].map((room) => this.#sends(speaker, room, (text) => speaker.says(room, text))),
      ...["dora", "eve"].map((to) =>
        this.#sends(speaker, `${speaker.name} and ${to}`, (text) => speaker.writesTo(to, text))
      ),
    ]);
    const deadlineMs = performance.now() + PATIENCE_MS;
    await Promise.all(deeds.map(async (deed) => {
      while (!isEnough()) {
        assert.ok(performance.now() < deadlineMs, `${this.ledger.kept} kept, ${this.ledger.refused} refused`);
        await deed();
      }
    }));
  }

  async isRefusedWhatMustBeKept(): Promise<void> {
    const [ann, tom] = [this.#ann, this.#tom];
    for (const line of ["hello", "/me waves", "/@ ann psst", "/join #attic"]) {
      await tom.types(line);
      await tom.readsUntil(NOT_STORED);
    }
    await isRefused(ann.asks({ type: "join", room: "attic" }, "roster"));
    await isRefused(ann.asks({ type: "leave", room: "den" }, "ack"));
    await isRefused(ann.asks({ type: "command", text: "/topic Flood", room: "den" }, "ack"));
    const wanted = { username: "new1", password: PASSWORD, name_account: "new1" };
    assert.deepEqual(await this.#server.http("/signup", wanted), {
      status: 503,
      body: { message: NOT_STORED },
    });
    assert.equal((await this.#server.http("/login", { username: "ann", password: PASSWORD })).status, 503);
    assert.equal(await this.health(), 503);
    const newcomer = await this.#server.connect();
    await newcomer.readsUpTo("Enter your username: ");
    await newcomer.types("/signup new2 new2");
    await newcomer.isAsked("Password: ");
    await newcomer.types(PASSWORD);
    await newcomer.isAsked("Repeat password: ");
    await newcomer.types(PASSWORD);
    await newcomer.reads(NOT_STORED);
  }

  /** What a monitor is answered. */
  async health(): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.#server.address("http").port}/healthz`);
    await response.body?.cancel();
    return response.status;
  }

  /** Whoever is there is there still, others come, and all may read. */
  async goesOnReading(): Promise<void> {
    for (const over of ["tls", "plain"] as const) await (await this.#server.guest("guest", over)).leaves();
    const token = this.#tokens.get("bob")!;
    await (await this.#server.client({ type: "auth", token })).vanishes();
    const answers = [
      this.#dora.asks({ type: "who" }, "roster"),
      this.#finds({ id: "", text: "ann" }),
      ...[this.#ann, this.#bob, this.#dora].map((client) => client.isUpToDate()),
    ];
    await Promise.all(answers);
    await this.isOnRecord();
    const left = this.#dora.told.filter((message) =>
      message.type === "left" && !message.name.startsWith("guest")
    );
    assert.deepEqual(left, []);
  }

  /** It says so once, not at every message. */
  readsInTheLogWhatIsWrong(): void {
    const errors = this.#server.output.split("\n").filter((line) => line.includes(" error "));
    assert.match(errors.join("\n"), /the database took no commit .*disk is full/);
    assert.ok(errors.length < 20, errors.join("\n"));
    assert.equal(this.#server.errors, "");
  }

  /** What was told and what is kept is what was acknowledged, and nothing else. */
  async isOnRecord(): Promise<void> {
    for (const reader of [this.#ann, this.#bob, this.#dora]) {
      await reader.isUpToDate();
      this.ledger.hears(reader.told);
    }
    for (const room of ["lobby", "den"]) this.ledger.check(room, await this.#dora.reads({ room }));
    for (const speaker of [this.#ann, this.#bob]) {
      for (const other of ["dora", "eve"]) {
        this.ledger.check(`${speaker.name} and ${other}`, await speaker.reads({ with: other }));
      }
    }
  }

  async isOnRecordAfterRestart(): Promise<void> {
    this.#server.kill("SIGKILL");
    await this.#server.status;
    this.#server = await this.#machine.serve(UNLIMITED);
    const enters = (name: string) => this.#server.client({ type: "auth", token: this.#tokens.get(name)! });
    [this.#ann, this.#bob, this.#dora] = [await enters("ann"), await enters("bob"), await enters("dora")];
    assert.deepEqual(this.#ann.rooms.toSorted(), ["den", "lobby"]);
    const { rooms } = await this.#ann.asks({ type: "rooms" }, "rooms");
    assert.deepEqual(rooms.map(({ name, topic }) => [name, topic]).sort(), [["den", ""], ["lobby", ""]]);
    await this.isOnRecord();
    const eve = await enters("eve");
    await eve.isUpToDate();
    const letters = eve.told.filter((message) => message.type === "direct");
    for (const name of ["ann", "bob"]) {
      this.ledger.check(`${name} and eve`, letters.filter(({ from }) => from === name));
    }
    const [last] = (await this.#dora.reads({ room: "den" })).slice(-1);
    await eventually("what was said after the disk was full is found", () => this.#finds(last!));
    for (const username of ["new1", "new2"]) {
      const wanted = { username, password: PASSWORD, name_account: username };
      assert.equal((await this.#server.http("/signup", wanted)).status, 200);
    }
  }

  /** Whether the search finds something; it may be about to mend. */
  async #finds({ id, text }: { id: string; text: string }): Promise<boolean> {
    const found = this.#dora.asks({ type: "search", words: text }, "found").catch((error) => {
      assert.equal(error.code, "search_busy");
      return { messages: [] };
    });
    return (await found).messages.some((said) => said.id === id);
  }

  /** Sends the next text again and again; what is refused is refused in the right words. */
  #sends(speaker: JsonClient, place: string, send: (text: string) => Promise<string>): () => Promise<void> {
    return async () => {
      try {
        await this.ledger.sends({ from: speaker.name, place }, send);
      } catch (error) {
        await isRefused(Promise.reject(error));
      }
    };
  }
}

async function isRefused(asked: Promise<unknown>): Promise<void> {
  await assert.rejects(asked, new Refused("not_stored", NOT_STORED));
}
