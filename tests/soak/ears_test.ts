import { strict as assert } from "node:assert";
import { JsonEar, TextEar } from "./ears.ts";
import type { Said } from "./happening.ts";

const LISTENER = { connection: 1, person: "bob" };

/** Lines of text mode, to somebody who has come in and looks at the garden → what was said. */
const LINES: readonly { line: string; said: Said | undefined }[] = [
  { line: "ann: m1 hi", said: { number: 1, room: "garden", from: "ann", text: "m1 hi", action: false } },
  {
    line: "#lobby ann: m1 a: b",
    said: { number: 1, room: "lobby", from: "ann", text: "m1 a: b", action: false },
  },
  {
    line: "* ann m1 waves",
    said: { number: 1, room: "garden", from: "ann", text: "m1 waves", action: true },
  },
  {
    line: "#den * ann m1 waves",
    said: { number: 1, room: "den", from: "ann", text: "m1 waves", action: true },
  },
  { line: "Private message from ann: m1 hi", said: { number: 1, from: "ann", text: "m1 hi", action: false } },
  { line: "Private message to eve: m1 hi", said: { number: 1, to: "eve", text: "m1 hi", action: false } },
  { line: "ann has joined the chat.", said: undefined },
  { line: "Users currently online (2): ann, bob", said: undefined },
];

for (const { line, said } of LINES) {
  Deno.test(`somebody at a terminal understands ${JSON.stringify(line)}`, () => {
    const told = inGarden().hears(line).filter(({ type }) => type === "is told");
    assert.deepEqual(told, said === undefined ? [] : [{ type: "is told", connection: 1, said: said }]);
  });
}

Deno.test("somebody at a terminal knows what is past", () => {
  for (const time of ["17:05 ", "2026-02-03 17:05 "]) {
    const [, past] = inGarden().hears(`${time}#lobby ann: m1 hi`);
    const said = [{ number: 1, room: "lobby", from: "ann", text: "m1 hi", action: false }];
    assert.deepEqual(past, { type: "reads", person: "bob", said, askedAt: 0 });
  }
});

Deno.test("before somebody has come in nothing is taken for what was said", () => {
  assert.equal(new TextEar(LISTENER).hears("ann: m1 hi").length, 1);
});

Deno.test("whoever is refused at the door may be shown out", () => {
  const refused = [
    new TextEar(LISTENER).hears("Enter your username: You are banned from this server."),
    new JsonEar(LISTENER).hears(JSON.stringify({ type: "error", code: "banned", text: "You are banned." })),
  ];
  for (const [, happening] of refused) assert.deepEqual(happening, { type: "may end", connection: 1 });
  const ear = new JsonEar(LISTENER);
  ear.hears(JSON.stringify({ type: "welcome", name: "bob", rooms: ["lobby"] }));
  assert.equal(ear.hears(JSON.stringify({ type: "error", code: "not_stored", text: "No." })).length, 1);
});

Deno.test("whatever text an object holds is shown", () => {
  const evil = { type: "topic", room: "den", topic: "\x1b[2J", by: "ann" };
  const [shown] = new JsonEar(LISTENER).hears(JSON.stringify(evil));
  assert.ok(shown?.type === "is shown" && shown.text.includes("\x1b"));
});

Deno.test("a program understands what was said", () => {
  const message = { type: "direct", id: "01K", from: "ann", to: "bob", text: "m7 hi", at: "" };
  const [, told] = new JsonEar(LISTENER).hears(JSON.stringify(message));
  const said = {
    number: 7,
    id: "01K",
    room: undefined,
    from: "ann",
    to: "bob",
    text: "m7 hi",
    action: false,
  };
  assert.deepEqual(told, { type: "is told", connection: 1, said });
});

function inGarden(): TextEar {
  const ear = new TextEar(LISTENER);
  ear.hears("Enter your username: Hello bob! You are now connected.");
  ear.hears("You are in #garden: Roses");
  return ear;
}
