import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { secureHeaders } from "hono/secure-headers";
import { badBody, defect, foreignOrigin, Refusal } from "../refusals.ts";
import { authenticate } from "./authenticate.ts";
import { readBody } from "./body.ts";
import { CallPace } from "./call_pace.ts";
import type { ApiParts, Reply, Route } from "./route.ts";

/** What the listener knows of a request. */
export interface Arrived {
  /** The peer's IP address. */
  readonly address: string;
  /** Whether it came in by a port that only this machine reaches. */
  readonly loopbackOnly: boolean;
}

type Env = { Bindings: Arrived };

/** Refusals that are not a plain 400. */
const STATUS_BY_CODE: Readonly<Record<string, ContentfulStatusCode>> = {
  account_disabled: 403,
  already_set_up: 403,
  bad_setup_code: 403,
  body_too_large: 413,
  body_too_slow: 408,
  busy: 503,
  defect: 500,
  foreign_origin: 403,
  may_not: 403,
  not_stored: 503,
  signup_closed: 403,
  token_expired: 401,
  token_missing: 401,
  token_not_found: 404,
  token_not_valid: 401,
  token_revoked: 401,
  too_many_attempts: 429,
  too_many_calls: 429,
  wrong_credentials: 401,
  wrong_password: 403,
};

/** The names by which this machine calls itself. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Makes the HTTP API of the rows; the one place that checks and runs them. */
export function makeApi(
  routes: readonly Route[],
  { parts, defects }: { parts: ApiParts; defects: (error: unknown) => void },
): Hono<Env> {
  const api = new Hono<Env>();
  api.use(secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: "DENY", // the same, for browsers that know no frame-ancestors
    strictTransportSecurity: false, // a browser would hold a self-signed certificate against the whole host
  }));
  api.use(async (context, next) => {
    if (!context.env.loopbackOnly || LOOPBACK_HOST.test(context.req.header("host") ?? "")) {
      return await next();
    }
    await readBody(context.req.raw, parts.settings.limits).catch(() => {});
    return context.json({ message: "This port answers to localhost only." }, 421);
  });
  const pace = new CallPace();
  for (const route of routes) {
    api.on(route.method, route.path, (context) => answer(context, { route, parts, defects, pace }));
  }
  for (const [path, methods] of Map.groupBy(routes, ({ path }) => path)) {
    api.all(path, async (context) => {
      await readBody(context.req.raw, parts.settings.limits).catch(() => {});
      const allowed = methods.flatMap(methodsOf).join(", ");
      return context.json({ message: `This address takes ${allowed}.` }, 405, { allow: allowed });
    });
  }
  api.notFound(async (context) => {
    await readBody(context.req.raw, parts.settings.limits).catch(() => {});
    return context.json({ message: "There is nothing at this address." }, 404);
  });
  api.onError((error, context) => refuse(context, error, { defects }));
  return api;
}

/** Whoever answers GET answers HEAD, without the body. */
function methodsOf({ method }: Route): string[] {
  return method === "GET" ? ["GET", "HEAD"] : [method];
}

async function answer(
  context: Context<Env>,
  { route, parts, defects, pace }: {
    route: Route;
    parts: ApiParts;
    defects: (error: unknown) => void;
    pace: CallPace;
  },
): Promise<Response> {
  try {
    const bytes = await readBody(context.req.raw, parts.settings.limits);
    if (route.method !== "GET") checkOrigin(context.req.raw);
    const caller = route.needsToken ? await authenticate(context.req.raw, parts.login) : undefined;
    if (caller !== undefined) pace.admit(caller.account.id, parts.settings.limits.commandRate);
    const body = "body" in route ? parseJson(bytes) : undefined;
    const { address } = context.env;
    const host = new URL(context.req.url).hostname;
    const call = { parts, address, host, body, params: context.req.param() };
    return respond(context, await route.run(call, caller));
  } catch (error) {
    return refuse(context, error, { defects, words: route.words });
  }
}

/**
 * Browsers say which site's page a request comes from. Programs do not, and are let pass.
 *
 * @throws {Refusal} `foreign_origin`
 */
function checkOrigin(request: Request): void {
  const origin = request.headers.get("origin");
  if (origin !== null && URL.parse(origin)?.host !== request.headers.get("host")) throw foreignOrigin();
}

function respond(context: Context<Env>, reply: Reply): Response {
  context.header("cache-control", "no-store");
  if (reply instanceof Response) return context.newResponse(reply.body, reply);
  return context.json(reply as Record<string, unknown>);
}

function refuse(
  context: Context<Env>,
  error: unknown,
  { defects, words }: { defects: (error: unknown) => void; words?: Route["words"] },
): Response {
  const refusal = error instanceof Refusal ? error : defect();
  if (refusal !== error) defects(error);
  const { status, message } = words?.[refusal.code] ??
    { status: STATUS_BY_CODE[refusal.code] ?? 400, message: refusal.message };
  context.header("cache-control", "no-store");
  if (status === 401) context.header("www-authenticate", 'Bearer realm="parley"');
  if (status === 408) context.header("connection", "close"); // the rest of the body is not waited for
  if (refusal.retryAfterSeconds !== undefined) {
    context.header("retry-after", String(refusal.retryAfterSeconds));
  }
  return context.json({ message }, status as ContentfulStatusCode);
}

/** @throws {Refusal} `bad_body` */
function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw badBody("The body is not JSON in UTF-8.");
  }
}
