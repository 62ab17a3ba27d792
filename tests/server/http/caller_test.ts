import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { Member, type Seat } from "../../../server/chat/member.ts";
import type { Places } from "../../../server/chat/places.ts";
import { Roster } from "../../../server/chat/roster.ts";
import { callerOf } from "../../../server/http/caller.ts";

const BOB = { id: "id of Bob", name: "Bob", role: "moderator" } as const;

/** A chat as far as callers need it: where an account belongs that is away, and who is present. */
function chatWhere(...joined: string[]) {
  const places = { roomsOf: () => Promise.resolve(new Set(joined)) } as unknown as Places;
  return { places, roster: new Roster() };
}

Deno.test("an account that calls is the same person as when it is present, from another address", async () => {
  const hub = chatWhere("lobby");
  const { isIn: _, ...person } = await callerOf(BOB, { hub, address: "192.0.2.7" });
  deepEqual(person, {
    key: "id of Bob",
    account: "id of Bob",
    name: "Bob",
    role: "moderator",
    address: "192.0.2.7",
  });
});

Deno.test("who is away belongs to the rooms that were joined, who is present to those just now", async () => {
  const hub = chatWhere("lobby", "garden");
  const person = await callerOf(BOB, { hub, address: "192.0.2.7" });
  const rooms = () => ["lobby", "garden", "den"].filter((room) => person.isIn(room));
  deepEqual(rooms(), ["lobby", "garden"]);
  const member = new Member({ ...BOB, account: BOB.id, ignored: [], address: "192.0.2.1" }, new Date());
  hub.roster.add(member);
  member.seats.set("den", {} as Seat);
  deepEqual(rooms(), ["den"]);
  hub.roster.remove(member);
  equal(person.isIn("garden"), true);
});
