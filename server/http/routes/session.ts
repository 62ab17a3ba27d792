import { z } from "zod";
import { mayChat } from "../../accounts/scopes.ts";
import type { SessionInfo } from "../../wire/web_types.ts";
import {
  accountDisabled,
  originMissing,
  Refusal,
  tooBusyToHash,
  tooManyAttempts,
  wrongCredentials,
  wrongPassword,
} from "../../refusals.ts";
import { authenticate } from "../authenticate.ts";
import { type ApiParts, type Caller, memberRoute, openRoute } from "../route.ts";
import { dropCookie, keepCookie, sessionCookie } from "../session_cookie.ts";
import { session } from "../shapes.ts";

/** How tokens of browsers are called in the list of one's own. */
const LABEL = "web page";

export const show = openRoute({
  method: "GET",
  path: "/session",
  answersBanned: true,
  summary: "Who the browser is signed in as; nobody is an answer, too.",
  answers: session,
  async run({ parts, request }) {
    const caller = await signedIn(request, parts);
    return caller !== undefined && mayChat(caller.token.scope) ? shown(caller, parts) : nobody(request);
  },
});

export const begin = openRoute({
  method: "POST",
  path: "/session",
  answersBanned: true,
  summary: "Signs a browser in: the answer sets its cookie.",
  entrance: "password",
  body: z.object({ username: z.string().min(1), password: z.string().min(1) }),
  badBody: "Missing username or password",
  answers: session,
  example: { body: { username: "ann", password: "correct horse" } },
  refuses: [wrongCredentials(), accountDisabled(), tooManyAttempts(60), tooBusyToHash()],
  async run({ parts, address, body, request }) {
    const account = await parts.login.byPasswordAndCode(address, body);
    const { id, name, role } = account;
    parts.hub.moderation.checkMayEnter({ account: id, name, role, address });
    const days = parts.settings.tokenDays;
    const wanted = { days, label: LABEL, scope: "admin", ofBrowser: true } as const;
    const { jwt, record } = await parts.tokens.issue(id, wanted);
    return Response.json(shown({ account, token: record }, parts), {
      headers: { "set-cookie": keepCookie(request, jwt, days) },
    });
  },
});

export const end = openRoute({
  method: "DELETE",
  path: "/session",
  answersBanned: true,
  summary: "Signs a browser out, and ends its connections.",
  answers: session,
  refuses: [originMissing()],
  async run({ parts, request }) {
    const caller = await signedIn(request, parts);
    if (caller !== undefined) await parts.tokens.revoke(caller.token.id);
    return nobody(request);
  },
});

export const confirm = memberRoute({
  method: "POST",
  path: "/session/confirm",
  scope: "any",
  summary: "Gives the password once more, so that admin pages go on for 12 hours.",
  body: z.object({ password: z.string().min(1) }),
  badBody: "Missing password",
  answers: session,
  example: { body: { password: "correct horse" } },
  refuses: [wrongPassword(), tooManyAttempts(60), tooBusyToHash()],
  async run({ parts, address, body }, caller) {
    const right = await parts.login.confirm(address, { account: caller.account, password: body.password });
    if (!right) throw wrongPassword();
    parts.confirmations.confirm(caller.token.id);
    return shown(caller, parts);
  },
});

/** @throws {Refusal} `origin_missing` */
async function signedIn(request: Request, { login }: ApiParts): Promise<Caller | undefined> {
  try {
    return await authenticate(request, login);
  } catch (error) {
    if (error instanceof Refusal && error.code !== "origin_missing") return undefined;
    throw error;
  }
}

/** A cookie that is no good any more is taken back. */
function nobody(request: Request): Response {
  const info: SessionInfo = { account: null, confirmed_until: null };
  const stale = sessionCookie(request) !== undefined;
  return Response.json(info, { headers: stale ? { "set-cookie": dropCookie(request) } : {} });
}

function shown(
  { account: { id, username, name, role }, token }: Pick<Caller, "account" | "token">,
  { confirmations }: ApiParts,
) {
  return {
    account: { id, username, name, role },
    confirmed_until: confirmations.confirmedUntil(token).toISOString(),
  } satisfies SessionInfo;
}
