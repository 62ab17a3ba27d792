import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { CommandInfo } from "../../../server/wire/web_types.ts";
import { commandIn, complete, completed } from "../../../web/chat/completion.ts";

const commands = [
  command("@", "<name> <message>", "msg"),
  command("me", "<text>"),
  command("join", "#<room>", "j"),
  command("leave", "[#<room>]", "part"),
  command("keep", "[<days>d|default]"),
  command("kick", "<name> [why]"),
  command("ignore", "[name]"),
];
const known = { commands, names: ["Ann", "anna", "bob"], rooms: ["lobby", "garden"] };

/** A line with the caret at `|`, and what may be meant; by Tab where it ends with `→`. */
const LINES: readonly (readonly [line: string, options: readonly string[]])[] = [
  ["|", []],
  ["hello|", []],
  ["/|", [
    "/@ <name> <message>",
    "/me <text>",
    "/join #<room>",
    "/leave [#<room>]",
    "/keep [<days>d|default]",
    "/kick <name> [why]",
    "/ignore [name]",
  ]],
  ["/k|", ["/keep [<days>d|default]", "/kick <name> [why]"]],
  ["/KI|", ["/kick <name> [why]"]],
  ["/m|", ["/me <text>", "/@ <name> <message>"]], // by its other name
  ["//k|", []],
  ["say /k|", []],
  ["/x|", []],
  ["/kick |", []],
  ["/kick a|", ["Ann", "anna"]],
  ["/kick ann b|", []],
  ["/kick |→", ["Ann", "anna", "bob"]],
  ["/msg B|", ["bob"]],
  ["/@ b|", ["bob"]],
  ["/@b|", ["/@bob"]],
  ["/ignore a|", ["Ann", "anna"]],
  ["/join g|", ["#garden"]],
  ["/join #|", ["#lobby", "#garden"]],
  ["/leave |", ["#lobby", "#garden"]],
  ["hi @a|", ["@Ann", "@anna"]],
  ["hi @|", []],
  ["hi #g|", ["#garden"]],
  ["hi a|", []],
  ["hi a|→", ["Ann", "anna"]],
  ["hi a| there→", ["Ann", "anna"]],
  ["hi |→", []],
];

for (const [line, options] of LINES) {
  Deno.test(`${JSON.stringify(line)} may mean ${options.length === 0 ? "nothing" : options.join(", ")}`, () => {
    const asked = line.endsWith("→");
    const text = line.replace("→", "");
    const found = complete(text.replace("|", ""), text.indexOf("|"), known, { asked });
    deepEqual((found?.options ?? []).map(({ label }) => label), options);
  });
}

Deno.test("an option takes the place of what was typed, and the caret goes on behind it", () => {
  for (
    const [line, result] of [
      ["/ki|", "/kick |"],
      ["/kick an| too loud", "/kick Ann |too loud"],
      ["hi @b| there", "hi @bob |there"],
      ["/@bo|", "/@bob |"],
      ["/join ga|", "/join #garden |"],
    ]
  ) {
    const at = line!.indexOf("|");
    const plain = line!.replace("|", "");
    const completion = complete(plain, at, known)!;
    const [text, caret] = completed(plain, completion, completion.options[0]!);
    equal(`${text.slice(0, caret)}|${text.slice(caret)}`, result);
  }
});

Deno.test("the command of a line is known once its name is complete, by any of its names and in any case", () => {
  for (
    const [line, name] of [
      ["/kick ann", "kick"],
      ["/KICK ", "kick"],
      ["/kick", undefined],
      ["/part #garden", "leave"],
      ["/@bob hi", "@"],
      ["/@ bob hi", "@"],
      ["//kick ann", undefined],
      ["kick ann", undefined],
      ["/dance ann", undefined],
    ]
  ) equal(commandIn(line!, commands)?.name, name, line);
});

function command(name: string, usage: string, ...aliases: string[]): CommandInfo {
  return { name, usage, aliases, help: "", group: "", role: "guest", text_only: false };
}
