import { strict as assert } from "node:assert";
import { type Bot, Bots, type Expected, ID, type Received, TIME } from "../support/bot.ts";
import { startServer } from "../support/start_server.ts";

const UNPACED = ["--rate=off", "--command-rate=off", "--byte-rate=off"];
const ACK = { type: "ack", id: ID };

Deno.test("what happens is told in exactly these shapes, by every door", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const readers = await bots.guests("tls", "plain", "wss", "ws");
  await server.hasAccount("ann");
  await server.hasRole("ann", "moderator");
  const ann = await bots.member("ann");
  for (const bot of readers) await bot.reads(passage("joined", "ann", "lobby"));
  for (const bot of readers) {
    await bot.asks({ type: "join", room: "den" });
    for (const other of readers.slice(0, readers.indexOf(bot))) {
      await other.reads(passage("joined", bot.name, "den"));
    }
  }
  await ann.asks({ type: "join", room: "den" });
  const { id } = await ann.asks({ type: "say", room: "den", text: "hi" }, ACK);
  await ann.asks({ type: "say", room: "lobby", text: "waves", action: true }, ACK);
  const told: [request: object, event: Expected][] = [
    [{ type: "command", text: "/topic Roses", room: "den" }, {
      type: "topic",
      room: "den",
      topic: "Roses",
      by: "ann",
      at: TIME,
    }],
    [{ type: "command", text: "/quiet on" }, {
      type: "notice",
      room: "den",
      text: "the room is quiet now: its staff speaks, others read.",
    }],
    [{ type: "delete", room: "den", id }, { type: "deleted", room: "den", id, by: "ann", at: TIME }],
    [{ type: "command", text: "/announce Tea." }, { type: "notice", text: "Announcement: Tea." }],
    [{ type: "command", text: "/name anna" }, { type: "renamed", from: "ann", to: "anna", at: TIME }],
  ];
  for (const [request, event] of told) {
    await ann.sends(request);
    await ann.readsInTurn(event, { type: "ack" });
  }
  for (const bot of readers) {
    await ann.asks({ type: "direct", to: bot.name, text: "psst" }, ACK);
    await bot.readsInTurn(
      passage("joined", "ann", "den"),
      { ...message("ann", "den", "hi"), id },
      { ...message("ann", "lobby", "waves"), action: true },
      ...told.map(([, event]) => event),
      direct("anna", bot.name, "psst"),
    );
  }
  await ann.asks({ type: "leave", room: "den" }, { type: "ack", note: "You have left #den." });
  await ann.vanishes();
  for (const bot of readers) {
    await bot.readsInTurn(passage("left", "anna", "den", "quit"), passage("left", "anna", "lobby", "quit"));
    await bot.hasReadAll();
  }
});

Deno.test("an id is of the time that it is told with, and rises", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann, bob] = await bots.guests("ann", "bob");
  let last = "";
  for (let count = 0; count < 50; count++) {
    const { id } = await ann.asks({ type: "say", room: "lobby", text: `${count}` }, ACK);
    const told = await bob.reads();
    assert.deepEqual([told.id, told.at], [id, new Date(msOf(id!)).toISOString()]);
    assert.ok(id! > last, `${id} after ${last}`);
    last = id!;
  }
});

Deno.test("all see the messages of a room in one order, which is that of their ids and of its history", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const names = Array.from({ length: 12 }, (_, index) => `bot${String.fromCharCode(97 + index)}`);
  const all = await bots.guests(...names);
  const each = 40;
  const texts = Array.from({ length: each }, (_, index) => `${index}`);
  await Promise.all(
    all.map((bot) => bot.sends(...texts.map((text) => ({ type: "say", room: "lobby", text, ref: text })))),
  );
  const read = await Promise.all(all.map((bot) => readsMany(bot, all.length * each)));
  const { messages } = await all[0]!.asks({ type: "history", room: "lobby", limit: 1_000 });
  assert.equal(messages!.length, all.length * each);
  for (const [index, bot] of all.entries()) {
    const acks = read[index]!.filter(({ type }) => type === "ack");
    assert.deepEqual(acks.map(({ ref }) => ref), texts);
    const own = messages!.filter(({ from }) => from === bot.name);
    assert.deepEqual(own.map(({ id, text }) => [id, text]), acks.map(({ id, ref }) => [id, ref]));
    const others = messages!.filter(({ from }) => from !== bot.name);
    assert.deepEqual(read[index]!.filter(({ type }) => type === "message"), others);
  }
  assert.deepEqual(messages!.map(({ id }) => id!), messages!.map(({ id }) => id!).toSorted());
});

