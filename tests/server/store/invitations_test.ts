import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { MOST_USES } from "../../../server/accounts/invitations.ts";
import { KvAccountStore } from "../../../server/store/accounts.ts";
import { Changes } from "../../../server/store/changes.ts";
import { KvInvitationStore } from "../../../server/store/invitations.ts";
import { anAccount } from "../../support/an_account.ts";
import { anInvitation } from "../../support/an_invitation.ts";
import { openDatabase } from "../../support/open_database.ts";

const CODE = "BCDF-GHJK-MNPQ";

Deno.test("an invitation is found by its id and by its code, as it was kept", async () => {
  await using opened = await open();
  const invitation = anInvitation({ id: "1", room: "dev", uses: 5, role: "moderator" });
  await opened.store.add(invitation);
  deepEqual(await opened.store.find("1"), invitation);
  deepEqual(await opened.store.findByCode(CODE), invitation);
  deepEqual([await opened.store.find("2"), await opened.store.findByCode("BCDF-GHJK-MNPR")], [
    undefined,
    undefined,
  ]);
});

Deno.test("invitations are listed with the oldest first, those that are over as well", async () => {
  await using opened = await open();
  const over = { expiresAt: new Date(Date.now() - 1_000) };
  for (const id of ["2", "1", "3"]) await opened.store.add(anInvitation({ id, code: id, ...over }));
  deepEqual((await Array.fromAsync(opened.store.list())).map(({ id }) => id), ["1", "2", "3"]);
});

Deno.test("an invitation that is over for long is on record no more, whether it is deleted yet or not", async () => {
  await using opened = await open();
  const { store } = opened;
  const over = (days: number) => ({ expiresAt: new Date(Date.now() - days * 86_400_000) });
  const late = anInvitation({ id: "2", code: "other", ...over(89) });
  await store.add(anInvitation({ id: "1", ...over(90) }));
  await store.add(late);
  deepEqual([await store.find("1"), await store.findByCode(CODE)], [undefined, undefined]);
  equal(await store.revoke("1"), false);
  deepEqual(await Array.fromAsync(store.list()), [late]);
});

Deno.test("an invitation is revoked once", async () => {
  await using opened = await open();
  await opened.store.add(anInvitation({ id: "1" }));
  const revoked = await Promise.all([1, 2, 3].map(() => opened.store.revoke("1")));
  deepEqual(revoked.filter((done) => done), [true]);
  equal((await opened.store.findByCode(CODE))?.revoked, true);
  equal(await opened.store.revoke("2"), false);
});

Deno.test("an account takes one use of its invitation along, and no other does", async () => {
  await using opened = await open();
  await opened.store.add(anInvitation({ id: "1", uses: 2 }));
  await opened.store.add(anInvitation({ id: "2", code: "other" }));
  const ann = anAccount({ id: "a", name: "ann", createdAt: new Date() });
  equal(await opened.accounts.add(ann, ["ann"], { invitation: "1" }), "added");
  const usedBy = [{ account: "a", name: "ann", at: ann.createdAt }];
  deepEqual(await opened.store.find("1"), { ...await opened.store.findByCode(CODE), usedBy });
  deepEqual((await opened.store.find("2"))?.usedBy, []);
});

for (
  const [why, differing] of [
    ["used up", { usedBy: [{ account: "x", name: "x", at: new Date() }] }],
    ["over", { expiresAt: new Date(Date.now() - 1) }],
    ["revoked", { revoked: true }],
    ["unknown", { id: "2" }],
  ] as const
) {
  Deno.test(`nothing of an account is kept whose invitation is ${why}`, async () => {
    await using opened = await open();
    const invitation = anInvitation({ id: "1", ...differing });
    await opened.store.add(invitation);
    const ann = anAccount({ id: "a", createdAt: new Date() });
    equal(await opened.accounts.add(ann, ["ann"], { invitation: "1" }), "not invited");
    deepEqual([await opened.accounts.find("a"), await opened.accounts.holder("ann")], [undefined, undefined]);
    deepEqual(await opened.store.findByCode(CODE), invitation);
  });
}

Deno.test("no use goes with an account whose handle is held", async () => {
  await using opened = await open();
  await opened.store.add(anInvitation({ id: "1" }));
  const [first, second] = ["a", "b"].map((id) => anAccount({ id, createdAt: new Date() }));
  await opened.accounts.add(first!, ["ann"]);
  equal(await opened.accounts.add(second!, ["ann"], { invitation: "1" }), "held");
  deepEqual((await opened.store.find("1"))?.usedBy, []);
});

Deno.test("of twenty accounts that are made at once by an invitation for five, five are kept", async () => {
  await using opened = await open();
  await opened.store.add(anInvitation({ id: "1", uses: 5 }));
  const ids = Array.from({ length: 20 }, (_, index) => `${index}`);
  const added = await Promise.all(
    ids.map((id) => opened.accounts.add(anAccount({ id, createdAt: new Date() }), [id], { invitation: "1" })),
  );
  const kept = ids.filter((_, index) => added[index] === "added");
  equal(kept.length, 5);
  deepEqual((await Array.fromAsync(opened.accounts.list())).map(({ id }) => id).toSorted(), kept.toSorted());
  deepEqual((await opened.store.find("1"))?.usedBy.map(({ account }) => account).toSorted(), kept.toSorted());
});

Deno.test("an invitation for as many as may be is good to the last, however long their names are", async () => {
  await using opened = await open();
  const name = "𐌲".repeat(32); // Gothic: two UTF-16 units each
  const came = () => ({ account: "01J0000000000000000000000A", name, at: new Date() });
  const usedBy = Array.from({ length: MOST_USES - 1 }, came);
  await opened.store.add(anInvitation({ id: "1", uses: MOST_USES, usedBy, room: "𐌲".repeat(32), by: name }));
  const last = anAccount({ id: "01J0000000000000000000000Z", name, createdAt: new Date() });
  equal(await opened.accounts.add(last, ["last"], { invitation: "1" }), "added");
  equal((await opened.store.find("1"))?.usedBy.length, MOST_USES);
});

async function open() {
  const opened = await openDatabase();
  return {
    store: new KvInvitationStore(opened.database),
    accounts: new KvAccountStore(opened.database, new Changes(opened.database)),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
