import { strict as assert } from "node:assert";
import { join } from "node:path";
import type { JsonClient } from "../support/json_client.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";
import { Ledger } from "./_ledger.ts";

/** Makes a process believe in another time; on Debian: apt install faketime. */
const FAKETIME = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime"]
  .map((dir) => join(dir, "libfaketimeMT.so.1"))
  .find((path) => exists(path));

const withFaketime = { ignore: FAKETIME === undefined };
const unlessIgnored = FAKETIME === undefined ? " (left out: there is no libfaketime)" : "";

const PASSWORD = "correct horse";
const ROOMS = ["lobby", "den"];

Deno.test(`a clock set back before a start changes no order, number or mark${unlessIgnored}`, withFaketime, async () => {
  await using machine = await Machine.make();
  const village = await Village.found(machine);
  await village.chats("+0");
  await village.chats("-2h");
  await village.chats("-30d");
  await village.chats("+1h");
});

Deno.test(`a clock that jumps while the server runs changes none either${unlessIgnored}`, withFaketime, async () => {
  await using machine = await Machine.make();
  const village = await Village.found(machine);
  await village.chats("+0", "-3h", "-3h", "+2h", "-400d", "+0");
});

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
      const told = this.#ledger.hears(bob.told).filter((said) => said.type === "message" && said.room === room);
      assert.deepEqual(told, after.filter(({ from }) => from !== "bob"));
    }
    this.#ledger.check("ann and bob", await bob.reads({ with: "ann" }));
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