Deno.test("what is acknowledged can be read by everybody at once", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann, bob] = await bots.guests("ann", "bob");
  for (let count = 0; count < 100; count++) {
    const { id } = await ann.asks({ type: "say", room: "lobby", text: `${count}` }, ACK);
    await bob.reads();
    const { messages } = await bob.asks({ type: "history", room: "lobby", limit: 1 });
    assert.equal(messages![0]!.id, id);
  }
});

Deno.test("an account with three connections in three modes is one person", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  await server.hasAccount("ann");
  const [bob] = await bots.guests("bob");
  const text = await server.connect("tls");
  await text.readsUpTo("Enter your username: ");
  await text.types("/login ann correct horse");
  await text.isWelcomed();
  await bob.reads(passage("joined", "ann", "lobby")); // once
  const raw = await bots.member("ann", "plain");
  const web = await bots.member("ann", "wss");
  for (const by of ["netcat", "Deno"]) await text.readsOfLogin(by);
  await raw.reads({ type: "notice", text: "New login from 127.0.0.1 by Deno." });

  // private messages reach all, but for the one that wrote
  await bob.asks({ type: "direct", to: "ann", text: "psst" }, ACK);
  await text.reads(`Private message from ${bob.name}: psst`);
  for (const own of [raw, web]) await own.reads(direct(bob.name, "ann", "psst"));
  await raw.asks({ type: "direct", to: bob.name, text: "what?" }, ACK);
  await text.reads(`Private message to ${bob.name}: what?`);
  await web.reads(direct("ann", bob.name, "what?"));
  await text.asks("/r that", `Private message to ${bob.name}: that`);
  for (const own of [raw, web]) await own.reads(direct("ann", bob.name, "that"));
  await bob.readsInTurn(direct("ann", bob.name, "what?"), direct("ann", bob.name, "that"));

  // what one says, the others see
  await text.types("from text");
  for (const other of [raw, web, bob]) await other.reads(message("ann", "lobby", "from text"));
  await web.asks({ type: "say", room: "lobby", text: "from the web" }, ACK);
  await text.reads("ann: from the web");
  for (const other of [raw, bob]) await other.reads(message("ann", "lobby", "from the web"));

  // where one goes, the others go
  const made = { topic: "", private: false, quiet: false, staff: true };
  await raw.asks({ type: "join", room: "den" }, { type: "roster", room: "den", names: ["ann"], ...made });
  await web.reads(passage("joined", "ann", "den"));
  await text.reads("ann has joined #den.");
  await web.asks({ type: "say", room: "den", text: "in here" }, ACK);
  await text.reads("#den ann: in here");
  await raw.reads(message("ann", "den", "in here"));
  await text.asks("/leave #den", "You have left #den.");
  for (const own of [raw, web]) {
    await own.reads(passage("left", "ann", "den", "quit"));
    await own.isRefused({ type: "say", room: "den", text: "still?" }, "not_in_room");
  }
  await web.sends({ type: "command", text: "/name anna" });
  await text.reads("ann is now called anna.");
  for (const bot of [web, raw, bob]) await bot.reads({ type: "renamed", from: "ann", to: "anna", at: TIME });
  await web.reads({ type: "ack" });

  // it leaves with the last
  await text.leaves();
  await raw.vanishes();
  await web.asks({ type: "say", room: "lobby", text: "alone" }, ACK);
  await bob.reads(message("anna", "lobby", "alone")); // and no departure before it
  await web.vanishes();
  await bob.reads(passage("left", "anna", "lobby", "quit"));
  await bob.hasReadAll();
});

Deno.test("who comes online or goes off is told of in each room, and once to each", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  await server.hasAccount("ann");
  const [bob, carl] = await bots.guests("bob", "carl");
  const ann = await bots.member("ann");
  for (const bot of [bob, carl]) await bot.reads();
  for (const room of ["den", "hut"]) await ann.asks({ type: "join", room });
  await bob.asks({ type: "join", room: "den" }, {
    type: "roster",
    room: "den",
    names: ["ann", bob.name],
    topic: "",
    private: false,
    quiet: false,
    staff: false,
  });
  await ann.reads();
  await ann.vanishes();
  await bob.readsInTurn(passage("left", "ann", "den", "quit"), passage("left", "ann", "lobby", "quit"));
  await carl.reads(passage("left", "ann", "lobby", "quit"));
  const again = await bots.connect("ws");
  const welcome = await again.comesIn({ type: "login", username: "ann", password: "correct horse" });
  assert.deepEqual(welcome.rooms, ["lobby", "den", "hut"]);
  await bob.readsInTurn(passage("joined", "ann", "lobby"), passage("joined", "ann", "den"));
  await carl.reads(passage("joined", "ann", "lobby"));
  for (const bot of [again, bob, carl]) await bot.hasReadAll();
});

