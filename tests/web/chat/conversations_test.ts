import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { Conversations } from "../../../web/chat/conversations.ts";
import { idOf } from "./_said.ts";

Deno.test("whoever wrote or was written to last is at the top", () => {
  const conversations = new Conversations();
  conversations.learn([["bob", 3], ["carl", 2]].map(([name, number]) => known(String(name), Number(number))));
  conversations.touch("carl", idOf(5));
  conversations.touch("dora", idOf(4));
  deepEqual(namesOf(conversations), ["carl", "dora", "bob"]);
  conversations.touch("carl", idOf(1)); // is older than what is known
  conversations.learn([known("bob", 6), known("eve", 1)]);
  deepEqual(namesOf(conversations), ["bob", "carl", "dora", "eve"]);
  conversations.remove("carl");
  deepEqual(namesOf(conversations), ["bob", "dora", "eve"]);
});

Deno.test("one that is just opened is at the top, until something is written elsewhere in it", () => {
  const conversations = new Conversations();
  conversations.touch("bob", idOf(3));
  conversations.touch("carl", "");
  deepEqual(namesOf(conversations), ["carl", "bob"]);
  conversations.touch("carl", idOf(1));
  deepEqual(namesOf(conversations), ["bob", "carl"]);
});

Deno.test("of very many the newest hundred are listed", () => {
  const conversations = new Conversations();
  for (let number = 0; number < 150; number++) conversations.touch(`name${number}`, idOf(number));
  deepEqual([namesOf(conversations).length, namesOf(conversations)[99]], [100, "name50"]);
});

function namesOf({ all }: Conversations): string[] {
  return all.value.map((conversation) => conversation.with);
}

function known(name: string, number: number) {
  const last = { type: "direct", id: idOf(number), from: name, to: "ann", text: "psst", at: "" } as const;
  return { with: name, last };
}
