import { strict as assert } from "node:assert";
import { type Faults, Oracle, type Seating } from "../../bench/_oracle.ts";
import { PAYLOAD_BYTES, Run } from "../../bench/_payload.ts";

const NOTHING: Faults = { lost: 0, doubled: 0, misordered: 0, damaged: 0, strayed: 0 };

/** Persons 0 and 1 speak; 0 to 3 are in room 0, and 3 and 4 in room 1. */
const SEATING: Seating = { roomsOf: [[0], [0], [0], [0, 1], [1]], rooms: 2, speakers: 2 };

/** What one run saw, and who reads what in it. */
class Scene {
  readonly run = new Run("abcd");
  readonly oracle: Oracle;

  constructor(seating = SEATING) {
    this.oracle = new Oracle(this.run, seating);
  }

  /** Answers what would be sent. */
  says(speaker: number, room = 0): Uint8Array {
    return new TextEncoder().encode(this.run.payload(speaker, this.oracle.said(speaker, room)));
  }

  reads(person: number, ...messages: Uint8Array[]): void {
    for (const message of messages) this.oracle.heard(person, message, 0);
  }

  faults(): Partial<Faults> {
    const faults = Object.entries(this.oracle.faults).filter(([, count]) => count > 0);
    return Object.fromEntries(faults);
  }
}

Deno.test("nothing is wrong where everybody in the room has read everything in order", () => {
  const scene = new Scene();
  const [first, second] = [scene.says(0), scene.says(1)];
  scene.reads(2, first, second);
  scene.reads(3, first, second);
  scene.reads(0, second);
  scene.reads(1, first);
  assert.deepEqual(scene.oracle.faults, NOTHING);
  assert.equal(scene.oracle.expected, 6);
  assert.equal(scene.oracle.received, 6);
});

Deno.test("what somebody has not read is lost", () => {
  const scene = new Scene();
  const message = scene.says(0);
  scene.reads(1, message);
  scene.reads(2, message);
  assert.deepEqual(scene.faults(), { lost: 1 });
});

Deno.test("what comes again is doubled, and no delivery", () => {
  const scene = new Scene();
  const message = scene.says(0);
  for (const person of [1, 2, 3, 3]) scene.reads(person, message);
  assert.deepEqual(scene.faults(), { doubled: 1 });
  assert.equal(scene.oracle.received, 3);
});

Deno.test("what overtakes an earlier message of the same speaker is misordered", () => {
  const scene = new Scene();
  const [first, second] = [scene.says(0), scene.says(0)];
  scene.reads(1, second, first);
  scene.reads(2, first, second);
  scene.reads(3, first, second);
  assert.deepEqual(scene.faults(), { misordered: 1 });
});

Deno.test("two speakers may be read in either order, but by all in the same", () => {
  const scene = new Scene();
  const [first, second] = [scene.says(0), scene.says(1)];
  scene.reads(2, second, first);
  scene.reads(0, second);
  scene.reads(1, first);
  assert.deepEqual(scene.faults(), { lost: 2 });
  scene.reads(3, first, second);
  assert.deepEqual(scene.faults(), { misordered: 1 });
});

Deno.test("a speaker who is the first to read an answer to its own message has not read it out of order", () => {
  const scene = new Scene();
  const [question, answer] = [scene.says(0), scene.says(1)];
  scene.reads(0, answer);
  for (const person of [2, 3]) scene.reads(person, question, answer);
  scene.reads(1, question);
  assert.deepEqual(scene.faults(), {});
});

Deno.test("rooms have their orders each for itself", () => {
  const scene = new Scene({ roomsOf: [[0], [1], [0, 1], [0, 1]], rooms: 2, speakers: 2 });
  const [here, there] = [scene.says(0, 0), scene.says(1, 1)];
  scene.reads(2, here, there);
  scene.reads(3, there, here);
  assert.deepEqual(scene.oracle.faults, NOTHING);
});

Deno.test("what comes to somebody who is elsewhere, or back to its speaker, has strayed", () => {
  const scene = new Scene();
  const message = scene.says(0);
  for (const person of [0, 1, 2, 3, 4]) scene.reads(person, message);
  assert.deepEqual(scene.faults(), { strayed: 2 });
});

Deno.test("what is not what was said is damaged, whatever has become of it", () => {
  const damages: Record<string, (message: Uint8Array) => void> = {
    "its speaker": (message) => message[8]!++,
    "its number": (message) => message[16]!++,
    "its number, which is none any more": (message) => message[16] = "g".charCodeAt(0),
    "its filling": (message) => message[40] = "y".charCodeAt(0),
    "its end": (message) => message[PAYLOAD_BYTES - 1] = "x".charCodeAt(0),
  };
  for (const [what, damage] of Object.entries(damages)) {
    const scene = new Scene();
    const message = scene.says(0);
    damage(message);
    scene.reads(1, message);
    assert.equal(scene.oracle.faults.damaged, 1, what);
    assert.equal(scene.oracle.received, 0, what);
  }
});

Deno.test("what was said in another run is nothing", () => {
  const scene = new Scene();
  const message = new TextEncoder().encode(new Run("wxyz").payload(0, scene.oracle.said(0, 0)));
  assert.equal(scene.oracle.heard(1, message, 0), -1);
  assert.deepEqual(scene.faults(), { lost: 3 });
});

Deno.test("the oracle remembers more messages than it had place for at first", () => {
  const scene = new Scene();
  const messages = Array.from({ length: 5_000 }, () => scene.says(0));
  scene.reads(1, ...messages, ...messages);
  assert.equal(scene.oracle.received, 5_000);
  assert.equal(scene.oracle.faults.doubled, 5_000);
});
