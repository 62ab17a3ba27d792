import { strict as assert } from "node:assert";
import { resolveConfig } from "../../server/config.ts";
import { routes } from "../../server/http/routes/table.ts";
import { call } from "../support/api.ts";
import { documentation, resolved, schemaOf } from "../support/documented.ts";
import { run } from "../support/program.ts";
import { startServer } from "../support/start_server.ts";
import { documentedCalls, World } from "./_documented_world.ts";

Deno.test("the document is OpenAPI 3.1, and nothing in it leads nowhere", async () => {
  await using server = await startServer("--name=Our chat");
  const { json: document, headers } = await call(server, "/openapi.json");
  assert.equal(headers.get("content-type"), "application/json");
  assert.match(document.openapi, /^3\.1\.\d$/);
  assert.equal(document.info.title, "Our chat: HTTP API");
  assert.match(document.info.version, /^\d+\.\d+\.\d+$/);
  const tags = document.tags.map(({ name }: { name: string }) => name);
  const ids = new Set<string>();
  for (const { method, template, operation } of documentedCalls(document)) {
    const what = `${method} ${template}`;
    assert.ok(["get", "post", "put", "patch", "delete"].includes(method), what);
    assert.match(template, /^\/[\w.{}/-]*$/, what);
    assert.match(operation.summary, /^[A-Z].+\.$/, what);
    assert.ok(!ids.has(operation.operationId), `${what}: ${operation.operationId}`);
    ids.add(operation.operationId);
    assert.ok(operation.tags.length === 1 && tags.includes(operation.tags[0]), what);
    for (const needed of operation.security.flatMap(Object.keys)) {
      assert.ok(needed in document.components.securitySchemes, `${what}: ${needed}`);
    }
    checkParameters(operation, { template, what });
    checkBody(operation, { method, what });
    checkResponses(operation, { document, what });
  }
  for (const $ref of referencesIn(document)) assert.notEqual(resolved({ $ref }, document), undefined, $ref);
});

Deno.test("every call is in the document, and no other", () => {
  const rows = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const documented = documentedCalls(documentation).map(({ method, template }) =>
    `${method.toUpperCase()} ${template}`
  );
  assert.deepEqual(documented.sort(), rows.sort());
});

Deno.test("every call says what it answers, and gives an example of what it takes", () => {
  for (const route of routes) {
    const what = `${route.method} ${route.path}`;
    if ("answer" in route) continue; // a WebSocket
    assert.notEqual(route.leads ?? route.answers, undefined, what);
    for (const [, name] of route.path.matchAll(/:(\w+)/g)) {
      assert.notEqual(route.example?.params?.[name!], undefined, `${what}: ${name}`);
    }
    if (route.body === undefined) continue;
    const { error } = route.body.safeParse(route.example?.body);
    assert.equal(error, undefined, `${what}: ${error?.message}`);
  }
});

Deno.test("every documented example is answered as documented, by a server where there is what it names", async () => {
  await using world = await World.make();
  for (const documented of documentedCalls(documentation)) await world.tries(documented);
});

Deno.test("an example that the schema does not allow would be noticed", () => {
  const said = schemaOf({ $ref: "#/components/schemas/Said" });
  const right = { id: "01KGGTSV35HSKZPTQ8BV6CQ1F0", room: "lobby", at: "2026-02-03T04:05:06.789Z" };
  assert.ok(said.safeParse(right).success);
  for (
    const wrong of [{ ...right, more: 1 }, { ...right, id: "1" }, { ...right, at: "now" }, { id: right.id }]
  ) {
    assert.ok(!said.safeParse(wrong).success, JSON.stringify(wrong));
  }
});

Deno.test("whoever has the document is not sent it again, until it is another", async () => {
  await using server = await startServer();
  const first = await call(server, "/openapi.json");
  const etag = first.headers.get("etag")!;
  for (const known of [etag, `"other", ${etag}`]) {
    const again = await call(server, "/openapi.json", { headers: { "if-none-match": known } });
    assert.deepEqual([again.status, again.text, again.headers.get("etag")], [304, "", etag], known);
  }
  assert.equal(
    (await call(server, "/openapi.json", { headers: { "if-none-match": '"other"' } })).status,
    200,
  );
  const args = [`--data=${server.dataDir}`, "--name=Our chat"];
  await server.parley.reload(resolveConfig({ args, env: {} }));
  const changed = await call(server, "/openapi.json", { headers: { "if-none-match": etag } });
  assert.deepEqual([changed.status, changed.json.info.title], [200, "Our chat: HTTP API"]);
});

Deno.test("whoever can unpack the document is sent a fifth of it at most", async () => {
  await using server = await startServer();
  const url = `http://127.0.0.1:${server.parley.addresses.http!.port}/openapi.json`;
  const sizes = await Promise.all(["identity", "gzip"].map(async (encoding) => {
    const options = ["-s", "-o", "/dev/null", "-w", "%{size_download}", "-H", `accept-encoding: ${encoding}`];
    return Number((await run("curl", [...options, url])).stdout);
  }));
  const [plain = 0, packed = 0] = sizes;
  assert.ok(packed > 0 && packed < plain / 5, `${packed} of ${plain} bytes`);
});

Deno.test("the page that shows the document may run no script but the server's own, and call nobody else", async () => {
  await using server = await startServer();
  const { status, text, headers } = await call(server, "/docs");
  assert.equal(status, 200);
  assert.deepEqual(headers.get("content-security-policy")?.split("; "), [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]);
  for (const [, address] of text.matchAll(/(?:src|href)="([^"]*)"/g)) {
    assert.match(address!, /^\/assets\/[\w.-]+$/);
    assert.equal((await call(server, address!)).status, 200, address);
  }
});

// deno-lint-ignore no-explicit-any
type Json = any;

function checkParameters(operation: Json, { template, what }: { template: string; what: string }): void {
  const { parameters = [] } = operation;
  const inPath = parameters.filter(({ in: where }: Json) => where === "path");
  const names = Array.from(template.matchAll(/\{(\w+)\}/g), ([, name]) => name);
  assert.deepEqual(inPath.map(({ name }: Json) => name), names, what);
  for (const { name, in: where, required, description, schema } of parameters) {
    assert.ok(["path", "query"].includes(where), `${what}: ${name}`);
    assert.ok(where === "query" || required, `${what}: ${name}`);
    assert.ok(typeof description === "string" && description !== "", `${what}: ${name} is not described`);
    assert.ok(typeof schema === "object", `${what}: ${name}`);
  }
}

function checkBody({ requestBody }: Json, { method, what }: { method: string; what: string }): void {
  if (requestBody === undefined) return;
  assert.notEqual(method, "get", what);
  assert.ok("schema" in requestBody.content["application/json"], what);
}

function checkResponses({ responses }: Json, { document, what }: { document: Json; what: string }): void {
  for (const [status, response] of Object.entries(responses)) {
    const { description, content = {} } = resolved(response, document);
    assert.ok(typeof description === "string" && description !== "", `${what}: ${status}`);
    for (const { schema } of Object.values<Json>(content)) assert.notEqual(schema, undefined, what);
    const refuses = Number(status) >= 400 && "application/json" in content;
    if (refuses) assert.equal(content["application/json"].schema.$ref, "#/components/schemas/Refusal", what);
  }
}

function referencesIn(part: Json): string[] {
  if (typeof part !== "object" || part === null) return [];
  const own = typeof part.$ref === "string" ? [part.$ref] : [];
  return [...own, ...Object.values(part).flatMap(referencesIn)];
}
