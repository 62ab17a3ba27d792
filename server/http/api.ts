import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { secureHeaders } from "hono/secure-headers";
import { programOf } from "../accounts/origin.ts";
import { defect, Refusal, tooManyPosts } from "../refusals.ts";
import type { Hold } from "../transport/held_bytes.ts";
import type { ConnectionEnds } from "../transport/native_sockets.ts";
import { authenticate, checkOrigin, checkPower } from "./authenticate.ts";
import { parseJson, parseText, readBody } from "./body.ts";
import { CallPace } from "./call_pace.ts";
import type { HttpCounts } from "./counts.ts";
import { answerInPieces } from "./in_pieces.ts";
import type { ApiParts, Caller, JsonRoute, Reply, Route } from "./route.ts";

/** What the listener knows of a request. */
export interface Arrived {
  /** The peer's IP address. */
  readonly address: string;
  /** Those of its connection. */
  readonly ends: ConnectionEnds;
  /** Whether it came in by a port that only this machine reaches. */
  readonly loopbackOnly: boolean;
  /** To be told what is kept in memory for it. */
  readonly hold: Hold;
}

type Env = { Bindings: Arrived; Variables: { route?: Route } };

/** Refusals that are not a plain 400. */
const STATUS_BY_CODE: Readonly<Record<string, ContentfulStatusCode>> = {
  account_disabled: 403,
  account_not_found: 404,
  already_set_up: 403,
  backup_failed: 500,
  backup_not_found: 404,
  backup_under_way: 409,
  bad_setup_code: 403,
  ban_not_found: 404,
  banned: 403,
  body_too_large: 413,
  body_too_slow: 408,
  browser_only: 403,
  busy: 503,
  code_required: 401,
  confirm_password: 428,
  connection_not_found: 404,
  defect: 500,
  foreign_origin: 403,
  line_too_long: 413,
  link_for_other: 403,
  invitation_not_found: 404,
  invitation_not_valid: 403,
  invitation_required: 403,
  identity_held: 409,
  identity_not_found: 404,
  link_not_found: 404,
  mfa_already_on: 409,
  mfa_not_on: 409,
  mfa_required: 403,
  mfa_stays_on: 409,
  mailbox_full: 409,
  last_admin: 409,
  last_way_in: 409,
  may_not: 403,
  muted: 403,
  no_other_way_in: 409,
  no_passkey_here: 409,
  no_such_file: 404,
  no_such_room: 404,
  not_stored: 503,
  origin_missing: 403,
  passkey_held: 409,
  passkey_not_found: 404,
  passkey_required: 401,
  password_link_not_valid: 403,
  password_login_off: 403,
  provider_not_found: 404,
  provider_unreachable: 503,
  read_only: 403,
  room_closing: 409,
  room_is_quiet: 403,
  search_busy: 503,
  server_full: 503,
  setting_fixed: 409,
  shutting_down: 503,
  signup_closed: 403,
  step_over: 401,
  token_expired: 401,
  token_missing: 401,
  token_not_found: 404,
  token_not_valid: 401,
  token_revoked: 401,
  token_scope: 403,
  too_fast: 429,
  too_many_attempts: 429,
  too_many_backups: 409,
  too_many_calls: 429,
  too_many_codes: 429,
  too_many_connections: 429,
  too_many_exports: 429,
  too_many_invitations: 409,
  too_many_passkeys: 409,
  too_many_steps: 503,
  too_many_streams: 429,
  too_many_tickets: 503,
  upgrade_required: 426,
  user_not_found: 404,
  wrong_code: 401,
  wrong_credentials: 401,
  wrong_passkey: 401,
  wrong_password: 403,
};

/** What is no page: a browser that shows it loads nothing, and runs nothing. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Answers in JSON of so many characters are small enough to be handed over whole, which is faster. */
const MOST_AT_ONCE = 16_384;

/** What an answer in pieces takes while they are on their way: measured with HTTP/2. */
const PIECES_BYTES = 65_536;

