import * as backup from "./backup.ts";
import * as certificate from "./certificate.ts";
import type { CliCommand } from "./command.ts";
import * as config from "./config.ts";
import { send } from "./send.ts";
import * as token from "./token.ts";
import * as user from "./user.ts";

/** All commands of the binary but serve, version and help, in the order of the help. */
export const commands: readonly CliCommand[] = [
  user.add,
  user.list,
  user.passwd,
  user.role,
  user.disable,
  user.enable,
  user.remove,
  token.issue,
  token.list,
  token.revoke,
  send,
  config.show,
  certificate.show,
  backup.make,
  backup.putBack,
];
