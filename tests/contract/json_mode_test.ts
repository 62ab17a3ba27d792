import { strict as assert } from "node:assert";
import fc from "fast-check";
import { type Bot, Bots, DOORS, type Expected, ID, TIME } from "../support/bot.ts";
import { startServer } from "../support/start_server.ts";

const UNPACED = ["--rate=off", "--command-rate=off", "--byte-rate=off"];
const ACK = { type: "ack", id: ID };
const AWAY = "away is offline and will get it on return.";
const FOR_TEXT_MODE = "This command asks questions, which is for text mode only.";
const NOT_EMPTY = "be a text that is not empty";
const ONE_WORD = "be a text without spaces that is not empty";

for (const door of DOORS) {
  Deno.test(`over ${door} every request has its answer`, async () => {
    await using server = await startServer(...UNPACED);
    await using bots = new Bots(server);
    for (const name of ["ann", "away"]) await server.hasAccount(name);
    const ann = await bots.member("ann", door);
    const inGarden = { type: "roster", room: "garden", names: ["ann"] };
    const asMade = { topic: "", private: false, quiet: false, staff: true };
    const inLobby = { type: "roster", room: "lobby", names: ["ann"] };
    const hi = { ...from(ann), text: "hi" };
    const waves = { ...from(ann), text: "waves", action: true };
    const psst = { type: "direct", id: ID, from: "ann", to: "away", text: "psst", at: TIME };
    const room = { topic: "", present: 1, private: false, quiet: false };
    const requests: [request: object, answer: Expected][] = [
      [{ type: "ping" }, { type: "pong" }],
      [{ type: "say", room: "lobby", text: "hi" }, ACK],
      [{ type: "say", room: "#Lobby", text: "waves", action: true }, ACK],
      [{ type: "join", room: "garden" }, { ...inGarden, ...asMade }],
      [{ type: "join", room: "#GARDEN" }, { ...inGarden, ...asMade }], // again
      [{ type: "who", room: "garden" }, inGarden],
      [{ type: "who" }, inLobby],
      [{ type: "rooms" }, {
        type: "rooms",
        rooms: [{ name: "lobby", ...room }, { name: "garden", ...room }],
      }],
      [{ type: "direct", to: "away", text: "psst" }, { ...ACK, note: AWAY }],
      [{ type: "history", room: "lobby" }, {
        type: "history",
        room: "lobby",
        messages: [hi, waves],
        more: false,
      }],
      [{ type: "history", room: "lobby", limit: 1 }, {
        type: "history",
        room: "lobby",
        messages: [waves],
        more: true,
      }],
      [{ type: "history", with: "away" }, { type: "history", with: "away", messages: [psst], more: false }],
      [{ type: "conversations" }, {
        type: "conversations",
        conversations: [{ with: "away", last: psst }],
      }],
      [{ type: "command", text: "/ignore away" }, {
        type: "notice",
        text: "You no longer see what away says. /unignore away takes it back.",
      }],
      [{ type: "ignored" }, { type: "ignored", names: ["away"] }],
      [{ type: "command", text: "/ignore" }, { type: "ignored", names: ["away"] }],
      [{ type: "command", text: "/topic", room: "garden" }, {
        type: "notice",
        text: "#garden has no topic.",
      }],
      [{ type: "command", text: "/timestamps on" }, { type: "notice", text: "Timestamps are on (UTC)." }],
      [{ type: "command", text: "/u" }, inLobby],
      [{ type: "command", text: "/me waves", room: "garden" }, ACK],
      [{ type: "command", text: "/@ away psst" }, { ...ACK, note: AWAY }],
      [{ type: "leave", room: "garden" }, { type: "ack", note: "You have left #garden." }],
      [{ type: "command", text: "/exit" }, { type: "ack" }],
    ];
    for (const [request, answer] of requests) await ann.asks({ ...request, unknown: [null] }, answer);
    assert.deepEqual((await ann.readsToTheEnd()).last, [{ type: "notice", text: "Goodbye." }]);
  });
}

