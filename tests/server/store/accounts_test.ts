import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { Account, LinkedIdentity, Passkey } from "../../../server/accounts/account_store.ts";
import { KvAccountStore } from "../../../server/store/accounts.ts";
import { Changes } from "../../../server/store/changes.ts";
import type { Database } from "../../../server/store/kv.ts";
import { anAccount } from "../../support/an_account.ts";
import { openDatabase } from "../../support/open_database.ts";

const ISSUER = "https://issuer.example.org";

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

Deno.test("an account is found by each of its passkeys and identities, for as long as it has them", async () => {
  await using opened = await open();
  const ann = account("1", { passkeys: [passkey("a"), passkey("b")], identities: [identity("ann")] });
  await opened.store.add(ann, ["ann"]);
  deepEqual(await opened.store.findByPasskey("b"), ann);
  deepEqual(await opened.store.findByIdentity({ issuer: ISSUER, subject: "ann" }), ann);
  const other = await opened.store.change(
    "1",
    (now) => ({ ...now, passkeys: [passkey("b"), passkey("c")], identities: [] }),
  );
  for (const id of ["b", "c"]) deepEqual(await opened.store.findByPasskey(id), other);
  equal(await opened.store.findByPasskey("a"), undefined);
  equal(await opened.store.findByIdentity({ issuer: ISSUER, subject: "ann" }), undefined);
  await opened.store.remove("1", "keep");
  for (const id of ["a", "b", "c"]) equal(await opened.store.findByPasskey(id), undefined);
});

Deno.test("what is an identity for one issuer is none for another", async () => {
  await using opened = await open();
  await opened.store.add(account("1", { identities: [identity("ann")] }), ["ann"]);
  for (const other of [{ issuer: `${ISSUER}/`, subject: "ann" }, { issuer: ISSUER, subject: "Ann" }]) {
    equal(await opened.store.findByIdentity(other), undefined);
  }
  equal(await opened.store.add(account("2", { identities: [identity("bob")] }), ["bob"]), "added");
});

for (
  const [what, ways] of [
    ["a passkey", { passkeys: [passkey("a")] }],
    ["an identity", { identities: [identity("ann")] }],
  ] as const
) {
  Deno.test(`of many accounts that would have ${what} at once one gets it`, async () => {
    await using opened = await open();
    const ids = Array.from({ length: 10 }, (_, index) => `${index}`);
    const [made, ...others] = ids;
    for (const id of others) await opened.store.add(account(id), [id]);
    const outcomes = await Promise.all([
      opened.store.add(account(made!, ways), [made!]),
      ...others.map((id) => opened.store.change(id, (now) => ({ ...now, ...ways }))),
    ]);
    equal(outcomes.filter((outcome) => outcome === "held").length, 9);
    const all = await Array.fromAsync(opened.store.list());
    const owners = all.filter(({ passkeys, identities }) => passkeys.length + identities.length > 0);
    equal(owners.length, 1);
    const found = "passkeys" in ways
      ? await opened.store.findByPasskey("a")
      : await opened.store.findByIdentity(identity("ann"));
    deepEqual(found, owners[0]);
  });

  Deno.test(`${what} that an account has given up is free for another`, async () => {
    await using opened = await open();
    await opened.store.add(account("1", ways), ["ann"]);
    await opened.store.add(account("2"), ["bob"]);
    equal(await opened.store.change("2", (now) => ({ ...now, ...ways })), "held");
    await opened.store.change("1", (now) => ({ ...now, passkeys: [], identities: [] }));
    deepEqual(await opened.store.change("2", (now) => ({ ...now, ...ways })), account("2", ways));
    await opened.store.remove("2", "keep");
    equal(await opened.store.add(account("3", ways), ["carl"]), "added");
  });
}

Deno.test("a change that thinks better of it changes nothing", async () => {
  await using opened = await open();
  await opened.store.add(account("1"), ["ann"]);
  const refusal = new Error("no");
  await rejects(
    opened.store.change("1", () => {
      throw refusal;
    }),
    refusal,
  );
  deepEqual(await opened.store.find("1"), account("1"));
});

Deno.test("an account from before there were codes, passkeys and identities has none", async () => {
  await using opened = await open();
  const { totp: _, recoveryCodes: _codes, passkeys: _keys, identities: _ids, ...before } = account("1");
  await opened.database.kv.set(["account", "1"], before);
  deepEqual(await opened.store.find("1"), account("1"));
  const changed = await opened.store.change("1", (now) => ({ ...now, passkeys: [passkey("a")] }));
  deepEqual(await opened.store.findByPasskey("a"), changed);
});

Deno.test("an account that has as much of everything as it may is kept", async () => {
  await using opened = await open();
  const long = "𐌲".repeat(32); // Gothic: two UTF-16 units each
  const many = <Item>(count: number, make: (index: number) => Item) =>
    Array.from({ length: count }, (_, at) => make(at));
  const transports = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];
  const full = account("1", {
    formerNames: many(5, () => `${long}`),
    ignored: many(100, () => `${long}`),
    recoveryCodes: many(10, () => "0".repeat(64)),
    identities: many(5, (at) => ({ ...identity(`${at}`), label: "x".repeat(320) })),
    passkeys: many(20, (at) => ({
      ...passkey(`${at}`.padEnd(136, "x")),
      name: "鍵".repeat(64),
      publicKey: new Uint8Array(1_400),
      transports: [...transports],
      host: "x".repeat(253),
    })),
  });
  equal(await opened.store.add(full, ["ann"]), "added");
  deepEqual(await opened.store.find("1"), full);
});

function passkey(id: string): Passkey {
  const createdAt = new Date("2026-02-03T04:05:06.789Z");
  const publicKey = new Uint8Array([1, 2, 3]);
  const rest = { counter: 0, transports: ["internal"], host: "localhost", lastUsedAt: undefined };
  return { id, name: "Laptop", publicKey, createdAt, ...rest };
}

function identity(subject: string): LinkedIdentity {
  const linkedAt = new Date("2026-02-03T04:05:06.789Z");
  return { issuer: ISSUER, subject, label: `${subject}@example.org`, linkedAt, lastUsedAt: undefined };
}

async function open(): Promise<AsyncDisposable & { store: KvAccountStore; database: Database }> {
  const opened = await openDatabase();
  const store = new KvAccountStore(opened.database, new Changes(opened.database));
  return { store, database: opened.database, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

function account(id: string, others: Partial<Account> = {}): Account {
  return anAccount({ id, username: "ann@example.org", ...others });
}
