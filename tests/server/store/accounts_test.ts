import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Account } from "../../../server/accounts/account_store.ts";
import { KvAccountStore } from "../../../server/store/accounts.ts";
import { Changes } from "../../../server/store/changes.ts";
import { anAccount } from "../../support/an_account.ts";
import { openDatabase } from "../../support/open_database.ts";

Deno.test("an account is found by its id and by each of its handles, as it was kept", async () => {
  await using opened = await open();
  const ann = account("1", { ignored: ["eve"], formerNames: ["anna"], disabled: true });
  equal(await opened.store.add(ann, ["ann", "ann@example.org"]), "added");
  deepEqual(await opened.store.find("1"), ann);
  deepEqual(await opened.store.holder("ann"), ann);
  deepEqual(await opened.store.holder("ann@example.org"), ann);
  deepEqual([await opened.store.find("2"), await opened.store.holder("anna")], [undefined, undefined]);
});

Deno.test("an account is not kept, nor any of its handles, where one of them is held", async () => {
  await using opened = await open();
  await opened.store.add(account("1"), ["ann", "ann@example.org"]);
  equal(await opened.store.add(account("2"), ["anna", "ann@example.org"]), "held");
  deepEqual([await opened.store.find("2"), await opened.store.holder("anna")], [undefined, undefined]);
  deepEqual(await opened.store.find("1"), account("1"));
});

Deno.test("of many who want a handle at once one gets it", async () => {
  await using opened = await open();
  const ids = Array.from({ length: 20 }, (_, index) => `${index}`);
  const added = await Promise.all(ids.map((id) => opened.store.add(account(id), ["ann", `own ${id}`])));
  const [winner, ...others] = ids.filter((_, index) => added[index] === "added");
  deepEqual(others, []);
  const holder = await opened.store.holder("ann");
  equal(holder !== "gone" && holder?.id, winner);
  deepEqual((await Array.fromAsync(opened.store.list())).map(({ id }) => id), [winner]);
});

Deno.test("a change is made to the account as it is, though many are made at once", async () => {
  await using opened = await open();
  await opened.store.add(account("1"), ["ann"]);
  const names = Array.from({ length: 20 }, (_, index) => `eve${index}`);
  await Promise.all(
    names.map((name) =>
      opened.store.change("1", (now) => ({ ...now, ignored: [...now.ignored, name].toSorted() }))
    ),
  );
  const found = await opened.store.find("1");
  deepEqual(found?.ignored, names.toSorted());
});

Deno.test("a change takes up further handles, and keeps those from before", async () => {
  await using opened = await open();
  await opened.store.add(account("1"), ["ann"]);
  const changed = await opened.store.change("1", (now) => ({ ...now, name: "anna" }), ["anna", "ann"]);
  deepEqual(changed, account("1", { name: "anna" }));
  deepEqual(await opened.store.holder("anna"), changed);
  deepEqual(await opened.store.holder("ann"), changed);
});

Deno.test("nothing is changed where another account holds a handle, or once held it", async () => {
  await using opened = await open();
  await opened.store.add(account("1"), ["ann"]);
  await opened.store.add(account("2"), ["bob"]);
  await opened.store.add(account("3"), ["carl"]);
  await opened.store.remove("3", "keep");
  for (const taken of ["bob", "carl"]) {
    const changed = await opened.store.change("1", (now) => ({ ...now, name: taken }), ["free", taken]);
    equal(changed, "held", taken);
  }
  deepEqual(await opened.store.find("1"), account("1"));
  equal(await opened.store.holder("free"), undefined);
});

Deno.test("of two accounts that change to one handle at once one gets it", async () => {
  await using opened = await open();
  for (const id of ["1", "2"]) await opened.store.add(account(id), [`own ${id}`]);
  const changed = await Promise.all(
    ["1", "2"].map((id) => opened.store.change(id, (now) => ({ ...now, name: "zoe" }), ["zoe"])),
  );
  equal(changed.filter((outcome) => outcome === "held").length, 1);
  const holder = await opened.store.holder("zoe");
  deepEqual(changed.filter((outcome) => outcome !== "held"), [holder]);
});

Deno.test("what is deleted is gone, and its handles are never given out again", async () => {
  await using opened = await open();
  await opened.store.add(account("1"), ["ann"]);
  equal(await opened.store.remove("1", "keep"), true);
  equal(await opened.store.remove("1", "keep"), false);
  equal(await opened.store.find("1"), undefined);
  equal(await opened.store.holder("ann"), "gone");
  equal(await opened.store.add(account("2"), ["ann"]), "held");
  equal(await opened.store.change("1", (now) => now), undefined);
});

Deno.test("accounts are listed in the order of their ids", async () => {
  await using opened = await open();
  for (const id of ["2", "1", "3"]) await opened.store.add(account(id), [id]);
  deepEqual((await Array.fromAsync(opened.store.list())).map(({ id }) => id), ["1", "2", "3"]);
});

async function open(): Promise<AsyncDisposable & { store: KvAccountStore }> {
  const opened = await openDatabase();
  const store = new KvAccountStore(opened.database, new Changes(opened.database));
  return { store, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

function account(id: string, others: Partial<Account> = {}): Account {
  return anAccount({ id, username: "ann@example.org", ...others });
}
