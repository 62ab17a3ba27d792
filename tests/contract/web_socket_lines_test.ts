/** Several lines in one message of a WebSocket, for those who ask for it. */
import { strict as assert } from "node:assert";
import { type Bot, Bots, type Expected, ID, TIME } from "../support/bot.ts";
import { startServer } from "../support/start_server.ts";

const UNPACED = ["--rate=off", "--command-rate=off", "--byte-rate=off"];
const LINES = ["parley.lines"];

for (const door of ["wss", "ws"] as const) {
  Deno.test(`over ${door} all read the same in the same order, whether or not lines come together`, async () => {
    await using server = await startServer(...UNPACED);
    await using bots = new Bots(server);
    const together = await bots.connect(door, { protocols: LINES });
    const apart = await bots.connect(door);
    const others = await bots.connect(door, { protocols: ["chat", ...LINES] });
    for (const bot of [together, apart, others]) await bot.comesIn({ type: "guest", name: "bot" });
    for (const bot of [together, apart]) await bot.readsUntil(joined(others.name));
    const texts = Array.from({ length: 60 }, (_, count) => `line ${count}, with\ta tab and "quotes"`);
    await others.sends(...texts.map((text) => ({ type: "say", room: "lobby", text })));
    for (const bot of [together, apart]) {
      for (const text of texts) await bot.reads(said(others, text));
      await bot.hasReadAll();
    }
    assert.ok(together.messages <= apart.messages + 1, "a message has at least a line"); // it came in first
  });
}

Deno.test("what is told in one go is one message, where lines come together, and else a message a line", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const eve = await bots.connect("ws");
  await eve.comesIn({ type: "guest", name: "eve" });
  const texts = Array.from({ length: 20 }, (_, count) => `for later ${count}`);
  const counted: number[] = [];
  for (const [username, protocols] of [["ann", LINES], ["bob", []]] as [string, string[]][]) {
    await server.hasAccount(username);
    for (const text of texts) await eve.asks({ type: "direct", to: username, text });
    const reader = await bots.connect("ws", { protocols });
    await reader.comesIn({ type: "login", username, password: "correct horse" });
    for (const text of texts) assert.equal((await reader.reads()).text, text);
    counted.push(reader.messages);
    await eve.readsUntil(joined(username));
  }
  const [together, apart] = counted as [number, number];
  assert.ok(together <= 2 && apart === 21, `${together} and ${apart} messages`);
});

Deno.test("the last words and the reason come to those whose lines come together, too", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  const bot = await bots.connect("ws", { protocols: LINES });
  await bot.comesIn({ type: "guest", name: "bot" });
  await bot.sends({ type: "command", text: "/quit" });
  const { last, ending } = await bot.readsToTheEnd();
  assert.deepEqual([last.at(-1)?.text, ending.code, ending.reason], ["Goodbye.", 1000, "quit"]);
});

function joined(name: string): Expected {
  return { type: "joined", room: "lobby", name, at: TIME };
}

function said({ name }: Bot, text: string): Expected {
  return { type: "message", id: ID, room: "lobby", from: name, text, action: false, at: TIME };
}
