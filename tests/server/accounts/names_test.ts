import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  canonicalFold,
  chatName,
  guestName,
  isReserved,
  nameFolds,
  username,
  usernameFolds,
} from "../../../server/accounts/names.ts";
import { badName, badUsername, nameTaken, Refusal } from "../../../server/refusals.ts";

Deno.test("a name may be written in any one script", () => {
  const names = [
    "alice",
    "Alice_B-2.0",
    "4821",
    "9lives",
    "x.",
    "aq\u0307\u0308\u0307\u0308",
    "Zoë",
    "Łukasz",
    "Nguyễn",
    "José",
    "алиса",
    "Михаил2",
    "Νίκος",
    "شادي",
    "سارة٤٢",
    "שלום",
    "דָּוִד",
    "सीता",
    "सीता१२",
    "ကျွန်ုပ်",
    "ไม้เอก",
    "བསྟན",
    "აბგ",
    "Հայկ",
    "አበበ",
    "山田太郎",
    "山田タロー",
    "さくら",
    "佐々木",
    "王ㄨㄤ",
    "김철수",
    "金철수",
    "ᏣᎳᎩ",
    "ᐃᓄᒃ",
    "𞤀𞤣𞤤",
  ];
  for (const name of names) equal(chatName(name), name);
});

Deno.test("a name is shown as NFKC writes it", () => {
  const cases = [
    ["ａｌｉｃｅ", "alice"],
    ["𝓪𝓵𝓲𝓬𝓮", "alice"],
    ["ⓐⓛⓘⓒⓔ", "alice"],
    ["ﬁona", "fiona"],
    ["bob²", "bob2"],
    ["Zoe\u0308", "Zoë"],
    ["ﾀﾛｳ", "タロウ"],
    ["\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"],
    ["a＿b", "a_b"],
    ["\u212bke", "Åke"],
  ] as const;
  for (const [raw, name] of cases) equal(chatName(raw), name);
});

Deno.test("what breaks a rule is no name", () => {
  const cases = [
    ["not a string", 42],
    ["nothing", undefined],
    ["an object", { toString: () => "alice" }],
    ["empty", ""],
    ["a space", "al ice"],
    ["a space at the end", "alice "],
    ["a line ending at the end", "alice\n"],
    ["a space that NFKC makes", "al\u00b4ice"],
    ["a slash", "al/ice"],
    ["an at sign", "@lice"],
    ["a number sign", "#lobby"],
    ["an emoji", "alice😀"],
    ["a currency", "ali¢e"],
    ["a dash that is not ASCII's", "al–ice"],
    ["an escape character", "\u001b[31mred"],
    ["a lone surrogate", "ab\ud800"],
    ["a private character", "ab\ue000"],
    ["an unassigned code point", "ab\u0378"],
    ["beginning with an underscore", "_alice"],
    ["beginning with a hyphen", "-alice"],
    ["beginning with a dot", ".exit"],
    ["beginning with a mark", "\u0301alice"],
    ["a mark on a digit", "a1\u0301"],
    ["a mark on a dot", "a.\u0301"],
    ["five marks in a pile", "aq\u0307\u0308\u0307\u0308\u0307"],
    ["an enclosing mark", "ab\u0488"],
    ["a mark that no script owns", "a\u0336b\u0336"],
    ["zero-width space", "al\u200bice"],
    ["zero-width joiner", "al\u200dice"],
    ["zero-width non-joiner", "al\u200cice"],
    ["word joiner", "al\u2060ice"],
    ["byte order mark", "alice\ufeff"],
    ["soft hyphen", "al\u00adice"],
    ["right-to-left override", "al\u202eice"],
    ["Hangul filler", "김\u3164"],
    ["halfwidth Hangul filler", "김\uffa0"],
    ["Mongolian vowel separator", "ab\u180e"],
    ["variation selector", "山\ufe00"],
    ["tag character", "ab\u{e0061}"],
    ["Braille blank", "ab\u2800"],
    ["Latin and Cyrillic", "аlice"],
    ["Latin and Greek", "alicε"],
    ["Latin and Cherokee", "ᎪLICE"],
    ["Latin and Han", "alice山"],
    ["Hiragana and Hangul", "さ김"],
    ["Bopomofo and Hiragana", "ㄨさ"],
    ["a letter that no script owns", "aliceː"],
    ["a script that nobody writes today", "𓀀𓀁"],
    ["Latin and digits of another script", "alice٤"],
    ["digits of two systems", "سارة٤۴"],
  ] as const;
  for (const [why, raw] of cases) throws(() => chatName(raw), badName(), why);
});

