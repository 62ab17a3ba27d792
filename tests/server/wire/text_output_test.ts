import {
  deepStrictEqual as deepEqual,
  fail,
  match,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import type { Answer, ChatEvent, Direct, Joined, Message, Passages } from "../../../server/chat/event.ts";
import { answerLines, type Reader, TextOutput, welcomeLines } from "../../../server/wire/text_output.ts";
import { changedView, PLAIN_VIEW } from "../../../server/wire/view.ts";
import { quoted } from "../../support/quoted.ts";

const at = new Date("2026-02-03T04:05:06.789Z");
const message: Message = {
  type: "message",
  id: "1",
  number: 7,
  room: "lobby",
  from: "ann",
  author: undefined,
  text: "hi",
  action: false,
  at,
};
const direct: Direct = {
  type: "direct",
  id: "2",
  from: "ann",
  to: "bob",
  fromKey: "key of ann",
  toKey: "key of bob",
  text: "psst",
  at,
};
const joined = { type: "joined", room: "lobby", name: "ann", passage: "presence", at } as const;
const left = { type: "left", room: "lobby", name: "ann", reason: "quit", passage: "presence", at } as const;

const topic = { type: "topic", room: "garden", topic: "weeds", by: "ann", at } as const;
const deleted = { type: "deleted", room: "garden", id: "1", number: 7, from: "ann", by: "mo", at } as const;

/** In a test of its own: what happened, how the reader looks at it, and what the reader reads. */
const LINES: [event: ChatEvent, look: Parameters<typeof changedView>[1], line: string][] = [
  [message, {}, "ann: hi\n"],
  [{ ...message, room: "garden" }, {}, "#garden ann: hi\n"],
  [message, { roomFirst: true }, "#lobby ann: hi\n"],
  [message, { timestamps: true }, "04:05 ann: hi\n"],
  [message, { ids: true }, "[7] ann: hi\n"],
  [{ ...message, room: "garden" }, { ids: true, timestamps: true }, "04:05 [7] #garden ann: hi\n"],
  [message, { timestamps: true, roomFirst: true }, "04:05 #lobby ann: hi\n"],
  [{ ...message, action: true, text: "waves" }, {}, "* ann waves\n"],
  [{ ...message, action: true, text: "waves" }, { roomFirst: true }, "#lobby * ann waves\n"],
  [joined, {}, "ann has joined the chat.\n"],
  [{ ...joined, passage: "door" }, {}, "ann has joined the chat.\n"],
  [{ ...joined, room: "garden", passage: "door" }, {}, "ann has joined #garden.\n"],
  [joined, { timestamps: true }, "04:05 ann has joined the chat.\n"],
  [left, {}, "ann has left the chat.\n"],
  [{ ...left, room: "garden", passage: "door", reason: "too slow" }, {}, "ann has left #garden.\n"],
  [{ type: "renamed", from: "ann", to: "anna", at }, {}, "ann is now called anna.\n"],
  [{ type: "announced", text: "Tea.", at }, {}, "Announcement: Tea.\n"],
  [topic, {}, "ann has set the topic of #garden: weeds\n"],
  [{ ...topic, topic: "" }, {}, "ann has taken away the topic of #garden.\n"],
  [deleted, {}, "mo has deleted a message of ann in #garden.\n"],
  [deleted, { ids: true }, "mo has deleted message 7 of ann in #garden.\n"],
  [
    { type: "noted", room: "garden", text: "everybody may speak now.", at },
    {},
    "#garden: everybody may speak now.\n",
  ],
  [{ type: "told", text: "bob invites you.", at }, { timestamps: true }, "04:05 bob invites you.\n"],
];

for (const [event, look, line] of LINES) {
  Deno.test(`${event.type}, looked at with ${quoted(Object.keys(look).join(" "))}, is ${quoted(line)}`, () => {
    equal(read(new TextOutput().render(event, changedView(PLAIN_VIEW, look), readerOf("eve"))), line);
  });
}

for (
  const [reader, lines] of [
    ["bob", "Private message from ann: psst\n"],
    ["ann", "Private message to bob: psst\n"],
  ] as const
) {
  Deno.test(`a private message from ann to bob reads ${quoted(lines)} to ${reader}`, () => {
    equal(read(new TextOutput().render(direct, PLAIN_VIEW, readerOf(reader))), lines);
  });
}

Deno.test("who writes to oneself reads both that it came and that it went", () => {
  const note = { ...direct, to: "ann", toKey: "key of ann" };
  equal(
    read(new TextOutput().render(note, PLAIN_VIEW, readerOf("ann"))),
    "Private message from ann: psst\nPrivate message to ann: psst\n",
  );
});

Deno.test("readers who look alike get the same bytes, others their own", () => {
  const output = new TextOutput();
  const timed = changedView(PLAIN_VIEW, { timestamps: true });
  const first = output.render(message, PLAIN_VIEW, readerOf("bob"));
  const inTime = output.render(message, timed, readerOf("carl"));
  notEqual(read(inTime), read(first));
  equal(output.render(message, PLAIN_VIEW, readerOf("dora")), first);
  equal(output.render(message, changedView(timed, { timestamps: false }), readerOf("eve")), first);
});

Deno.test("what is rendered is the event in hand, whatever was rendered before", () => {
  const output = new TextOutput();
  const next = { ...message, text: "ho" };
  const lines = [message, next, direct, message, next].map((event) =>
    read(output.render(event, PLAIN_VIEW, readerOf("bob")))
  );
  deepEqual(lines, ["ann: hi\n", "ann: ho\n", "Private message from ann: psst\n", "ann: hi\n", "ann: ho\n"]);
});

Deno.test("messages that are told together look as they do alone, to each who looks at them, and are rendered once", () => {
  const output = new TextOutput();
  const all = ["hi", "hé, Žofie", "bye"].map((text) => ({ ...message, text }));
  const told = (look: Parameters<typeof changedView>[1], reader: Reader, from = 0, to = all.length) =>
    output.render(
      { type: "messages", room: "lobby", all, from, to },
      changedView(PLAIN_VIEW, look),
      reader,
    );
  for (const look of [{}, { timestamps: true, color: true }, { ids: true }]) {
    for (const reader of [readerOf("bob"), readerOf("bob", "garden")]) {
      const alone = all.map((event) =>
        read(new TextOutput().render(event, changedView(PLAIN_VIEW, look), reader))
      );
      equal(read(told(look, reader)), alone.join(""));
      equal(read(told(look, reader, 1)), alone.slice(1).join(""));
      equal(read(told(look, reader, 1, 2)), alone[1]);
      equal(told(look, reader), told(look, { ...reader, key: "key of eve" }));
    }
  }
});

Deno.test("names alone are coloured, each always alike", () => {
  const coloured = changedView(PLAIN_VIEW, { color: true });
  const render = (event: ChatEvent) => {
    const line = read(new TextOutput().render(event, coloured, readerOf("ann")));
    return line.replaceAll("\x1b", "ESC");
  };
  const [, ann] = /^(ESC\[3[1-6]mannESC\[0m): hi\n$/.exec(render(message)) ?? fail(render(message));
  equal(render({ ...message, action: true }), `* ${ann} hi\n`);
  equal(render({ ...message, text: "ann" }), `${ann}: ann\n`);
  match(render(direct), /^Private message to ESC\[3\dmbobESC\[0m: psst\n$/);
});

Deno.test("the welcome shows who is online, the message of the day if there is one, and what was said last", () => {
  const arrival = {
    name: "bob",
    roster: rosterOf(["ann", "bob"]),
    recent: [message, { ...message, text: "bye" }],
  };
  const hello = [
    "Hello bob! You are now connected.",
    "Type to talk to everyone in #lobby. Commands: /u who is online, /@ <name> <message> privately, /help, .exit",
    "Users currently online (2): ann, bob",
  ];
  const lines = (motd: string) => welcomeLines({ ...arrival, motd }, PLAIN_VIEW).split("\n");
  deepEqual(lines(""), [...hello, "ann: hi", "ann: bye"]);
  deepEqual(lines("Tea\nat five."), [...hello, "Tea", "at five.", "ann: hi", "ann: bye"]);
});

Deno.test("who comes into a full house, or a full room, is shown some names and how to see all", () => {
  const names = Array.from({ length: 201 }, (_, index) => `ann${index}`);
  const some = `Users currently online (201): ${names.slice(0, 50).join(", ")} and 151 others; `;
  const welcome = (roster: readonly string[]) =>
    welcomeLines({ name: "bob", roster: rosterOf(roster), motd: "", recent: [] }, PLAIN_VIEW).split("\n");
  equal(welcome(names)[2], `${some}/u shows all`);
  equal(welcome(names.slice(1))[2], `Users currently online (200): ${names.slice(1).join(", ")}`);
  const entered = { type: "entered", room: "garden", topic: "", private: false, quiet: false } as const;
  const lines = (names: readonly string[]) => linesOf({ ...entered, names, staff: false, recent: [] });
  equal(lines(names), `You are in #garden.\n${some}/u #garden shows all`);
  equal(
    linesOf({ type: "roster", room: "garden", names }),
    `Users currently online (201): ${names.join(", ")}`,
  );
});

/** Who comes (`+`) and goes (`-`) while somebody reads, and what is read of it in a full room. */
const DIGESTS: [passages: string, lines: string][] = [
  ["+ann +bob", "2 people have joined the chat: ann and bob.\n"],
  ["+a1 +b1 +c1 +d1 +e1", "5 people have joined the chat: a1, b1, c1, d1 and e1.\n"],
  ["+a1 +b1 +c1 +d1 +e1 +f1", "6 people have joined the chat: a1, b1, c1, d1, e1 and 1 other.\n"],
  ["+a1 +b1 +c1 +d1 +e1 +f1 +g1", "7 people have joined the chat: a1, b1, c1, d1, e1 and 2 others.\n"],
  ["-ann -bob -carl", "3 people have left the chat: ann, bob and carl.\n"],
  ["+ann -bob", "ann has joined the chat.\nbob has left the chat.\n"],
  ["+ann -ann", ""],
  ["-ann +ann", ""],
  ["-ann +ann -ann", "ann has left the chat.\n"],
  ["+a1 +b1 +c1 -a1 +d1 +e1 +f1", "5 people have joined the chat: b1, c1, d1, e1 and f1.\n"],
  ["-ann +bob +ann +carl -bob", "carl has joined the chat.\n"],
];

for (const [passages, lines] of DIGESTS) {
  Deno.test(`in a full room ${passages} reads ${quoted(lines)}`, () => {
    const told = together(passages, { digested: true });
    equal(read(new TextOutput().render(told, PLAIN_VIEW, readerOf("eve"))), lines);
  });
}

Deno.test("who came while a digest was gathered reads of those who came later", () => {
  const output = new TextOutput();
  const told = together("+ann +bob +carl -ann", { digested: true });
  const lines = [0, 1, 2].map((from) => read(output.render({ ...told, from }, PLAIN_VIEW, readerOf("eve"))));
  deepEqual(lines, [
    "2 people have joined the chat: bob and carl.\n",
    "2 people have joined the chat: bob and carl.\nann has left the chat.\n",
    "carl has joined the chat.\nann has left the chat.\n",
  ]);
});

Deno.test("a digest is of the room that it is about, and looks as one looks at everything", () => {
  const render = (told: Passages, look: Parameters<typeof changedView>[1]) =>
    read(new TextOutput().render(told, changedView(PLAIN_VIEW, look), readerOf("eve")));
  const inGarden = { digested: true, room: "garden", passage: "door" } as const;
  equal(render(together("+ann +bob", inGarden), {}), "2 people have joined #garden: ann and bob.\n");
  equal(
    render(together("+ann +bob -carl", { digested: true }), { timestamps: true }),
    "04:05 2 people have joined the chat: ann and bob.\n04:05 carl has left the chat.\n",
  );
  const coloured = render(together("+ann +bob", inGarden), { color: true }).replaceAll("\x1b", "ESC");
  match(coloured, /^2 people have joined #garden: ESC\[3\dmannESC\[0m and ESC\[3\dmbobESC\[0m\.\n$/);
});

Deno.test("who comes online or goes off is in no digest of a room but the lobby", () => {
  const told = together("+ann +bob", { digested: true, room: "garden" });
  equal(new TextOutput().render(told, PLAIN_VIEW, readerOf("eve")), undefined);
});

Deno.test("those who are told together in a room that is not full have a line each", () => {
  const output = new TextOutput();
  const told = together("+ann -bob +carl", {});
  const lines = ["ann has joined the chat.\n", "bob has left the chat.\n", "carl has joined the chat.\n"];
  for (const from of [0, 1]) {
    equal(
      read(output.render({ ...told, from }, PLAIN_VIEW, readerOf("eve"))),
      lines.slice(from).join(""),
    );
  }
  equal(output.render(told, PLAIN_VIEW, readerOf("eve")), output.render(told, PLAIN_VIEW, readerOf("dora")));
  equal(output.render(together("+ann +bob", { room: "garden" }), PLAIN_VIEW, readerOf("eve")), undefined);
});

Deno.test("the room of a message is named unless one looks at it", () => {
  const output = new TextOutput();
  const inGarden = { ...message, room: "garden" };
  const seen = (event: ChatEvent, looksAt: string) =>
    read(output.render(event, PLAIN_VIEW, readerOf("eve", looksAt)));
  deepEqual(
    [seen(inGarden, "garden"), seen(inGarden, "lobby"), seen(inGarden, "garden")],
    ["ann: hi\n", "#garden ann: hi\n", "ann: hi\n"],
  );
  equal(seen(message, "garden"), "#lobby ann: hi\n");
});

Deno.test("of coming online and going people read once, whatever rooms somebody is in", () => {
  const rooms = ["lobby", "garden"];
  const lines = rooms.flatMap((room) => [{ ...joined, room }, { ...left, room }]).map((event) =>
    read(new TextOutput().render(event, PLAIN_VIEW, readerOf("eve")))
  );
  deepEqual(lines, ["ann has joined the chat.\n", "ann has left the chat.\n", "", ""]);
});

Deno.test("what waited is counted and shown in order", () => {
  equal(
    linesOf({ type: "waiting", directs: [direct, { ...direct, from: "eve", text: "hello" }], all: 2 }),
    "You have 2 private messages from while you were away:\n" +
      "Private message from ann: psst\n" +
      "Private message from eve: hello",
  );
});

Deno.test("the past is led by its times, and by its rooms where one looks elsewhere", () => {
  const today = new Date();
  today.setUTCHours(4, 5);
  const messages = [
    message,
    { ...message, at: today },
    { ...message, room: "garden", at: today, action: true },
    { ...direct, at: today },
  ];
  const answer = { type: "found", messages, more: true } as const;
  equal(
    linesOf(answer),
    "2026-02-03 04:05 ann: hi\n04:05 ann: hi\n04:05 #garden * ann hi\n04:05 Private message from ann: psst",
  );
  const view = changedView(PLAIN_VIEW, { timestamps: true, ids: true });
  equal(
    answerLines({ ...answer, messages: messages.slice(0, 1) }, view, readerOf("bob")),
    "2026-02-03 04:05 [7] ann: hi",
  );
  const history: Answer = { type: "history", room: "lobby", messages: [message], more: true };
  equal(answerLines(history, view, readerOf("bob")), "2026-02-03 04:05 [7] ann: hi");
});

Deno.test("a past without anything in it says so", () => {
  equal(linesOf({ type: "history", room: "lobby", messages: [], more: false }), "Nothing was said there.");
  equal(linesOf({ type: "found", messages: [], more: false }), "Nothing was found.");
  equal(linesOf({ type: "conversations", conversations: [] }), "You have written with nobody yet.");
});

Deno.test("what was missed is counted, room by room", () => {
  const since = new Date();
  since.setUTCHours(14, 2);
  const missed = { room: "lobby", count: 37, atLeast: false, after: "", since };
  equal(
    linesOf({ type: "missed", rooms: [missed, { ...missed, room: "garden", count: 1_000, atLeast: true }] }),
    "— 37 new in #lobby since 14:02; /missed shows them —\n" +
      "— 1000 or more new in #garden since 14:02; /missed shows them —",
  );
});

Deno.test("rooms are listed each with who is there and what it is about", () => {
  const room = { name: "lobby", topic: "", present: 3, private: false, quiet: false };
  equal(
    linesOf({
      type: "rooms",
      rooms: [
        room,
        { ...room, name: "garden", topic: "weeds", present: 0 },
        { ...room, name: "cellar", private: true, quiet: true },
      ],
    }),
    "Rooms (3):\n#lobby (3)\n#garden (0): weeds\n#cellar (3, private, quiet)",
  );
});

Deno.test("who enters a room reads its topic, who is there and what was said last", () => {
  const recent = [{ ...message, room: "garden" }];
  const names = ["ann", "bob"];
  const state = { private: false, quiet: false, staff: false };
  const entered = { type: "entered", room: "garden", topic: "weeds", names, ...state, recent } as const;
  const inGarden = readerOf("bob", "garden");
  equal(
    answerLines(entered, PLAIN_VIEW, inGarden),
    "You are in #garden: weeds\nUsers currently online (2): ann, bob\nann: hi",
  );
  equal(
    answerLines({ ...entered, topic: "", recent: [] }, PLAIN_VIEW, inGarden),
    "You are in #garden.\nUsers currently online (2): ann, bob",
  );
});

Deno.test("of each conversation one reads what was written last", () => {
  const said = { ...direct, at: new Date("2026-02-03T04:05:06.789Z") };
  const conversations = [{ with: "carl", last: { ...said, fromKey: "key of bob", to: "carl", toKey: "" } }, {
    with: "ann",
    last: said,
  }];
  equal(
    answerLines({ type: "conversations", conversations }, PLAIN_VIEW, readerOf("bob")),
    "2026-02-03 04:05 Private message to carl: psst\n2026-02-03 04:05 Private message from ann: psst",
  );
});

Deno.test("whom one ignores are counted and named", () => {
  equal(linesOf({ type: "ignored", names: [] }), "You ignore nobody.");
  equal(linesOf({ type: "ignored", names: ["ann", "eve"] }), "You ignore (2): ann, eve");
});

Deno.test("a roster counts and names", () => {
  const names = ["ann", "bob"];
  for (const room of ["lobby", "garden"]) {
    equal(linesOf({ type: "roster", room, names }), "Users currently online (2): ann, bob");
  }
});

Deno.test("what is kept is seen by itself, and only a note on it is read", () => {
  equal(linesOf({ type: "ack", id: "1" }), "");
  equal(linesOf({ type: "ack", id: "1", note: "bob is away." }), "bob is away.");
});

/** Comings (`+`) and goings (`-`) that are told together. */
function together(
  passages: string,
  { room = "lobby", passage = "presence", digested = false }: Partial<Passages & Pick<Joined, "passage">>,
): Passages {
  const all = passages.split(" ").map((word) => {
    const name = word.slice(1);
    return word.startsWith("+") ? { ...joined, room, name, passage } : { ...left, room, name, passage };
  });
  return { type: "passages", room, all, from: 0, digested, at };
}

/** Those who are online. */
function rosterOf(names: readonly string[]) {
  return { size: names.length, firstNames: (most: number) => names.slice(0, most) };
}

/** An answer as bob reads it who looks at the lobby. */
function linesOf(answer: Answer): string {
  return answerLines(answer, PLAIN_VIEW, readerOf("bob"));
}

function readerOf(name: string, looksAt = "lobby"): Reader {
  return { key: `key of ${name}`, looksAt };
}

/** "" where there is nothing to be read. */
function read(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
