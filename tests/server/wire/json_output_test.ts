import { deepStrictEqual as deepEqual, doesNotMatch, ok, strictEqual as equal } from "node:assert/strict";
import fc from "fast-check";
import type { ChatEvent, Direct, Message } from "../../../server/chat/event.ts";
import { Refusal, tooManyAttempts, userNotFound } from "../../../server/refusals.ts";
import {
  answerJson,
  JsonOutput,
  linkJson,
  pingJson,
  refusalJson,
  welcomeJson,
} from "../../../server/wire/json_output.ts";
import { quoted } from "../../support/quoted.ts";

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

const MESSAGE_LINE =
  `{"type":"message","id":"01KGGTSV350000000000000001","room":"lobby","from":"ann","text":"hi","action":false,` +
  `"at":"2026-02-03T04:05:06.789Z"}`;
const DIRECT_LINE =
  `{"type":"direct","id":"01KGGTSV350000000000000002","from":"ann","to":"bob","text":"psst",` +
  `"at":"2026-02-03T04:05:06.789Z"}`;

/** What happened, and the line that everybody reads, without its LF. */
const EVENTS: [event: ChatEvent, line: string][] = [
  [message, MESSAGE_LINE],
  [{ ...message, author: undefined, action: true }, MESSAGE_LINE.replace("false", "true")],
  [direct, DIRECT_LINE],
  [
    { type: "joined", room: "lobby", name: "bob", passage: "presence", at },
    `{"type":"joined","room":"lobby","name":"bob","at":"2026-02-03T04:05:06.789Z"}`,
  ],
  [
    { type: "left", room: "garden", name: "bob", reason: "too slow", passage: "door", at },
    `{"type":"left","room":"garden","name":"bob","at":"2026-02-03T04:05:06.789Z","reason":"too slow"}`,
  ],
  [
    { type: "renamed", from: "bob", to: "rob", at },
    `{"type":"renamed","from":"bob","to":"rob","at":"2026-02-03T04:05:06.789Z"}`,
  ],
  [
    { type: "topic", room: "garden", topic: "Roses", by: "ann", at },
    `{"type":"topic","room":"garden","topic":"Roses","by":"ann","at":"2026-02-03T04:05:06.789Z"}`,
  ],
  [
    { type: "deleted", room: "lobby", id: message.id, number: 7, from: "bob", by: "ann", at },
    `{"type":"deleted","room":"lobby","id":"01KGGTSV350000000000000001","by":"ann",` +
    `"at":"2026-02-03T04:05:06.789Z"}`,
  ],
  [
    { type: "noted", room: "garden", text: "ann has made this room quiet.", at },
    `{"type":"notice","text":"ann has made this room quiet.","room":"garden"}`,
  ],
  [{ type: "announced", text: "Tea.", at }, `{"type":"notice","text":"Announcement: Tea."}`],
];

for (const [event, line] of EVENTS) {
  Deno.test(`${event.type} is ${quoted(line)}`, () => {
    equal(read(new JsonOutput().render(event)), line + "\n");
  });
}

Deno.test("all readers get the same bytes, those of a private message as well", () => {
  const output = new JsonOutput();
  for (const event of [message, direct]) {
    const first = output.render(event);
    equal(output.render(event), first);
  }
});

Deno.test("what is rendered is the event in hand, whatever was rendered before", () => {
  const output = new JsonOutput();
  const next = { ...message, text: "ho" };
  const texts = [message, next, direct, message, next].map((event) =>
    JSON.parse(read(output.render(event))).text
  );
  deepEqual(texts, ["hi", "ho", "psst", "hi", "ho"]);
});

/** An answer and its lines, without their LF; the `ref` is 7 where it stands in one. */
const ANSWERS: [answer: Parameters<typeof answerJson>[0], lines: string[]][] = [
  [{ type: "notice", text: "one\ntwo" }, [`{"type":"notice","text":"one\\ntwo","ref":7}`]],
  [
    { type: "roster", room: "lobby", names: ["ann", "bob"] },
    [`{"type":"roster","room":"lobby","names":["ann","bob"],"ref":7}`],
  ],
  [
    { type: "rooms", rooms: [{ name: "garden", topic: "", present: 2, private: true, quiet: false }] },
    [
      `{"type":"rooms","rooms":[{"name":"garden","topic":"","present":2,"private":true,"quiet":false}],"ref":7}`,
    ],
  ],
  [{ type: "rooms", rooms: [] }, [`{"type":"rooms","rooms":[],"ref":7}`]],
  [
    {
      type: "entered",
      room: "garden",
      topic: "Roses",
      names: ["ann"],
      private: true,
      quiet: false,
      staff: true,
      recent: [message],
    },
    [
      `{"type":"roster","room":"garden","names":["ann"],"topic":"Roses","private":true,"quiet":false,"staff":true,"ref":7}`,
    ],
  ],
  [{ type: "ack", id: message.id }, [`{"type":"ack","id":"01KGGTSV350000000000000001","ref":7}`]],
  [
    { type: "ack", id: direct.id, note: "bob is offline and will get it on return." },
    [
      `{"type":"ack","id":"01KGGTSV350000000000000002","note":"bob is offline and will get it on return.","ref":7}`,
    ],
  ],
  [{ type: "pong" }, [`{"type":"pong","ref":7}`]],
  [
    { type: "history", room: "lobby", messages: [message], more: true },
    [`{"type":"history","room":"lobby","messages":[${MESSAGE_LINE}],"more":true,"ref":7}`],
  ],
  [
    { type: "history", with: "bob", messages: [direct], more: false },
    [`{"type":"history","with":"bob","messages":[${DIRECT_LINE}],"more":false,"ref":7}`],
  ],
  [
    { type: "found", messages: [message, direct], more: false },
    [`{"type":"found","messages":[${MESSAGE_LINE},${DIRECT_LINE}],"more":false,"ref":7}`],
  ],
  [
    { type: "conversations", conversations: [{ with: "bob", last: direct }] },
    [`{"type":"conversations","conversations":[{"with":"bob","last":${DIRECT_LINE}}],"ref":7}`],
  ],
  [{ type: "secret", secret: "JBSW", uri: "otpauth://totp/x" }, [
    `{"type":"notice","text":"otpauth://totp/x","ref":7}`,
  ]],
  [{ type: "ignored", names: ["eve"] }, [`{"type":"ignored","names":["eve"],"ref":7}`]],
  [{ type: "waiting", directs: [direct, { ...direct, from: "eve" }], all: 2 }, [
    DIRECT_LINE,
    DIRECT_LINE.replace(`"from":"ann"`, `"from":"eve"`),
  ]],
  [{ type: "waiting", directs: [], all: undefined }, []],
  [
    {
      type: "missed",
      rooms: [
        { room: "lobby", count: 37, atLeast: false, after: message.id, since: at },
        { room: "garden", count: 1000, atLeast: true, after: "", since: at },
      ],
    },
    [
      `{"type":"missed","room":"lobby","count":37,"at_least":false,"after":"01KGGTSV350000000000000001",` +
      `"since":"2026-02-03T04:05:06.789Z"}`,
      `{"type":"missed","room":"garden","count":1000,"at_least":true,"after":"","since":"2026-02-03T04:05:06.789Z"}`,
    ],
  ],
];

