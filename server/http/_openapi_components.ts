import { z } from "zod";
import type { Refusal } from "../refusals.ts";
import { answerTo } from "./api.ts";
import type { Route } from "./route.ts";

/** A part of a document; see https://spec.openapis.org/oas/v3.1.1.html. */
export type Part = Readonly<Record<string, unknown>>;

/** What every refusal is answered with. */
const refusalSchema = z.object({ message: z.string().describe("Why, and what to do next, as a sentence.") })
  .meta({ id: "Refusal" });

/** What a status says, whichever refusal it is. */
const MEANING: Readonly<Record<number, string>> = {
  400: "The request is not what this call takes.",
  401: "The token or the password is missing, or is no good.",
  403: "Not for this caller, or not just now.",
  404: "There is no such thing.",
  408: "The body took too long.",
  409: "As things are, it cannot be done.",
  413: "Too much.",
  426: "For WebSockets only.",
  428: "A browser must give the password once more: `POST /session/confirm`.",
  429: "Too often; `Retry-After` says in how many seconds to try again.",
  500: "The server's fault.",
  503: "Not just now: try again in a while.",
};

/** What several calls have in common: written once, and referred to. */
export class Components {
  readonly #schemas = new Map<string, Part>();
  /** Each schema, with or without an id, as it was written: to write one takes a while. */
  readonly #written = new Map<z.ZodType, Part>();
  /** The codes of what is refused, joined by dots → the response. */
  readonly #responses = new Map<string, Part>();

  all(): Part {
    return {
      schemas: Object.fromEntries([...this.#schemas].toSorted(([one], [other]) => one < other ? -1 : 1)),
      responses: Object.fromEntries(this.#responses),
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "An access token: for programs.",
        },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-parley",
          description:
            "For the server's own pages: `POST /session` sets it. Where the server is not on port 443, " +
            "the port follows the name: `__Host-parley-8443`. A call that changes something must carry `Origin`.",
        },
      },
    };
  }

  /** A schema as JSON Schema 2020-12 has it, which is that of OpenAPI 3.1; those with an id are written once. */
  schema(schema: z.ZodType): Part {
    const written = this.#written.get(schema) ?? this.#write(schema);
    this.#written.set(schema, written);
    return written;
  }

  #write(schema: z.ZodType): Part {
    const written = z.toJSONSchema(schema, { io: "input", override: readably });
    const text = JSON.stringify(written).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/');
    const { $schema: _, $defs = {}, ...whole } = JSON.parse(text);
    for (const [id, named] of Object.entries($defs as Record<string, Part>)) this.#name(id, named);
    return whole;
  }

  #name(id: string, schema: Part): void {
    const known = this.#schemas.get(id) ?? schema;
    if (JSON.stringify(known) !== JSON.stringify(schema)) throw new TypeError(`Two schemas are called ${id}`);
    this.#schemas.set(id, schema);
  }

  /** The responses to what may be refused: status → all that it may be. */
  refusals(refusals: readonly Refusal[], words: Route["words"]): Record<string, Part> {
    const answered = refusals.map((refusal) => ({ refusal, ...answerTo(refusal, words) }));
    const byStatus = Map.groupBy(answered, ({ status }) => status);
    return Object.fromEntries(
      Array.from(byStatus, ([status, those]) => [status, this.#response(status, those)]),
    );
  }

  /** Responses that are the same are written once. */
  #response(status: number, refused: readonly { refusal: Refusal; message: string }[]): Part {
    const name = refused.map(({ refusal }) => refusal.code).join(".");
    const messages = new Set(refused.map(({ message }) => message));
    const retries = refused.some(({ refusal }) => refusal.retryAfterSeconds !== undefined);
    const response = {
      description: [MEANING[status], "", ...Array.from(messages, (message) => `- \`${message}\``)].join("\n"),
      ...retries ? { headers: RETRY_AFTER } : {},
      content: { "application/json": { schema: this.schema(refusalSchema) } },
    };
    const known = this.#responses.get(name) ?? response;
    this.#responses.set(name, known);
    const isKnown = JSON.stringify(known) === JSON.stringify(response);
    return isKnown ? { $ref: `#/components/responses/${name}` } : response;
  }
}

const RETRY_AFTER = {
  "Retry-After": { description: "In how many seconds to try again.", schema: { type: "integer" } },
};

/** Leaves out what says nothing to people: how a date is recognized, that numbers are no larger than numbers can be. */
function readably({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
