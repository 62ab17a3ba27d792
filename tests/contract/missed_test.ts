import { strict as assert } from "node:assert";
import type { Person } from "../support/person.ts";
import { Machine, type RunningParley, UNLIMITED } from "../support/run_parley.ts";
import { startServer } from "../support/start_server.ts";

const NOTHING_MISSED = "You have missed nothing.";

Deno.test("at login each room's missed messages are offered, exactly those, and /missed shows them", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const room of ["den", "attic", "cellar"]) {
    for (const person of [ann, bob]) await person.asks(`/join #${room}`, `You are in #${room}.`, /^Users/);
    await ann.reads(`bob has joined #${room}.`);
  }
  await says(ann, bob, { room: "den", lines: ["bob reads this"] });
  await bob.leaves();
  await ann.readsUntil("bob has left the chat.");
  await says(ann, undefined, { room: "den", lines: numbered(12) });
  await says(ann, undefined, { room: "lobby", lines: numbered(3) });
  await says(ann, undefined, { room: "attic", lines: ["/me sweeps"] });

  const again = await server.member("bob");
  await again.readsInTurn(...numbered(3).map((line) => `ann: ${line}`)); // the lobby's latest
  await again.readsInTurn(...offered({ lobby: 3, den: 12, attic: 1 }));
  await again.types("/missed");
  await again.readsInTurn(
    ...numbered(3).map((line) => past(`ann: ${line}`)),
    ...numbered(12).map((line) => past(`#den ann: ${line}`)),
    past("#attic * ann sweeps"),
  );
  await again.asks("/missed", NOTHING_MISSED);
  await again.leaves();
  await missesNothing(await server.member("bob"));
});

Deno.test("what was missed is offered over a restart as well, and to programs", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await bob.leaves();
  await ann.readsUntil("bob has left the chat.");
  await says(ann, undefined, { room: "den", lines: numbered(15) });
  await server.restart();
  const again = await server.member("bob");
  await again.reads(offered({ den: 15 })[0]!);
  await again.leaves();
  const program = await server.connect();
  await program.readsUpTo("Enter your username: ");
  await program.types(JSON.stringify({ type: "login", username: "bob", password: "correct horse" }));
  await program.reads("");
  await program.reads(/^\{"type":"welcome"/);
  const { type, room, count, at_least, after } = JSON.parse(await program.readsLine());
  assert.deepEqual({ type, room, count, at_least }, {
    type: "missed",
    room: "den",
    count: 15,
    at_least: false,
  });
  await program.types(JSON.stringify({ type: "history", room: "den", after }));
  const { messages } = JSON.parse(await program.readsLine());
  assert.deepEqual(messages.map(({ text }: { text: string }) => text), numbered(15));
  await program.vanishes();
  await missesNothing(await server.member("bob"));
});

Deno.test("what was read anywhere is not offered again", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  const waysToRead = ["/history #den", "/missed", '{"type":"history","room":"den"}'];
  let back: Person = bob;
  for (const way of waysToRead) {
    await back.leaves();
    await ann.readsUntil("bob has left the chat.");
    await says(ann, undefined, { room: "den", lines: numbered(5) });
    const reader = await server.member("bob");
    await reader.reads(offered({ den: 5 })[0]!);
    if (way.startsWith("{")) {
      await reader.types("/json");
      await reader.reads(/^\{"type":"welcome"/);
    }
    await reader.types(way);
    await reader.readsUntil(/line 5/);
    const other = await server.member("bob"); // while the first is still here
    await other.asks("/missed", NOTHING_MISSED);
    await reader.vanishes();
    await other.leaves();
    await ann.readsUntil("bob has left the chat.");
    back = await server.member("bob");
    await back.asks("/missed", NOTHING_MISSED);
  }
});

Deno.test("/missed shows 200 at a time, and says what is left", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await bob.leaves();
  await ann.readsUntil("bob has left the chat.");
  await says(ann, undefined, { room: "den", lines: numbered(450) });
  const again = await server.member("bob");
  await again.reads(offered({ den: 450 })[0]!);
  for (const [from, to] of [[1, 200], [201, 400], [401, 450]] as const) {
    await again.types("/missed");
    for (let count = from; count <= to; count++) await again.reads(past(`#den ann: line ${count}`));
    if (to < 450) await again.reads(offered({ den: 450 - to })[0]!);
  }
  await again.asks("/missed", NOTHING_MISSED);
});

Deno.test("half of what was missed, read, leaves the other half to be offered", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await bob.leaves();
  await ann.readsUntil("bob has left the chat.");
  await says(ann, undefined, { room: "den", lines: numbered(300) });
  const again = await server.member("bob");
  await again.reads(offered({ den: 300 })[0]!);
  await again.types("/missed");
  await again.readsUntil(offered({ den: 100 })[0]!);
  await again.leaves();
  const later = await server.member("bob");
  await later.reads(offered({ den: 100 })[0]!);
});

Deno.test("more than is counted is offered as that many or more", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await bob.leaves();
  await ann.readsUntil("bob has left the chat.");
  await says(ann, undefined, {
    room: "den",
    lines: numbered(1_100).map((line) => `${line} ${"x".repeat(300)}`),
  });
  const again = await server.member("bob");
  await again.reads(/^— 1000 or more new in #den since \d\d:\d\d; \/missed shows them —$/);
});

Deno.test("what was deleted is not counted, and hides nothing that was said before it", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
  await bob.leaves();
  await ann.readsUntil("bob has left the chat.");
  await says(ann, undefined, { room: "den", lines: numbered(30) });
  await ann.asks("/delete 28", "ann has deleted a message of ann in #den.");
  const again = await server.member("bob");
  await again.reads(offered({ den: 29 })[0]!);
});

