import { strict as assert } from "node:assert";
import { z } from "zod";
import { openApiDocument } from "../../server/http/openapi.ts";
import { routes } from "../../server/http/routes/table.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** A call as it was made, and what came of it. */
export interface Made {
  readonly method: string;
  /** With what stands behind the `?`. */
  readonly path: string;
  readonly status: number;
  readonly type: string | null;
  /** Undefined where it is no JSON. */
  readonly json: Json;
}

const limits = { bodyBytes: 65_536, bodyMs: 30_000, lineBytes: 4_096 };

/** What this source's server says of its API. */
export const documentation: Json = openApiDocument(routes, {
  server: "Parley",
  version: "0",
  limits: { ...limits, commandRate: { burst: 60, perSecond: 10 }, rate: { burst: 20, perSecond: 5 } },
});

/** Holds an answer against the documentation: its status, its type, and each field of it; none may be unknown. */
export function checkDocumented({ method, path, status, type, json }: Made): void {
  const call = `${method} ${path}`;
  const operations = operationsAt(path);
  if (status === 421) return; // not for this server
  if (operations === undefined) return assert.equal(status, 404, call);
  const operation = operations[method.toLowerCase()] ?? (method === "HEAD" ? operations.get : undefined);
  if (operation === undefined) return assert.equal(status, 405, call);
  const response = resolved(operation.responses[status]);
  assert.ok(
    response !== undefined,
    `${call} is answered ${status}, which is not documented: ${JSON.stringify(json)}`,
  );
  if (method === "HEAD" || json === undefined) return;
  const content = response.content?.[type?.split(";")[0] ?? ""];
  assert.ok(content !== undefined, `${call} is answered ${type}, which is not documented`);
  const { error } = schemaOf(content.schema).safeParse(json);
  if (error) assert.fail(`${call} is not answered as documented: ${z.prettifyError(error)}`);
}

/** The calls at an address: method → what is said of it. */
function operationsAt(path: string): Record<string, Json> | undefined {
  const [address = ""] = path.split("?");
  const all = Object.entries<Record<string, Json>>(documentation.paths);
  return all.find(([template]) => template === address)?.[1] ??
    all.find(([template]) => matcherOf(template).test(address))?.[1];
}

/** `/rooms/{room}/messages` stands for each path of that form. */
function matcherOf(template: string): RegExp {
  const escaped = template.replace(/[.]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\{\w+\}/g, "[^/]+")}$`);
}

/** What a part is, wherever in the document it is written. */
export function resolved(part: Json, document: Json = documentation): Json {
  if (typeof part?.$ref !== "string") return part;
  const [, ...steps] = part.$ref.split("/");
  return steps.reduce((at: Json, step: string) => at?.[step], document);
}

const schemas = new Map<string, z.ZodType>();

/** A schema of the document, to check with: it knows all fields that there are. */
export function schemaOf(schema: Json): z.ZodType {
  const key = JSON.stringify(schema);
  const known = schemas.get(key) ??
    z.fromJSONSchema(inward({ ...closed(schema), $defs: closed(documentation.components.schemas) }));
  schemas.set(key, known);
  return known;
}

/** The same, with objects that have no other fields than those that are listed. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const all = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, closed(part)]));
  const lists = all.type === "object" && "properties" in all && !("additionalProperties" in all);
  return lists ? { ...all, additionalProperties: false } : all;
}

/** JSON Schema refers to what it brings along itself. */
function inward(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/"));
}
