import { deepEqual, equal, fail, match, notEqual } from "node:assert/strict";
import type { ChatEvent, Direct, Message } from "../../../server/chat/event.ts";
import {
  answerLines,
  changedView,
  PLAIN_VIEW,
  TextOutput,
  waitingLines,
  welcomeLines,
} from "../../../server/wire/text_output.ts";
import { quoted } from "../../support/quoted.ts";

const at = new Date("2026-02-03T04:05:06.789Z");
const message: Message = {
  type: "message",
  id: "1",
  room: "lobby",
  from: "ann",
  text: "hi",
  action: false,
  at,
};
const direct: Direct = { type: "direct", id: "2", from: "ann", to: "bob", text: "psst", at };

/** In a test of its own: what happened, how the reader looks at it, and what the reader reads. */
const LINES: [event: ChatEvent, look: Parameters<typeof changedView>[1], line: string][] = [
  [message, {}, "ann: hi\n"],
  [{ ...message, room: "garden" }, {}, "#garden ann: hi\n"],
  [message, { roomFirst: true }, "#lobby ann: hi\n"],
  [message, { timestamps: true }, "04:05 ann: hi\n"],
  [message, { timestamps: true, roomFirst: true }, "04:05 #lobby ann: hi\n"],
  [{ ...message, action: true, text: "waves" }, {}, "* ann waves\n"],
  [{ ...message, action: true, text: "waves" }, { roomFirst: true }, "#lobby * ann waves\n"],
  [{ type: "joined", room: "lobby", name: "ann", at }, {}, "ann has joined the chat.\n"],
  [{ type: "joined", room: "garden", name: "ann", at }, {}, "ann has joined #garden.\n"],
  [
    { type: "joined", room: "lobby", name: "ann", at },
    { timestamps: true },
    "04:05 ann has joined the chat.\n",
  ],
  [{ type: "left", room: "lobby", name: "ann", reason: "quit", at }, {}, "ann has left the chat.\n"],
  [{ type: "left", room: "garden", name: "ann", reason: "too slow", at }, {}, "ann has left #garden.\n"],
  [{ type: "renamed", from: "ann", to: "anna", at }, {}, "ann is now called anna.\n"],
  [{ type: "announced", text: "Tea.", at }, {}, "Announcement: Tea.\n"],
];

for (const [event, look, line] of LINES) {
  Deno.test(`${event.type}, looked at with ${quoted(Object.keys(look).join(" "))}, is ${quoted(line)}`, () => {
    equal(read(new TextOutput().render(event, changedView(PLAIN_VIEW, look), { name: "eve" })), line);
  });
}

for (
  const [reader, lines] of [
    ["bob", "Private message from ann: psst\n"],
    ["ann", "Private message to bob: psst\n"],
  ] as const
) {
  Deno.test(`a private message from ann to bob reads ${quoted(lines)} to ${reader}`, () => {
    equal(read(new TextOutput().render(direct, PLAIN_VIEW, { name: reader })), lines);
  });
}

Deno.test("who writes to oneself reads both that it came and that it went", () => {
  const note = { ...direct, to: "ann" };
  equal(
    read(new TextOutput().render(note, PLAIN_VIEW, { name: "ann" })),
    "Private message from ann: psst\nPrivate message to ann: psst\n",
  );
});

Deno.test("readers who look alike get the same bytes, others their own", () => {
  const output = new TextOutput();
  const timed = changedView(PLAIN_VIEW, { timestamps: true });
  const first = output.render(message, PLAIN_VIEW, { name: "bob" });
  const inTime = output.render(message, timed, { name: "carl" });
  notEqual(read(inTime), read(first));
  equal(output.render(message, PLAIN_VIEW, { name: "dora" }), first);
  equal(output.render(message, changedView(timed, { timestamps: false }), { name: "eve" }), first);
});

Deno.test("what is rendered is the event in hand, whatever was rendered before", () => {
  const output = new TextOutput();
  const next = { ...message, text: "ho" };
  const lines = [message, next, direct, message, next].map((event) =>
    read(output.render(event, PLAIN_VIEW, { name: "bob" }))
  );
  deepEqual(lines, ["ann: hi\n", "ann: ho\n", "Private message from ann: psst\n", "ann: hi\n", "ann: ho\n"]);
});

Deno.test("names alone are coloured, each always alike", () => {
  const coloured = changedView(PLAIN_VIEW, { color: true });
  const render = (event: ChatEvent) => {
    const line = read(new TextOutput().render(event, coloured, { name: "ann" }));
    return line.replaceAll("\x1b", "ESC");
  };
  const [, ann] = /^(ESC\[3[1-6]mannESC\[0m): hi\n$/.exec(render(message)) ?? fail(render(message));
  equal(render({ ...message, action: true }), `* ${ann} hi\n`);
  equal(render({ ...message, text: "ann" }), `${ann}: ann\n`);
  match(render(direct), /^Private message to ESC\[3\dmbobESC\[0m: psst\n$/);
});

Deno.test("the welcome shows who is online and what was said last", () => {
  const recent = [message, { ...message, action: true, text: "waves" }];
  equal(
    welcomeLines({ name: "bob", names: ["ann", "bob"], recent }, PLAIN_VIEW),
    "Hello bob! You are now connected.\n" +
      "Type to talk to everyone in #lobby. Commands: /u who is online, /@ <name> <message> privately, /help, .exit\n" +
      "Users currently online (2): ann, bob\n" +
      "ann: hi\n" +
      "* ann waves",
  );
});

Deno.test("what waited is counted and shown in order", () => {
  equal(
    waitingLines([direct, { ...direct, from: "eve", text: "hello" }], PLAIN_VIEW),
    "You have 2 private messages from while you were away:\n" +
      "Private message from ann: psst\n" +
      "Private message from eve: hello",
  );
});

Deno.test("a roster names its room unless it is the lobby", () => {
  const names = ["ann", "bob"];
  equal(answerLines({ type: "roster", room: "lobby", names }), "Users currently online (2): ann, bob");
  equal(answerLines({ type: "roster", room: "garden", names }), "Users in #garden (2): ann, bob");
});

function read(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
