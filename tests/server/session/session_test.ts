import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Account } from "../../../server/accounts/account_store.ts";
import { allCommands } from "../../../server/commands/table.ts";
import { NewLogins } from "../../../server/chat/new_logins.ts";
import type { Connection } from "../../../server/session/connection.ts";
import { Session } from "../../../server/session/session.ts";
import { Sessions } from "../../../server/session/sessions.ts";
import type { SessionParts } from "../../../server/session/stage.ts";
import { Counts } from "../../../server/telemetry/counts.ts";
import { JsonOutput } from "../../../server/wire/json_output.ts";
import { TextOutput } from "../../../server/wire/text_output.ts";
import { type OpenChat, openChat, settle, Visitor } from "../chat/_chat.ts";
import { anAccount } from "../../support/an_account.ts";

Deno.test("two connections of one account each look at the room that they have joined last", async () => {
  using chat = await openChat();
  await using house = new House(chat);
  const [inLobby, inGarden] = [await house.connects("Bob"), await house.connects("Bob")];
  const carl = new Visitor(chat.hub, "Carl");
  await inGarden.types("/join #garden");
  await carl.joins("garden");
  inLobby.forgets();
  inGarden.forgets();
  await carl.says("one");
  await carl.says("two", "garden");
  await inGarden.types("three");
  await inLobby.types("four");
  deepEqual(inLobby.read, ["Carl: one", "#garden Carl: two", "#garden Bob: three"]);
  deepEqual(inGarden.read, ["#lobby Carl: one", "Carl: two", "#lobby Bob: four"]);
  deepEqual(carl.heard, ["#garden Bob: three", "Bob: four"]);
});

Deno.test("a connection looks at the lobby again when another has left its room for good", async () => {
  using chat = await openChat();
  await using house = new House(chat);
  const [one, other] = [await house.connects("Bob"), await house.connects("Bob")];
  const carl = new Visitor(chat.hub, "Carl");
  await one.types("/join #garden");
  await other.types("/leave #garden");
  one.forgets();
  await one.types("where am I?");
  deepEqual(carl.heard, ["Bob: where am I?"]);
  await carl.says("here");
  deepEqual(one.read, ["Carl: here"]);
});

Deno.test("what is said just as somebody enters a room or leaves it is read once, and not as if said elsewhere", async () => {
  using chat = await openChat();
  await using house = new House(chat);
  const bob = await house.connects("Bob");
  const carl = new Visitor(chat.hub, "Carl");
  await carl.joins("garden");
  const moves = [
    { typed: "/join #garden", answer: "You are in #garden.", said: "garden", isPlain: true },
    { typed: "/leave", answer: "You have left #garden.", said: "lobby", isPlain: true },
    { typed: "/join #garden", answer: "You are in #garden.", said: "lobby", isPlain: false },
    { typed: "/leave", answer: "You have left #garden.", said: "lobby", isPlain: true },
  ];
  for (let turns = 0; turns < 100; turns++) {
    for (const [index, { typed, answer, said, isPlain }] of moves.entries()) {
      const text = `move ${index}, after ${turns}`;
      bob.forgets();
      const moving = bob.types(typed);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await Promise.all([moving, carl.says(text, said)]);
      const isTold = (line: string) => line.endsWith(`Carl: ${text}`);
      const comesAfter = bob.read.findIndex(isTold) > bob.read.indexOf(answer);
      const room = comesAfter === isPlain ? "" : `#${said} `;
      deepEqual(bob.read.filter(isTold), [`${room}Carl: ${text}`], text);
    }
  }
});

Deno.test("three connections of one account, in three ways of speaking, hear the same", async () => {
  using chat = await openChat();
  await using house = new House(chat);
  const typing = await house.connects("Bob");
  const program = await house.connects("Bob", { json: true });
  const pausing = await house.connects("Bob", { pauseFramed: true });
  const carl = new Visitor(chat.hub, "Carl");
  for (const connection of [typing, program, pausing]) connection.forgets();
  await carl.says("hi");
  await carl.writes("Bob", "psst");
  await program.types('{"type":"say","room":"lobby","text":"from a program","ref":1}');
  deepEqual(typing.read, ["Carl: hi", "Private message from Carl: psst", "Bob: from a program"]);
  deepEqual(pausing.read, [
    "#lobby Carl: hi",
    "Private message from Carl: psst",
    "#lobby Bob: from a program",
  ]);
  deepEqual(program.objects.map(({ type, text, ref }) => [type, text, ref]), [
    ["message", "hi", undefined],
    ["direct", "psst", undefined],
    ["ack", undefined, 1],
  ]);
});

Deno.test("what waits is shown to the first of several connections that come at once, and to no other", async () => {
  using chat = await openChat();
  await using house = new House(chat);
  const carl = new Visitor(chat.hub, "Carl");
  await carl.writes("Bob", "psst");
  const connections = await Promise.all([
    house.connects("Bob"),
    house.connects("Bob"),
    house.connects("Bob"),
  ]);
  const shown = connections.map(({ read }) => read.filter((line) => line.endsWith("psst")).length);
  equal(shown.reduce((sum, count) => sum + count), 1);
  deepEqual(await chat.log.waitingFor("id of Bob"), []);
});