Deno.test("a name is 2 to 32 code points long", () => {
  const cases = [
    ["a", 1, false],
    ["a", 2, true],
    ["a", 32, true],
    ["a", 33, false],
    ["a", 100_000, false],
    ["я", 1, false],
    ["я", 2, true],
    ["я", 32, true],
    ["я", 33, false],
    ["한".normalize("NFD"), 32, true],
    ["한".normalize("NFD"), 33, false],
    ["\u{20000}", 1, false],
    ["\u{20000}", 32, true],
    ["\u{20000}", 33, false],
    ["ﷺ", 2, false],
    ["ﬃ", 10, true],
    ["ﬃ", 11, false],
  ] as const;
  for (const [character, count, good] of cases) {
    const raw = character.repeat(count);
    if (good) equal(chatName(raw), raw.normalize("NFKC"));
    else throws(() => chatName(raw), badName(), `${count} of ${character}`);
  }
});

Deno.test("names that differ in nothing but case or looks clash", () => {
  const cases = [
    ["alice", "ALICE"],
    ["alice", "AIice"],
    ["ALICE", "AIice"],
    ["ALICE", "ALlCE"],
    ["alice", "a1ice"],
    ["bob0", "bobO"],
    ["bob0", "bobo"],
    ["b0b", "bob"],
    ["Ian", "lan"],
    ["modern", "rnodern"],
    ["MODERN", "rnodern"],
    ["paypal", "раураӏ"],
    ["paypal", "РАУРАӀ"],
    ["scope", "ѕсоре"],
    ["HET", "НЕТ"],
    ["het", "НЕТ"],
    ["НАНА", "haha"],
    ["KATE", "ΚΑΤΕ"],
    ["Νίκος", "ΝΊΚΟΣ"],
    ["Zoë", "ZOE\u0308"],
    ["ニコ", "二コ"],
    ["٠٠", ".."],
    ["weiß", "WEIẞ"],
    ["fuβ", "fuß"],
    ["kızı", "kizi"],
  ] as const;
  for (const [one, other] of cases) ok(clash(one, other), `${one} ${other}`);
});

Deno.test("names that differ otherwise do not clash", () => {
  const cases = [
    ["ali", "all"],
    ["ian", "lan"],
    ["alice", "alicia"],
    ["alice", "alice_"],
    ["alice", "al.ice"],
    ["jose", "José"],
    ["bob1", "bob2"],
    ["het", "нет"],
    ["山田", "山口"],
    ["김", "금"],
    ["uber", "über"],
  ] as const;
  for (const [one, other] of cases) ok(!clash(one, other), `${one} ${other}`);
});

Deno.test("a fold is the skeleton of UTS #39 in lower case", () => {
  const cases = [
    ["alice", ["alice"]],
    ["mary", ["rnary"]],
    ["AlI", ["ali", "all"]],
    ["bob0", ["bobo"]],
    ["ѕсоре", ["scope"]],
    ["ΝΊΚΟΣ", ["vi\u0301ĸoo", "nl\u0301koʃ"]],
    ["Zoë", ["zoe\u0308"]],
    ["çava", ["c\u0326ava"]],
    ["al\u200bice", ["alice"]],
    ["ａｌｉｃｅ", ["alice"]],
    ["", [""]],
  ] as const;
  for (const [name, folds] of cases) {
    deepEqual(nameFolds(name), folds);
    equal(canonicalFold(name), folds[0]);
  }
});

Deno.test("nobody may be called like the server or its places", () => {
  const reserved = [
    "admin",
    "server",
    "system",
    "everyone",
    "lobby",
    "parley",
    "ADMIN",
    "Admin",
    "adrnin",
    "l0bby",
    "Iobby",
    "1OBBY",
    "PARLEY",
    "parIey",
    "systern",
    "ѕеrvеr",
  ];
  const free = ["administrator", "admin1", "admin_", "serve", "the-server", "parle", "lobbies", "alice"];
  deepEqual(reserved.filter((name) => !isReserved(name)), []);
  deepEqual(free.filter((name) => isReserved(name)), []);
});

