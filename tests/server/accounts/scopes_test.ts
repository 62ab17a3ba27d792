import { deepStrictEqual as deepEqual, doesNotThrow, strictEqual as equal, throws } from "node:assert/strict";
import type { Role } from "../../../server/accounts/roles.ts";
import {
  covers,
  grantableScope,
  mayAdminister,
  mayChat,
  mayPostIn,
  mayReadRoom,
  readableRooms,
  readScope,
} from "../../../server/accounts/scopes.ts";
import { badScope, mayNot, tokenScopeTooNarrow } from "../../../server/refusals.ts";

const READ: [typed: string, scope: string | undefined][] = [
  ["chat", "chat"],
  [" Chat\tADMIN ", "chat admin"],
  ["read:#ops", "read:#ops"],
  ["read:#Ops  read:#ops post:#OPS", "read:#ops post:#ops"],
  ["post:#straße", "post:#straße"],
  ["read:#\uff4f\uff50\uff53", "read:#ops"],
  [`post:#${"x".repeat(32)}`, `post:#${"x".repeat(32)}`],
  [`post:#${"x".repeat(33)}`, undefined],
  ["", undefined],
  ["  ", undefined],
  ["chat,admin", undefined],
  ["chatadmin", undefined],
  ["read:ops", undefined],
  ["read:#", undefined],
  ["read:#a#b", undefined],
  ["write:#ops", undefined],
  ["read:#ops\nroot", undefined],
  [words(20), words(20)],
  [words(21), undefined],
];

Deno.test("a scope is words of four kinds, in any case, each once", () => {
  for (const [typed, scope] of READ) equal(readScope(typed), scope, JSON.stringify(typed));
});

/** Scope → may chat, administer, read #ops, post in #ops, read #ops2. */
const MAY: [scope: string, ...may: boolean[]][] = [
  ["chat", true, false, true, true, true],
  ["admin", true, true, true, true, true],
  ["chat admin", true, true, true, true, true],
  ["read:#ops", false, false, true, false, false],
  ["post:#ops", false, false, false, true, false],
  ["read:#ops post:#ops", false, false, true, true, false],
  ["read:#ops2 post:#ops", false, false, false, true, true],
  ["", false, false, false, false, false],
];

Deno.test("a scope is good for what it says and nothing else", () => {
  for (const [scope, ...may] of MAY) {
    deepEqual(
      [
        mayChat(scope),
        mayAdminister(scope),
        mayReadRoom(scope, "ops"),
        mayPostIn(scope, "ops"),
        mayReadRoom(scope, "ops2"),
      ],
      may,
      scope,
    );
  }
  deepEqual(readableRooms("read:#ops post:#lab read:#den"), ["ops", "den"]);
});

Deno.test("a scope covers those that may do nothing more", () => {
  const cases: [scope: string, other: string, covered: boolean][] = [
    ["chat", "chat", true],
    ["chat", "read:#ops post:#lab", true],
    ["chat", "admin", false],
    ["chat", "chat admin", false],
    ["admin", "admin", true],
    ["admin", "chat", true],
    ["read:#ops", "read:#ops", true],
    ["read:#ops", "read:#lab", false],
    ["read:#ops", "post:#ops", false],
    ["read:#ops post:#ops", "post:#ops", true],
    ["post:#ops", "post:#ops chat", false],
    ["", "chat", false],
  ];
  for (const [scope, other, covered] of cases) equal(covers(scope, other), covered, `${scope} / ${other}`);
});

Deno.test("a token may be issued for what its account and the token in use may do", () => {
  const cases: [wanted: string, role: Role, own: string | undefined, refusal?: Error][] = [
    ["chat", "member", undefined],
    ["chat", "member", "chat"],
    ["post:#ops", "member", "chat"],
    ["admin", "admin", undefined],
    ["admin", "admin", "admin"],
    ["admin", "admin", "chat", tokenScopeTooNarrow("chat")],
    ["admin", "moderator", undefined, mayNot()],
    ["chat admin", "member", "admin", mayNot()],
    ["chat", "member", "post:#ops", tokenScopeTooNarrow("post:#ops")],
    ["everything", "admin", undefined, badScope()],
  ];
  for (const [wanted, role, own, refusal] of cases) {
    const grant = () => grantableScope(wanted, { role, own });
    if (refusal === undefined) doesNotThrow(grant, `${wanted} to ${role} by ${own}`);
    else throws(grant, refusal, `${wanted} to ${role} by ${own}`);
  }
});

function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `read:#${index}`).join(" ");
}