Deno.test("however much was missed, in however many rooms, it is shown in parts", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann, bob] = await server.members("ann", "bob");
  const rooms = Array.from({ length: 20 }, (_, index) => `den${index + 1}`);
  for (const room of rooms) {
    for (const person of [ann, bob]) await person.asks(`/join #${room}`, `You are in #${room}.`, /^Users/);
    await ann.reads(`bob has joined #${room}.`);
  }
  await bob.leaves();
  await ann.readsUntil("bob has left the chat.");
  const long = "x".repeat(4_000);
  for (const room of rooms) {
    await says(ann, undefined, {
      room,
      lines: numbered(35).map((line) => `${long} ${line}`),
    });
  }
  const again = await server.member("bob");
  await again.readsInTurn(...offered(Object.fromEntries(rooms.map((room) => [room, 35]))));
  const read: string[] = [];
  for (let times = 0; read.length < 20 * 35 && times < 200; times++) {
    await again.types("/missed\n/ping");
    read.push(...(await again.readsUntil("Pong.")).filter((line) => !line.startsWith("—")));
  }
  const expected = rooms.flatMap((room) => numbered(35).map((line) => `#${room} ann: ${long} ${line}`));
  assert.deepEqual(read.map((line) => line.slice("14:02 ".length)), expected);
  await again.asks("/missed", NOTHING_MISSED);
});

Deno.test("who makes an account, or joins a room, has missed nothing before", async () => {
  await using server = await startServer(...UNLIMITED);
  const [ann] = await server.members("ann");
  await ann.asks("/join #den", "You are in #den.", /^Users/);
  await says(ann, undefined, { room: "den", lines: numbered(15) });
  await says(ann, undefined, { room: "lobby", lines: numbered(15) });
  const [bob] = await server.members("bob");
  await bob.readsInTurn(...numbered(15).slice(-10).map((line) => `ann: ${line}`));
  await bob.asks("/missed", NOTHING_MISSED);
  await bob.types("/join #den");
  await bob.readsUntil("ann: line 15");
  await bob.asks("/missed", NOTHING_MISSED);
  await bob.leaves();
  await missesNothing(await server.member("bob"));
});

Deno.test("after kill -9 no missed message is left out, and little of what was read is offered again", async () => {
  await using machine = await Machine.make();
  for (const name of ["ann", "bob"]) await machine.hasAccount(name);
  const first = await machine.serve(UNLIMITED);
  {
    const [ann, bob] = [await cameBack(first, "ann"), await cameBack(first, "bob")];
    await ann.reads("bob has joined the chat.");
    for (const person of [ann, bob]) await person.asks("/join #den", "You are in #den.", /^Users/);
    await says(ann, bob, { room: "den", lines: numbered(15) });
    await bob.catchesUp();
    await bob.leaves();
    await ann.readsUntil("bob has left the chat.");
    await says(ann, undefined, { room: "den", lines: ["missed 1", "missed 2", "missed 3"] });
    first.kill("SIGKILL");
    await first.status;
  }
  const second = await machine.serve(UNLIMITED);
  const bob = await cameBack(second, "bob");
  await bob.types("/missed");
  await bob.readsUntil(past("#den ann: missed 1"));
  await bob.readsInTurn(past("#den ann: missed 2"), past("#den ann: missed 3"));
  const ann = await cameBack(second, "ann");
  await bob.reads("ann has joined the chat.");
  await says(ann, bob, { room: "den", lines: ["bob reads this"] });
  second.kill("SIGKILL"); // within 5 s of that
  await second.status;
  const third = await machine.serve(UNLIMITED);
  const again = await cameBack(third, "bob");
  await again.types("/missed\n/ping");
  const offeredAgain = await again.readsUntil("Pong.");
  assert.ok(offeredAgain.every((line) => !/line \d/.test(line)), offeredAgain.join("\n"));
});

/** Lets somebody say lines in a room, and another read them. Who says them looks at the lobby afterwards. */
async function says(
  speaker: Person,
  reader: Person | undefined,
  { room, lines }: { room: string; lines: readonly string[] },
): Promise<void> {
  await speaker.types(`/join #${room}`);
  await speaker.readsUntil(new RegExp(`^You are in #${room}[.:]`));
  await speaker.catchesUp();
  for (const line of lines) await speaker.types(line);
  const last = lines.at(-1)!;
  await reader?.readsUntil(new RegExp(`${last}$`));
  await speaker.types(`/@ ${speaker.name} said`); // comes back when all before it is kept and told
  await speaker.readsUntil(`Private message to ${speaker.name}: said`);
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `line ${index + 1}`);
}

/** What is offered: room → how many messages. */
function offered(rooms: Readonly<Record<string, number>>): RegExp[] {
  return Object.entries(rooms).map(([room, count]) =>
    new RegExp(`^— ${count} new in #${room} since \\d\\d:\\d\\d; /missed shows them —$`)
  );
}

/** A line of today's past. */
function past(line: string): RegExp {
  return new RegExp(`^\\d\\d:\\d\\d ${line.replaceAll("*", "\\*")}$`);
}

/** Whether somebody who has come in is offered nothing; that one leaves. */
async function missesNothing(person: Person): Promise<void> {
  await person.types("/missed");
  const before = await person.readsUntil(NOTHING_MISSED);
  assert.deepEqual(before.filter((line) => line.startsWith("—")), []);
  await person.leaves();
}

function cameBack(server: RunningParley, name: string): Promise<Person> {
  return server.member(`/login ${name} correct horse`);
}