Deno.test("a username is an e-mail address or what would do as a name", () => {
  const cases = [
    ["alice", "alice"],
    ["ａｌｉｃｅ", "alice"],
    ["山田", "山田"],
    ["alice@example.org", "alice@example.org"],
    ["Alice.B+chat@Mail.Example.org", "Alice.B+chat@Mail.Example.org"],
    ["alice＠example.org", "alice@example.org"],
    ["root@localhost", "root@localhost"],
    ["_@x", "_@x"],
    ["o'neill_%=&~-@a-b.example", "o'neill_%=&~-@a-b.example"],
    ["用户@例子.中国", "用户@例子.中国"],
    ["Jose\u0301@example.org", "José@example.org"],
    [`${"a".repeat(242)}@example.org`, `${"a".repeat(242)}@example.org`],
  ] as const;
  for (const [raw, expected] of cases) equal(username(raw), expected);
});

Deno.test("what is neither is no username", () => {
  const usernames = [
    undefined,
    null,
    7,
    ["alice"],
    "",
    "a",
    "a".repeat(33),
    "al ice",
    "@",
    "alice@",
    "@example.org",
    "alice@@example.org",
    "alice@example@org",
    "alice@.example.org",
    "alice@example.org.",
    "alice@example..org",
    "alice@-example.org",
    "alice@exa_mple.org",
    "alice@[127.0.0.1]",
    "al ice@example.org",
    "alice@example.org ",
    "alice@example.org\n",
    "alice\u0000@example.org",
    "alice\u001b@example.org",
    "alice\u200b@example.org",
    "alice\u3164@example.org",
    '"alice"@example.org',
    "<alice@example.org>",
    "alice,bob@example.org",
    "/login@example.org",
    "{alice@example.org",
    ".alice@example.org",
    `${"a".repeat(243)}@example.org`,
    `${"é".repeat(122)}@example.org`,
    "@".repeat(100_000),
  ];
  for (const raw of usernames) throws(() => username(raw), badUsername(), String(raw).slice(0, 40));
});

Deno.test("a username is unique without regard to case, and to looks if it is a name", () => {
  const cases = [
    ["Alice@Example.ORG", ["alice@example.org"]],
    ["ALICE＠example.org", ["alice@example.org"]],
    ["bob0@example.org", ["bob0@example.org"]],
    ["AIice", ["aiice", "alice"]],
    ["alice", ["alice"]],
  ] as const;
  for (const [name, folds] of cases) deepEqual(usernameFolds(name), folds);
});

Deno.test("a guest's name gets four digits, unless it has them and is free", () => {
  const cases = [
    { base: "alice", drawn: [0.4821], name: "alice4821" },
    { base: "alice", drawn: [0], name: "alice0000" },
    { base: "alice", drawn: [0.99999], name: "alice9999" },
    { base: "alice", drawn: [0.1, 0.2, 0.3], taken: ["alice1000", "alice2000"], name: "alice3000" },
    { base: "alice4821", drawn: [], name: "alice4821" },
    { base: "alice4821", drawn: [0.7], taken: ["alice4821"], name: "alice7000" },
    { base: "alice48215", drawn: [0.7], taken: ["alice48215"], name: "alice47000" },
    { base: "alice482", drawn: [0.7], name: "alice4827000" },
    { base: "4821", drawn: [], name: "4821" },
    { base: "4821", drawn: [0.7], taken: ["4821"], name: "7000" },
    { base: "a".repeat(28), drawn: [0.7], name: "a".repeat(28) + "7000" },
    { base: "a".repeat(29), drawn: [0.7], name: "a".repeat(28) + "7000" },
    { base: "a".repeat(32), drawn: [0.7], name: "a".repeat(28) + "7000" },
    { base: "\u{20000}".repeat(32), drawn: [0.7], name: "\u{20000}".repeat(28) + "7000" },
    { base: "a".repeat(28) + "4821", drawn: [], name: "a".repeat(28) + "4821" },
    {
      base: "a".repeat(28) + "4821",
      drawn: [0.7],
      taken: ["a".repeat(28) + "4821"],
      name: "a".repeat(28) + "7000",
    },
    { base: "سارة٤٢٤٢", drawn: [0.7], name: "سارة٤٢٤٢7000" },
  ];
  for (const { base, drawn, taken = [], name } of cases) {
    equal(guestName(base, (wanted) => !taken.includes(wanted), () => drawn.shift()!), name);
  }
});

Deno.test("a guest is refused when no drawn name is free", () => {
  let draws = 0;
  throws(() => guestName("alice", () => false, () => draws++ / 1000), nameTaken());
  equal(draws, 100);
});

