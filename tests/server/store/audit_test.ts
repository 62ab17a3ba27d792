import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { notStored } from "../../../server/refusals.ts";
import { KvAuditTrail } from "../../../server/store/audit.ts";
import { deedOf, deedsOf, testAuditTrail } from "../../suites/audit_trail.ts";
import { openDatabase } from "../../support/open_database.ts";

testAuditTrail("the audit trail on the disk", async () => {
  const opened = await openDatabase();
  const audit = await KvAuditTrail.open(opened.database);
  return { audit, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
});

Deno.test("deeds are there for whoever opens the database next, and new ones come after them", async () => {
  await using opened = await openDatabase();
  const first = await KvAuditTrail.open(opened.database);
  await first.add(deedOf("ann"));
  const next = await KvAuditTrail.open(await opened.openAgain());
  await next.add(deedOf("bob"));
  deepEqual(deedsOf(await next.latest(10)), [deedOf("bob"), deedOf("ann")]);
});

Deno.test("the order is that of the deeds, and the times are those of the clock, also when it is set back", async () => {
  await using opened = await openDatabase();
  const first = await KvAuditTrail.open(opened.database, () => 2_000_000_000_000);
  await first.add(deedOf("ann"));
  const next = await KvAuditTrail.open(opened.database, () => 1_000_000_000_000);
  await next.add(deedOf("bob"));
  await next.add(deedOf("carl"));
  const entries = await next.latest(10);
  deepEqual(entries.map(({ whom }) => whom), ["carl", "bob", "ann"]);
  deepEqual(entries.map(({ at }) => at.getTime()), [1_000_000_000_000, 1_000_000_000_000, 2_000_000_000_000]);
});

Deno.test("a deed that the disk does not take is refused", async () => {
  await using opened = await openDatabase();
  const audit = await KvAuditTrail.open(opened.database);
  await rejects(audit.add(deedOf("ann", { why: "x".repeat(70_000) })), notStored());
  deepEqual(await audit.latest(10), []);
  equal(opened.failures.length, 1, "and the operator is told why");
});
