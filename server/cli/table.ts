import * as backup from "./backup.ts";
import * as certificate from "./certificate.ts";
import type { CliCommand } from "./command.ts";
import * as config from "./config.ts";
import * as invitation from "./invite.ts";
import { send } from "./send.ts";
import * as token from "./token.ts";
import * as user from "./user.ts";
import * as wayIn from "./way_in.ts";

/** All commands of the binary but serve, version and help, in the order of the help. */
export const commands: readonly CliCommand[] = [
  user.add,
  user.list,
  wayIn.passwd,
  wayIn.resetMfa,
  user.role,
  user.disable,
  user.enable,
  user.remove,
  invitation.invite,
  invitation.list,
  invitation.revoke,
  token.issue,
  token.list,
  token.revoke,
  send,
  config.show,
  certificate.show,
  backup.make,
  backup.putBack,
];
