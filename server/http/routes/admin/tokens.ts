import { z } from "zod";
import { grantableScope } from "../../../accounts/scopes.ts";
import type { TokenRecord } from "../../../accounts/token_store.ts";
import { accountNotFound, badScope, mayNot, tokenNotFound } from "../../../refusals.ts";
import type { NewTokenRow, TokenRow } from "../../../wire/admin_types.ts";
import { printable } from "../../../wire/printable.ts";
import { memberRoute } from "../../route.ts";
import { done, moment, shapeOf, ulid } from "../../shapes.ts";
import { actorOf } from "./_actor.ts";
import { badLimit, firstOf, listQuery, readWanted, textIn } from "./_list.ts";

const LENGTHS = { usual: 1_000, most: 1_000 };

const MOST_DAYS = 3_650;

const ID = "01KGGTSV35HSKZPTQ8BV6CQ1F0";

const tokenFields = {
  id: ulid.describe("The token's `jti`."),
  account: ulid,
  name: z.string().describe("The account's name in chat."),
  label: z.string().describe("What it is called, or how it came to be."),
  scope: z.string().describe("What it is good for."),
  issued_at: moment,
  expires_at: moment,
};

export const list = memberRoute({
  method: "GET",
  path: "/admin/api/tokens",
  scope: "admin",
  role: "admin",
  summary: "The live access tokens of an account or of all, oldest first, without the tokens themselves.",
  query: z.object({
    account: z.string().optional().describe("The id of an account, where only its own are wanted."),
    ...listQuery(LENGTHS),
  }),
  answers: z.object({ tokens: z.array(shapeOf<TokenRow>("LiveToken", tokenFields)), more: z.boolean() }),
  refuses: [badLimit(LENGTHS)],
  async run({ parts, query }) {
    const { after, limit } = readWanted(query, LENGTHS);
    const { first, more } = await firstOf(parts.tokens.live(textIn(query, "account"), after), limit);
    const names = new Map<string, string>();
    for (const { account } of first) {
      if (!names.has(account)) names.set(account, (await parts.accounts.find(account))?.name ?? "");
    }
    return { tokens: first.map((record) => rowOf(record, names.get(record.account)!)), more };
  },
});

export const issue = memberRoute({
  method: "POST",
  path: "/admin/api/tokens",
  scope: "admin",
  role: "admin",
  summary: "Issues an access token that speaks for an account; it is shown only now.",
  body: z.object({
    account: z.string().min(1).describe("The account's id."),
    label: z.string().transform(printable).pipe(z.string().min(1).max(64)).describe("1 to 64 characters."),
    scope: z.string().describe(
      "`chat`, `admin`, `read:#<room>` or `post:#<room>`, or several with spaces between.",
    ),
    days: z.int().min(1).max(MOST_DAYS),
  }),
  badBody:
    `account is an id, a label has 1 to 64 characters, a scope is a text, days are a whole number from 1 to ${MOST_DAYS}.`,
  answers: shapeOf<NewTokenRow>("NewToken", {
    ...tokenFields,
    token: z.string().describe("The token itself, a JWT; it is shown only now."),
  }),
  example: { body: { account: ID, label: "ci", scope: "post:#ops", days: 90 } },
  refuses: [accountNotFound(ID), badScope(), mayNot()],
  async run(call, caller) {
    const { parts, body: { label, days, ...wanted } } = call;
    const account = await parts.accounts.get(wanted.account);
    const scope = grantableScope(wanted.scope, { role: account.role, own: caller.token.scope });
    const { administration } = parts.admin;
    const { jwt, record } = await administration.issueToken(actorOf(call, caller), account, {
      label,
      days,
      scope,
    });
    return { ...rowOf(record, account.name), token: jwt } satisfies NewTokenRow;
  },
});

export const revoke = memberRoute({
  method: "DELETE",
  path: "/admin/api/tokens/:id",
  scope: "admin",
  role: "admin",
  summary: "Ends an access token, and every connection that came in by it.",
  answers: done,
  example: { params: { id: ID } },
  refuses: [tokenNotFound(ID)],
  async run(call, caller) {
    await call.parts.admin.administration.revokeToken(actorOf(call, caller), call.params.id ?? "");
    return { message: "The token has ended." };
  },
});

function rowOf(
  { id, account, label, scope, issuedAt, expiresAt }: TokenRecord,
  name: string,
): TokenRow {
  return {
    id,
    account,
    name,
    label,
    scope,
    issued_at: issuedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}
