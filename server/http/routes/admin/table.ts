import type { Route } from "../../route.ts";
import { announce } from "./announcing.ts";
import * as audit from "./audit.ts";
import * as backups from "./backups.ts";
import * as bans from "./bans.ts";
import * as connections from "./connections.ts";
import * as invitations from "./invitations.ts";
import { live } from "./live.ts";
import * as lockdown from "./lockdown.ts";
import * as people from "./people.ts";
import * as rooms from "./rooms.ts";
import * as status from "./status.ts";
import * as tokens from "./tokens.ts";
import * as waysIn from "./ways_in.ts";

/** The calls of the admin page. */
export const adminRoutes: readonly Route[] = [
  status.show,
  status.history,
  live,
  connections.list,
  connections.disconnect,
  people.list,
  people.create,
  people.change,
  people.logOut,
  people.remove,
  waysIn.setPassword,
  waysIn.linkPassword,
  waysIn.resetMfa,
  invitations.list,
  invitations.make,
  invitations.revoke,
  tokens.list,
  tokens.issue,
  tokens.revoke,
  rooms.list,
  rooms.change,
  rooms.remove,
  bans.list,
  bans.impose,
  bans.lift,
  audit.list,
  audit.file,
  backups.list,
  backups.make,
  backups.download,
  announce,
  lockdown.show,
  lockdown.begin,
  lockdown.end,
];
