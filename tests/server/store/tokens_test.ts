import {
  deepStrictEqual as deepEqual,
  notDeepStrictEqual as notDeepEqual,
  strictEqual as equal,
} from "node:assert/strict";
import type { TokenRecord } from "../../../server/accounts/token_store.ts";
import { Changes } from "../../../server/store/changes.ts";
import { KvTokenStore } from "../../../server/store/tokens.ts";
import { openDatabase } from "../../support/open_database.ts";

Deno.test("the signing key is made once, whoever asks for it and when", async () => {
  await using opened = await openDatabase();
  const other = await opened.openAgain();
  const stores = [opened.database, other, opened.database].map((database) =>
    new KvTokenStore(database, new Changes(database))
  );
  const keys = await Promise.all(stores.map((store) => store.signingKey()));
  for (const key of [...keys, await stores[1]!.signingKey()]) deepEqual(key, keys[0]);
  equal(keys[0]!.length, 32);
  await using elsewhere = await openDatabase();
  const { database } = elsewhere;
  notDeepEqual(await new KvTokenStore(database, new Changes(database)).signingKey(), keys[0]);
});

Deno.test("a token is found as it was kept", async () => {
  await using opened = await open();
  await opened.store.add(token("1"));
  deepEqual(await opened.store.find("1"), token("1"));
  equal(await opened.store.find("2"), undefined);
});

Deno.test("a token is revoked once and for good", async () => {
  await using opened = await open();
  await opened.store.add(token("1"));
  const revoked = await Promise.all([1, 2, 3].map(() => opened.store.revoke("1")));
  deepEqual(revoked.toSorted(), [false, false, true]);
  deepEqual(await opened.store.find("1"), token("1", { revoked: true }));
  equal(await opened.store.revoke("1"), false);
  equal(await opened.store.revoke("2"), false);
});

Deno.test("a token that has expired is still on record, to be called so", async () => {
  await using opened = await open();
  const expired = token("1", { expiresAt: new Date(Date.now() - 86_400_000) });
  await opened.store.add(expired);
  deepEqual(await opened.store.find("1"), expired);
  equal(await opened.store.revoke("1"), true);
});

Deno.test("a token that has expired long ago is on record no more, whether it is deleted yet or not", async () => {
  await using opened = await open();
  const { store } = opened;
  const long = (days: number) => ({ expiresAt: new Date(Date.now() - days * 86_400_000) });
  const [past, late] = [token("1", long(30)), token("2", long(29))];
  for (const each of [past, late]) await store.add(each);
  equal(await store.find("1"), undefined);
  equal(await store.revoke("1"), false);
  await store.used(new Map([["1", { at: new Date(), address: "192.0.2.1", how: "text" }]]));
  deepEqual(await Array.fromAsync(store.list("ann's id")), [late]);
  deepEqual(await Array.fromAsync(store.list()), [late]);
});

Deno.test("all tokens of an account are removed, also what is on record no more, and nobody else's", async () => {
  await using opened = await open();
  const { store, kv } = opened;
  await store.add(token("1"));
  await store.add(token("2", { expiresAt: new Date(0) }));
  await store.add(token("3"));
  await kv.delete(["token", "3"]);
  const bobs = token("4", { account: "bob's id" });
  await store.add(bobs);
  await store.removeAll("ann's id");
  const left = await Array.fromAsync(kv.list({ prefix: [] }), ({ key }) => key.join(" "));
  deepEqual(left.filter((key) => key.includes("token")), ["account_token bob's id 4", "token 4"]);
  deepEqual(await store.find("4"), bobs);
});

Deno.test("tokens are listed by account, or all, oldest first", async () => {
  await using opened = await open();
  const [one, two, three] = [token("1"), token("2", { account: "bob's id" }), token("3")];
  for (const each of [three, one, two]) await opened.store.add(each);
  await opened.store.revoke("3");
  const revoked = token("3", { revoked: true });
  deepEqual(await Array.fromAsync(opened.store.list("ann's id")), [one, revoked]);
  deepEqual(await Array.fromAsync(opened.store.list("bob's id")), [two]);
  deepEqual(await Array.fromAsync(opened.store.list("nobody's id")), []);
  deepEqual(await Array.fromAsync(opened.store.list()), [one, two, revoked]);
});

async function open(): Promise<AsyncDisposable & { store: KvTokenStore; kv: Deno.Kv }> {
  const opened = await openDatabase();
  const store = new KvTokenStore(opened.database, new Changes(opened.database));
  return { store, kv: opened.database.kv, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

function token(id: string, others: Partial<TokenRecord> = {}): TokenRecord {
  return {
    id,
    account: "ann's id",
    label: "login",
    scope: "chat",
    issuedAt: new Date("2026-02-03T04:05:06.789Z"),
    expiresAt: new Date("2099-02-03T04:05:06.789Z"),
    revoked: false,
    ...others,
  };
}
