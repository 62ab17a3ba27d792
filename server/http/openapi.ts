import { z } from "zod";
import type { Role } from "../accounts/roles.ts";
import { Components, type Part } from "./_openapi_components.ts";
import { introduction } from "./_openapi_introduction.ts";
import { refusalsOf } from "./_refusals_of.ts";
import type { NeededScope } from "./authenticate.ts";
import type { ApiSettings, JsonRoute, Route } from "./route.ts";

/** What the document says of the server beside its calls. */
export interface About {
  readonly server: string;
  readonly version: string;
  readonly limits: ApiSettings["limits"];
}

/** What there is to call, in the order in which it is shown: a call belongs to the first that has it. */
const TAGS: readonly { name: string; description: string; has(route: Route): boolean }[] = [
  {
    name: "Coming in",
    description: "Accounts, access tokens, and the cookie of browsers.",
    has: (route) => /^\/(signup|login|logout|setup|session|oauth|link)\b/.test(route.path) && !isPage(route),
  },
  {
    name: "Chat",
    description: "Rooms, messages, and what happens.",
    has: ({ path }) => /^\/(rooms|direct|events|ws|commands)\b/.test(path),
  },
  { name: "Account", description: "What belongs to the caller.", has: ({ path }) => /^\/me\b/.test(path) },
  {
    name: "Administration",
    description: "For moderators and admins, with a token of the scope `admin`.",
    has: ({ path }) => path.startsWith("/admin/"),
  },
  { name: "Server", description: "For monitoring, and for clients.", has: (route) => !isPage(route) },
  { name: "Pages", description: "What browsers show, and what that is made of.", has: () => true },
];

/** What stands for the variable parts of paths. */
const PARAMETERS: Readonly<Record<string, string>> = {
  room: "A room's name, without its `#`.",
  name: "A name in chat.",
  id: "The id, as the list shows it.",
  code: "The code, as it was shown.",
  file: "A file's name, as it was given.",
  identity: "To add one the provider's name, to remove one its id, as the list shows it.",
  provider: "An identity provider's name, as `GET /server` has it.",
};

/** Describes all calls as OpenAPI 3.1 has it: made of the rows that run them, so that it cannot say anything else. */
export function openApiDocument(routes: readonly Route[], about: About): Part {
  const components = new Components();
  const paths: Record<string, Record<string, Part>> = {};
  for (const tag of TAGS) {
    for (const route of routes.filter((route) => tagOf(route) === tag.name)) {
      const path = (paths[pathTemplate(route.path)] ??= {});
      path[route.method.toLowerCase()] = operation(route, { components, about });
    }
  }
  return {
    openapi: "3.1.1",
    info: {
      title: `${about.server}: HTTP API`,
      version: about.version,
      description: introduction(about.limits),
    },
    servers: [{ url: "/" }],
    tags: TAGS.map(({ name, description }) => ({ name, description })),
    paths,
    components: components.all(),
  };
}

/** A path as OpenAPI writes it: `/rooms/{room}/messages`. */
function pathTemplate(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function tagOf(route: Route): string | undefined {
  return TAGS.find(({ has }) => has(route))?.name;
}

function isPage({ path, ...route }: Route): boolean {
  const type = "answers" in route && !(route.answers instanceof z.ZodType) ? route.answers?.type : undefined;
  return path.startsWith("/assets/") || type === "text/html";
}

function operation(route: Route, { components, about }: { components: Components; about: About }): Part {
  return {
    operationId: operationId(route),
    tags: [tagOf(route)],
    summary: route.summary,
    ...needs(route),
    ...parameters(route, components),
    ..."run" in route ? requestBody(route, components) : {},
    responses: {
      ...done(route, components),
      ...components.refusals(refusalsOf(route, about.limits), route.words),
    },
  };
}

/** `getRoomsRoomMessages`: programs that are made of the document name their functions so. */
function operationId({ method, path }: Route): string {
  const words = path.match(/[a-z]+/gi) ?? ["home"];
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** Who may call. */
function needs(route: Route): Part {
  const optional = [{}, { token: [] }, { cookie: [] }];
  if ("answer" in route) return { security: optional };
  const { scope, role, openTo } = route;
  if (scope === undefined) return { security: [] };
  const description = `Needs a token${OWNERS[role ?? "member"]}${SCOPES[scope]}.`;
  return { description, security: openTo === undefined ? optional.slice(1) : optional };
}

/** Whose token it must be, in words. */
const OWNERS: Readonly<Record<Role, string>> = {
  guest: "",
  member: "",
  moderator: " of a moderator or an admin",
  admin: " of an admin",
};

/** What a token must be good for, in words. */
const SCOPES: Readonly<Record<NeededScope, string>> = {
  any: "",
  chat: " with the scope `chat`",
  admin: " with the scope `admin`",
  read: " with the scope `chat`, or `read:#…` of any room",
  "read:#room": " with the scope `chat`, or `read:#…` of the room",
  "post:#room": " with the scope `chat`, or `post:#…` of the room",
};

function parameters(route: Route, components: Components): Part {
  const example = "run" in route ? route.example?.params : undefined;
  const inPath = Array.from(route.path.matchAll(/:(\w+)/g), ([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: PARAMETERS[name],
    schema: { type: "string" },
    ...example?.[name] === undefined ? {} : { example: example[name] },
  }));
  const all = [...inPath, ..."run" in route ? inQuery(route, components) : []];
  return all.length === 0 ? {} : { parameters: all };
}

function inQuery({ query }: JsonRoute, components: Components): Part[] {
  if (query === undefined) return [];
  return Object.entries(query.shape).map(([name, field]) => {
    const { description, ...schema } = components.schema(field);
    return { name, in: "query", required: !field.safeParse(undefined).success, description, schema };
  });
}

function requestBody({ body, takesText, example }: JsonRoute, components: Components): Part {
  if (body === undefined) return {};
  const sent = example?.body;
  const text = typeof sent === "object" && sent !== null && "text" in sent ? sent.text : undefined;
  return {
    requestBody: {
      required: !body.safeParse({}).success,
      content: {
        "application/json": {
          schema: components.schema(body),
          ...sent === undefined ? {} : { example: sent },
        },
        ...takesText ? { "text/plain": { schema: { type: "string" }, example: text } } : {},
      },
    },
  };
}

function done(route: Route, components: Components): Record<string, Part> {
  if ("answer" in route) return { 101: { description: "A WebSocket." } };
  const { answers, also = {}, leads } = route;
  if (leads !== undefined) return { 302: { description: leads, headers: LOCATION } };
  const content = answers === undefined ? {} : { content: contentOf(answers, components) };
  const others = Object.entries(also).map(([status, other]) => {
    if (typeof other === "string") {
      return [status, { description: other, ...status.startsWith("2") ? content : {} }];
    }
    return [status, { description: other.means, content: contentOf(other.answers, components) }];
  });
  return { 200: { description: "Done.", ...content }, ...Object.fromEntries(others) };
}

const LOCATION = { Location: { description: "Where to go.", schema: { type: "string" } } };

function contentOf(answers: NonNullable<JsonRoute["answers"]>, components: Components): Part {
  if (answers instanceof z.ZodType) return { "application/json": { schema: components.schema(answers) } };
  return Object.fromEntries(answers.type.split(", ").map((type) => [type, { schema: { type: "string" } }]));
}