/** The names by which this machine calls itself. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Makes the HTTP API of the rows; the one place that checks and runs them. */
export function makeApi(
  routes: readonly Route[],
  { parts, counts, defects }: { parts: ApiParts; counts: HttpCounts; defects: (error: unknown) => void },
): Hono<Env> {
  const api = new Hono<Env>();
  api.use(async (context, next) => {
    const cameAtMs = performance.now();
    await next();
    const { status } = context.res;
    counts.answered(context.var.route, { status, ms: performance.now() - cameAtMs });
  });
  api.use(secureHeaders({
    xFrameOptions: "DENY", // the same, for browsers that know no frame-ancestors
    strictTransportSecurity: false, // a browser would hold a self-signed certificate against the whole host
  }));
  api.use(async (context, next) => {
    await next();
    if (!context.res.headers.has("content-security-policy")) {
      context.res.headers.set("content-security-policy", DATA_POLICY);
    }
  });
  api.use(async (context, next) => {
    if (!context.env.loopbackOnly || LOOPBACK_HOST.test(context.req.header("host") ?? "")) {
      return await next();
    }
    await bodyOf(context, parts).catch(() => {});
    return context.json({ message: "This port answers to localhost only." }, 421);
  });
  api.use(async (context, next) => {
    if (URL.canParse(context.req.url)) return await next();
    await bodyOf(context, parts).catch(() => {});
    return context.json({ message: "The Host of this request is none." }, 400);
  });
  const paces = { calls: new CallPace(), posts: new CallPace(tooManyPosts) };
  for (const route of routes) {
    api.on(route.method, route.path, (context) => {
      context.set("route", route);
      return answer(context, { route, parts, counts, defects, paces });
    });
  }
  for (const [path, methods] of Map.groupBy(routes, ({ path }) => path)) {
    api.all(path, async (context) => {
      await bodyOf(context, parts).catch(() => {});
      const allowed = methods.flatMap(methodsOf).join(", ");
      return context.json({ message: `This address takes ${allowed}.` }, 405, { allow: allowed });
    });
  }
  api.notFound(async (context) => {
    await bodyOf(context, parts).catch(() => {});
    return context.json({ message: "There is nothing at this address." }, 404);
  });
  api.onError((error, context) => refuse(context, error, { counts, defects }));
  return api;
}

/** @throws {Refusal} as {@link readBody} does */
function bodyOf(
  { req, env: { hold } }: Context<Env>,
  { settings: { limits } }: Pick<ApiParts, "settings">,
): Promise<Uint8Array> {
  return readBody(req.raw, { limits, hold });
}

/** Whoever answers GET answers HEAD, without the body. */
function methodsOf({ method }: Route): string[] {
  return method === "GET" ? ["GET", "HEAD"] : [method];
}

/** How fast accounts may call, and say something by that. */
interface Paces {
  readonly calls: CallPace;
  readonly posts: CallPace;
}

async function answer(
  context: Context<Env>,
  { route, parts, counts, defects, paces }: {
    route: Route;
    parts: ApiParts;
    counts: HttpCounts;
    defects: (error: unknown) => void;
    paces: Paces;
  },
): Promise<Response> {
  try {
    const { address, loopbackOnly } = context.env;
    const bytes = await bodyOf(context, parts);
    if (route.method !== "GET" || "answer" in route) checkOrigin(context.req.raw);
    if ("answer" in route) return await route.answer(context.req.raw, { parts, ends: context.env.ends });
    const open = route.scope === undefined || route.openTo?.(context.req.raw, address);
    const caller = open ? undefined : await authenticate(context.req.raw, parts.login);
    const params = context.req.param();
    const userAgent = context.req.header("user-agent") ?? null;
    if (caller !== undefined) {
      checkCaller(caller, { route, parts, paces, address, room: params.room, userAgent });
    } else if (!route.answersBanned) parts.hub.moderation.checkAddress(address);
    const { hostname: host, searchParams: query } = new URL(context.req.url);
    const { headers } = context.req.raw;
    const body = readAs(route, bytes, headers);
    return await respond(
      context,
      await route.run(
        { parts, address, loopbackOnly, host, query, headers, request: context.req.raw, body, params },
        caller,
      ),
    );
  } catch (error) {
    return refuse(context, error, { counts, defects, words: route.words });
  }
}

