import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { printable } from "../../../server/wire/printable.ts";
import { asSent, readTyped, type Typed } from "../../../web/chat/typed_line.ts";

const say = (text: string, action = false): Typed => ({ do: "say", text, action });

/** A line, and what it asks for. */
const LINES: readonly (readonly [line: string, typed: Typed])[] = [
  ["", { do: "nothing" }],
  ["  \t ", { do: "nothing" }],
  ["\u202e", { do: "nothing" }],
  ["hello", say("hello")],
  ["  hello ", say("  hello ")],
  ["//help", say("/help")],
  ["///", say("//")],
  ["say /kick", say("say /kick")],
  ["/me waves", say("waves", true)],
  ["/ME  waves ", say("waves", true)],
  ["/me", { do: "command", text: "/me" }],
  ["/say hello", say("hello")],
  ["/@ bob hi there", { do: "write", to: "bob", text: "hi there" }],
  ["/@bob hi", { do: "write", to: "bob", text: "hi" }],
  ["/msg bob hi", { do: "write", to: "bob", text: "hi" }],
  ["/msg bob", { do: "command", text: "/msg bob" }],
  ["/r yes", { do: "reply", text: "yes" }],
  ["/join #garden", { do: "join", room: "#garden" }],
  ["/j garden", { do: "join", room: "garden" }],
  ["/join", { do: "command", text: "/join" }],
  ["/leave", { do: "part", room: undefined }],
  ["/leave #garden", { do: "part", room: "garden" }],
  ["/ignore eve", { do: "ignore", name: "eve" }],
  ["/ignore", { do: "command", text: "/ignore" }],
  ["/unignore eve", { do: "unignore", name: "eve" }],
  ["/away", { do: "away", word: "" }],
  ["/away for tea", { do: "away", word: "for tea" }],
  ["/search lunch friday", { do: "search", words: "lunch friday" }],
  ["/rooms", { do: "show", what: "rooms" }],
  ["/tokens", { do: "show", what: "account" }],
  ["/help", { do: "show", what: "help" }],
  ["/help kick", { do: "command", text: "/help kick" }],
  ["/missed", { do: "catch up" }],
  [".exit", { do: "leave" }],
  ["/quit", { do: "leave" }],
  ["/kick bob too loud", { do: "command", text: "/kick bob too loud" }],
  ["/", { do: "command", text: "/" }],
];

for (const [line, typed] of LINES) {
  Deno.test(`${JSON.stringify(line)} asks for ${JSON.stringify(typed)}`, () =>
    deepEqual(readTyped(line), typed));
}

Deno.test("a text is sent as the server keeps it, so that it can be found there again", () => {
  const texts = ["plain", "tab\there", "a\u0007b\u202ec\u2066", "\x1b[31mred", "\ud800", "😀 ü 漢"];
  for (const text of texts) equal(asSent(text), printable(text));
  equal(asSent("one\r\ntwo\nthree\rfour"), "one two three four");
});
