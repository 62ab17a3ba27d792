import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { auditEntries, type AuditFilter, auditPage } from "../../../server/accounts/audit_filter.ts";
import { deedOf } from "../../suites/audit_trail.ts";
import { MemoryAudit } from "../../support/memory_audit.ts";

Deno.test("deeds are found by who, by what, and by whatever stands in them, in any case", async () => {
  const audit = new MemoryAudit();
  for (
    const [whom, others] of [
      ["ann", { who: "mo" }],
      ["bob", { who: "root", what: "role", why: "moderator" }],
      ["carl", { who: "Mo", what: "kick", from: "198.51.100.1" }],
      ["dora", { who: "moritz", why: "Spam, again" }],
    ] as const
  ) await audit.add(deedOf(whom, others));
  const cases: [AuditFilter, string][] = [
    [{}, "dora carl bob ann"],
    [{ who: "MO" }, "carl ann"],
    [{ what: "Role" }, "bob"],
    [{ who: "mo", what: "kick" }, "carl"],
    [{ search: "again" }, "dora"],
    [{ search: "198.51" }, "carl"],
    [{ search: "ORI" }, "dora"],
    [{ search: "moderator" }, "bob"],
    [{ who: "nobody" }, ""],
  ];
  for (const [filter, found] of cases) {
    const { entries, next } = await auditPage(audit, filter, { limit: 10 });
    deepEqual([entries.map(({ whom }) => whom).join(" "), next], [found, undefined], JSON.stringify(filter));
    const all = await Array.fromAsync(auditEntries(audit, filter), ({ whom }) => whom);
    equal(all.join(" "), found);
  }
});

Deno.test("page by page all are found, each once, however long the trail", async () => {
  const audit = await longTrail(1_001);
  for (const [filter, limit] of [[{}, 100], [{ search: "7" }, 50], [{ what: "ban" }, 1_001]] as const) {
    const found: string[] = [];
    let before: string | undefined;
    do {
      const { entries, next } = await auditPage(audit, filter, { limit, before });
      ok(entries.length <= limit);
      found.push(...entries.map(({ whom }) => whom));
      before = next;
    } while (before !== undefined);
    const all = await Array.fromAsync(auditEntries(audit, filter), ({ whom }) => whom);
    deepEqual(found, all);
    equal(new Set(found).size, found.length);
  }
});

Deno.test("a page that is just full is the last one, if there is nothing more", async () => {
  const audit = await longTrail(10);
  equal((await auditPage(audit, {}, { limit: 10 })).next, undefined);
  const { entries, next } = await auditPage(audit, {}, { limit: 9 });
  deepEqual([entries.length, next], [9, entries.at(-1)!.id]);
});

Deno.test("of a trail without end only so much is looked through for a page, which says where to go on", async () => {
  const audit = await longTrail(20_100);
  await audit.add(deedOf("newest"));
  const first = await auditPage(audit, { search: "number 0." }, { limit: 10 });
  deepEqual(first.entries, []);
  ok(first.next !== undefined);
  const { entries, next } = await auditPage(audit, { search: "number 0." }, {
    limit: 10,
    before: first.next,
  });
  deepEqual([entries.map(({ whom }) => whom), next], [["number 0."], undefined]);
});

async function longTrail(count: number): Promise<MemoryAudit> {
  const audit = new MemoryAudit();
  for (let number = 0; number < count; number++) await audit.add(deedOf(`number ${number}.`));
  return audit;
}
