import { z } from "zod";
import { auditEntries, type AuditFilter, auditPage } from "../../../accounts/audit_filter.ts";
import type { AuditEntry } from "../../../accounts/audit_trail.ts";
import { badField, type Refusal } from "../../../refusals.ts";
import type { AuditRow } from "../../../wire/admin_types.ts";
import { csvLine } from "../../csv.ts";
import { memberRoute } from "../../route.ts";
import { moment, shapeOf, ulid } from "../../shapes.ts";
import { textStream } from "../../text_stream.ts";
import { badLimit, readWanted, textIn } from "./_list.ts";

const LENGTHS = { usual: 100, most: 500 };

const COLUMNS = ["id", "at", "who", "what", "whom", "why", "from"] as const;

const filter = {
  who: z.string().optional().describe("The name of whoever did it, in any case."),
  what: z.string().optional().describe("The deed, such as `ban` or `role`."),
  search: z.string().optional().describe("Stands in any part of it, in any case."),
};

const row = shapeOf<AuditRow>("AuditEntry", {
  id: ulid,
  at: moment,
  who: z.string().describe("The name of whoever did it; `operator` for the commands of the host."),
  what: z.string(),
  whom: z.string().describe('Whom or what it was done to; "" for the whole server.'),
  why: z.string(),
  from: z.string().describe("The address that it was done from; `host` for the commands of the host."),
});

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/audit",
  scope: "admin",
  role: "admin",
  summary: "What those with power have done, newest first.",
  query: z.object({
    ...filter,
    before: z.string().optional().describe("Goes on before this entry: `next` of the page before."),
    limit: z.int().min(1).optional().describe("How many are wanted: 100 if nothing is said, 500 at most."),
  }),
  answers: z.object({
    entries: z.array(row),
    more: z.boolean(),
    next: ulid.nullable().describe(
      "null where there are no more. A page may be short, or empty, though there are.",
    ),
  }),
  refuses: [badLimit(LENGTHS)],
  async run({ parts: { admin }, query }) {
    const { limit } = readWanted(query, LENGTHS);
    const page = await auditPage(admin.audit, filterIn(query), { limit, before: textIn(query, "before") });
    const { entries, next } = page;
    return { entries: entries.map(rowOf), more: next !== undefined, next: next ?? null };
  },
});

export const file = memberRoute({
  method: "GET",
  path: "/admin/api/audit/export",
  scope: "admin",
  role: "admin",
  summary: "All that those with power have done, newest first, as a file.",
  query: z.object({
    format: z.enum(["csv", "jsonl"]).describe("A table for spreadsheets, or JSON, an object a line."),
    ...filter,
  }),
  answers: { type: "text/csv" },
  refuses: [badFormat()],
  run({ parts: { admin }, query }) {
    const entries = auditEntries(admin.audit, filterIn(query));
    switch (query.get("format")) {
      case "csv":
        return download(csv(entries), { name: "audit.csv", type: "text/csv; charset=utf-8" });
      case "jsonl":
        return download(jsonl(entries), { name: "audit.jsonl", type: "application/jsonl; charset=utf-8" });
      default:
        throw badFormat();
    }
  },
});

function badFormat(): Refusal {
  return badField("format", "be csv or jsonl");
}

/** @throws {Refusal} `bad_request` */
function filterIn(query: URLSearchParams): AuditFilter {
  return { who: textIn(query, "who"), what: textIn(query, "what"), search: textIn(query, "search") };
}

function download(pieces: AsyncGenerator<string>, { name, type }: { name: string; type: string }): Response {
  const headers = { "content-type": type, "content-disposition": `attachment; filename="parley-${name}"` };
  return new Response(textStream(pieces), { headers });
}

async function* csv(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  for await (const entry of entries) {
    const row = rowOf(entry);
    yield csvLine(COLUMNS.map((column) => row[column]));
  }
}

async function* jsonl(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield JSON.stringify(rowOf(entry)) + "\n";
}

function rowOf({ id, at, who, what, whom, why, from }: AuditEntry): AuditRow {
  return { id, at: at.toISOString(), who, what, whom, why, from };
}
