import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { z } from "zod";
import { type About, openApiDocument } from "../../../server/http/openapi.ts";
import { memberRoute, openRoute, type Route } from "../../../server/http/route.ts";
import { shapeOf } from "../../../server/http/shapes.ts";
import { lastAdmin, noSuchRoom, userExists } from "../../../server/refusals.ts";

const LIMITS = {
  bodyBytes: 1_000,
  bodyMs: 7_000,
  lineBytes: 100,
  commandRate: { burst: 6, perSecond: 3 },
  rate: { burst: 4, perSecond: 2 },
};

const about = { server: "Our chat", version: "1.2.3", limits: LIMITS };

const greeting = shapeOf<{ text: string }>("Greeting", { text: z.string() });

const greet = memberRoute({
  method: "POST",
  path: "/rooms/:room/greetings",
  scope: "post:#room",
  summary: "Greets.",
  body: z.object({ text: z.string(), times: z.int().min(1).default(1) }),
  takesText: true,
  speaks: true,
  answers: greeting,
  example: { params: { room: "lobby" }, body: { text: "hi" } },
  refuses: [noSuchRoom("garden")],
  run: () => ({ text: "hi" }),
});

const list = openRoute({
  method: "GET",
  path: "/rooms",
  summary: "Lists.",
  query: z.object({ limit: z.int().min(1).max(9).default(5).describe("How many.") }),
  answers: z.array(greeting),
  run: () => [],
});

Deno.test("the document names the server, its version, and its own address", () => {
  const { openapi, info, servers } = documentOf([list]);
  equal(openapi, "3.1.1");
  deepEqual([info.title, info.version], ["Our chat: HTTP API", "1.2.3"]);
  deepEqual(servers, [{ url: "/" }]);
  ok(info.description.includes("An account says 4 things at once, then 2 a second"));
});

Deno.test("a call is described by its row: path, body with its example, and what it answers", () => {
  const { paths, components } = documentOf([greet, list]);
  const { operationId, summary, parameters, requestBody, responses, security } =
    paths["/rooms/{room}/greetings"].post;
  deepEqual([operationId, summary], ["postRoomsRoomGreetings", "Greets."]);
  deepEqual(parameters.map(({ name, in: where, example }: Parameter) => [name, where, example]), [
    ["room", "path", "lobby"],
  ]);
  const { "application/json": json, "text/plain": text } = requestBody.content;
  deepEqual(json.example, { text: "hi" });
  deepEqual(json.schema.required, ["text"]);
  deepEqual(json.schema.properties.times, { type: "integer", minimum: 1, default: 1 });
  equal(text.example, "hi");
  equal(responses[200].content["application/json"].schema.$ref, "#/components/schemas/Greeting");
  deepEqual(components.schemas.Greeting.required, ["text"]);
  deepEqual(security, [{ token: [] }, { cookie: [] }]);
});

Deno.test("what may stand behind the ? has its description, its bounds, and may be missing", () => {
  const { parameters, security } = documentOf([list]).paths["/rooms"].get;
  deepEqual(parameters, [{
    name: "limit",
    in: "query",
    required: false,
    description: "How many.",
    schema: { type: "integer", minimum: 1, maximum: 9, default: 5 },
  }]);
  deepEqual(security, []);
});

Deno.test("what a call may refuse stands under its status, in the very words", () => {
  const document = documentOf([greet]);
  const { responses } = document.paths["/rooms/{room}/greetings"].post;
  const said = (status: number) => descriptionOf(document, responses[status]);
  ok(said(404).endsWith("- `There is no room #garden.`"));
  ok(said(413).includes("(limit 1000 bytes)"));
  ok(said(408).includes("within 7 s"));
  ok(said(401).includes("- `This token has been revoked.`"));
  ok(said(429).includes("limit 3 a second") && said(429).includes("limit 2 a second"));
  const refused = Object.keys(responses).filter((status) => status > "299");
  deepEqual(refused, ["400", "401", "403", "404", "408", "413", "429", "500", "503"]);
});

Deno.test("a call that needs no token refuses none; without a pace, nothing is too fast", () => {
  const open = documentOf([list]).paths["/rooms"].get.responses;
  deepEqual(Object.keys(open), ["200", "403", "500"]);
  const limits = { ...LIMITS, commandRate: "off", rate: "off" } as const;
  const { paths, info } = documentOf([greet], limits);
  ok(!("429" in paths["/rooms/{room}/greetings"].post.responses));
  ok(!info.description.includes("at once"));
});

Deno.test("a call's own words and status are those that are documented", () => {
  const words = { user_exists: { status: 409, message: "Gone." } };
  const document = documentOf([{ ...list, refuses: [userExists()], words }]);
  equal(
    descriptionOf(document, document.paths["/rooms"].get.responses[409]),
    "As things are, it cannot be done.\n\n- `Gone.`",
  );
});

Deno.test("refusals of one code in other words are not mistaken for each other", () => {
  const others: Route[] = [
    { ...list, path: "/a", refuses: [lastAdmin()], words: { last_admin: { status: 409, message: "One." } } },
    { ...list, path: "/b", refuses: [lastAdmin()], words: { last_admin: { status: 409, message: "Two." } } },
  ];
  const document = documentOf(others);
  const said = (path: string) => descriptionOf(document, document.paths[path].get.responses[409]);
  ok(said("/a").endsWith("`One.`"));
  ok(said("/b").endsWith("`Two.`"));
});

Deno.test("null is let pass where it may come, also of what has a name", () => {
  const maybe = z.object({ first: greeting.nullable(), second: greeting });
  const { paths, components } = documentOf([{ ...list, answers: maybe }]);
  const { properties } = paths["/rooms"].get.responses[200].content["application/json"].schema;
  deepEqual(properties.first.anyOf, [{ $ref: "#/components/schemas/Greeting" }, { type: "null" }]);
  deepEqual(properties.second, { $ref: "#/components/schemas/Greeting" });
  equal(components.schemas.Greeting.type, "object");
});

Deno.test("two shapes of one name are a defect", () => {
  const other = shapeOf<{ other: string }>("Greeting", { other: z.string() });
  throws(() => documentOf([greet, { ...list, answers: other }]), /Two schemas are called Greeting/);
});

// deno-lint-ignore no-explicit-any
type Json = any;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly example: unknown;
}

/** The document as programs read it. */
function documentOf(routes: readonly Route[], limits: About["limits"] = LIMITS): Json {
  return JSON.parse(JSON.stringify(openApiDocument(routes, { ...about, limits })));
}

function descriptionOf(document: Json, response: Json): string {
  const name = response.$ref?.split("/").at(-1);
  return (name === undefined ? response : document.components.responses[name]).description;
}