Deno.test("what is not as it must be is refused, with its ref, and nothing is done", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann, bob] = await bots.guests("ann", "bob");
  const refused: [request: object, code: string, text: string][] = [
    [{ type: "say", room: "lobby" }, "bad_request", mustBe("text", NOT_EMPTY)],
    [{ type: "say", room: "lobby", text: 5 }, "bad_request", mustBe("text", NOT_EMPTY)],
    [{ type: "say", room: "lobby", text: " \t " }, "bad_request", mustBe("text", NOT_EMPTY)],
    [{ type: "say", room: "lobby", text: "\u0007\u202e\n" }, "bad_request", mustBe("text", NOT_EMPTY)],
    [
      { type: "say", room: "lobby", text: "hi", action: 1 },
      "bad_request",
      mustBe("action", "be true or false"),
    ],
    [{ type: "say", text: "hi" }, "bad_request", mustBe("room", "be given")],
    [{ type: "say", room: null, text: "hi" }, "bad_request", mustBe("room", "be the name of a room")],
    [{ type: "say", room: ["lobby"], text: "hi" }, "bad_request", mustBe("room", "be the name of a room")],
    [
      { type: "say", room: "", text: "hi" },
      "bad_room_name",
      "Rooms are # and 1 to 32 letters, digits, _ - or .",
    ],
    [
      { type: "say", room: "a b", text: "hi" },
      "bad_room_name",
      "Rooms are # and 1 to 32 letters, digits, _ - or .",
    ],
    [{ type: "say", room: "nowhere", text: "hi" }, "no_such_room", "There is no room #nowhere."],
    [{ type: "direct", text: "hi" }, "bad_request", mustBe("to", ONE_WORD)],
    [{ type: "direct", to: "a b", text: "hi" }, "bad_request", mustBe("to", ONE_WORD)],
    [{ type: "direct", to: bob.name }, "bad_request", mustBe("text", NOT_EMPTY)],
    [{ type: "direct", to: "nobody", text: "hi" }, "user_not_found", "User nobody not found."],
    [{ type: "join" }, "bad_request", mustBe("room", "be given")],
    [{ type: "join", room: 5 }, "bad_request", mustBe("room", "be the name of a room")],
    [{ type: "join", room: "##" }, "bad_room_name", "Rooms are # and 1 to 32 letters, digits, _ - or ."],
    [{ type: "leave" }, "bad_request", mustBe("room", "be given")],
    [{ type: "leave", room: "nowhere" }, "not_in_room", "You are not in #nowhere. /join #nowhere first."],
    [
      { type: "leave", room: "lobby" },
      "cannot_leave_lobby",
      "You cannot leave #lobby; .exit leaves the chat.",
    ],
    [{ type: "who", room: "nowhere" }, "no_such_room", "There is no room #nowhere."],
    [{ type: "who", room: {} }, "bad_request", mustBe("room", "be the name of a room")],
    [{ type: "history" }, "bad_request", mustBe("room", "be given")],
    [{ type: "history", room: "nowhere" }, "no_such_room", "There is no room #nowhere."],
    [{ type: "history", with: "nobody" }, "user_not_found", "User nobody not found."],
    [
      { type: "history", room: "lobby", after: "x" },
      "bad_request",
      mustBe("after", "be the id of a message"),
    ],
    [
      { type: "history", room: "lobby", before: 5 },
      "bad_request",
      mustBe("before", "be the id of a message"),
    ],
    ...[0, -1, 1.5, "10", null].map((limit): [object, string, string] => [
      { type: "history", room: "lobby", limit },
      "bad_request",
      mustBe("limit", "be a whole number from 1 to 1000"),
    ]),
    [{ type: "search" }, "bad_request", mustBe("words", NOT_EMPTY)],
    [{ type: "delete", room: "lobby", id: `01${"0".repeat(24)}` }, "may_not", "You may not do that."],
    [{ type: "delete", room: "lobby" }, "bad_request", mustBe("id", "be given")],
    [{ type: "command" }, "bad_request", mustBe("text", NOT_EMPTY)],
    [{ type: "command", text: "hello" }, "bad_usage", "Use: /command /<command>"],
    [{ type: "command", text: "/command /command" }, "bad_usage", "Use: /command /<command>"],
    [{ type: "command", text: "/dance" }, "unknown_command", "Unknown command /dance. Type /help."],
    [{ type: "command", text: "/topic", room: "nowhere" }, "no_such_room", "There is no room #nowhere."],
    [{ type: "command", text: "/signup ann" }, "for_text_mode", FOR_TEXT_MODE],
    [{ type: "command", text: "/announce hi" }, "may_not", "You may not do that."],
    [{ type: "command", text: "/tokens" }, "guests_cannot", "Guests cannot do that. /signup first."],
  ];
  for (const [request, code, text] of refused) await ann.isRefused(request, code, text);
  for (const type of ["dance", "toString", "__proto__", "welcome", "auth", "Say", ""]) {
    const { text } = await ann.isRefused({ type }, "unknown_type");
    assert.ok(text!.startsWith(`Unknown type "${type}". `), text);
  }
  const { text } = await ann.isRefused({ type: "\u202e\u0007" + "x".repeat(100) }, "unknown_type");
  assert.ok(text!.startsWith(`Unknown type "${"x".repeat(31)}…". `), text);
  await ann.asks({ type: "say", room: "lobby", text: "that was all" }, ACK);
  await bob.reads({ ...from(ann), text: "that was all" });
});

