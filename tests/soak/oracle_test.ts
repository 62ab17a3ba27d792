import { strict as assert } from "node:assert";
import { BrokenPromise, type PromiseName } from "./broken_promise.ts";
import type { Happening, Said } from "./happening.ts";
import { Oracle } from "./oracle.ts";

/** Ann has connection 1, bob 2 and 3, eve 4, all of them programs, and bob 5 at a terminal. All are in the lobby. */
const BEGINNING: readonly Happening[] = [
  ...["ann", "bob", "eve"].map((person): Happening => ({ type: "has account", person, name: person })),
  ...comes("ann", 1),
  ...comes("bob", 2),
  ...comes("bob", 3),
  ...comes("eve", 4),
  { type: "opens", connection: 5, mode: "text" },
  { type: "enters", connection: 5, person: "bob", name: "bob" },
  { type: "looks at", connection: 5, room: "lobby" },
];

const TO_LOBBY = { room: "lobby" } as const;
const TO_BOB = { person: "bob" } as const;
const TO_EVE = { person: "eve" } as const;

/** What must not happen, and which promise it breaks. */
const BROKEN: readonly { what: string; promise: PromiseName; happens: readonly Happening[] }[] = [
  {
    what: "an acknowledged message is not in the history",
    promise: "kept",
    happens: [...saysKept(1, TO_LOBBY), looksThrough([])],
  },
  {
    what: "an acknowledged message is lost with the server",
    promise: "kept",
    happens: [...saysKept(1, TO_LOBBY), { type: "server ends" }, looksThrough([])],
  },
  {
    what: "what somebody was told is not in the history, though it was never acknowledged",
    promise: "kept",
    happens: [says(1, TO_LOBBY), told(2, 1), { type: "server ends" }, looksThrough([])],
  },
  {
    what: "one of several is not in the history",
    promise: "kept",
    happens: [...saysKept(1, TO_LOBBY), ...saysKept(2, TO_LOBBY), looksThrough([heard(2)])],
  },
  {
    what: "a private message is not in the history of the two",
    promise: "kept",
    happens: [...saysKept(1, TO_BOB), looksThrough([], { between: ["bob", "ann"] })],
  },
  {
    what: "what was refused is told",
    promise: "kept",
    happens: [says(1, TO_LOBBY), { type: "is refused", number: 1, code: "not_stored" }, told(2, 1)],
  },
  {
    what: "what was refused is in the history",
    promise: "kept",
    happens: [
      says(1, TO_LOBBY),
      { type: "is refused", number: 1, code: "not_stored" },
      looksThrough([heard(1)]),
    ],
  },
  {
    what: "what was told is refused",
    promise: "kept",
    happens: [says(1, TO_LOBBY), told(2, 1), { type: "is refused", number: 1, code: "not_stored" }],
  },
  {
    what: "somebody who is there is not told what was said",
    promise: "kept",
    happens: [...saysKept(1, TO_LOBBY), { type: "is up to date", connection: 4 }],
  },
  {
    what: "somebody at a terminal is not told what was said",
    promise: "kept",
    happens: [...saysKept(1, TO_LOBBY), { type: "is up to date", connection: 5 }],
  },
  {
    what: "one connection of two is not told of a private message",
    promise: "kept",
    happens: [...saysKept(1, TO_BOB), toldPrivately(2, 1), { type: "is up to date", connection: 3 }],
  },
  {
    what: "a private message has waited, and is not shown",
    promise: "kept",
    happens: [
      ...goes(4),
      ...saysKept(1, TO_EVE, { waits: true }),
      ...comes("eve", 6),
      { type: "is up to date", connection: 6 },
    ],
  },
  {
    what: "a private message has waited through a kill, and is not shown",
    promise: "kept",
    happens: [
      ...goes(4),
      ...saysKept(1, TO_EVE, { waits: true }),
      { type: "server ends" },
      ...comes("eve", 6),
      { type: "is up to date", connection: 6 },
    ],
  },
  {
    what: "a private message has waited for somebody who had vanished, and is not shown",
    promise: "kept",
    happens: [
      ...vanishes(4),
      ...saysKept(1, TO_EVE, { waits: true }),
      ...comes("eve", 6),
      { type: "is up to date", connection: 6 },
    ],
  },
  {
    what: "somebody who had vanished was back, and is not told of a private message",
    promise: "kept",
    happens: [
      ...vanishes(4),
      ...comes("eve", 6),
      ...saysKept(1, TO_EVE),
      { type: "is up to date", connection: 6 },
    ],
  },
  {
    what: "a private message is lost that was written just as somebody comes back",
    promise: "kept",
    happens: [
      ...vanishes(4),
      { type: "opens", connection: 6, mode: "json" },
      ...saysKept(1, TO_EVE),
      { type: "enters", connection: 6, person: "eve", name: "eve", rooms: ["lobby"] },
      { type: "is up to date", connection: 6 },
    ],
  },
  {
    what: "an account is gone",
    promise: "kept",
    happens: [{ type: "tries to log in", person: "ann", code: "wrong_credentials" }],
  },
  {
    what: "a room that was joined is forgotten",
    promise: "kept",
    happens: [...joins("eve", "den"), { type: "server ends" }, ...comes("eve", 6)],
  },
  {
    what: "a room that was left is not forgotten",
    promise: "kept",
    happens: [
      ...joins("eve", "den"),
      ...quits("eve", "den"),
      ...goes(4),
      ...comes("eve", 6, ["lobby", "den"]),
    ],
  },
  {
    what: "a private message is told to somebody else",
    promise: "private",
    happens: [...saysKept(1, TO_BOB), toldPrivately(4, 1)],
  },
  {
    what: "a private message is read by somebody else",
    promise: "private",
    happens: [...saysKept(1, TO_BOB), {
      type: "reads",
      person: "eve",
      said: [heard(1, { room: undefined })],
      askedAt: 0,
    }],
  },
  {
    what: "a private message is told as if it were to somebody else",
    promise: "private",
    happens: [...saysKept(1, TO_BOB), told(2, 1, { room: undefined, to: "eve" })],
  },
  {
    what: "a private message is told in a room",
    promise: "private",
    happens: [...saysKept(1, TO_BOB), told(2, 1, { room: "lobby" })],
  },
  {
    what: "what was said in one room is told in another",
    promise: "private",
    happens: [...saysKept(1, TO_LOBBY), told(2, 1, { room: "den" })],
  },
  {
    what: "somebody is told of a room without being there",
    promise: "private",
    happens: [...joins("ann", "den"), ...saysKept(1, { room: "den" }), told(4, 1, { room: "den" })],
  },
  {
    what: "somebody is told of a room after having left it",
    promise: "private",
    happens: [
      ...joins("eve", "den"),
      ...quits("eve", "den"),
      ...saysKept(1, { room: "den" }),
      told(4, 1, { room: "den" }),
    ],
  },
  {
    what: "somebody comes into a private room without an invitation",
    promise: "private",
    happens: [...ownsDen("ann"), ...joins("eve", "den")],
  },
  {
    what: "an invitation is used twice",
    promise: "private",
    happens: [
      ...ownsDen("ann"),
      { type: "invites", room: "den", person: "eve" },
      ...joins("eve", "den"),
      ...quits("eve", "den"),
      ...joins("eve", "den"),
    ],
  },
  {
    what: "the history of a private room is read from outside",
    promise: "private",
    happens: [...ownsDen("ann"), ...saysKept(1, { room: "den" }), {
      type: "reads",
      person: "eve",
      said: [heard(1, { room: "den" })],
      askedAt: 1_000,
    }],
  },
  {
    what: "the history of a private room is read by somebody who has been sent out",
    promise: "private",
    happens: [
      ...ownsDen("ann"),
      { type: "invites", room: "den", person: "eve" },
      ...joins("eve", "den"),
      ...quits("eve", "den"),
      ...saysKept(1, { room: "den" }),
      { type: "reads", person: "eve", said: [heard(1, { room: "den" })], askedAt: 1_000 },
    ],
  },
  {
    what: "somebody is told what an ignored person says",
    promise: "private",
    happens: [...ignores("eve", "ann"), ...saysKept(1, TO_LOBBY), told(4, 1)],
  },
  {
    what: "somebody is told what an ignored person writes, however the name is spelt",
    promise: "private",
    happens: [...ignores("eve", "ANN"), ...saysKept(1, TO_EVE), toldPrivately(4, 1)],
  },
  {
    what: "something is told that nobody has said",
    promise: "own",
    happens: [told(2, 77)],
  },
  {
    what: "something is told without a number",
    promise: "own",
    happens: [{
      type: "is told",
      connection: 2,
      said: { number: undefined, from: "ann", room: "lobby", text: "hello", action: false },
    }],
  },
  {
    what: "something is told under another's name",
    promise: "own",
    happens: [...saysKept(1, TO_LOBBY), told(2, 1, { from: "eve" })],
  },
  {
    what: "a guest has an account's name",
    promise: "own",
    happens: [{ type: "opens", connection: 6, mode: "json" }, {
      type: "enters",
      connection: 6,
      person: "guest 1",
      name: "Ann",
      rooms: ["lobby"],
    }],
  },
  {
    what: "an account has the former name of another",
    promise: "own",
    happens: [
      { type: "asks for name", person: "ann", name: "anna" },
      { type: "asks for name", person: "eve", name: "ann" },
    ],
  },
  {
    what: "two guests have one name",
    promise: "own",
    happens: [6, 7].flatMap((connection): Happening[] => [
      { type: "opens", connection, mode: "json" },
      { type: "enters", connection, person: `guest ${connection}`, name: "gus1234", rooms: ["lobby"] },
    ]),
  },
  {
    what: "two are told in the other order",
    promise: "order",
    happens: [
      ...saysKept(1, TO_LOBBY),
      ...saysKept(2, TO_LOBBY),
      told(4, 2),
      told(4, 1),
      { type: "is up to date", connection: 4 },
    ],
  },
  {
    what: "somebody at a terminal is told in the other order",
    promise: "order",
    happens: [
      ...saysKept(1, TO_LOBBY),
      ...saysKept(2, TO_LOBBY),
      told(5, 2, { id: undefined }),
      told(5, 1, { id: undefined }),
      { type: "is up to date", connection: 5 },
    ],
  },
  {
    what: "the history is not in the order of the ids",
    promise: "order",
    happens: [...saysKept(1, TO_LOBBY), ...saysKept(2, TO_LOBBY), looksThrough([heard(2), heard(1)])],
  },
  {
    what: "the history is not in the order of sending",
    promise: "order",
    happens: [
      says(1, TO_LOBBY),
      says(2, TO_LOBBY),
      { type: "is kept", number: 1, id: idOf(8), waits: false },
      { type: "is kept", number: 2, id: idOf(7), waits: false },
      looksThrough([heard(2, { id: idOf(7) }), heard(1, { id: idOf(8) })]),
    ],
  },
  {
    what: "something is in the history twice",
    promise: "order",
    happens: [...saysKept(1, TO_LOBBY), looksThrough([heard(1), heard(1)])],
  },
  {
    what: "something is told twice",
    promise: "order",
    happens: [...saysKept(1, TO_LOBBY), told(4, 1), told(4, 1)],
  },
  {
    what: "something is told twice, after all was told",
    promise: "order",
    happens: [...saysKept(1, TO_LOBBY), told(4, 1), { type: "is up to date", connection: 4 }, told(4, 1)],
  },
  {
    what: "a private message is told twice",
    promise: "order",
    happens: [...saysKept(1, TO_EVE), toldPrivately(4, 1), toldPrivately(4, 1)],
  },
  {
    what: "what has waited is shown to two connections",
    promise: "order",
    happens: [
      ...goes(4),
      ...saysKept(1, TO_EVE, { waits: true }),
      ...comes("eve", 6),
      ...comes("eve", 7),
      toldPrivately(6, 1),
      toldPrivately(7, 1),
    ],
  },
  {
    what: "private messages are told in the other order",
    promise: "order",
    happens: [...saysKept(1, TO_EVE), ...saysKept(2, TO_EVE), toldPrivately(4, 2), toldPrivately(4, 1)],
  },
  {
    what: "something comes back to whoever has said it",
    promise: "order",
    happens: [...saysKept(1, TO_LOBBY), told(1, 1)],
  },
  {
    what: "something has two ids",
    promise: "order",
    happens: [...saysKept(1, TO_LOBBY), told(4, 1, { id: idOf(2) })],
  },
  {
    what: "something is told garbled",
    promise: "undisturbed",
    happens: [...saysKept(1, TO_LOBBY), told(4, 1, { text: "m1 good mor" })],
  },
  {
    what: "what the server has changed is told in two ways",
    promise: "undisturbed",
    happens: [
      { ...says(1, TO_LOBBY), text: undefined },
      told(2, 1, { text: "m1 one" }),
      told(4, 1, { text: "m1 two" }),
    ],
  },
  {
    what: "an action is told as a word",
    promise: "undisturbed",
    happens: [{ ...says(1, TO_LOBBY), action: true }, told(4, 1)],
  },
  {
    what: "somebody is sent away without a reason",
    promise: "undisturbed",
    happens: [{ type: "ends", connection: 4, clean: true }],
  },
  {
    what: "a terminal is sent an escape",
    promise: "harmless",
    happens: [{ type: "is shown", connection: 5, text: "ann: \x1b[2J" }],
  },
  {
    what: "a terminal is sent a control character of eight bits",
    promise: "harmless",
    happens: [{ type: "is shown", connection: 5, text: "ann: \x9b2J" }],
  },
  {
    what: "a program is sent an override of direction",
    promise: "harmless",
    happens: [{ type: "is shown", connection: 2, text: "\u202eevil" }],
  },
  {
    what: "a connection goes on whose token was revoked",
    promise: "revoked",
    happens: [
      { type: "must end", connection: 4, because: "its token was revoked", byMs: 1_000 },
      { type: "time passes", nowMs: 1_001 },
    ],
  },
  {
    what: "somebody who is banned comes in",
    promise: "revoked",
    happens: [...goes(4), { type: "bans", person: "eve" }, ...comes("eve", 6)],
  },
];

