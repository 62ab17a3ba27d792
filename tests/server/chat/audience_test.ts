import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { mock } from "node:test";
import { Audience } from "../../../server/chat/audience.ts";
import type { Joined, Left, Message, Telling } from "../../../server/chat/event.ts";
import { type Listener, Member } from "../../../server/chat/member.ts";
import { Roster } from "../../../server/chat/roster.ts";

const FULL = 201;
const at = new Date("2026-02-03T04:05:06.789Z");

Deno.test("in a full room the first who comes is told at once, and those after are told together", () => {
  using house = open(FULL);
  const bob = house.listens("bob");
  house.comes("ann");
  for (const name of ["carl", "dora", "eve"]) house.comes(name);
  house.goes("carl");
  deepEqual(bob.told, ["+ann"]);
  house.passWhile();
  deepEqual(bob.told, ["+ann", "digest of +carl +dora +eve -carl"]);
});

Deno.test("when all go at once a digest says so, though the room is full no more by then", () => {
  using house = open(FULL);
  const bob = house.listens("bob");
  house.goes("ann");
  house.goes("carl");
  house.size = 2;
  house.goes("dora");
  house.passWhile();
  house.goes("eve");
  house.goes("fred");
  deepEqual(bob.told, ["-ann", "digest of -carl -dora", "-eve", "-fred"]);
});

Deno.test("who comes alone within its while is told as always", () => {
  using house = open(FULL);
  const bob = house.listens("bob");
  house.comes("ann");
  house.comes("carl");
  house.passWhile();
  deepEqual(bob.told, ["+ann", "+carl"]);
});

Deno.test("in a room that is not full hundreds are told together, of each of them", () => {
  using house = open(200);
  const bob = house.listens("bob");
  const names = Array.from({ length: 23 }, (_, index) => `ann${index}`);
  for (const name of names) house.comes(name);
  house.passWhile();
  const [alone, together] = [names.slice(0, 20), names.slice(20)];
  deepEqual(bob.told, [...alone.map((name) => `+${name}`), `+${together.join(" +")}`]);
});

Deno.test("who comes meanwhile is told of those who come later alone, and never of its own coming", () => {
  using house = open(FULL);
  const bob = house.listens("bob");
  house.comes("ann");
  house.comes("carl");
  const eve = house.listens("eve");
  house.comes("dora");
  const fred = house.listens("fred");
  house.comes("fred", fred);
  house.comes("gus");
  const last = house.listens("last");
  house.passWhile();
  deepEqual(bob.told, ["+ann", "digest of +carl +dora +fred +gus"]);
  deepEqual(eve.told, ["digest of +dora +fred +gus"]);
  deepEqual(fred.told, ["+gus"]);
  deepEqual(last.told, []);
});

Deno.test("whoever speaks in a full room was told to have come; others wait for their while", () => {
  using house = open(FULL);
  const bob = house.listens("bob");
  house.comes("ann");
  house.comes("carl");
  house.comes("dora");
  house.says("bob");
  house.says("dora");
  house.comes("eve");
  house.says("carl");
  house.passWhile();
  deepEqual(bob.told, ["+ann", "bob says", "digest of +carl +dora", "dora and carl say", "+eve"]);
});

Deno.test("in a room that is not full all who came are told before anything is said", async () => {
  using house = open(200);
  const bob = house.listens("bob");
  for (let index = 0; index < 22; index++) house.comes(`ann${index}`);
  house.says("bob");
  await house.passMoment();
  deepEqual(bob.told.slice(-2), ["+ann20 +ann21", "bob says"]);
});

Deno.test("what is said in one go is told together, and to nobody what is one's own", async () => {
  using house = open(3);
  const [ann, bob, carl] = [house.listens("ann"), house.listens("bob"), house.listens("carl")];
  for (const speaker of [ann, bob, bob, ann, bob]) house.says(speaker.id, speaker);
  deepEqual(carl.told, []);
  await house.passMoment();
  deepEqual(carl.told, ["ann and bob and bob and ann and bob say"]);
  deepEqual(ann.told, ["bob and bob say", "bob says with others"]);
  deepEqual(bob.told, ["ann says with others", "ann says with others"]);
  equal(house.counts.deliveries, 5 + 3 + 2);
});

Deno.test("who ignores some of those who speak in one go hears the others", async () => {
  using house = open(3);
  const [bob, eve] = [house.listens("bob", ["carl", "dora"]), house.listens("eve")];
  for (const name of ["carl", "ann", "fred", "dora", "carl"]) house.says(name);
  await house.passMoment();
  deepEqual(bob.told, ["ann and fred say"]);
  deepEqual(eve.told, ["carl and ann and fred and dora and carl say"]);
});

