import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import type { AuditEntry, AuditTrail } from "../../server/accounts/audit_trail.ts";

/** A trail that holds nothing yet, to be disposed of. */
export interface OpenAudit extends AsyncDisposable {
  readonly audit: AuditTrail;
}

export type Deed = Omit<AuditEntry, "id" | "at">;

export function deedOf(whom: string, others: Partial<Deed> = {}): Deed {
  return { who: "mo", what: "ban", whom, why: "spam", from: "192.0.2.7", ...others };
}

/** Entries as they were added. */
export function deedsOf(entries: readonly AuditEntry[]): Deed[] {
  return entries.map(({ id: _id, at: _at, ...deed }) => deed);
}

/** What every audit trail must do. */
export function testAuditTrail(name: string, open: () => Promise<OpenAudit>): void {
  Deno.test(`${name} gives the newest deeds, newest first, each with its time`, async () => {
    await using opened = await open();
    const deeds = [
      deedOf("ann"),
      deedOf("", { what: "lockdown", why: "" }),
      deedOf("bob", { who: "operator", from: "host" }),
    ];
    const before = Date.now();
    for (const deed of deeds) await opened.audit.add(deed);
    const entries = await opened.audit.latest(10);
    deepEqual(deedsOf(entries), deeds.toReversed());
    ok(entries.every(({ at }) => at.getTime() >= before && at.getTime() <= Date.now()));
    deepEqual(deedsOf(await opened.audit.latest(2)), deeds.slice(1).toReversed());
  });

  Deno.test(`${name} gives what is older than an entry, page after page`, async () => {
    await using opened = await open();
    const deeds = Array.from({ length: 25 }, (_, index) => deedOf(`${index}`));
    for (const deed of deeds) await opened.audit.add(deed);
    const read: AuditEntry[] = [];
    let page = await opened.audit.latest(10);
    while (page.length > 0) {
      read.push(...page);
      page = await opened.audit.latest(10, page.at(-1)!.id);
    }
    deepEqual(deedsOf(read), deeds.toReversed());
  });

  Deno.test(`${name} has ids that rise, also within a millisecond`, async () => {
    await using opened = await open();
    await Promise.all(Array.from({ length: 200 }, (_, index) => opened.audit.add(deedOf(`${index}`))));
    const entries = await opened.audit.latest(1_000);
    deepEqual(
      entries.map(({ whom }) => Number(whom)),
      Array.from({ length: 200 }, (_, index) => 199 - index),
    );
    ok(entries.every(({ id }, index) => index === 0 || id < entries[index - 1]!.id));
  });
}