for (const { what, promise, happens } of BROKEN) {
  Deno.test(`the oracle says so where ${what}`, () => {
    const oracle = new Oracle();
    for (const happening of [...BEGINNING, ...happens.slice(0, -1)]) oracle.sees(happening);
    assert.throws(
      () => oracle.sees(happens.at(-1)!),
      (error: unknown) => error instanceof BrokenPromise && error.promise === promise,
    );
  });
}

/** What may happen, though it looks much like the above. */
const ALLOWED: readonly { what: string; happens: readonly Happening[] }[] = [
  {
    what: "all is told and kept",
    happens: [
      ...saysKept(1, TO_LOBBY),
      ...saysKept(2, TO_LOBBY),
      ...[2, 3, 4, 5].flatMap((connection) => [told(connection, 1), told(connection, 2)]),
      ...[1, 2, 3, 4, 5].map((connection): Happening => ({ type: "is up to date", connection })),
      looksThrough([heard(1), heard(2)]),
    ],
  },
  {
    what: "what was never acknowledged is lost with the server",
    happens: [says(1, TO_LOBBY), { type: "server ends" }, looksThrough([])],
  },
  {
    what: "what was never acknowledged is kept nevertheless",
    happens: [says(1, TO_LOBBY), { type: "server ends" }, looksThrough([heard(1)])],
  },
  {
    what: "something is acknowledged after the history was asked for",
    happens: [
      says(1, TO_LOBBY),
      { type: "is kept", number: 1, id: idOf(1), waits: false },
      { ...looksThrough([]), askedAt: BEGINNING.length } as Happening,
    ],
  },
  {
    what: "only the newer part of a history is looked through",
    happens: [...saysKept(1, TO_LOBBY), ...saysKept(2, TO_LOBBY), {
      type: "reads",
      person: "ann",
      said: [heard(2)],
      askedAt: 1_000,
      all: { place: TO_LOBBY, after: idOf(1) },
    }],
  },
  {
    what: "somebody who has come later was not told",
    happens: [...saysKept(1, TO_LOBBY), ...comes("eve", 6), { type: "is up to date", connection: 6 }],
  },
  {
    what: "somebody who is just leaving is told",
    happens: [
      ...joins("eve", "den"),
      { type: "asks to leave", person: "eve", room: "den" },
      ...saysKept(1, { room: "den" }),
      told(4, 1, { room: "den" }),
    ],
  },
  {
    what: "what was sent before somebody left is told after it",
    happens: [
      ...joins("eve", "den"),
      ...saysKept(1, { room: "den" }),
      ...quits("eve", "den"),
      told(4, 1, { room: "den" }),
    ],
  },
  {
    what: "somebody ignores whoever has spoken before",
    happens: [...saysKept(1, TO_LOBBY), ...ignores("eve", "ann"), told(4, 1)],
  },
  {
    what: "somebody who ignores a speaker is not told",
    happens: [...ignores("eve", "ann"), ...saysKept(1, TO_LOBBY), { type: "is up to date", connection: 4 }],
  },
  {
    what: "somebody who is invited comes into a private room and reads",
    happens: [
      ...ownsDen("ann"),
      ...saysKept(1, { room: "den" }),
      { type: "invites", room: "den", person: "eve" },
      ...joins("eve", "den"),
      { type: "reads", person: "eve", said: [heard(1, { room: "den" })], askedAt: 1_000 },
    ],
  },
  {
    what: "somebody is invited once more while being there, and comes back by that",
    happens: [
      ...ownsDen("ann"),
      { type: "invites", room: "den", person: "eve" },
      ...joins("eve", "den"),
      { type: "invites", room: "den", person: "eve" },
      ...joins("eve", "den"),
      ...quits("eve", "den"),
      ...joins("eve", "den"),
    ],
  },
  {
    what: "a terminal looks at a room and is shown again what was said",
    happens: [
      ...saysKept(1, TO_LOBBY),
      told(5, 1, { id: undefined }),
      { type: "looks at", connection: 5, room: "lobby" },
      told(5, 1, { id: undefined }),
    ],
  },
  {
    what: "what may have been lost with a connection is not shown again",
    happens: [
      ...saysKept(1, TO_EVE),
      ...vanishes(4),
      ...comes("eve", 6),
      { type: "is up to date", connection: 6 },
    ],
  },
  {
    what: "what was written to somebody who had just vanished is told to the connection that is gone",
    happens: [
      ...vanishes(4),
      ...saysKept(1, TO_EVE),
      ...comes("eve", 6),
      { type: "is up to date", connection: 6 },
    ],
  },
  {
    what: "what has waited is shown twice, because the disk was full",
    happens: [
      ...goes(4),
      ...saysKept(1, TO_EVE, { waits: true }),
      ...comes("eve", 6),
      ...comes("eve", 7),
      toldPrivately(6, 1),
      { type: "disk is full" },
      toldPrivately(7, 1),
    ],
  },
  {
    what: "a renamed person speaks under the new name, and what was said before is read under the old one",
    happens: [
      ...saysKept(1, TO_LOBBY),
      { type: "asks for name", person: "ann", name: "anna" },
      ...saysKept(2, TO_LOBBY),
      told(4, 1),
      told(4, 2, { from: "anna" }),
    ],
  },
  {
    what: "a guest has the name of one who is gone",
    happens: [6, 7].flatMap((connection): Happening[] => [
      { type: "opens", connection, mode: "json" },
      { type: "enters", connection, person: `guest ${connection}`, name: "gus1234", rooms: ["lobby"] },
      ...goes(connection),
    ]),
  },
  {
    what: "a connection ends in time whose token was revoked",
    happens: [
      { type: "must end", connection: 4, because: "its token was revoked", byMs: 1_000 },
      { type: "ends", connection: 4, clean: true },
      { type: "time passes", nowMs: 1_001 },
    ],
  },
  {
    what: "somebody comes in whose ban was lifted",
    happens: [
      ...goes(4),
      { type: "bans", person: "eve" },
      { type: "asks to unban", person: "eve" },
      ...comes("eve", 6),
    ],
  },
];

