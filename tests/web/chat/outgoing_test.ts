import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { ServerMessage } from "../../../server/wire/json_types.ts";
import { Interrupted, Refused } from "../../../web/chat/connection.ts";
import { Outgoing, type Pending } from "../../../web/chat/outgoing.ts";
import { idOf, said } from "./_said.ts";

Deno.test("what is sent is on its way until the server has it, then it is a message", async () => {
  const wire = new Wire();
  wire.outgoing.send({ text: "hi", action: false, after: "" });
  deepEqual(wire.onItsWay, ["hi"]);
  await wire.acknowledges("hi", idOf(1));
  deepEqual([wire.onItsWay, wire.kept], [[], [["hi", idOf(1)]]]);
});

Deno.test("what the server refuses says why, and is sent again or given up", async () => {
  const wire = new Wire();
  wire.outgoing.send({ text: "one", action: false, after: "" });
  wire.outgoing.send({ text: "two", action: false, after: "" });
  const tooFast = new Refused({ code: "too_fast", text: "You are sending too fast." });
  await wire.fails("one", tooFast);
  await wire.fails("two", tooFast);
  deepEqual(wire.outgoing.all.map(({ failure }) => failure), [tooFast.message, tooFast.message]);
  const [one, two] = wire.outgoing.all;
  wire.outgoing.retry(one!.number);
  wire.outgoing.discard(two!.number);
  deepEqual([wire.onItsWay, wire.outgoing.all.length], [["one"], 1]);
  await wire.acknowledges("one", idOf(1));
  deepEqual([wire.outgoing.all.length, wire.kept], [0, [["one", idOf(1)]]]);
});

Deno.test("over a lost connection each is sent once: what is kept is found, what is not goes out again, in order", async () => {
  const wire = new Wire();
  const after = idOf(5);
  for (const text of ["same", "same", "lost"]) wire.outgoing.send({ text, action: false, after });
  await wire.isLost();
  deepEqual(wire.onItsWay, ["same", "same", "lost"]);
  const entries = [
    said(4, { text: "same" }), // was said before
    said(6, { text: "same", from: "bob" }), // by somebody else
    said(7, { text: "same" }), // the first of the two
    said(8, { text: "lost", action: true }), // not so
  ];
  wire.outgoing.resume(entries, "ann");
  deepEqual(wire.onItsWay, ["same", "lost"]);
  deepEqual(wire.posted.slice(3), ["same", "lost"]);
  await wire.acknowledges("same", idOf(9));
  await wire.acknowledges("lost", idOf(10));
  deepEqual(wire.kept, [["same", undefined], ["same", idOf(9)], ["lost", idOf(10)]]);
});

Deno.test("what has failed is not sent by itself when the connection is back", async () => {
  const wire = new Wire();
  wire.outgoing.send({ text: "no", action: false, after: "" });
  await wire.fails("no", new Refused({ code: "muted", text: "You are muted." }));
  wire.outgoing.resume([], "ann");
  deepEqual([wire.posted, wire.outgoing.all[0]!.failure], [["no"], "You are muted."]);
});

/** A way out whose other end answers when it is told to. */
class Wire {
  readonly posted: string[] = [];
  /** Text → id under which it is kept. */
  readonly kept: [text: string, id: string | undefined][] = [];
  readonly outgoing: Outgoing;
  #answers: { text: string; answer: PromiseWithResolvers<ServerMessage> }[] = [];

  constructor() {
    this.outgoing = new Outgoing({
      post: ({ text }: Pending) => {
        this.posted.push(text);
        const answer = Promise.withResolvers<ServerMessage>();
        this.#answers.push({ text, answer });
        return answer.promise;
      },
      kept: ({ text }, { id }) => void this.kept.push([text, id]),
      changed: () => {},
    });
  }

  get onItsWay(): string[] {
    return this.outgoing.all.filter(({ failure }) => failure === undefined).map(({ text }) => text);
  }

  async acknowledges(text: string, id: string): Promise<void> {
    this.#take(text).resolve({ type: "ack", id });
    await Promise.resolve();
    await Promise.resolve();
  }

  async fails(text: string, error: Error): Promise<void> {
    this.#take(text).reject(error);
    await Promise.resolve();
    await Promise.resolve();
  }

  async isLost(): Promise<void> {
    for (const { text } of [...this.#answers]) await this.fails(text, new Interrupted());
  }

  #take(text: string): PromiseWithResolvers<ServerMessage> {
    const index = this.#answers.findIndex((waiting) => waiting.text === text);
    return this.#answers.splice(index, 1)[0]!.answer;
  }
}
