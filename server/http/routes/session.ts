import { z } from "zod";
import type { FirstStep } from "../../accounts/login.ts";
import { mayChat } from "../../accounts/scopes.ts";
import type { SessionInfo } from "../../wire/web_types.ts";
import {
  accountDisabled,
  originMissing,
  passkeysNeedName,
  passwordLoginOff,
  stepOver,
  tooBusyToHash,
  tooManyAttempts,
  tooManyCodes,
  tooManySteps,
  wrongCode,
  wrongCredentials,
  wrongPasskey,
  wrongPassword,
} from "../../refusals.ts";
import { signedIn } from "../authenticate.ts";
import { sessionOf } from "../browser_sessions.ts";
import { pageOf, usedPasskey } from "../passkeys.ts";
import { memberRoute, openRoute } from "../route.ts";
import { dropCookie, sessionCookie } from "../session_cookie.ts";
import { nextStep, session } from "../shapes.ts";

/** A field that must be there and not be empty. */
const filled = z.string().min(1);

export const show = openRoute({
  method: "GET",
  path: "/session",
  answersBanned: true,
  summary: "Who the browser is signed in as; nobody is an answer, too.",
  answers: session,
  async run({ parts, request }) {
    const caller = await signedIn(request, parts.login);
    return caller !== undefined && mayChat(caller.token.scope) ? sessionOf(caller, parts) : nobody(request);
  },
});

export const begin = openRoute({
  method: "POST",
  path: "/session",
  answersBanned: true,
  summary: "Signs a browser in: the answer sets its cookie, or says that a second factor is owed.",
  entrance: "password",
  body: z.object({ username: filled, password: filled, code: z.string().nullish() }),
  badBody: (field) => field === "code" ? "code is a text, or left out" : "Missing username or password",
  answers: session,
  also: {
    202: { means: "The password is right; one more step is owed, within five minutes.", answers: nextStep },
  },
  example: { body: { username: "ann", password: "correct horse" } },
  refuses: [
    wrongCredentials(),
    wrongCode(),
    accountDisabled(),
    passwordLoginOff(),
    tooManyAttempts(60),
    tooManyCodes(60),
    tooManySteps(300),
    tooBusyToHash(),
  ],
  async run({ parts, address, body: { code, ...given }, request }) {
    const { login, browserSessions } = parts;
    if (!code) {
      return await browserSessions.goOn({ request, address }, await login.byPassword(address, given));
    }
    const account = await login.byPasswordAndCode(address, { ...given, code });
    return await browserSessions.open({ request, address }, account);
  },
});

export const code = openRoute({
  method: "POST",
  path: "/session/code",
  answersBanned: true,
  summary: "The second step of signing in: a code of the app, or a recovery code.",
  entrance: "code",
  body: z.object({ login: filled, code: filled }),
  badBody: "Missing login or code",
  answers: session,
  example: { body: { login: "m0Zr3mYQ5yJm2nq0cO2yVnX3zSg0Yw4mG1ZQ8dJx7cA", code: "287082" } },
  refuses: [
    stepOver(),
    wrongCode(),
    wrongCredentials(),
    accountDisabled(),
    tooManyAttempts(60),
    tooManyCodes(60),
  ],
  run({ parts, address, body, request }) {
    const prove = ({ account }: FirstStep) => parts.login.byCode(address, account, body.code);
    return parts.browserSessions.complete({ request, address }, body.login, prove);
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
    const caller = await signedIn(request, parts.login);
    if (caller !== undefined) await parts.tokens.revoke(caller.token.id);
    return nobody(request);
  },
});

export const confirm = memberRoute({
  method: "POST",
  path: "/session/confirm",
  scope: "any",
  beforeEnrolment: true,
  summary: "Gives the password once more, or a passkey, so that admin pages go on for 12 hours.",
  body: z.union([z.object({ password: filled }), z.object({ login: filled, response: usedPasskey })]),
  badBody: "Missing password, or login and response of a passkey",
  answers: session,
  example: { body: { password: "correct horse" } },
  refuses: [
    wrongPassword(),
    wrongPasskey(),
    stepOver(),
    passkeysNeedName("192.0.2.1"),
    tooManyAttempts(60),
    tooBusyToHash(),
  ],
  words: {
    wrong_passkey: { status: 403, message: wrongPasskey().message },
    step_over: { status: 409, message: stepOver().message },
  },
  async run({ parts, address, body, ...call }, caller) {
    const { account, token } = caller;
    if ("password" in body) {
      const right = await parts.login.confirm(address, { account, password: body.password });
      if (!right) throw wrongPassword();
    } else {
      const given = { login: body.login, used: body.response, page: pageOf(call) };
      await parts.passkeyProofs.again(address, { account, session: token.id }, given);
    }
    parts.confirmations.confirm(token.id);
    return sessionOf(caller, parts);
  },
});

/** A cookie that is no good any more is taken back. */
function nobody(request: Request): Response {
  const info: SessionInfo = { account: null, confirmed_until: null, must_enrol: false };
  const stale = sessionCookie(request) !== undefined;
  return Response.json(info, { headers: stale ? { "set-cookie": dropCookie(request) } : {} });
}