for (const { what, happens } of ALLOWED) {
  Deno.test(`the oracle is silent where ${what}`, () => {
    const oracle = new Oracle();
    for (const happening of [...BEGINNING, ...happens]) oracle.sees(happening);
  });
}

function comes(person: string, connection: number, rooms: readonly string[] = ["lobby"]): Happening[] {
  return [
    { type: "opens", connection, mode: "json" },
    { type: "enters", connection, person, name: person, rooms },
  ];
}

function goes(connection: number): Happening[] {
  return [{ type: "may end", connection }, { type: "ends", connection, clean: true }];
}

function vanishes(connection: number): Happening[] {
  return [{ type: "may end", connection }, { type: "ends", connection, clean: false }];
}

function joins(person: string, room: string): Happening[] {
  return [{ type: "asks to join", person, room }, { type: "is in", person, room }];
}

function quits(person: string, room: string): Happening[] {
  return [{ type: "asks to leave", person, room }, { type: "is out", person, room }];
}

function ownsDen(owner: string): Happening[] {
  return [...joins(owner, "den"), { type: "is private", room: "den", owner }];
}

function ignores(person: string, name: string): Happening[] {
  return [{ type: "asks to ignore", person, name }, { type: "ignores", person, name }];
}

/** Ann sends something by her connection. */
function says(
  number: number,
  to: { room: string } | { person: string },
): Extract<Happening, { type: "says" }> {
  return { type: "says", number, person: "ann", connection: 1, to, text: textOf(number), action: false };
}

