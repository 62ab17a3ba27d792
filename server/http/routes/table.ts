import type { Route } from "../route.ts";
import { adminRoutes } from "./admin/table.ts";
import * as settings from "./admin/settings.ts";
import { list as commands } from "./commands.ts";
import * as docs from "./docs.ts";
import { events } from "./events.ts";
import * as me from "./me.ts";
import * as mfa from "./mfa.ts";
import * as oauth from "./oauth.ts";
import * as operations from "./operations.ts";
import * as ownConnections from "./own_connections.ts";
import { asset, pages } from "./pages.ts";
import * as passkeyLogin from "./passkey_login.ts";
import * as passkeys from "./passkeys.ts";
import * as password from "./password.ts";
import * as rooms from "./rooms.ts";
import * as session from "./session.ts";
import * as signupLogin from "./signup_login.ts";
import * as terminals from "./terminals.ts";
import { webSocket } from "./web_socket.ts";

/** All calls of the HTTP API. */
export const routes: readonly Route[] = [
  signupLogin.signup,
  signupLogin.login,
  signupLogin.logout,
  signupLogin.setup,
  me.show,
  me.change,
  me.remove,
  me.data,
  password.change,
  password.setByLink,
  mfa.show,
  mfa.begin,
  mfa.confirm,
  mfa.renew,
  mfa.off,
  passkeys.begin,
  passkeys.add,
  passkeys.rename,
  passkeys.remove,
  oauth.list,
  oauth.link,
  oauth.unlink,
  ownConnections.list,
  ownConnections.end,
  me.tokens,
  me.issue,
  me.revokeAll,
  me.revoke,
  terminals.ticket,
  terminals.show,
  terminals.confirm,
  terminals.refuse,
  rooms.list,
  rooms.messages,
  rooms.say,
  rooms.direct,
  commands,
  events,
  webSocket,
  operations.health,
  operations.certificate,
  operations.metrics,
  operations.server,
  docs.openApi,
  docs.page,
  session.show,
  session.begin,
  session.code,
  passkeyLogin.ask,
  passkeyLogin.answer,
  oauth.begin,
  oauth.comeBack,
  oauth.pending,
  oauth.name,
  session.end,
  session.confirm,
  settings.list,
  settings.change,
  ...adminRoutes,
  ...pages,
  asset,
];