for (const [answer, lines] of ANSWERS) {
  const text = lines.map((line) => line + "\n").join("");
  Deno.test(`the answer ${quoted(JSON.stringify(answer))} is ${quoted(text)}`, () => {
    equal(answerJson(answer, 7), text);
    equal(answerJson(answer), text.replaceAll(`,"ref":7}`, "}"));
  });
}

for (
  const [refusal, ref, line] of [
    [userNotFound("bob"), undefined, `{"type":"error","code":"user_not_found","text":"User bob not found."}`],
    [
      userNotFound("bob"),
      "a",
      `{"type":"error","code":"user_not_found","text":"User bob not found.","ref":"a"}`,
    ],
    [
      tooManyAttempts(12),
      0,
      `{"type":"error","code":"too_many_attempts","text":"Too many attempts. Try again in 12 s.",` +
      `"retry_after_seconds":12,"ref":0}`,
    ],
    [new Refusal("two", "One.\nTwo."), "", `{"type":"error","code":"two","text":"One.\\nTwo.","ref":""}`],
  ] as const
) {
  Deno.test(`the refusal ${refusal.code}, asked for with ${JSON.stringify(ref)}, is ${quoted(line)}`, () => {
    equal(refusalJson(refusal, ref), line + "\n");
  });
}

Deno.test("the welcome says where one is and as whom", () => {
  const welcome = {
    server: "Parley",
    version: "1.2.3",
    name: "bob",
    role: "guest",
    rooms: ["lobby"],
  } as const;
  const line =
    `{"type":"welcome","server":"Parley","version":"1.2.3","name":"bob","role":"guest","rooms":["lobby"]`;
  equal(welcomeJson(welcome), `${line}}\n`);
  equal(welcomeJson(welcome, "a"), `${line},"ref":"a"}\n`);
});

Deno.test("how a browser lets a program in is a line", () => {
  const line = `{"type":"link","url":"https://localhost:8443/link","code":"BCDF-GHJK",` +
    `"expires_at":"2026-02-03T04:05:06.789Z"`;
  const link = { url: "https://localhost:8443/link", code: "BCDF-GHJK", expiresAt: at };
  equal(linkJson(link), `${line}}\n`);
  equal(linkJson(link, 7), `${line},"ref":7}\n`);
});

Deno.test("a ping is a line", () => {
  equal(pingJson(), `{"type":"ping"}\n`);
});

/** Any string at all, line endings, quotes and halves of characters more often than others. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\n", "\r", "\0", '"', "\\", "\u2028", "\u202e", "\x7f", "\ud83d", "\ude00", "</script>"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

Deno.test("whatever was said is one line of JSON in UTF-8 that says the same", () => {
  const output = new JsonOutput();
  fc.assert(fc.property(anyText, anyText, (text, from) => {
    for (const event of [{ ...message, text, from }, { ...direct, text, from }]) {
      const said = parsedLine(output.render(event));
      deepEqual([said.text, said.from], [text, from]);
    }
  }));
});

Deno.test("whatever is answered is one line of JSON in UTF-8 that says the same", () => {
  fc.assert(fc.property(anyText, anyText, (text, ref) => {
    const lines = [answerJson({ type: "notice", text }, ref), refusalJson(new Refusal("no", text), ref)];
    for (const line of lines) {
      const answer = parsedLine(new TextEncoder().encode(line));
      deepEqual([answer.text, answer.ref], [text, ref]);
    }
  }));
});

function read(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

function parsedLine(bytes: Uint8Array): Record<string, unknown> {
  const text = read(bytes);
  ok(text.endsWith("\n"), text);
  doesNotMatch(text.slice(0, -1), /[\r\n]/);
  return JSON.parse(text);
}
