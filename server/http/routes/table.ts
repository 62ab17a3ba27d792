import type { Route } from "../route.ts";
import * as me from "./me.ts";
import * as operations from "./operations.ts";
import * as signupLogin from "./signup_login.ts";

/** All calls of the HTTP API. */
export const routes: readonly Route[] = [
  signupLogin.signup,
  signupLogin.login,
  signupLogin.logout,
  signupLogin.setup,
  me.show,
  me.change,
  me.password,
  me.tokens,
  me.issue,
  me.revoke,
  operations.health,
  operations.certificate,
  operations.welcome,
  operations.setupPage,
];
