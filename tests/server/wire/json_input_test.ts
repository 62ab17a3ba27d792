import {
  deepStrictEqual as deepEqual,
  doesNotMatch,
  ok,
  strictEqual as equal,
  throws,
} from "node:assert/strict";
import fc from "fast-check";
import { badField, badJson, Refusal, unknownType } from "../../../server/refusals.ts";
import {
  countField,
  type Fields,
  flagField,
  idField,
  needed,
  optionalWord,
  readJson,
  roomField,
  secretField,
  textField,
  wordField,
} from "../../../server/wire/json_input.ts";
import type { ClientMessage } from "../../../server/wire/json_types.ts";
import { answerJson } from "../../../server/wire/json_output.ts";
import { quoted } from "../../support/quoted.ts";

const badRef = badField("ref", "be a string of at most 256 characters or a number");

/** Lines that ask for something: what for, and with which `ref`. */
const REQUESTS: [line: string, type: string, ref: string | number | undefined][] = [
  ['{"type":"ping"}', "ping", undefined],
  [' {"type" : "ping"}\r', "ping", undefined],
  ['{"ref":"a","type":"ping"}', "ping", "a"],
  ['{"type":"ping","ref":""}', "ping", ""],
  ['{"type":"ping","ref":0}', "ping", 0],
  ['{"type":"ping","ref":-1.5e3}', "ping", -1500],
  [`{"type":"ping","ref":"${"😀".repeat(256)}"}`, "ping", "😀".repeat(256)],
  ['{"type":"ping","type":"pong"}', "pong", undefined],
  ['{"type":"ping","ref":1,"ref":2}', "ping", 2],
  ['{"type":"ping","unknown":{"deep":[1,2,{}]}}', "ping", undefined],
  ['{"type":"__proto__"}', "__proto__", undefined],
  ['{"type":"no \\u001b[31msuch\\u202e"}', "no [31msuch", undefined],
  [`{"type":"${"x".repeat(33)}"}`, `${"x".repeat(31)}…`, undefined],
  ['{"type":""}', "", undefined],
];

for (const [line, type, ref] of REQUESTS) {
  Deno.test(`${quoted(line)} asks for ${quoted(type)}`, () => {
    const request = readJson(line);
    ok("type" in request);
    deepEqual([request.type, request.ref], [type, ref]);
  });
}

/** Lines that ask for nothing: why not, and the `ref` that they are answered with. */
const UNREADABLE: [line: string, refusal: Refusal, ref: string | number | undefined][] = [
  ["", badJson(), undefined],
  ["{", badJson(), undefined],
  ["{type:'ping'}", badJson(), undefined],
  ['{"type":"ping"} {}', badJson(), undefined],
  ["null", badJson(), undefined],
  ["7", badJson(), undefined],
  ['"ping"', badJson(), undefined],
  ['["ping"]', badJson(), undefined],
  ['[{"type":"ping"}]', badJson(), undefined],
  ["{}", badJson(), undefined],
  ['{"__proto__":{"type":"ping"}}', badJson(), undefined],
  ['{"type":7,"ref":"a"}', badJson(), "a"],
  ['{"type":null,"ref":0}', badJson(), 0],
  ['{"ref":1}', badJson(), 1],
  ['{"type":"ping","ref":null}', badRef, undefined],
  ['{"type":"ping","ref":true}', badRef, undefined],
  ['{"type":"ping","ref":{}}', badRef, undefined],
  ['{"type":"ping","ref":["a"]}', badRef, undefined],
  ['{"type":"ping","ref":1e999}', badRef, undefined],
  [`{"type":"ping","ref":"${"x".repeat(257)}"}`, badRef, undefined],
  ['{"type":7,"ref":{}}', badRef, undefined],
];

for (const [line, refusal, ref] of UNREADABLE) {
  Deno.test(`${quoted(line)} is answered with ${refusal.code} and the ref ${JSON.stringify(ref)}`, () => {
    deepEqual(readJson(line), { refusal, ref });
  });
}

Deno.test("very long or very deep JSON is read or refused like any other", () => {
  const long = "x".repeat(100_000);
  const deep = "[".repeat(50_000) + "]".repeat(50_000);
  deepEqual(readJson(long), { refusal: badJson(), ref: undefined });
  deepEqual(readJson("[".repeat(100_000)), { refusal: badJson(), ref: undefined });
  deepEqual(readJson(deep), { refusal: badJson(), ref: undefined });
  equal(textField(fieldsOf(`{"type":"say","text":"${long}"}`), "text"), long);
  fieldsOf(`{"type":"say","text":${deep}}`);
  fieldsOf(`{"type":"say",${Array.from({ length: 10_000 }, (_, index) => `"${index}":0`)}}`);
});

Deno.test("a field with the name of the prototype changes no other", () => {
  const fields = fieldsOf('{"type":"say","__proto__":{"action":true,"text":"hi"}}');
  equal(flagField(fields, "action"), false);
  throws(() => textField(fields, "text"), Refusal);
  equal(Object.hasOwn(Object.prototype, "action"), false);
});

const text = (fields: Fields) => textField(fields, "field");
const word = (fields: Fields) => wordField(fields, "field");
const maybeWord = (fields: Fields) => optionalWord(fields, "field");
const secret = (fields: Fields) => secretField(fields, "field");
const flag = (fields: Fields) => flagField(fields, "field");
const count = (fields: Fields) => countField(fields, "field", { most: 1000, usual: 50 });
const id = (fields: Fields) => idField(fields, "field");
const room = (fields: Fields) => roomField(fields, "field");
const neededRoom = (fields: Fields) => needed(roomField(fields, "field"), "field");

