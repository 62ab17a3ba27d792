import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { Account } from "../../../server/accounts/account_store.ts";
import type { TokenStore } from "../../../server/accounts/token_store.ts";
import { Disclosure } from "../../../server/chat/disclosure.ts";
import type { OwnMessages } from "../../../server/chat/own_messages.ts";
import { tooManyDisclosures } from "../../../server/refusals.ts";
import { anAccount } from "../../support/an_account.ts";
import { MemoryAudit } from "../../support/memory_audit.ts";
import { openChat } from "./_chat.ts";

async function* nothing(): AsyncGenerator<never> {}

function accountOf(
  id: string,
  { name = id, formerNames = [] as string[], createdAt = new Date(0) } = {},
): Account {
  return anAccount({ id, username: `${id}@example.org`, name, formerNames, createdAt });
}

async function openDisclosure() {
  const chat = await openChat();
  const audit = new MemoryAudit();
  const own = { inRoom: nothing, directs: nothing } as Pick<OwnMessages, "inRoom" | "directs"> as OwnMessages;
  const tokens = { list: nothing } as Pick<TokenStore, "list"> as TokenStore;
  const disclosure = new Disclosure({ ...chat, own, tokens, audit });
  return { disclosure, audit, [Symbol.dispose]: () => chat[Symbol.dispose]() };
}

Deno.test("an account is told one at a time what is kept about it, and few accounts at once", async () => {
  using opened = await openDisclosure();
  const { disclosure } = opened;
  const [ann, bob, carl] = ["ann", "bob", "carl"].map((id) => accountOf(id));
  const first = await disclosure.open(ann!);
  await rejects(disclosure.open(ann!), tooManyDisclosures());
  using _second = await disclosure.open(bob!);
  await rejects(disclosure.open(carl!), tooManyDisclosures());
  first[Symbol.dispose]();
  using _third = await disclosure.open(carl!);
  await rejects(disclosure.open(ann!), tooManyDisclosures());
});

Deno.test("the password's hash is not among what is told", async () => {
  using opened = await openDisclosure();
  using data = await opened.disclosure.open(accountOf("ann"));
  equal("passwordHash" in data.account, false);
});

Deno.test("of the deeds those are told that were an account's own, or about it, since it was made", async () => {
  using opened = await openDisclosure();
  const { disclosure, audit } = opened;
  const by = (who: string, whom: string, from = "192.0.2.7") =>
    audit.add({ who, what: "kick", whom, why: "", from });
  await by("mod", "ann");
  await new Promise((resolve) => setTimeout(resolve, 2)); // ann was a guest's name until now
  const createdAt = new Date();
  await by("Ann", "bob");
  await by("ann", "bob", "host"); // parley, called by an operator of that name
  await by("mod", "ANN in #garden");
  await by("mod", "annie");
  await by("mod", "bob");
  await by("mod", "annabel");
  const account = accountOf("ann", { name: "annie", formerNames: ["Ann"], createdAt });
  using data = await disclosure.open(account);
  const deeds = await Array.fromAsync(data.deeds);
  deepEqual(deeds.map(({ who, whom, from }) => [who, whom, from]), [
    ["mod", "annie", undefined],
    ["mod", "ANN in #garden", undefined],
    ["Ann", "bob", "192.0.2.7"],
  ]);
});
