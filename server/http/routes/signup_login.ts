import { z } from "zod";
import type { Account } from "../../accounts/account_store.ts";
import { programOf } from "../../accounts/origin.ts";
import {
  accountDisabled,
  alreadySetUp,
  badSetupCode,
  codeRequired,
  invitationNotValid,
  invitationRequired,
  passkeyRequired,
  passwordLoginOff,
  signupClosed,
  tooBusyToHash,
  tooManyAttempts,
  tooManyCodes,
  wrongCode,
  wrongCredentials,
} from "../../refusals.ts";
import { memberRoute, openRoute } from "../route.ts";
import { done, shapeOf, ulid } from "../shapes.ts";
import { UNFIT_ACCOUNT } from "./_new_account.ts";

/** A field that must be there and not be empty. */
const filled = z.string().min(1);

/** What stands for a password in an answer. */
const HIDDEN = "********";

/** The words of the original system. */
const USER_EXISTS = { status: 400, message: "User already exists" };

/** What is answered by {@link shown}. */
const shownFields = {
  _id: ulid,
  username: z.string(),
  password: z.literal(HIDDEN),
  name_account: z.string(),
};

/** An account as the original system showed it. */
function shown({ id, username, name }: Account) {
  return { _id: id, username, password: HIDDEN, name_account: name };
}

export const signup = openRoute({
  method: "POST",
  path: "/signup",
  summary: "Makes an account.",
  entrance: "signing up",
  body: z.object({
    username: filled,
    password: filled,
    name_account: filled,
    invitation: z.string().nullish().describe("The code of an invitation, or what stands in its link."),
  }),
  badBody: (field) =>
    field === "invitation"
      ? "invitation is a text, or left out"
      : "Missing username, password, or nameaccount",
  answers: shapeOf<ReturnType<typeof shown>>("SignedUp", shownFields),
  example: { body: { username: "timebot", password: "correct horse", name_account: "timebot" } },
  refuses: [
    ...UNFIT_ACCOUNT,
    signupClosed(),
    invitationRequired(),
    invitationNotValid(),
    passwordLoginOff(),
    tooManyAttempts(720),
  ],
  words: { user_exists: USER_EXISTS },
  async run({ parts, address, body }) {
    const { hub, login } = parts;
    const { username, password, name_account: name, invitation: given } = body;
    hub.moderation.checkMaySignUp({ name, address });
    const invitation = await login.admitInvitation(address, given ?? undefined);
    await login.checkUsername(username); // first, for its owner may be here under that very name
    using _claim = hub.claim(name);
    const account = await login.signUp(address, { username, name, password, invitation });
    if (invitation !== undefined) await hub.admitInvited({ id: account.id, address }, invitation);
    return shown(account);
  },
});

export const login = openRoute({
  method: "POST",
  path: "/login",
  answersBanned: true, // once it is known who they are: admins are let in
  summary: "Issues an access token for a username and a password.",
  entrance: "password",
  body: z.object({
    username: filled,
    password: filled,
    code: z.string().nullish().describe("Of the app, or a recovery code; where codes are switched on."),
  }),
  badBody: (field) => field === "code" ? "code is a text, or left out" : "Missing username or password",
  answers: z.object({
    "Name Account": z.string(),
    "User Name": z.string(),
    "User Password": z.literal(HIDDEN),
    "Access Token": z.string().describe("A JWT: for `Authorization: Bearer`."),
  }).meta({ id: "LoggedIn" }),
  example: { body: { username: "ann", password: "correct horse" } },
  refuses: [
    wrongCredentials(),
    codeRequired(),
    passkeyRequired(),
    wrongCode(),
    accountDisabled(),
    passwordLoginOff(),
    tooManyAttempts(60),
    tooManyCodes(60),
    tooBusyToHash(),
  ],
  words: { wrong_credentials: { status: 401, message: "User account does not exist!!!" } },
  async run({ parts, address, body, headers }) {
    const account = await parts.login.byPasswordAndCode(address, { ...body, code: body.code ?? undefined });
    const { id, name, role } = account;
    parts.hub.moderation.checkMayEnter({ account: id, name, role, address });
    const to = { address, how: programOf(headers.get("user-agent")) };
    const { jwt } = await parts.tokens.issue(id, { days: parts.settings.tokenDays, label: "login", to });
    parts.newLogins.tell(id, to);
    return {
      "Name Account": account.name,
      "User Name": account.username,
      "User Password": HIDDEN,
      "Access Token": jwt,
    };
  },
});

export const logout = memberRoute({
  method: "POST",
  path: "/logout",
  scope: "any",
  beforeEnrolment: true,
  summary: "Ends the access token, and every connection that came in by it.",
  answers: done,
  async run({ parts }, { token }) {
    await parts.tokens.revoke(token.id);
    return { message: "Logged out." };
  },
});

export const setup = openRoute({
  method: "POST",
  path: "/setup",
  summary: "Makes the first admin, with the code that the server printed at its start.",
  body: z.object({ code: filled, username: filled, password: filled, name_account: filled }),
  badBody: "Missing code, username, password, or name_account",
  answers: z.object({ ...shownFields, role: z.literal("admin") }).meta({ id: "FirstAdmin" }),
  example: {
    body: {
      code: "k3m9x7q2w5e8r4t6y3u9i2o5p7a8s4d6",
      username: "admin@example.org",
      password: "correct horse",
      name_account: "Eve",
    },
  },
  refuses: [badSetupCode(), alreadySetUp(), ...UNFIT_ACCOUNT],
  words: { user_exists: USER_EXISTS },
  async run({ parts, body }) {
    using _claim = parts.hub.claim(body.name_account);
    const wanted = { username: body.username, name: body.name_account, password: body.password };
    const account = await parts.setup.use(body.code, wanted);
    return { ...shown(account), role: account.role };
  },
});
