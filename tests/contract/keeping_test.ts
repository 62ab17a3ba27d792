import { strict as assert } from "node:assert";
import { DatabaseSync } from "node:sqlite";
import type { Person } from "../support/person.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";

/** How many tokens are issued until the server is killed: of an account's that are over, only so many stay on record. */
const MOST_TOKENS = 20;

const NOT_STORED = "The server could not store that, so it was not done. Try again in a while.";

Deno.test("what anybody was told before kill -9 is there after it", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("eve");
  const promises = new Promises();
  for (const round of [1, 2, 3]) {
    const server = await machine.serve(UNLIMITED);
    await promises.areKeptBy(server);
    await promises.areMadeBy(server, round);
    assert.equal((await server.status).signal, "SIGKILL");
  }
  await promises.areKeptBy(await machine.serve(UNLIMITED));
});

Deno.test("nobody is told what is not kept yet, and everybody is when it is", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve(UNLIMITED);
  const [ann, bob] = [await server.guest("ann"), await server.guest("bob", "tls")];
  await ann.reads(`${bob.name} has joined the chat.`);
  {
    using _database = heldUp(machine); // as by a command that is writing
    await ann.types("hello");
    for (const person of [ann, bob]) {
      await person.types("/u");
      await person.reads(/^Users currently online/); // and no word of it before
    }
  }
  await bob.reads(`${ann.name}: hello`);
});

Deno.test("what cannot be kept for long is refused, and nobody is told of it", async () => {
  await using machine = await Machine.make();
  const server = await machine.serve(UNLIMITED);
  const [ann, bob] = [await server.guest("ann"), await server.guest("bob", "tls")];
  await ann.reads(`${bob.name} has joined the chat.`);
  {
    using _database = heldUp(machine);
    await ann.types("hello");
    await ann.reads(NOT_STORED);
  }
  await ann.types("again");
  await bob.reads(`${ann.name}: again`);
  const carl = await server.guest("carl");
  await carl.reads(`${ann.name}: again`);
});

Deno.test({
  name: "a full disk refuses and does not forget",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using machine = await Machine.make();
    const full = ["sh", "-c", 'trap "" XFSZ; ulimit -f 512; exec "$@"', "sh"]; // no file may grow beyond 256 KiB
    const server = machine.launch([...UNLIMITED, "--line-bytes=16000"], { through: full });
    await server.isListening();
    const [ann, bob] = [await server.guest("ann1111"), await server.guest("bob1111", "tls")];
    await ann.reads(`${bob.name} has joined the chat.`);
    const said = Array.from({ length: 60 }, (_, count) => `${count} ${"x".repeat(10_000)}`);
    const told: string[] = [];
    for (const text of said) {
      await ann.types(`${text}\n/@ ${ann.name} was that kept?\n/u`); // the question may be kept, or refused as well
      const answers = await ann.readsUntil(/^Users currently online/);
      const refused = answers.filter((line) => line === NOT_STORED).length;
      const questionRefused = answers.length === refused;
      if (refused === Number(questionRefused)) told.push(`${ann.name}: ${text}`);
    }
    await bob.types("/u");
    assert.deepEqual(await bob.readsUntil(/^Users currently online/), told);
    assert.ok(told.length > 0 && told.length < said.length, `${told.length} were kept`);
    const accounts: string[] = [];
    for (const username of ["carl", "dora", "eve"]) {
      const wanted = { username, password: "correct horse", name_account: username };
      const { status } = await server.http("/signup", wanted);
      if (status === 200) accounts.push(username);
      else assert.equal(status, 503);
    }
    server.kill("SIGKILL");
    await server.status;
    const next = await machine.serve();
    const fred = await next.guest("fred");
    await fred.types("/u");
    assert.deepEqual(await fred.readsUntil(/^Users currently online/), told.slice(-10));
    for (const username of accounts) await next.member(`/login ${username} correct horse`);
  },
});

Deno.test("what a newer Parley has written is left alone", async () => {
  await using machine = await Machine.make();
  await machine.hasAccount("ann");
  using kv = await Deno.openKv(machine.path("data/parley.db"));
  await kv.set(["schema"], 999);
  for (const { code, out, err } of [await machine.fails([]), await machine.parley("user list")]) {
    assert.deepEqual({ code, out }, { code: 1, out: "" });
    assert.match(
      err,
      /^parley: Cannot open ".*parley\.db": (it was written by a|.*a) newer Parley .*use that version\n$/,
    );
  }
});

/** What a server has told people that it has kept. */
class Promises {
  /** What was said, as its readers read it. */
  lines: string[] = [];
  /** Usernames. */
  readonly accounts: string[] = [];
  /** What eve is to read when she returns. */
  readonly letters: string[] = [];
  readonly tokens: string[] = [];
  readonly revoked: string[] = [];
  #lettersRead = 0;