Deno.test("lines that are no object with a type are refused one by one", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann, bob] = await bots.guests("ann", "bob"); // over TLS and plainly
  const carl = await bots.connect("ws");
  await carl.comesIn({ type: "guest", name: "carl" });
  for (const other of [ann, bob]) await other.reads();
  const lines = [
    ...[
      "hello",
      "null",
      "5",
      '"say"',
      "true",
      "[]",
      '[{"type":"ping"}]',
      "{}",
      "{",
      '{"type":"ping"',
      "undefined",
    ],
    ...['{"type":null}', '{"type":["ping"]}', "{'type':'ping'}", '{"type":"ping",}', '\ufeff{"type":"ping"}'],
    ...['{"type":"ping"}{"type":"ping"}', "/help", ".exit", "[".repeat(16_000), '{"a":'.repeat(3_000)],
  ];
  for (const bot of [ann, bob, carl]) {
    for (const line of lines) {
      await bot.sends(line);
      await bot.reads({ type: "error", code: "bad_json", text: 'This is not a JSON object with a "type".' });
    }
    await bot.sends("", "  ", "\t"); // lines without anything are nothing
    await bot.sends('{"type":"dance","ref":7,"type":"ping"}'); // the last of two counts
    await bot.reads({ type: "pong", ref: 7 });
    await bot.sends(` {"type" : "ping", "a": ${"[".repeat(5_000)}${"]".repeat(5_000)}} `);
    await bot.reads({ type: "pong" });
  }
});

Deno.test("a ref is a text or a number and comes back as it was, on refusals too", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann] = await bots.guests("ann");
  const refs = ["", "x".repeat(256), "é😀\u202e\n\u0000", "7", 7, 0, -1.5, 1e300, 9007199254740991];
  for (const ref of refs) {
    await ann.sends({ type: "ping", ref }, { type: "dance", ref }, { type: 5, ref });
    await ann.sends({ type: "say", room: "lobby", text: "", ref });
    assert.equal((await ann.reads()).ref, ref);
    for (const code of ["unknown_type", "bad_json", "bad_request"]) {
      const { ref: returned, code: given } = await ann.reads();
      assert.deepEqual([returned, given], [ref, code]);
    }
  }
  for (const ref of [null, true, [], {}, "x".repeat(257)]) {
    await ann.sends({ type: "ping", ref });
    await ann.reads({
      type: "error",
      code: "bad_request",
      text: mustBe("ref", "be a string of at most 256 characters or a number"),
    });
  }
  await ann.sends('{"type":"ping","ref":1e999}');
  assert.equal((await ann.reads()).code, "bad_request");
});

Deno.test("a text of 4,096 bytes is said, however it is spelt, and one more is refused", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann, bob, carl] = await bots.guests("ann", "bob", "carl");
  const escaped = (text: string) =>
    text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const spellings = [(text: string) => text, escaped];
  for (const bot of [ann, carl]) { // over TLS and as a WebSocket
    for (const character of ["x", "é", "漢", "😀", '"', "\\"]) {
      const width = new TextEncoder().encode(character).length;
      const longest = "x".repeat(4_096 % width) + character.repeat(Math.floor(4_096 / width));
      for (const spelt of spellings) {
        const say = (text: string) => spelt(JSON.stringify({ type: "say", room: "lobby", text, ref: 1 }));
        await bot.sends(say(longest));
        await bot.reads({ ...ACK, ref: 1 });
        await bob.reads({ ...from(bot), text: longest });
        await bot.sends(say(`${longest}x`));
        await bot.reads({ type: "error", code: "line_too_long", text: /limit 4096 bytes/, ref: 1 });
      }
    }
    const other = bot === ann ? carl : ann;
    for (let count = 0; count < 12; count++) await other.reads();
    const direct = { type: "direct", to: bob.name };
    await bot.asks({ ...direct, text: "y".repeat(4_096) }, ACK);
    await bob.reads();
    await bot.isRefused({ ...direct, text: "y".repeat(4_097) }, "line_too_long");
    await bot.isRefused({ type: "command", text: `/me ${"y".repeat(4_097)}` }, "line_too_long");
  }
});

Deno.test("a line past any length is refused once, and the next is read", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  for (const bot of await bots.guests("ann", "bob", "carl", "dora")) {
    for (const bytes of [17_000, 70_000, 900_000]) {
      await bot.sends(JSON.stringify({ type: "say", room: "lobby", text: "x".repeat(bytes), ref: 1 }));
      await bot.reads({ type: "error", code: "line_too_long", text: /limit 4096 bytes/ });
    }
    await bot.hasReadAll();
  }
});