function saysKept(
  number: number,
  to: { room: string } | { person: string },
  { waits = false } = {},
): Happening[] {
  return [says(number, to), { type: "is kept", number, id: idOf(number), waits }];
}

/** What ann has said, as others are told it: in the lobby unless the test says otherwise. */
function heard(number: number, differing: Partial<Said> = {}): Said {
  return {
    number,
    id: idOf(number),
    from: "ann",
    room: "lobby",
    text: textOf(number),
    action: false,
    ...differing,
  };
}

function told(connection: number, number: number, differing: Partial<Said> = {}): Happening {
  return { type: "is told", connection, said: heard(number, differing) };
}

/** The same of what ann has written privately. */
function toldPrivately(connection: number, number: number): Happening {
  return told(connection, number, { room: undefined });
}

/** All of a place's history is read. */
function looksThrough(
  said: readonly Said[],
  place: { room: string } | { between: readonly [string, string] } = TO_LOBBY,
): Extract<Happening, { type: "reads" }> {
  return { type: "reads", person: "ann", said, askedAt: 1_000, all: { place, after: "" } };
}

function textOf(number: number): string {
  return `m${number} good morning`;
}

/** Ids rise with the numbers. */
function idOf(number: number): string {
  return `01K0000000000000000000${String(number).padStart(4, "0")}`;
}
