import { strict as assert } from "node:assert";
import { join } from "node:path";
import type { JsonClient } from "../support/json_client.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";
import { Ledger, rise } from "./_ledger.ts";

/** Makes a process believe in another time; on Debian: apt install faketime. */
const FAKETIME = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime"]
  .map((dir) => join(dir, "libfaketimeMT.so.1"))
  .find((path) => exists(path));

const withFaketime = { ignore: FAKETIME === undefined };
const unlessIgnored = FAKETIME === undefined ? " (left out: there is no libfaketime)" : "";

const PASSWORD = "correct horse";
const ROOMS = ["lobby", "den"];

Deno.test(
  `a clock set back before a start changes no order, number or mark${unlessIgnored}`,
  withFaketime,
  async () => {
    await using machine = await Machine.make();
    const village = await Village.found(machine);
    await village.chats("+0");
    await village.chats("-2h");
    await village.chats("-20h");
    await village.chats("+1h");
  },
);

Deno.test(
  `a clock that jumps while the server runs changes none either${unlessIgnored}`,
  withFaketime,
  async () => {
    await using machine = await Machine.make();
    const village = await Village.found(machine);
    await village.chats("+0", "-3h", "-3h", "+2h", "-400d", "+0");
  },
);

/** Who chats under a clock that is set: ann and bob; carl has been here before and comes again, eve as well. */
class Village {
  #machine: Machine;
  #ledger = new Ledger();
  /** Username → access token. */
  #tokens = new Map<string, string>();

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  static async found(machine: Machine): Promise<Village> {
    const village = new Village(machine);
    const server = await village.#serve("+0");
    for (const username of ["ann", "bob", "carl", "eve"]) {
      await server.http("/signup", { username, password: PASSWORD, name_account: username });
      const { body } = await server.http("/login", { username, password: PASSWORD });
      village.#tokens.set(username, body["Access Token"]!);
      const client = await village.#enters(username, server);
      await client.asks({ type: "join", room: "den" }, "roster");
    }
    await stops(server);
    return village;
  }

  /** Starts a server, has people chat under one clock after the other, looks whether all is in order, and stops it. */
  async chats(...offsets: string[]): Promise<void> {
    const server = await this.#serve(offsets[0]!);
    const [ann, bob] = [await this.#enters("ann", server), await this.#enters("bob", server)];
    const before = await Promise.all(ROOMS.map((room) => ann.reads({ room })));
    for (const offset of offsets) {
      await this.#setClock(offset);
      await this.#chat(ann, bob);
    }
    await this.#areInOrder(bob, before.map((history) => history.at(-1)?.id ?? ""));
    await this.#areMissed(server, 6 * offsets.length);
    await this.#lettersAreShown(server, 2 * offsets.length);
    await stops(server);
  }

  /** Both say three things in each room, and write to each other and to eve, who is away: what is last is private. */
  async #chat(ann: JsonClient, bob: JsonClient): Promise<void> {
    for (const [speaker, other] of [[ann, bob], [bob, ann], [ann, bob]] as const) {
      const from = speaker.name;
      for (const room of [...ROOMS, ...ROOMS]) {
        await this.#ledger.sends({ from, place: room }, (text) => speaker.says(room, text));
      }
      await this.#ledger.sends({ from, place: "ann and bob" }, (text) => speaker.writesTo(other.name, text));
    }
    for (const speaker of [ann, bob]) {
      const place = `${speaker.name} and eve`;
      await this.#ledger.sends({ from: speaker.name, place }, (text) => speaker.writesTo("eve", text));
    }
  }

  /** @param lastIds The last message of each room from before. */
  async #areInOrder(bob: JsonClient, lastIds: readonly string[]): Promise<void> {
    for (const [index, room] of ROOMS.entries()) {
      const history = await bob.reads({ room });
      this.#ledger.check(room, history);
      const after = history.filter(({ id }) => id > lastIds[index]!);
      assert.deepEqual(await bob.reads({ room }, lastIds[index]), after);
      const told = this.#ledger.hears(bob.told).filter((said) =>
        said.type === "message" && said.room === room
      );
      assert.deepEqual(told, after.filter(({ from }) => from !== "bob"));
    }
    this.#ledger.check("ann and bob", await bob.reads({ with: "ann" }));
  }

  /** Carl, who has read everything before, is offered so many messages in each room; their numbers have no gap. */
  async #areMissed(server: RunningParley, count: number): Promise<void> {
    const carl = await this.#enters("carl", server);
    await carl.isUpToDate();
    const missed = carl.told.filter((message) => message.type === "missed");
    assert.deepEqual(missed.map(({ room }) => room).sort(), ROOMS.toSorted());
    for (const { room, after, ...said } of missed) {
      assert.deepEqual([said.count, said.at_least], [count, false], room);
      assert.deepEqual(await carl.reads({ room }, after), (await carl.reads({ room })).slice(-count));
    }
    await carl.vanishes();
    const reader = await server.member(this.#tokens.get("carl")!);
    await reader.types("/ids on\n/history #den 200\n/whois nobody");
    const lines = await reader.readsUntil("User nobody not found.");
    const numbers = lines.flatMap((line) => /^.+ \[(\d+)\] #den /.exec(line)?.slice(1) ?? []);
    assert.deepEqual(numbers, numbers.map((_, index) => String(index + 1)));
    assert.ok(numbers.length >= count, lines.join("\n"));
    await reader.vanishes();
  }

  /** Eve, who has been away, is shown so many private messages, once and in the order of sending. */
  async #lettersAreShown(server: RunningParley, count: number): Promise<void> {
    const eve = await this.#enters("eve", server);
    await eve.isUpToDate();
    const shown = eve.told.filter((message) => message.type === "direct");
    assert.equal(shown.length, count);
    rise(shown.map(({ id }) => id), "what waited for eve");
    for (const name of ["ann", "bob"]) {
      const letters = await eve.reads({ with: name });
      this.#ledger.check(`${name} and eve`, letters);
      assert.deepEqual(shown.filter(({ from }) => from === name), letters.slice(-count / 2));
    }
    await eve.vanishes();
  }

  #enters(name: string, server: RunningParley): Promise<JsonClient> {
    const token = this.#tokens.get(name);
    if (token === undefined) return server.client({ type: "login", username: name, password: PASSWORD });
    return server.client({ type: "auth", token });
  }

  async #serve(offset: string): Promise<RunningParley> {
    await this.#setClock(offset);
    const env = {
      LD_PRELOAD: FAKETIME!,
      FAKETIME_TIMESTAMP_FILE: this.#machine.path("clock"),
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    return await this.#machine.serve(UNLIMITED, { env });
  }

  /** Sets the clock so far from the real one, at once: what is half written must not be read. */
  async #setClock(offset: string): Promise<void> {
    await this.#machine.write("clock.new", `${offset}\n`);
    await Deno.rename(this.#machine.path("clock.new"), this.#machine.path("clock"));
  }
}

async function stops(server: RunningParley): Promise<void> {
  server.kill("SIGTERM");
  assert.equal(await server.ends(), 0);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