/**
 * Whether somebody may call, just now and by this token.
 *
 * @throws {Refusal} `banned`, `too_many_calls`, `mfa_required`, `may_not`, `token_scope`, `bad_room_name`, `confirm_password`, `too_fast`
 */
function checkCaller(
  caller: Caller,
  { route, parts, paces, address, room, userAgent }: {
    route: JsonRoute;
    parts: ApiParts;
    paces: Paces;
    address: string;
    room: string | undefined;
    userAgent: string | null;
  },
): void {
  const { id, name, role } = caller.account;
  const { commandRate, rate } = parts.settings.limits;
  parts.hub.moderation.checkMayEnter({ account: id, name, role, address });
  paces.calls.admit(id, commandRate);
  if (!route.beforeEnrolment) parts.login.checkEnrolled(caller.account);
  const { scope = "any", role: needed } = route;
  checkPower(caller, { scope, role: needed, room, confirmations: parts.confirmations });
  if (route.speaks) paces.posts.admit(id, rate);
  const origin = { address, how: programOf(userAgent) };
  parts.newLogins.tellByToken(caller.token, origin, { token: caller.token.id });
}

/** @throws {Refusal} `bad_body` */
function readAs(route: JsonRoute, bytes: Uint8Array, headers: Headers): unknown {
  if (!("body" in route)) return undefined;
  return route.takesText ? parseText(bytes, headers.get("content-type") ?? "") : parseJson(bytes);
}

async function respond(context: Context<Env>, reply: Reply): Promise<Response> {
  context.header("cache-control", "no-store");
  if (!(reply instanceof Response)) return await respondInJson(context, reply);
  if (reply.headers.has("content-length")) context.env.hold(PIECES_BYTES);
  if (context.req.raw.method !== "HEAD") return context.newResponse(reply.body, reply);
  await reply.body?.cancel(); // nobody would ever read one that goes on
  return context.newResponse(null, reply);
}

async function respondInJson(context: Context<Env>, reply: Exclude<Reply, Response>): Promise<Response> {
  const json = JSON.stringify(reply);
  const type = { "content-type": "application/json" };
  context.env.hold(json.length);
  if (json.length <= MOST_AT_ONCE) return context.body(json, 200, type);
  return await respond(context, answerInPieces(new TextEncoder().encode(json), type));
}

function refuse(
  context: Context<Env>,
  error: unknown,
  { counts, defects, words }: {
    counts: HttpCounts;
    defects: (error: unknown) => void;
    words?: Route["words"];
  },
): Response {
  const refusal = error instanceof Refusal ? error : defect();
  counts.refused(refusal.code);
  if (refusal !== error) defects(error);
  const { status, message } = answerTo(refusal, words);
  context.header("cache-control", "no-store");
  if (status === 401) context.header("www-authenticate", 'Bearer realm="parley"');
  if (status === 426) context.header("upgrade", "websocket");
  if (status === 408) context.header("connection", "close"); // the rest of the body is not waited for
  if (refusal.retryAfterSeconds !== undefined) {
    context.header("retry-after", String(refusal.retryAfterSeconds));
  }
  return context.json({ message }, status as ContentfulStatusCode);
}

/** How a refusal is said, by a call that may have words of its own for it. */
export function answerTo(
  { code, message }: Refusal,
  words?: Route["words"],
): { readonly status: number; readonly message: string } {
  return words?.[code] ?? { status: STATUS_BY_CODE[code] ?? 400, message: message.replaceAll("\n", " ") };
}