  /** People do all that a server promises to keep, until it is killed in the midst of it. */
  async areMadeBy(server: RunningParley, round: number): Promise<void> {
    let killed = false;
    const untilKilled = async (deed: (count: number) => Promise<void>) => {
      try {
        for (let count = 1;; count++) await deed(count);
      } catch (error) {
        if (!killed) throw error;
      }
    };
    const [ann, bob, carl] = [
      await server.guest("ann1111"),
      await server.guest("bob1111", "tls"),
      await server.guest("carl1111", "tls"),
    ];
    const hears = (lines: string[]) =>
      this.lines.push(...lines.filter((line) => line.startsWith(`${ann.name}: `)));
    const isEnough = () =>
      [this.accounts, this.letters, this.revoked].every(({ length }) => length >= 2 * round);
    const talk = async () => {
      for (let turn = 1; turn < 7 * round || !isEnough(); turn++) {
        const said = [1, 2, 3, 4].map((line) => `${round} ${turn} ${line}`);
        await ann.types(said.join("\n"));
        const first = `${ann.name}: ${said[0]}`;
        hears([...await bob.readsUntil(first), first]);
      }
      killed = true;
      server.kill("SIGKILL"); // while the last three lines are being kept
      const rest = await bob.readsToTheEnd();
      hears(rest.split("\n").slice(0, -1));
    };
    const { body: eve } = await server.http("/login", { username: "eve", password: "correct horse" });
    const issueToken = () => call(server, "POST /me/tokens", eve["Access Token"]!);
    await Promise.all([
      talk(),
      untilKilled(async (count) => {
        const username = `user${round}.${count}`;
        const wanted = { username, password: "correct horse", name_account: username };
        if ((await server.http("/signup", wanted)).status === 200) this.accounts.push(username);
      }),
      untilKilled(async (count) => {
        await carl.types(`/@ eve letter ${round} ${count}`);
        await carl.readsUntil("eve is offline and will get it on return.");
        this.letters.push(`Private message from ${carl.name}: letter ${round} ${count}`);
      }),
      untilKilled(async (count) => {
        if (count > MOST_TOKENS / 2) {
          await server.status;
          throw new Error("it was killed before it had more to do");
        }
        this.tokens.push((await issueToken()).token!);
        const { token, id } = await issueToken();
        await call(server, `DELETE /me/tokens/${id}`, eve["Access Token"]!);
        this.revoked.push(token!);
      }),
    ]);
    await server.status;
  }

  async areKeptBy(server: RunningParley): Promise<void> {
    await this.#linesAreKept(await server.guest("dora1111"));
    await this.#lettersAreKept(await server.member("/login eve correct horse"));
    for (const username of this.accounts) {
      const { status } = await server.http("/login", { username, password: "correct horse" });
      assert.equal(status, 200, username);
    }
    for (const token of this.tokens) assert.equal((await call(server, "GET /me", token)).username, "eve");
    for (const token of this.revoked) {
      assert.equal((await call(server, "GET /me", token)).message, "This token has been revoked.");
    }
  }

  /** Of all that was said the last is shown; no more than three lines were said after what was heard. */
  async #linesAreKept(reader: Person): Promise<void> {
    await reader.types("/u");
    const shown = await reader.readsUntil(/^Users currently online/);
    const last = this.lines.at(-1);
    const heard = last === undefined ? 0 : shown.indexOf(last) + 1;
    assert.ok(last === undefined || heard > 0, `${last} was heard, and is not among\n${shown.join("\n")}`);
    assert.deepEqual(shown.slice(0, heard), this.lines.slice(this.lines.length - heard));
    assert.ok(shown.length - heard <= 3, shown.join("\n"));
    this.lines = shown;
  }

  async #lettersAreKept(eve: Person): Promise<void> {
    await eve.types("/u");
    const read = await eve.readsUntil(/^Users currently online/);
    const letters = read.filter((line) => line.startsWith("Private message from carl1111: "));
    const told = this.letters.slice(this.#lettersRead);
    assert.deepEqual(letters.slice(0, told.length), told);
    assert.ok(letters.length - told.length <= 1, "one letter may have been kept and not told of");
    this.#lettersRead = this.letters.length;
    await eve.leaves();
  }
}

/** Has the database written to by somebody who does not come to an end. */
function heldUp(machine: Machine): Disposable {
  const database = new DatabaseSync(machine.path("data/parley.db"));
  database.exec("BEGIN IMMEDIATE");
  return { [Symbol.dispose]: () => database.close() };
}

/** Calls what needs a token, `GET /me`. */
async function call(server: RunningParley, what: string, token: string): Promise<Record<string, string>> {
  const [method, path] = what.split(" ");
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`http://127.0.0.1:${server.address("http").port}${path}`, { method, headers });
  return await response.json();
}
