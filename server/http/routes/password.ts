import { z } from "zod";
import type { Account } from "../../accounts/account_store.ts";
import {
  badBody,
  badPasswordLength,
  codeRequired,
  commonPassword,
  confirmPassword,
  mayNot,
  passwordIsName,
  passwordLinkNotValid,
  tooBusyToHash,
  tooManyAttempts,
  tooManyCodes,
  wrongCode,
  wrongPassword,
} from "../../refusals.ts";
import { checkConfirmed } from "../authenticate.ts";
import { type ApiParts, type Call, type Caller, memberRoute, openRoute } from "../route.ts";
import { done } from "../shapes.ts";

const filled = z.string().min(1);

/** Asked for where the account has switched codes on. */
const code = z.string().optional().describe("Of the app, or a recovery code; where codes are switched on.");

/** What may be wrong with a new password, or with the code that it needs. */
const UNFIT = [
  badPasswordLength(),
  commonPassword(),
  passwordIsName(),
  codeRequired(),
  wrongCode(),
  tooManyCodes(60),
  tooManyAttempts(60),
  tooBusyToHash(),
];

/** It is no log-in that fails. */
const words = {
  code_required: { status: 403, message: codeRequired().message },
  wrong_code: { status: 403, message: wrongCode().message },
};

const MISSING = "Missing current_password or password";

export const change = memberRoute({
  method: "POST",
  path: "/me/password",
  scope: "chat",
  summary:
    "Changes the password; all other tokens of the account end, and who came in by the old one is out.",
  body: z.object({
    current_password: filled.optional().describe("Missing only where the account has none."),
    password: filled,
    code,
  }),
  badBody: MISSING,
  answers: done,
  example: { body: { current_password: "correct horse", password: "battery staple" } },
  refuses: [wrongPassword(), mayNot(), confirmPassword(), ...UNFIT],
  words,
  async run(call, caller) {
    const { parts, body } = call;
    await proveOneself(call, caller);
    await setPassword(call, { account: caller.account, ...body, except: caller.token.id });
    parts.hub.distribution.logOut(caller.account.id, ({ token }) => token !== undefined);
    return { message: "Password changed." };
  },
});

export const setByLink = openRoute({
  method: "POST",
  path: "/password",
  summary: "Sets a password by the link that an admin gave, once; all that came in by the one before ends.",
  body: z.object({ link: filled.describe("What stands behind `#password=`."), password: filled, code }),
  badBody: "Missing link or password",
  answers: done,
  example: { body: { link: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIifQ.c2lnbmF0dXJl", password: "battery staple" } },
  refuses: [passwordLinkNotValid(), ...UNFIT],
  words,
  async run(call) {
    const { parts, address, body } = call;
    parts.login.admitAttempt(address, { username: LINK });
    const account = await parts.passwordLinks.read(body.link);
    await setPassword(call, { account, ...body, except: undefined });
    parts.hub.distribution.logOut(account.id);
    return { message: "Password changed. Log in with it." };
  },
});

/** What attempts with a link count as, beside the address: no account has such a name. */
const LINK = "/password-link";

/**
 * By the password that is to be changed; where there is none, by having come in lately.
 *
 * @throws {Refusal} `bad_body`, `wrong_password`, `may_not`, `confirm_password`, `too_many_attempts`, `busy`
 */
async function proveOneself(
  { parts, address, body }: Call<{ current_password?: string | undefined }>,
  caller: Caller,
): Promise<void> {
  const { account, by } = caller;
  if (account.passwordHash === undefined) {
    if (by !== "cookie") throw mayNot();
    return checkConfirmed(caller, parts.confirmations);
  }
  const { current_password: password } = body;
  if (password === undefined) throw badBody(MISSING);
  if (!await parts.login.confirm(address, { account, password })) throw wrongPassword();
}

/** @param wanted.except The `jti` of the one token that stays good. */
async function setPassword(
  { parts, address }: { parts: ApiParts; address: string },
  { account, password, code, except }: {
    account: Account;
    password: string;
    code?: string | undefined;
    except: string | undefined;
  },
): Promise<void> {
  if (account.totp !== undefined) {
    if (!code) throw codeRequired();
    await parts.login.byCode(address, account, code);
  }
  await parts.accounts.setPassword(account.id, password);
  await parts.tokens.revokeAll(account.id, except);
}