/** What is read from a field; `undefined` for one that is missing. */
const READ: [read: (fields: Fields) => unknown, field: unknown, value: unknown][] = [
  [text, "hi", "hi"],
  [text, "  hi\tthere ", "  hi\tthere "],
  [text, "one\ntwo\rthree\r\nfour\n\nfive", "one two three four  five"],
  [text, "a\x1b[31mb\u202e\x85\0", "a[31mb"],
  [text, "\ud83d", "\ufffd"],
  [word, "bob", "bob"],
  [word, " bob\n", "bob"],
  [word, "\u202eb\x1bob", "bob"],
  [maybeWord, undefined, undefined],
  [maybeWord, "123456", "123456"],
  [secret, " \x07pass\nword\u202e ", " \x07pass\nword\u202e "],
  [flag, undefined, false],
  [flag, false, false],
  [flag, true, true],
  [count, 1001, 1000],
  [count, undefined, 50],
  [count, 1, 1],
  [count, 1000, 1000],
  [id, undefined, undefined],
  [id, "01KGGTSV350000000000000001", "01KGGTSV350000000000000001"],
  [id, "01kggtsv350000000000000001", "01KGGTSV350000000000000001"],
  [id, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"],
  [id, "", "00000000000000000000000000"],
  [room, undefined, undefined],
  [room, "garden", "garden"],
  [room, "#garden", "garden"],
  [room, "##garden", "#garden"],
  [room, "#\x1bgar\u202eden\n", "garden "],
  [room, "", ""],
  [neededRoom, "#garden", "garden"],
];

for (const [read, field, value] of READ) {
  Deno.test(`${read.name} reads ${quoted(JSON.stringify(field) ?? "nothing")} as ${JSON.stringify(value)}`, () => {
    equal(read({ field }), value);
  });
}

/** What a field may not be, and what it must do instead. */
const REFUSED: [read: (fields: Fields) => unknown, must: string, fields: unknown[]][] = [
  [text, "be a text that is not empty", [undefined, null, 7, true, ["hi"], {}, "", " \t\n", "\0\u202e"]],
  [word, "be a text without spaces that is not empty", [undefined, null, 7, ["bob"], "", " ", "a b", "a\nb"]],
  [maybeWord, "be a text without spaces that is not empty", [null, 7, "", "a b"]],
  [secret, "be a text that is not empty", [undefined, null, 7, [], ""]],
  [flag, "be true or false", [null, 0, 1, "true", []]],
  [count, "be a whole number from 1 to 1000", [null, 0, -1, 1.5, Infinity, NaN, "10", [10]]],
  [id, "be the id of a message", [
    null,
    7,
    {},
    "01KGGTSV35000000000000000",
    "01KGGTSV3500000000000000011",
    "01KGGTSV35000000000000000U",
    "81KGGJTJ2N0000000000000001",
    "01KGGTSV350000000000000001\n",
    "ı1KGGJTJ2N0000000000000001",
  ]],
  [room, "be the name of a room", [null, 7, true, ["lobby"], {}]],
  [neededRoom, "be given", [undefined]],
];

for (const [read, must, fields] of REFUSED) {
  for (const field of fields) {
    Deno.test(`${read.name} refuses ${quoted(JSON.stringify(field) ?? "nothing")}`, () => {
      throws(() => read({ field }), badField("field", must));
    });
  }
}

Deno.test("what is refused says which field, and what it must be", () => {
  throws(() => textField({}, "text"), {
    code: "bad_request",
    message: 'Field "text" must be a text that is not empty.',
  });
});

Deno.test("an unknown type is told which there are", () => {
  const types: Record<ClientMessage["type"], true> = {
    auth: true,
    login: true,
    guest: true,
    link: true,
    signup: true,
    say: true,
    direct: true,
    join: true,
    leave: true,
    who: true,
    rooms: true,
    history: true,
    conversations: true,
    search: true,
    ignored: true,
    delete: true,
    command: true,
    ping: true,
    pong: true,
  };
  const { code, message } = unknownType("sya");
  equal(code, "unknown_type");
  ok(message.startsWith('Unknown type "sya". '), message);
  for (const type of Object.keys(types)) ok(new RegExp(`\\b${type}\\b`).test(message.slice(20)), type);
});

/** A field's value: any JSON at all, or text in which what is dangerous is frequent. */
const anyField = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({
    unit: fc.oneof(
      fc.constantFrom("\n", "\r", "\x1b", "\x9b", "\u2028", "\u202e", "\u2066", "\ud83d", "\ude00", " ", "#"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
  }),
);

Deno.test("what was read from a field drives no terminal and turns no text around, in JSON either", () => {
  fc.assert(fc.property(anyField, (field) => {
    for (const read of [text, word, maybeWord, room]) {
      const value = readOrRefuse(() => read({ field }));
      if (typeof value !== "string") continue;
      const line = answerJson({ type: "notice", text: value });
      doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u);
      equal(JSON.parse(line).text, value);
    }
  }));
});

Deno.test("every line is a request or is refused, whatever is in it", () => {
  const lines = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.record({ type: anyField, ref: anyField }).map(
      (fields) => JSON.stringify(fields),
    ),
  );
  fc.assert(fc.property(lines, (line) => {
    const asked = readJson(line);
    ok("refusal" in asked ? asked.refusal instanceof Refusal : [...asked.type].length <= 32);
  }));
});

Deno.test("every field is read or refused, whatever is in it", () => {
  fc.assert(fc.property(anyField, (field) => {
    for (const read of [text, word, maybeWord, secret, flag, count, id, room]) {
      readOrRefuse(() => read({ field }));
    }
  }));
});

/** Undefined where it was refused; whatever else is thrown fails the test. */
function readOrRefuse(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function fieldsOf(line: string): Fields {
  const request = readJson(line);
  ok("fields" in request);
  return request.fields;
}
