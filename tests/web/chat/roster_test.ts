import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { Roster } from "../../../web/chat/roster.ts";

Deno.test("people stand in alphabetical order, whoever comes and goes", () => {
  const roster = new Roster();
  roster.replace(["bob", "Ann", "carl"]);
  for (const name of ["Anna", "zoe", "_x", "bob"]) roster.add(name);
  roster.remove("carl");
  roster.remove("nobody");
  deepEqual(roster.names, ["_x", "Ann", "Anna", "bob", "zoe"]);
  deepEqual(["bob", "Bob", "carl"].map((name) => roster.has(name)), [true, false, false]);
});

Deno.test("before the server has said who is there, nobody is", () => {
  const roster = new Roster();
  roster.add("ann");
  deepEqual([roster.known, roster.names], [false, []]);
  roster.replace(["ann"]);
  deepEqual([roster.known, roster.names], [true, ["ann"]]);
});

Deno.test("it changes when somebody comes or goes, and else not", () => {
  const roster = new Roster();
  roster.replace(["ann"]);
  const { value } = roster.changed;
  roster.add("ann");
  roster.remove("bob");
  equal(roster.changed.value, value);
  roster.add("bob");
  roster.remove("ann");
  equal(roster.changed.value, value + 2);
});