Deno.test("who comes or goes while it is said hears what is said while one is there, and nothing else", async () => {
  using house = open(3);
  const ann = house.listens("ann");
  house.says("bob");
  house.says("carl");
  const eve = house.listens("eve");
  house.says("dora");
  house.audience.remove(ann);
  house.says("fred");
  await house.passMoment();
  deepEqual(ann.told, ["bob and carl say", "dora says"]);
  deepEqual(eve.told, ["dora says", "fred says"]);
});

Deno.test("what happens after it was said is not told before it", () => {
  using house = open(3);
  const bob = house.listens("bob");
  house.says("ann");
  house.says("carl");
  house.comes("dora");
  house.says("ann");
  house.audience.tell({ type: "topic", room: "lobby", topic: "", by: "ann", at }, "");
  deepEqual(bob.told, ["ann and carl say", "+dora", "ann says", "topic"]);
});

Deno.test("what is no message waits for nobody: a name may be that of somebody who came", () => {
  using house = open(FULL);
  const bob = house.listens("bob");
  house.comes("ann");
  house.comes("carl");
  house.audience.tell({ type: "renamed", from: "carl", to: "karl", at }, "");
  deepEqual(bob.told, ["+ann", "+carl", "renamed"]);
});

Deno.test("who ignores some of those who come is told of the others", () => {
  using house = open(FULL);
  const [bob, eve] = [house.listens("bob", ["carl", "dora"]), house.listens("eve")];
  house.comes("ann");
  for (const name of ["carl", "dora", "fred"]) house.comes(name);
  house.passWhile();
  house.comes("carl");
  house.passWhile();
  deepEqual(bob.told, ["+ann", "+fred"]);
  deepEqual(eve.told, ["+ann", "digest of +carl +dora +fred", "+carl"]);
});

Deno.test("what was gathered is told to nobody any more when all is closed", () => {
  using house = open(FULL);
  const bob = house.listens("bob");
  house.comes("ann");
  house.comes("carl");
  house.audience[Symbol.dispose]();
  house.goes("carl");
  house.passWhile();
  deepEqual(bob.told, ["+ann"]);
});

/** An audience of a room in which so many are, with a clock of its own. */
class House implements Disposable {
  readonly name = "lobby";
  readonly audience: Audience;
  readonly counts = { messages: 0, directs: 0, deliveries: 0 };
  #roster = new Roster();

  /** @param size How many are there. */
  constructor(public size: number) {
    mock.timers.enable({ apis: ["setTimeout"] });
    this.audience = new Audience(this, this.#roster, this.counts);
  }

  listens(name: string, ignored: string[] = []): Ear {
    const ear = new Ear(name);
    const member = new Member(
      { name, role: "guest", account: undefined, ignored, address: ear.address },
      at,
    );
    member.listeners.add(ear);
    this.#roster.add(member);
    this.audience.add(ear);
    return ear;
  }

  comes(name: string, origin?: Ear): void {
    this.audience.tell(
      { type: "joined", room: "lobby", name, passage: "presence", at },
      origin?.id ?? "",
    );
  }

  goes(name: string): void {
    this.audience.tell({ type: "left", room: "lobby", name, reason: "quit", passage: "presence", at }, "");
  }

  says(name: string, origin?: Ear): void {
    this.audience.tell({ type: "message", from: name } as Message, origin?.id ?? "");
  }

  /** Until what comes in one go has come. */
  async passMoment(): Promise<void> {
    await Promise.resolve();
  }

  /** As long as anybody has to wait. */
  passWhile(): void {
    mock.timers.tick(5_000);
  }

  [Symbol.dispose](): void {
    this.audience[Symbol.dispose]();
    mock.timers.reset();
  }
}

function open(size: number): House {
  return new House(size);
}

/** A connection, and what it was told. */
class Ear implements Listener {
  readonly address = "192.0.2.1";
  readonly how = "TLS";
  readonly account = undefined;
  readonly token = undefined;
  readonly echoesDirects = true;
  readonly hears = true;
  readonly told: string[] = [];

  constructor(readonly id: string) {}

  deliver(event: Telling): void {
    this.told.push(inShort(event));
  }

  end(): void {}
}

function inShort(event: Telling): string {
  switch (event.type) {
    case "joined":
    case "left":
      return passageInShort(event);
    case "passages": {
      const passages = event.all.slice(event.from).map(passageInShort).join(" ");
      return event.digested ? `digest of ${passages}` : passages;
    }
    case "message":
      return `${event.from} says`;
    case "messages": {
      const names = event.all.slice(event.from, event.to).map(({ from }) => from);
      return names.length === 1 ? `${names[0]} says with others` : `${names.join(" and ")} say`;
    }
    default:
      return event.type;
  }
}

function passageInShort({ type, name }: Joined | Left): string {
  return `${type === "joined" ? "+" : "-"}${name}`;
}
