import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import type { ChatEvent, Direct, Message } from "../../../server/chat/event.ts";
import { JsonOutput } from "../../../server/wire/json_output.ts";
import { beginningSse, idOf, noticeSse, pingSse, SseOutput } from "../../../server/wire/sse_output.ts";

const at = new Date("2026-02-03T04:05:06.789Z");
const message: Message = {
  type: "message",
  id: "01KGGTSV350000000000000001",
  number: 7,
  room: "lobby",
  from: "ann",
  author: "account-1",
  text: "hi",
  action: false,
  at,
};
const direct: Direct = {
  type: "direct",
  id: "01KGGTSV350000000000000002",
  from: "ann",
  to: "bob",
  fromKey: "key-1",
  toKey: "key-2",
  text: "psst",
  at,
};

/** What happened, and how its lines begin: by its id, where one can go on from it. */
const EVENTS: [event: ChatEvent, head: string][] = [
  [message, `id: ${message.id}\nevent: message`],
  [direct, `id: ${direct.id}\nevent: direct`],
  [{ type: "joined", room: "lobby", name: "bob", passage: "door", at }, "event: joined"],
  [{ type: "left", room: "lobby", name: "bob", reason: "quit", passage: "door", at }, "event: left"],
  [{ type: "renamed", from: "bob", to: "rob", at }, "event: renamed"],
  [{ type: "topic", room: "lobby", topic: "Tea", by: "ann", at }, "event: topic"],
  [
    { type: "deleted", room: "lobby", id: message.id, number: 7, from: "ann", by: "bob", at },
    "event: deleted",
  ],
  [{ type: "noted", room: "lobby", text: "quiet now", at }, "event: notice"],
  [{ type: "told", text: "come here", at }, "event: notice"],
  [{ type: "announced", text: "update at 5", at }, "event: notice"],
];

for (const [event, head] of EVENTS) {
  Deno.test(`a ${event.type} is led by its id and type, and is the object of JSON mode`, () => {
    const json = new TextDecoder().decode(new JsonOutput().render(event));
    equal(text(new SseOutput().render(event)), `${head}\ndata: ${json}\n`);
  });
}

Deno.test("no text breaks out of its event", () => {
  const texts = fc.string({ unit: "grapheme" }).map((text) => `${text}\r\n\nid: 7\u2028data: x\n\n`);
  fc.assert(fc.property(texts, (said) => {
    const lines = text(new SseOutput().render({ ...message, text: said })).split(/\r\n|\r|\n/);
    deepEqual(lines.map((line) => line.split(":")[0]), ["id", "event", "data", "", ""]);
    equal(JSON.parse(lines[2]!.slice("data: ".length)).text, said);
  }));
});

Deno.test("an event is rendered once for all readers in turn", () => {
  const output = new SseOutput();
  equal(output.render(message), output.render(message));
  equal(text(output.render(direct)).includes("psst"), true);
  equal(text(output.render(message)).includes("hi"), true);
});

Deno.test("comings and goings that are told together are the events that they are alone, in JSON mode as well", () => {
  const all = ["ann", "Žofie", "carl"].map((name, index) =>
    index === 1
      ? { type: "left", room: "lobby", name, reason: "quit", passage: "presence", at } as const
      : { type: "joined", room: "lobby", name, passage: "presence", at } as const
  );
  const [sse, json] = [new SseOutput(), new JsonOutput()];
  for (const output of [sse, json]) {
    const told = (from: number) =>
      output.render({ type: "passages", room: "lobby", all, from, digested: true, at });
    const alone = all.map((event) => text(output.render(event)));
    equal(text(told(0)), alone.join(""));
    equal(text(told(1)), alone.slice(1).join(""));
    equal(text(told(2)), alone[2]);
    equal(told(0), told(0)); // rendered once
    equal(told(1).buffer, told(0).buffer);
  }
});

Deno.test("messages that are told together are the events that they are alone, in JSON mode as well", () => {
  const all = ["hi", "hé, Žofie", "bye"].map((text) => ({ ...message, text }));
  for (const output of [new SseOutput(), new JsonOutput()]) {
    const told = (from: number, to: number) =>
      output.render({ type: "messages", room: "lobby", all, from, to });
    const alone = all.map((event) => text(output.render(event)));
    equal(text(told(0, 3)), alone.join(""));
    equal(text(told(0, 2)), alone.slice(0, 2).join(""));
    equal(text(told(1, 2)), alone[1]);
    equal(told(0, 3), told(0, 3)); // rendered once
    equal(told(1, 3).buffer, told(0, 3).buffer);
  }
});

Deno.test("a stream begins where one goes on that is told nothing, and comments are no events", () => {
  equal(text(beginningSse(message.id)), `: what happens, as it happens\nid: ${message.id}\n\n`);
  equal(text(beginningSse("")), ": what happens, as it happens\n\n");
  equal(text(pingSse()), ": ping\n\n");
  equal(text(noticeSse("Goodbye.")), 'event: notice\ndata: {"type":"notice","text":"Goodbye."}\n\n');
});

Deno.test("only what was said has an id that one can go on from", () => {
  deepEqual(EVENTS.map(([event]) => idOf(event)).filter((id) => id !== undefined), [message.id, direct.id]);
});

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
