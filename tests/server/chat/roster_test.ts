import {
  deepStrictEqual as deepEqual,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import { Member } from "../../../server/chat/member.ts";
import { Roster } from "../../../server/chat/roster.ts";

Deno.test("somebody present is found under the name in any case", () => {
  const { roster, ann } = rosterOf("Ann");
  for (const name of ["Ann", "ann", "ANN", "Ａｎｎ"]) equal(roster.find(name), ann, name);
  for (const name of ["an", "anna", "", "ann "]) equal(roster.find(name), undefined, name);
});

Deno.test("nobody is found under a name that only looks alike, and yet it is not free", () => {
  const { roster, all } = rosterOf("alice");
  const lookAlike = "AIice"; // with a capital i
  equal(roster.find(lookAlike), undefined);
  equal(roster.isFree(lookAlike), false);
  deepEqual(roster.presentUnder(lookAlike), all);
  equal(roster.isFree("alina"), true);
});

Deno.test("names are given in the order of arrival, a renamed one in its old place", () => {
  const { roster, all } = rosterOf("carl", "ann", "bob");
  deepEqual(roster.names, ["carl", "ann", "bob"]);
  equal(roster.names, roster.names, "and are not made anew without a change");
  roster.rename(all[0]!, "zoe");
  deepEqual(roster.names, ["zoe", "ann", "bob"]);
  roster.remove(all[1]!);
  deepEqual(roster.names, ["zoe", "bob"]);
  roster.add(memberOf("ann"));
  deepEqual(roster.names, ["zoe", "bob", "ann"]);
  equal(roster.size, 3);
});

Deno.test("of many the names of those are given who have been there longest", () => {
  const { roster, all } = rosterOf("carl", "ann", "bob");
  deepEqual([roster.firstNames(2), roster.firstNames(9)], [["carl", "ann"], ["carl", "ann", "bob"]]);
  roster.remove(all[0]!);
  deepEqual(roster.firstNames(2), ["ann", "bob"]);
});

Deno.test("those who ignore somebody are known under whatever case the name is written in", () => {
  const { roster, ann } = rosterOf("ann", "bob");
  deepEqual(roster.ignoring("Eve"), []);
  roster.ignore(ann, "eve");
  roster.ignore(ann, "fred");
  deepEqual([roster.ignoring("Eve"), roster.ignoring("carl")], [[ann], []]);
  equal(roster.unignore(ann, "EVE"), "eve");
  equal(roster.unignore(ann, "eve"), undefined);
  deepEqual([roster.ignoring("eve"), roster.ignoring("fred")], [[], [ann]]);
});

Deno.test("a list of names that was given out stays as it was", () => {
  const { roster } = rosterOf("ann");
  const before = roster.names;
  roster.add(memberOf("bob"));
  deepEqual(before, ["ann"]);
  notEqual(roster.names, before);
});

Deno.test("who was renamed is found under the new name alone, and the old one is free", () => {
  const { roster, ann } = rosterOf("ann");
  roster.rename(ann, "AIice");
  deepEqual([roster.find("ann"), roster.isFree("ann")], [undefined, true]);
  deepEqual([roster.find("aiice"), roster.isFree("alice")], [ann, false]);
});

Deno.test("who changes the case of a name keeps it", () => {
  const { roster, ann } = rosterOf("ann");
  roster.rename(ann, "ANN");
  equal(roster.find("ann"), ann);
  deepEqual(roster.names, ["ANN"]);
});

Deno.test("who has left is found in no way, and leaves the name free with all that looks like it", () => {
  const roster = new Roster();
  const ann = memberOf("AIice", "ann's id");
  roster.add(ann);
  roster.remove(ann);
  deepEqual([roster.find("AIice"), roster.findByKey("ann's id"), roster.size], [undefined, undefined, 0]);
  deepEqual([roster.isFree("AIice"), roster.isFree("alice")], [true, true]);
});

Deno.test("a guest with an account is found by both its name and its account", () => {
  const { roster, ann } = rosterOf("ann4821");
  equal(ann.guest, true);
  const guestKey = ann.key;
  roster.promote(ann, { name: "ann", role: "member", account: "ann's id" });
  deepEqual([roster.find("ann"), roster.findByKey("ann's id")], [ann, ann]);
  equal(roster.findByKey(guestKey), ann); // what was on its way to the guest
  equal(roster.isFree("ann4821"), true);
  deepEqual([ann.name, ann.role, ann.guest], ["ann", "member", false]);
  roster.remove(ann);
  deepEqual([roster.findByKey("ann's id"), roster.findByKey(guestKey)], [undefined, undefined]);
});

function rosterOf(...names: [string, ...string[]]): { roster: Roster; all: Member[]; ann: Member } {
  const roster = new Roster();
  const all = names.map((name) => memberOf(name));
  for (const member of all) roster.add(member);
  return { roster, all, ann: all[0]! };
}

function memberOf(name: string, account?: string): Member {
  const role = account === undefined ? "guest" : "member";
  return new Member({ name, role, account, ignored: [], address: "192.0.2.1" }, new Date());
}
