import { deepStrictEqual as deepEqual, doesNotMatch, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import { readLine, type Request, strangerOf } from "../../../server/wire/text_input.ts";
import { quoted } from "../../support/quoted.ts";

const say = (text: string): Request => ({ type: "say", text });
const command = (name: string, rest = ""): Request => ({ type: "command", name, rest });
const nothing: Request = { type: "nothing" };

const LINES: [line: string, request: Request][] = [
  // talk is what was typed
  ["hello", say("hello")],
  ["  hello  ", say("  hello  ")],
  ["\thello\tthere\t", say("\thello\tthere\t")],
  ["a \x1b[31mb\x1b[0m\u202e", say("a [31mb[0m")],
  ["what /u does", say("what /u does")],
  [" /u", say(" /u")],
  ["#lobby hello", say("#lobby hello")],
  ["{}", say("{}")],
  ["GET / HTTP/1.1", say("GET / HTTP/1.1")],

  // two slashes say a line that begins with one
  ["//u is a command", say("/u is a command")],
  ["// so", say("/ so")],
  ["//", say("/")],
  ["///", say("//")],
  ["\x1b//etc", say("/etc")],

  // commands
  ["/u", command("u")],
  ["/U  #Lobby ", command("u", "#Lobby")],
  ["/ME Waves  Twice ", command("me", "Waves  Twice")],
  ["/whois\tann", command("whois", "ann")],
  ["/", command("")],
  ["/ me waves", command("", "me waves")],
  ["/\x00me waves", command("me", "waves")],
  ["/no-such thing", command("no-such", "thing")],

  // private messages
  ["/@ bob hi there", command("@", "bob hi there")],
  ["/@bob hi there", command("@", "bob hi there")],
  ["/@bob", command("@", "bob")],
  ["/@", command("@")],
  ["/@@bob hi", command("@", "@bob hi")],
  ["/msg bob hi", command("msg", "bob hi")],
  ["/MSG bob HI", command("msg", "bob HI")],

  // leaving
  [".exit", command("exit")],
  [".EXIT  ", command("exit")],
  [".\x1bexit", command("exit")],
  [" .exit", say(" .exit")],
  [".exit now", say(".exit now")],
  [".exits", say(".exits")],
  ["..exit", say("..exit")],

  // nothing
  ["", nothing],
  [" \t ", nothing],
  ["\x00\x1b\u202e", nothing],
];

for (const [line, request] of LINES) {
  Deno.test(`${quoted(line)} asks for ${quoted(Object.values(request).join(" "))}`, () => {
    deepEqual(readLine(line), request);
  });
}

Deno.test("no control character gets past the reading of a line", () => {
  const lines = fc.tuple(fc.constantFrom("", "/", "//", "/@ ", "/me "), fc.string({ unit: "binary" }));
  fc.assert(fc.property(lines, ([start, end]) => {
    for (const part of Object.values(readLine(start + end))) {
      doesNotMatch(part.replaceAll("\t", ""), /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    }
  }));
});

for (
  const [line, stranger] of [
    ["GET /index.html HTTP/1.1", "http"],
    ["GET http://example.org/ HTTP/1.1", "http"],
    ["PRI * HTTP/2.0", "http"],
    ["POST / HTTP/1.1\r", "http"],
    ["GET / HTTP", undefined],
    ["GET", undefined],
    ["CAP LS", "irc"],
    ["CAP END", "irc"],
    ["NICK :ann", "irc"],
    ["NICK", undefined],
    ["NICKY", undefined],
    ["nick ann", undefined],
    ["PASSWORD 1", undefined],
    ['{"type":"auth"}', "json"],
    [" {", undefined],
    ["ann", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`a first line of ${quoted(line)} comes from ${stranger ?? "a person"}`, () => {
    equal(strangerOf(line), stranger);
  });
}
