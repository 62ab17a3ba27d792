import { z } from "zod";
import type { Account } from "../../accounts/account_store.ts";
import { memberRoute, openRoute } from "../route.ts";

/** A field that must be there and not be empty. */
const filled = z.string().min(1);

/** What stands for a password in an answer. */
const HIDDEN = "********";

/** The words of the original system. */
const USER_EXISTS = { status: 400, message: "User already exists" };

/** An account as the original system showed it. */
function shown({ id, username, name }: Account) {
  return { _id: id, username, password: HIDDEN, name_account: name };
}

export const signup = openRoute({
  method: "POST",
  path: "/signup",
  summary: "Makes an account.",
  body: z.object({ username: filled, password: filled, name_account: filled }),
  badBody: "Missing username, password, or nameaccount",
  words: { user_exists: USER_EXISTS },
  async run({ parts, address, body }) {
    parts.hub.moderation.checkMaySignUp({ name: body.name_account, address });
    await parts.login.checkUsername(body.username); // first, for its owner may be here under that very name
    using _claim = parts.hub.claim(body.name_account);
    const wanted = { username: body.username, name: body.name_account, password: body.password };
    return shown(await parts.login.signUp(address, wanted));
  },
});

export const login = openRoute({
  method: "POST",
  path: "/login",
  summary: "Issues an access token for a username and a password.",
  body: z.object({ username: filled, password: filled }),
  badBody: "Missing username or password",
  words: { wrong_credentials: { status: 401, message: "User account does not exist!!!" } },
  async run({ parts, address, body }) {
    const account = await parts.login.byPassword(address, body);
    const { id, name, role } = account;
    parts.hub.moderation.checkMayEnter({ account: id, name, role, address });
    const { jwt } = await parts.tokens.issue(id, { days: parts.settings.tokenDays, label: "login" });
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
  summary: "Ends the access token, and every connection that came in by it.",
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
  words: { user_exists: USER_EXISTS },
  async run({ parts, body }) {
    using _claim = parts.hub.claim(body.name_account);
    const wanted = { username: body.username, name: body.name_account, password: body.password };
    const account = await parts.setup.use(body.code, wanted);
    return { ...shown(account), role: account.role };
  },
});