Deno.test("what was missed is offered at log-in, and not after it was shown", async () => {
  using chat = await openChat();
  await using house = new House(chat);
  const carl = new Visitor(chat.hub, "Carl");
  await carl.joins("garden");
  const bob = await house.connects("Bob");
  await bob.types("/join #garden");
  await bob.goes();
  for (const text of ["one", "two"]) await carl.says(text, "garden");
  const again = await house.connects("Bob");
  equal(
    again.read.filter((line) => /^— 2 new in #garden since .+; \/missed shows them —$/.test(line)).length,
    1,
  );
  again.forgets();
  await again.types("/missed");
  deepEqual(again.read.map((line) => line.slice("04:05 ".length)), [
    "#garden Carl: one",
    "#garden Carl: two",
  ]);
  again.forgets();
  await again.types("/missed");
  deepEqual(again.read, ["You have missed nothing."]);
});

/** A server without sockets: the sessions of one chat. */
class House implements AsyncDisposable {
  #parts: SessionParts;
  #connections: FakeConnection[] = [];

  constructor(chat: OpenChat) {
    this.#parts = partsOf(chat);
  }

  /** Somebody who has logged in to an account, and has been shown all that there is to show. */
  async connects(name: string, how: { json?: true; pauseFramed?: true } = {}): Promise<FakeConnection> {
    const connection = new FakeConnection(`connection ${this.#connections.length}`, how, this.#parts);
    this.#connections.push(connection);
    await connection.types(
      how.json
        ? JSON.stringify({ type: "login", username: name, password: "correct horse" })
        : `/login ${name} correct horse`,
    );
    await connection.settled();
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.goes()));
  }
}

/** A connection that types lines and reads them. */
class FakeConnection implements Connection {
  readonly id: string;
  readonly address = "127.0.0.1";
  readonly localAddress = "127.0.0.1";
  readonly how = "plain";
  readonly program = "netcat";
  readonly jsonOnly = false;
  readonly pauseFramed: boolean;
  readonly waitingBytes = 0;
  #session: Session;
  #text = "";
  #decoder = new TextDecoder();

  constructor(id: string, { pauseFramed = false }: { pauseFramed?: boolean }, parts: SessionParts) {
    this.id = id;
    this.pauseFramed = pauseFramed;
    this.#session = new Session(this, parts);
  }

  /** The lines since it has forgotten. */
  get read(): string[] {
    return this.#text.split("\n").slice(0, -1);
  }

  get objects(): Record<string, unknown>[] {
    return this.read.map((line) => JSON.parse(line));
  }

  forgets(): void {
    this.#text = "";
  }

  /** Types a line; answers when it is done. */
  async types(line: string): Promise<void> {
    await this.#session.line(line);
    await this.#session.settled();
  }

  settled(): Promise<void> {
    return this.#session.settled();
  }

  /** Is gone; answers when it has left. */
  goes(): Promise<void> {
    this.#session.closed("quit");
    return settle();
  }

  send(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes);
  }

  allowLongLines(): void {}

  avoid(): void {}

  end(): void {}
}

const NO_TOKENS = { lastUse: () => undefined, use: () => {} };

function partsOf({ hub, archive }: OpenChat): SessionParts {
  const limits = {
    lineBytes: 4_096,
    rate: "off",
    commandRate: "off",
    bytesPerSecond: 0,
    outboxBytes: 1_000_000,
    loginMs: 60_000,
    loginLines: 20,
    loginBytes: 16_384,
    loginTries: 5,
    pingMs: 30_000,
    silentMs: 90_000,
  } as const;
  const some: Partial<SessionParts> = {
    hub,
    archive,
    mailbox: hub.correspondence.mailbox,
    sessions: new Sessions(),
    commands: allCommands(),
    textOutput: new TextOutput(),
    jsonOutput: new JsonOutput(),
    settings: { serverName: "Parley", motd: "", guests: true, tokenDays: 30, keepDays: 90, limits },
    report: { defect: (error) => equal(error, undefined), loggedIn: () => {} },
    counts: new Counts().session,
    newLogins: new NewLogins({ distribution: hub.distribution, tokens: NO_TOKENS }),
  };
  const login = {
    byPassword: (_address: string, { username }: { username: string }) =>
      Promise.resolve({ account: accountOf(username), owes: [] }),
    byPasswordAndCode: (_address: string, { username }: { username: string }) =>
      Promise.resolve(accountOf(username)),
    mustEnrol: () => false,
    checkEnrolled: () => {},
    checkAgain: () => Promise.resolve(),
  };
  return { ...some, login } as unknown as SessionParts;
}

function accountOf(name: string): Account {
  return anAccount({ id: `id of ${name}`, name });
}