Deno.test("property: nothing but a refusal comes of any input", () => {
  fc.assert(fc.property(fc.oneof(fc.anything(), anyText), (raw) => {
    for (const read of [chatName, username]) {
      try {
        read(raw);
      } catch (error) {
        ok(error instanceof Refusal);
      }
    }
  }));
  fc.assert(fc.property(anyText, (text) => {
    nameFolds(text);
    usernameFolds(text);
    isReserved(text);
  }));
});

Deno.test("property: an accepted name has only what names may have, and is accepted as it is", () => {
  fc.assert(fc.property(anyText, (raw) => {
    const name = accepted(raw);
    if (name === undefined) return;
    equal(chatName(name), name);
    equal(name, name.normalize("NFKC"));
    ok(/^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.\-]{1,31}$/u.test(name));
    ok(!/[\p{Default_Ignorable_Code_Point}\p{C}\p{Z}\p{Me}]/u.test(name));
    equal(username(raw), name);
  }));
});

Deno.test("property: what the short way lets pass is what the rules let pass", () => {
  const ascii = fc.string({ unit: fc.constantFrom(..."aZ09_.- /"), maxLength: 34 });
  fc.assert(fc.property(ascii, (raw) => {
    equal(accepted(raw) !== undefined, /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,31}$/.test(raw));
  }));
});

Deno.test("property: the fold of a fold is itself", () => {
  fc.assert(fc.property(anyText, (text) => {
    for (const fold of nameFolds(text)) equal(canonicalFold(fold), fold);
  }));
});

Deno.test("property: case makes no other name", () => {
  fc.assert(fc.property(anyName, (name) => {
    equal(canonicalFold(name.toLowerCase()), canonicalFold(name));
    fc.pre(name.toUpperCase().toLowerCase() === name.toLowerCase());
    equal(canonicalFold(name.toUpperCase()), canonicalFold(name));
  }));
});

Deno.test("property: a look-alike in place of a character makes no other name", () => {
  const lookAlikes = [..."0O", "1lI", "oοо", "aа", "eе", "cс", "pрρ", "xх", "iіı"];
  const pairs = fc.constantFrom(...lookAlikes).chain((alike) =>
    fc.tuple(fc.constantFrom(...alike), fc.constantFrom(...alike))
  );
  fc.assert(fc.property(anyName, pairs, fc.nat(32), (name, [one, other], at) => {
    ok(clash(name.slice(0, at) + one + name.slice(at), name.slice(0, at) + other + name.slice(at)));
  }));
});

Deno.test("property: a guest's name is a name, and never one that is taken", () => {
  fc.assert(fc.property(fc.array(anyName, { minLength: 1, maxLength: 40 }), (bases) => {
    const taken = new Set<string>();
    for (const base of [...bases, ...bases]) {
      const name = guestName(base, (wanted) => nameFolds(wanted).every((fold) => !taken.has(fold)));
      equal(chatName(name), name);
      ok(/[0-9]{4}$/.test(name));
      ok(nameFolds(name).every((fold) => !taken.has(fold)));
      for (const fold of nameFolds(name)) taken.add(fold);
    }
  }));
});

/** Alphabets of which names are made, so that chance makes more than refusals. */
const alphabets = [
  "abcdeilmnoIOLMAXZ019_.-éßøŁı",
  "абвеиорсухАВЕОРСУХӏІ059_.-ёй",
  "αβγδεικορσςυχΑΒΕΙΚΟΡΣΥΧ059_.-άΐ",
  "山田太郎二口さくらタローニロ々059_.-",
  "김철수金山한글059_.-",
  "सीतागंगा१२०59_.-",
  "سارةشادي٤٢٠59_.-",
];

const anyName: fc.Arbitrary<string> = fc.constantFrom(...alphabets)
  .chain((alphabet) =>
    fc.string({ unit: fc.constantFrom(...alphabet.normalize("NFC")), minLength: 2, maxLength: 32 })
  )
  .map(accepted).filter((name) => name !== undefined);

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(...alphabets.join("").normalize("NFD"), "\u200b", "ａ", "@"),
    maxLength: 40,
  }),
  anyName,
);

function accepted(raw: string): string | undefined {
  try {
    return chatName(raw);
  } catch {
    return undefined;
  }
}

function clash(one: string, other: string): boolean {
  return nameFolds(one).some((fold) => nameFolds(other).includes(fold));
}