Deno.test("a mute, a kick, a ban and an announcement, as programs see them", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  for (const name of ["eve", "zoe"]) await server.hasAccount(name);
  await server.hasRole("eve", "moderator");
  const [bob, carl] = await bots.guests("bob", "carl");
  const eve = await bots.member("eve", "wss");
  const zoe = await bots.member("zoe", "ws");
  for (const bot of [eve, bob, carl, zoe]) {
    await bot.catchesUp();
    await bot.asks({ type: "join", room: "den" });
  }
  for (const bot of [eve, bob, carl]) await bot.catchesUp();
  const command = (text: string, room = "lobby") => eve.asks({ type: "command", text, room });

  assert.match((await command(`/mute ${bob.name} 10m noise`)).text!, /^bob\d{4} is muted until .+ UTC\.$/);
  await bob.reads({ type: "notice", text: /^You were muted by eve until .+ UTC: noise$/ });
  for (const request of [{ type: "say", room: "lobby" }, { type: "direct", to: "zoe" }]) {
    const { retry_after_seconds: seconds } = await bob.isRefused({ ...request, text: "hi" }, "muted");
    assert.ok(Number(seconds) > 590 && Number(seconds) <= 600, String(seconds));
  }
  await command(`/unmute ${bob.name}`);
  await bob.asks({ type: "say", room: "lobby", text: "hi" }, ACK);
  for (const bot of [carl, eve, zoe]) await bot.reads(message(bob.name, "lobby", "hi"));

  await eve.sends({ type: "command", text: `/kick ${bob.name} shoo`, room: "den" });
  await eve.readsInTurn(passage("left", bob.name, "den", "kicked"), {
    type: "notice",
    text: `${bob.name} was kicked.`,
  });
  await bob.readsInTurn(
    { type: "notice", text: "You were kicked from #den by eve: shoo" },
    passage("left", bob.name, "den", "kicked"),
  );
  await bob.isRefused({ type: "say", room: "den", text: "hi" }, "not_in_room");
  for (const bot of [carl, zoe]) await bot.reads(passage("left", bob.name, "den", "kicked"));

  await eve.sends({ type: "command", text: "/kick zoe", room: "lobby" });
  await eve.readsUntil(passage("left", "zoe", "lobby", "kicked"));
  await eve.catchesUp();
  const { last, ending } = await zoe.readsToTheEnd();
  assert.deepEqual(last, [{ type: "notice", text: "You were kicked by eve." }]);
  assert.deepEqual(ending, { code: 1008, reason: "kicked" });
  await carl.readsInTurn(passage("left", "zoe", "den", "kicked"), passage("left", "zoe", "lobby", "kicked"));
  await bob.reads(passage("left", "zoe", "lobby", "kicked"));

  await eve.sends({ type: "command", text: "/announce Tea." });
  for (const bot of [eve, bob, carl]) await bot.reads({ type: "notice", text: "Announcement: Tea." });

  await eve.reads({ type: "ack" });
  await eve.sends({ type: "command", text: `/ban ${carl.name} 1d` });
  const words = (await carl.readsToTheEnd()).last.map(({ type, text }) => `${type} ${text}`);
  assert.match(words.join(), /^notice You were banned by eve until .+ UTC\.$/);
});

function passage(type: "joined" | "left", name: string, room: string, reason?: string): Expected {
  return { type, room, name, at: TIME, reason };
}

function message(from: string, room: string, text: string): Expected {
  return { type: "message", id: ID, room, from, text, action: false, at: TIME };
}

function direct(from: string, to: string, text: string): Expected {
  return { type: "direct", id: ID, from, to, text, at: TIME };
}

async function readsMany(bot: Bot, count: number): Promise<Received[]> {
  const read: Received[] = [];
  while (read.length < count) read.push(await bot.reads());
  return read;
}

/** The time that a ULID begins with. */
function msOf(id: string): number {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return [...id.slice(0, 10)].reduce((ms, character) => ms * 32 + digits.indexOf(character), 0);
}