Deno.test("what would drive a terminal or break a line reaches nobody", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann] = await server.guests("ann");
  const bob = await bots.connect();
  await bob.comesIn({ type: "guest", name: "bob" });
  const eve = await bots.connect("ws");
  await eve.comesIn({ type: "guest", name: "eve" });
  await ann.readsInTurn(`${bob.name} has joined the chat.`, `${eve.name} has joined the chat.`);
  await bob.reads();
  const texts: [sent: string, read: string][] = [
    ["a\x1b[31mb\x07\x00\x7f\x9bc", "a[31mbc"],
    ["a\nb\r\nc\rd", "a b c d"],
    ["a\tb", "a\tb"],
    ["a\u202eb\u2066c\u200fd\u2028e", "abcde"],
    ["a\ud800b", "a\ufffdb"],
    ["\\u001b \\n", "\\u001b \\n"],
    ["  a  ", "  a  "],
    ["/help", "/help"],
    ['{"type":"ping"}', '{"type":"ping"}'],
    ["e\u0301 \u200d👩‍👩‍👧", "e\u0301 \u200d👩‍👩‍👧"],
  ];
  for (const [sent, read] of texts) {
    await eve.asks({ type: "say", room: "lobby", text: sent }, ACK);
    await bob.reads({ ...from(eve), text: read });
    await ann.reads(`${eve.name}: ${read}`);
    await eve.asks({ type: "direct", to: bob.name, text: sent }, ACK);
    await bob.reads({ type: "direct", id: ID, from: eve.name, to: bob.name, text: read, at: TIME });
  }
});

/** A message that somebody says in the lobby, but for its text. */
function from({ name }: Bot): Expected {
  return { type: "message", id: ID, room: "lobby", from: name, action: false, at: TIME };
}

function mustBe(field: string, must: string): string {
  return `Field "${field}" must ${must}.`;
}

Deno.test("whatever programs send, every object is answered and nothing fails in the server", async () => {
  await using server = await startServer(...UNPACED);
  await using bots = new Bots(server);
  const [ann, bob] = await bots.guests("ann", "bob");
  const eve = await bots.connect("ws");
  await eve.comesIn({ type: "guest", name: "eve" });
  const words = [
    "lobby",
    "#den",
    "den",
    ann.name,
    bob.name,
    "admin",
    "",
    "../x",
    "/me",
    "/help",
    "/join #den",
    "constructor",
  ];
  const odd = fc.oneof(
    fc.constantFrom(...words),
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom(0, -1, 1e300, `01${"0".repeat(24)}`, true, null),
  );
  const types = [
    "say",
    "direct",
    "join",
    "leave",
    "who",
    "rooms",
    "history",
    "conversations",
    "search",
    "ignored",
    "delete",
    "command",
    "ping",
  ];
  const names = [
    "room",
    "text",
    "to",
    "with",
    "before",
    "after",
    "limit",
    "id",
    "words",
    "action",
    "__proto__",
  ];
  const request = fc.record({
    type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...types) }, { weight: 1, arbitrary: odd }),
    fields: fc.dictionary(fc.constantFrom(...names), odd),
  });
  for (const [index, { type, fields }] of fc.sample(request, 1_500).entries()) {
    const bot = [ann, bob, eve][index % 3]!;
    const text = JSON.stringify({ ...fields, type, ref: index });
    if (/exit|quit|logout/i.test(text)) continue;
    await bot.sends(text);
    let answer = await bot.reads();
    while (answer.ref !== index) answer = await bot.reads();
    assert.notEqual(answer.code, "defect", text);
  }
  assert.deepEqual(server.logged.filter((line) => /"level":"(error|warn)"/.test(line)), []);
});

Deno.test("what is no UTF-8 is replaced", async () => {
  await using server = await startServer();
  await using bots = new Bots(server);
  const bob = await bots.connect("wss");
  await bob.comesIn({ type: "guest", name: "bob" });
  const ann = await server.connect();
  await ann.comesInAs("ann");
  await bob.reads();
  await ann.types("/json");
  const say = [...new TextEncoder().encode('{"type":"say","room":"lobby","text":"a@b"}')];
  await ann.sends(new Uint8Array([...say.map((byte) => byte === 64 ? 0xff : byte), 10]));
  await bob.reads({
    type: "message",
    id: ID,
    room: "lobby",
    from: ann.name,
    text: "a\ufffdb",
    action: false,
    at: TIME,
  });
});
