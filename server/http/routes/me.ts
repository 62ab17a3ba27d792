import { z } from "zod";
import { programOf } from "../../accounts/origin.ts";
import { grantableScope, mayChat } from "../../accounts/scopes.ts";
import {
  badName,
  badScope,
  confirmPassword,
  lastAdmin,
  mayNot,
  nameTaken,
  tokenNotFound,
  tooManyDisclosures,
  tooManyNames,
} from "../../refusals.ts";
import { printable } from "../../wire/printable.ts";
import { checkConfirmed } from "../authenticate.ts";
import { ownDataStream } from "../own_data.ts";
import { memberRoute } from "../route.ts";
import { dropCookie } from "../session_cookie.ts";
import * as shapes from "../shapes.ts";
import { shownAccount, shownToken } from "../shown.ts";

/** How long a token may last that its owner asks for. */
const MOST_TOKEN_DAYS = 365;

/** How long a call waits until what is left of an account is erased; it goes on after that. */
const MOST_ERASING_MS = 10_000;

export const show = memberRoute({
  method: "GET",
  path: "/me",
  scope: "chat",
  beforeEnrolment: true,
  summary: "The account that the token speaks for.",
  answers: shapes.account,
  run: (_call, { account }) => shownAccount(account),
});

export const change = memberRoute({
  method: "PATCH",
  path: "/me",
  scope: "chat",
  summary: "Changes the name in chat; the old one stays the account's own.",
  body: z.object({ name_account: z.string().min(1) }),
  badBody: "Missing name_account",
  answers: shapes.account,
  example: { body: { name_account: "Ann" } },
  refuses: [badName(), nameTaken(), tooManyNames(20)],
  async run({ parts, body }, { account }) {
    using _claim = parts.hub.claim(body.name_account, parts.hub.roster.findByKey(account.id));
    return shownAccount(await parts.accounts.rename(account.id, body.name_account));
  },
});

export const remove = memberRoute({
  method: "DELETE",
  path: "/me",
  scope: "chat",
  summary:
    "Deletes the account for good, with its tokens and private messages; its name is never given out again.",
  body: z.object({ messages: z.enum(["keep", "erase"]).default("keep") }),
  badBody: 'messages is "keep", for them to stay as those of a deleted user, or "erase".',
  answers: shapes.done,
  also: { 202: "The account is deleted; what it has said is still being looked for." },
  example: { body: { messages: "erase" } },
  refuses: [lastAdmin()],
  async run({ parts, body }, { account }) {
    await parts.accounts.checkNotLastAdmin(account);
    await parts.accounts.delete(account.id, { said: body.messages });
    const erased = await endsWithin(parts.erasure.erase(account.id), MOST_ERASING_MS);
    if (erased) return { message: "Your account has been deleted." };
    const message = "Your account has been deleted; what it has said is still being looked for.";
    return Response.json({ message }, { status: 202 });
  },
});

export const data = memberRoute({
  method: "GET",
  path: "/me/export",
  scope: "chat",
  summary: "All that is kept about the account, as a file of JSON.",
  answers: shapes.ownData,
  refuses: [tooManyDisclosures()],
  async run({ parts }, { account, token }) {
    const data = await parts.disclosure.open(account);
    const file = ownDataStream(data, { server: parts.settings.serverName, token: token.id });
    return new Response(file, {
      headers: {
        "content-type": "application/json",
        "content-disposition": attachment(`parley-${account.name}.json`),
      },
    });
  },
});

export const tokens = memberRoute({
  method: "GET",
  path: "/me/tokens",
  scope: "chat",
  summary: "The account's access tokens, oldest first, without the tokens themselves.",
  answers: z.array(shapes.token),
  async run({ parts }, { account, token }) {
    return (await parts.tokens.list(account.id)).map((record) => shownToken(record, token.id));
  },
});

export const issue = memberRoute({
  method: "POST",
  path: "/me/tokens",
  scope: "chat",
  summary: "Issues a further access token; it is shown only now.",
  body: z.object({
    label: z.string().transform(printable).pipe(z.string().min(1).max(64)).default("api")
      .describe("What you call it, in 1 to 64 characters; `api` where it is left out."),
    days: z.int().min(1).max(MOST_TOKEN_DAYS).optional()
      .describe("How long it lasts; where it is left out, as long as one of `POST /login`."),
    scope: z.string().default("chat")
      .describe("`chat`, `admin`, `read:#<room>` or `post:#<room>`, or several with spaces between."),
  }),
  answers: shapes.issuedToken,
  example: { body: { label: "ci", days: 90, scope: "post:#ops read:#ops" } },
  refuses: [badScope(), mayNot(), confirmPassword()],
  badBody:
    `A label is 1 to 64 characters, days are a whole number from 1 to ${MOST_TOKEN_DAYS}, a scope is a text; all may be left out.`,
  async run({ parts, body, address, headers }, caller) {
    const { account, token } = caller;
    const to = { address, how: programOf(headers.get("user-agent")) };
    const days = body.days ?? parts.settings.tokenDays;
    const scope = grantableScope(body.scope, { role: account.role, own: token.scope });
    const ofAdmin = account.role === "admin" && mayChat(scope); // whose commands make admins, too
    if (ofAdmin) checkConfirmed(caller, parts.confirmations);
    const { jwt, record } = await parts.tokens.issue(account.id, { days, label: body.label, scope, to });
    return { ...shownToken(record, token.id), token: jwt };
  },
});

export const revokeAll = memberRoute({
  method: "DELETE",
  path: "/me/tokens",
  scope: "chat",
  summary: "Logs the account out everywhere: all its tokens and all its connections end.",
  answers: shapes.done,
  async run({ parts, request }, { account }) {
    await parts.tokens.revokeAll(account.id);
    parts.hub.distribution.logOut(account.id);
    return Response.json({ message: "Logged out everywhere." }, {
      headers: { "set-cookie": dropCookie(request) },
    });
  },
});

export const revoke = memberRoute({
  method: "DELETE",
  path: "/me/tokens/:id",
  scope: "chat",
  summary: "Ends an access token, and every connection that came in by it.",
  answers: shapes.done,
  example: { params: { id: "01KGGTSV35HSKZPTQ8BV6CQ1F0" } },
  refuses: [tokenNotFound("01KGGTSV35HSKZPTQ8BV6CQ1F0")],
  async run({ parts, params }, { account }) {
    await parts.tokens.revoke(params.id ?? "", account.id);
    return { message: "Token revoked." };
  },
});

async function endsWithin(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), ms));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A file to be saved under a name, which in ASCII is written plainly (RFC 6266). */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/gu, "_");
  const full = plain === name ? "" : `; filename*=UTF-8''${encodeURIComponent(name)}`;
  return `attachment; filename="${plain}"${full}`;
}
